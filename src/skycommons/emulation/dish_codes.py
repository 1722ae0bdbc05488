"""What a dish says of why it has no service: the cause of an outage, and the code of a disablement.

Rules: the two are independent. An outage is something that the dish sees: no satellite, no schedule, no answers to its pings. A
disablement is something that the network tells it. A disabled dish still has its radio, its schedule and the way to the operator's own
site; what it has not is the internet, so that its pings to the PoP stay unanswered: it is in the outage ``NO_PINGS``, with a code
that says why. A dish that nobody disabled has the code ``OKAY``, whatever its outage.

Plan's reasons are finer than the codes in the sky and coarser on the ground. They become codes like this:

=====================  ===============  ====================  ==================================================================
reason of the plan     outage           disablement           why
=====================  ===============  ====================  ==================================================================
``SERVED``             none             ``OKAY``
``NO_SATELLITE``       ``NO_SATS``      ``OKAY``              nothing is above the horizon that the dish may use
``GSO_EXCLUSION``      ``NO_SATS``      ``OKAY``              satellites are there, all in the belt that must be spared
``RAIN``               ``NO_DOWNLINK``  ``OKAY``              the schedule stands, the signal does not get through
``NO_FEEDER``          ``NO_SCHEDULE``  ``OKAY``              a satellite without a gateway is given to nobody
``NO_BEAM``            ``NO_SCHEDULE``  ``OKAY``              the cell got no beam in this slot
``NO_CHANNEL``         ``NO_SCHEDULE``  ``OKAY``              the cell got no channel in the whole span
``TERRITORY_INACTIVE`` ``NO_PINGS``     ``BLOCKED_AREA``      nobody decided to serve the territory; it is closed as a whole
``SUSPENDED``          ``NO_PINGS``     ``CELL_IS_DISABLED``  a decision took the cell's service away: "will not get beams"
``UNLICENSED``         ``NO_PINGS``     ``BLOCKED_COUNTRY``   no licence in the country; ``UNLICENSED_COUNTRY`` has left the
                                                              interface, and this is what remains for a country
``ACCOUNT``            ``NO_PINGS``     ``ACCOUNT_DISABLED``  the account is barred, whether or not it is paid
=====================  ===============  ====================  ==================================================================

Source: names and numbers of the dish's API; meanings of the codes as the operator's published interface gives them.
"""

from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason


class OutageCause(IntEnum):
    """Why a dish has no connection."""

    UNKNOWN = 0
    BOOTING = 1
    STOWED = 2
    THERMAL_SHUTDOWN = 3
    NO_SCHEDULE = 4
    NO_SATS = 5
    OBSTRUCTED = 6
    NO_DOWNLINK = 7
    NO_PINGS = 8
    ACTUATOR_ACTIVITY = 9
    CABLE_TEST = 10
    SLEEPING = 11
    MOVING_WHILE_NOT_ALLOWED = 12
    SKY_SEARCH = 13
    INHIBIT_RF = 14


class Disablement(IntEnum):
    """Why the network gives a dish no service; 5 and 9 have left the interface."""

    UNKNOWN_STATE = 0
    OKAY = 1
    NO_ACTIVE_ACCOUNT = 2
    TOO_FAR_FROM_SERVICE_ADDRESS = 3
    IN_OCEAN = 4
    BLOCKED_COUNTRY = 6
    DATA_OVERAGE_SANDBOX_POLICY = 7
    CELL_IS_DISABLED = 8
    ROAM_RESTRICTED = 10
    UNKNOWN_LOCATION = 11
    ACCOUNT_DISABLED = 12
    UNSUPPORTED_VERSION = 13
    MOVING_TOO_FAST_FOR_POLICY = 14
    UNDER_AVIATION_FLYOVER_LIMITS = 15
    BLOCKED_AREA = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DishCode:
    """What a dish says of its service.

    Attributes:
        outage: Why it has no connection; None where it has one.
        disablement: Whether, and why, the network keeps service from it.
    """

    outage: OutageCause | None = None
    disablement: Disablement = Disablement.OKAY


_OF_UNSERVED: Final = MappingProxyType(
    {
        Unserved.SERVED: DishCode(),
        Unserved.NO_SATELLITE: DishCode(outage=OutageCause.NO_SATS),
        Unserved.GSO_EXCLUSION: DishCode(outage=OutageCause.NO_SATS),
        Unserved.RAIN: DishCode(outage=OutageCause.NO_DOWNLINK),
        Unserved.NO_FEEDER: DishCode(outage=OutageCause.NO_SCHEDULE),
        Unserved.NO_BEAM: DishCode(outage=OutageCause.NO_SCHEDULE),
        Unserved.NO_CHANNEL: DishCode(outage=OutageCause.NO_SCHEDULE),
        Unserved.TERRITORY_INACTIVE: DishCode(outage=OutageCause.NO_PINGS, disablement=Disablement.BLOCKED_AREA),
        Unserved.SUSPENDED: DishCode(outage=OutageCause.NO_PINGS, disablement=Disablement.CELL_IS_DISABLED),
        Unserved.UNLICENSED: DishCode(outage=OutageCause.NO_PINGS, disablement=Disablement.BLOCKED_COUNTRY),
        Unserved.ACCOUNT: DishCode(outage=OutageCause.NO_PINGS, disablement=Disablement.ACCOUNT_DISABLED),
    }
)

_OF_ROUTE: Final = MappingProxyType(
    {
        Reason.REACHABLE: None,
        Reason.NO_SATELLITE: OutageCause.NO_SATS,
        Reason.NO_GATEWAY: OutageCause.NO_SCHEDULE,
        Reason.NO_LASER_PATH: OutageCause.NO_PINGS,
        Reason.NO_SATELLITE_AT_TARGET: OutageCause.NO_PINGS,
        Reason.NO_LINK: OutageCause.NO_DOWNLINK,
        Reason.NOT_SERVED: OutageCause.NO_SCHEDULE,
    }
)


def dish_code(unserved: Unserved, route: Reason = Reason.REACHABLE) -> DishCode:
    """What a dish says, given why the plan does not serve it and why its traffic has no path.

    A dish that the plan serves may still have no path to its PoP: the satellite is there and its downlink too, but pings get lost, unless
    it is the first hop that is missing.
    """
    code = _OF_UNSERVED[unserved]
    return code if code.outage is not None else DishCode(outage=_OF_ROUTE[route])
