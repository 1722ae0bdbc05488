"""The error tree: codes by class, and every fault with its place."""

import pytest

from skycommons.base import errors
from skycommons.base.errors import (
    CatalogueError,
    EphemerisRangeError,
    Fault,
    FormatError,
    GroundError,
    HostError,
    InputError,
    PhysicsError,
    PlanError,
    ProofError,
    QuorumError,
    RainError,
    RollbackError,
    RulingError,
    ScenarioError,
    ShapeError,
    SignatureError,
    SkycommonsError,
    TrustError,
)


@pytest.mark.parametrize(
    ("error", "exit_code", "http_status"),
    [
        (SkycommonsError, 1, 500),
        (InputError, 2, 422),
        (ScenarioError, 2, 422),
        (CatalogueError, 2, 422),
        (GroundError, 2, 422),
        (RainError, 2, 422),
        (FormatError, 2, 422),
        (ShapeError, 2, 422),
        (PhysicsError, 3, 422),
        (EphemerisRangeError, 3, 422),
        (PlanError, 4, 409),
        (TrustError, 5, 403),
        (SignatureError, 5, 403),
        (QuorumError, 5, 403),
        (ProofError, 5, 403),
        (RollbackError, 5, 403),
        (RulingError, 5, 403),
        (HostError, 6, 503),
    ],
)
def test_a_class_carries_its_exit_code_and_http_status(
    error: type[SkycommonsError], exit_code: int, http_status: int
) -> None:
    """Scripts and clients tell errors apart by these numbers, so they are fixed."""
    assert (error.exit_code, error.http_status) == (exit_code, http_status)


def test_the_module_draws_every_class_of_the_tree() -> None:
    """The picture in the docstring is the documentation; a class that is missing there does not exist for a reader."""
    drawn = errors.__doc__ or ""
    classes = [name for name, kind in vars(errors).items() if isinstance(kind, type) and name.endswith("Error")]
    assert [name for name in classes if name not in drawn and name != "DocumentError"] == []


def test_a_document_error_lists_every_fault_with_its_place() -> None:
    """Somebody who mends a file wants all faults at once."""
    faults = [Fault("shells.0.altitude_km", "must be a number"), Fault("line 12", "bad checksum")]
    error = ScenarioError("bad.toml", faults)
    assert str(error) == "bad.toml: 2 fault(s)\n  shells.0.altitude_km: must be a number\n  line 12: bad checksum"
    assert error.faults == tuple(faults)
    assert error.source == "bad.toml"


def test_a_shape_error_says_what_was_promised_and_what_came() -> None:
    """The message names the array; the attributes carry the values."""
    error = ShapeError("position_itrf_m", (None, 3), (7, 2))
    assert str(error) == "position_itrf_m: expected shape (any, 3), got (7, 2)"
    assert (error.name, error.expected, error.actual) == ("position_itrf_m", (None, 3), (7, 2))


def test_an_input_error_is_a_value_error_too() -> None:
    """Callers who know only Python's own errors catch it as well."""
    with pytest.raises(ValueError, match="negative"):
        raise InputError("negative")


def test_an_ephemeris_range_error_carries_the_span_and_the_instant() -> None:
    """A caller can shift its question into the span that is known."""
    error = EphemerisRangeError("outside", start_ns=1, end_ns=5, time_ns=9)
    assert (error.start_ns, error.end_ns, error.time_ns) == (1, 5, 9)
    assert str(error) == "outside"
