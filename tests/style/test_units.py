"""Units stand in names: a number with a unit says it, and the inner rooms speak SI and radians alone."""

import re

import pytest

from tests.style.sources import Module, modules, public_quantities

SI_SUFFIXES = (
    *("m", "s", "ns", "rad", "m_s", "rad_s", "hz", "w", "k", "bps", "m2", "m3_s2"),
    *("db", "dbw", "dbi", "db_k", "dbhz", "dbw_m2"),
    "dbw_m2_4khz",  # flux density in 4 kHz, as 47 CFR 25.208 and article 21 limit it
    "dbw_m2_40khz",  # the same in 40 kHz, as article 22 counts equivalent flux density
    "dbm",  # light at a receiver, as data sheets of optical terminals give it
    "nats",  # natural logarithms of odds and likelihoods, as logit models are written
    "db_s",  # slope of a fade, ITU-R P.1623
    # The recommendations' coefficients are fitted in these units, and no link engineer uses others.
    *("mm_h", "db_km", "pa", "kg_m3", "kg_m2", "db_m2_kg"),
)
DOOR_SUFFIXES = (
    "km",
    "deg",
    "ms",
    "days",
    "hours",
    "minutes",
    "seconds",
    "rev_day",
    "kbps",
    "mbps",
    "mb",
    "per_hour",
    "percent",
    "px",
    "in",
    "dpi",
)
INNER_ROOMS = ("base", "orbit", "radio", "plan")

# Numbers without a unit, each with the reason.
DIMENSIONLESS = {
    "eccentricity": "a ratio",
    "bstar": "SGP4's drag term, per Earth radius, by its only name",
    "phasing": "Walker's F, a count of phase steps that may be fractional",
    "fibre_detour": "a ratio of lengths",
    "fibre_index": "a refractive index",
    "share": "between 0 and 1",
    "shares": "between 0 and 1",
    "unserved_share": "between 0 and 1",
    "availability": "between 0 and 1",
    "rotation": "a matrix",
    "up_itrf": "unit vectors",
    "boresight_itrf": "unit vectors",
    "cosine_field_of_view": "a cosine",
    "scales": "table places per unit of what the table goes by",
    "sine_elevation": "a sine",
    "load": "between 0 and 1",
    "least_sine": "a sine",
    "sine": "a sine",
    "cosecant": "one over the sine of an elevation",
    "mjd": "modified Julian dates, days by their only name",
    "terms": "a table of SGP4's coefficients",
    "vectors": "unit vectors, or lengths in any unit where only the direction counts",
    "other_vectors": "the same",
    "laser_hops": "a count",
    "largest_relative": "a ratio",
    "exceedance": "a share of the year, between 0 and 1",
    "lowest_exceedance": "a share of the year, between 0 and 1",
    "highest_exceedance": "a share of the year, between 0 and 1",
    "efficiency": "between 0 and 1",
    "wet_refractivity": "N units, parts in a million",
    "alpha": "the exponent of rain's power law",
    "ratio": "of powers",
    "aperture_efficiency": "between 0 and 1",
    "sender_efficiency": "between 0 and 1",
    "receiver_efficiency": "between 0 and 1",
    "scan_exponent": "the exponent of a cosine",
    "roll_off": "a ratio of bandwidths",
    "spectral_efficiency": "bits per symbol, by its only name",
    "most": "bits per symbol",
    "duty_cycle": "a share of time",
    "symbol_share": "symbols per second and hertz",
    "people": "a count",
    "absolute": "a tolerance in the unit of what is compared",
    "relative": "a ratio",
    "amount": "in the unit that stands beside it",
    "columns": "columns in the unit that their caller keeps",
    "value": "a figure of equipment in the unit of its key",
    "waves": "cosines and sines",
    "amplitude": "in standard deviations of a Gaussian number",
    "deviate": "a standard Gaussian number",
    "joint": "a share of the year, between 0 and 1",
    "correlation": "between 0 and 1",
    "deviation": "of a natural logarithm",
    "first_level": "in standard deviations",
    "second_level": "in standard deviations",
    "nodes": "packed columns of a table, units in its docstring",
    "slow": "packed columns of a table, units in its docstring",
    "constants": "coefficients of a power law",
    "out": "room for a result, in the unit of the result",
    "values": "a column in the unit that its caller keeps",
    "corners": "points of a map, in degrees or of Equal Earth",
    "utility": "what a policy ranks by, in a unit of its own; nats where it is random",
    "log_likelihood_per_slot": "nats by its only name, as the JSON key is prescribed",
    **dict.fromkeys(("top1_share", "top3_share", "poleward_share", "kept_share"), "between 0 and 1"),
    **dict.fromkeys(("generation_shares", "inclination_shares", "in_catalogue"), "between 0 and 1"),
    **dict.fromkeys(("served_share", "subscriber_share", "demand_share", "laser_share"), "between 0 and 1"),
    **dict.fromkeys(("down_share", "up_share", "cell_served", "blocked_share"), "between 0 and 1"),
    "clear": "a share of looks, between 0 and 1",
    **dict.fromkeys(("ping_drop_rate", "signal", "fraction"), "between 0 and 1, as a dish tells them"),
    **dict.fromkeys(("subscribers", "reason_cells", "load_quantiles"), "counts, or means of counts"),
    **dict.fromkeys(("kept_outage_share", "changed_outage_share", "without_lasers_share"), "between 0 and 1"),
    **dict.fromkeys(("elsewhere_loss_share", "without_lasers_loss_share", "expected_loss_share"), "between 0 and 1"),
    "rank": "a place in an order",
    "slots_per_satellite": "a count",
    "wait_shape": "the shape of a gamma distribution",
    "weight": "what a sample counts",
    "crowd_exponent": "the exponent of a count of people",
    "wet_exponent": "a natural logarithm for 100 N units",
    "probes": "a count",
    "rank_correlation": "between -1 and 1",
    **dict.fromkeys(("errors", "left_out", "median_error"), "shares of what is measured"),
    **dict.fromkeys(("measured", "computed", "numbers"), "in the unit that stands beside them or in their name"),
    "other_values": "a column in the unit that its caller keeps",
    **dict.fromkeys(("subscribers", "min_subscribers"), "expected numbers of them"),
    **dict.fromkeys(("ordinary", "protected"), "expected numbers of terminals"),
    **dict.fromkeys(("shape", "busy_hour_shape"), "shares of the busiest hour, between 0 and 1"),
    "subscribers_per_1000_people": "a ratio",
    "speed": "emulated seconds in one of the machine's",
    "delay_slope": "ns of delay in a ns of time",
    "ns_per_byte": "ns in which a byte is served, by its only name",
    **dict.fromkeys(
        ("loss", "up_loss", "down_loss", "lost_share", "unanswered_share", "gap_share"), "a share of packets or of time"
    ),
    **dict.fromkeys(("laser_up_share", "laser_down_share", "drop_share", "hold_share"), "between 0 and 1"),
    **dict.fromkeys(("near_boundary_share", "evenly_share"), "between 0 and 1"),
    **dict.fromkeys(("wait_quantiles", "quantiles"), "of a wait over its mean"),
    **dict.fromkeys(("deviations", "weights"), "in units of a jitter; what each counts"),
    **dict.fromkeys(("packets", "lost_packets", "retransmits"), "counts, NaN where unknown"),
    **dict.fromkeys(("received_bytes", "cwnd_bytes"), "bytes, NaN where unknown"),
}
# Names that end in a statistic carry the unit before it or are counts.
STATISTIC = re.compile(r"_(median|mean|p5|p95|max|min)$")

