"""The rules of a scenario as strategy objects: plain data, told apart by their type and never by a string.

The planner decides by type what to do. Whoever wants another behaviour hands the planner an object of their own.
"""

from dataclasses import dataclass, field

import numpy as np

from skycommons.base.arrays import Ints, check_shape, freeze
from skycommons.base.constants import FIBRE_GROUP_INDEX
from skycommons.model.rain_table import RainTable
from skycommons.radio.modcod import AdaptationMargin, RateLaw, ladder
from skycommons.radio.weather_field import FEATURES


@dataclass(frozen=True, slots=True)
class Grid:
    """+Grid: two lasers along the plane, two to the side neighbours that undo the accumulated phasing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """Every satellite asks for its nearest neighbours.

    Attributes:
        per_satellite: Lasers that one satellite carries.
    """

    per_satellite: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """The same pattern of neighbours at every satellite of a shell.

    Attributes:
        offsets: Neighbours as ``(planes, slots)`` away from the satellite; each stands for a link and its mirror image.
    """

    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Exactly these pairs of satellites.

    Attributes:
        rows: ``(E, 2)`` satellite rows.
    """

    rows: Ints

    def __post_init__(self) -> None:
        check_shape("rows", self.rows, (None, 2))
        freeze(self.rows)

    @staticmethod
    def of(pairs: "list[tuple[int, int]]") -> "Pairs":
        """Pairs from a list of row pairs."""
        return Pairs(rows=np.array(pairs, dtype=np.int64).reshape(-1, 2))


@dataclass(frozen=True, slots=True)
class NoLasers:
    """No satellite carries a laser."""


Topology = Grid | Nearest | Motif | Pairs | NoLasers


@dataclass(frozen=True, slots=True, kw_only=True)
class LaserRules:
    """Which satellites point lasers at which, and when such a link is up.

    Attributes:
        topology: Who points at whom.
        max_range_m: A longer link is down.
        min_grazing_height_m: A link whose line of sight dips below this height is down.
        acquisition_s: A link that has just been pointed anew carries nothing for at least this long.
        longest_acquisition_s: And at most this long; each acquisition takes its own time, evenly spread between the two.
            Below the shortest, all take the shortest.
        rate_bps: Of one laser while it is up.
    """

    topology: Topology
    max_range_m: float = 5_400e3
    min_grazing_height_m: float = 80e3
    acquisition_s: float = 12.0
    longest_acquisition_s: float = 0.0
    rate_bps: float = 100e9


@dataclass(frozen=True, slots=True)
class LaserMode:
    """Traffic may cross lasers; a bent pipe is the path without any."""


@dataclass(frozen=True, slots=True)
class BentPipeMode:
    """Terminal, one satellite, gateway: no lasers are used."""


Mode = LaserMode | BentPipeMode


@dataclass(frozen=True, slots=True)
class LowestDelay:
    """A terminal attaches to the satellite that makes the whole path shortest."""


@dataclass(frozen=True, slots=True)
class HighestElevation:
    """A terminal attaches to the highest satellite in view, whatever follows."""


Attachment = LowestDelay | HighestElevation


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRules:
    """How traffic finds its way.

    Attributes:
        mode: Whether lasers may be used.
        attachment: How a terminal chooses its satellite.
        fibre_detour: Length of terrestrial fibre over the great-circle distance.
        fibre_index: Group index of the fibre: light in vacuum is this much faster.
        alternatives: How many paths to keep per flow, the best included; each enters at another satellite.
    """

    mode: Mode = LaserMode()
    attachment: Attachment = LowestDelay()
    fibre_detour: float = 1.5
    fibre_index: float = FIBRE_GROUP_INDEX
    alternatives: int = 1


@dataclass(frozen=True, slots=True)
class ClearSky:
    """Gas of a median day; no cloud, no rain, no scintillation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedExceedance:
    """Everywhere and always the weather that is exceeded for this share of an average year.

    Attributes:
        exceedance: 1e-5 to 1.
    """

    exceedance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWeather:
    """Weather that comes and goes, alike at near places and with each place's statistics over the years.

    Attributes:
        features: Waves that the field is made of; more are truer and slower.
    """

    features: int = FEATURES


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRain:
    """Rain rates that were measured or forecast, from a file.

    Attributes:
        table: The rates.
    """

    table: RainTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Shower:
    """Rain that comes to one place and goes.

    Attributes:
        latitude_rad, longitude_rad: Its middle.
        radius_m: Within which it rains, everywhere alike.
        rain_rate_mm_h: At its height.
        begin_ns, end_ns: From when until when, UTC unix ns.
    """

    latitude_rad: float
    longitude_rad: float
    radius_m: float
    rain_rate_mm_h: float
    begin_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Showers:
    """Showers in a weather of another kind.

    Attributes:
        base: The weather elsewhere and else.
        showers: Where they overlap, the stronger one counts.
    """

    base: "Weather"
    showers: tuple[Shower, ...]


BudgetWeather = ClearSky | FixedExceedance  # one place at one instant: what a link budget is made for
Weather = BudgetWeather | SimulatedWeather | MeasuredRain | Showers


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioRules:
    """How links become rates.

    Attributes:
        weather: What the sky does.
        service_law, feeder_law: From carrier over noise to bits per symbol, on user links and on feeder links.
        margin: Kept in hand on all of them.
        full_pfd: Whether satellites use all of the legal power flux density instead of their own level.
    """

    weather: Weather = ClearSky()
    service_law: RateLaw = field(default_factory=lambda: ladder("dvb-s2x"))
    feeder_law: RateLaw = field(default_factory=lambda: ladder("dvb-s2x"))
    margin: AdaptationMargin = field(default_factory=AdaptationMargin)
    full_pfd: bool = False