# Modules that write a published algorithm in its own symbols and units.
VERBATIM = {
    "skycommons.orbit.sgp4_terms": "symbols of Spacetrack Report 3",
    "skycommons.orbit.sgp4_kernel": "symbols of Spacetrack Report 3; minutes and kilometres inside, metres out",
    "skycommons.orbit.trigonometry": "arguments of series",
    "skycommons.orbit.gso_arc": "components of vectors as single numbers, for the compiler; units in the docstring",
}
# Compiled loops take packed columns from the one module that calls them; their docstrings say the units.
COMPILED = "_kernel"


def has_unit(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a name ends in one of the units."""
    return any(name == unit or name.endswith(f"_{unit}") for unit in suffixes)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_number_with_a_unit_says_it_in_its_name(module: Module) -> None:
    """Parameters and fields of floats end in a unit, or stand in the list of dimensionless names."""
    if module.name in VERBATIM or module.name.endswith(COMPILED):
        return
    nameless = [
        f"{quantity.place}: {quantity.owner}: {quantity.name}"
        for quantity in public_quantities(module)
        if STATISTIC.sub("", quantity.name) not in DIMENSIONLESS
        and not has_unit(STATISTIC.sub("", quantity.name), SI_SUFFIXES + DOOR_SUFFIXES)
    ]
    assert nameless == [], "add the unit to the name, or the name to DIMENSIONLESS with its reason"


@pytest.mark.parametrize("module", [m for m in modules() if m.room in INNER_ROOMS], ids=lambda module: module.name)
def test_inner_rooms_speak_si_and_radians(module: Module) -> None:
    """Degrees and kilometres exist only at the doors."""
    foreign = [
        f"{quantity.place}: {quantity.owner}: {quantity.name}"
        for quantity in public_quantities(module)
        if has_unit(quantity.name, DOOR_SUFFIXES) and not has_unit(quantity.name, SI_SUFFIXES)
    ]
    assert foreign == []


def test_the_dimensionless_list_holds_no_unit() -> None:
    """A name with a unit needs no exception."""
    assert [name for name in DIMENSIONLESS if has_unit(name, SI_SUFFIXES + DOOR_SUFFIXES)] == []
