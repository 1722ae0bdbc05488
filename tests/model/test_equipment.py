"""Equipment as values: what no carrier and no table can be is refused."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.equipment import Carrier, Equipment
from skycommons.model.equipment_data import standard_equipment


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frequency_hz": 0.0}, "frequency_hz is above 0"),
        ({"bandwidth_hz": np.inf}, "bandwidth_hz is above 0"),
        ({"carriers": 0}, "at least 1 carrier"),
        ({"polarisations": 3}, "1 or 2 polarisations"),
        ({"symbol_share": 1.5}, r"symbol share in \(0, 1\]"),
    ],
)
def test_a_carrier_that_cannot_be_is_refused(change: dict[str, float], message: str) -> None:
    """One sentence says what a carrier has."""
    values = {"frequency_hz": 11.7e9, "bandwidth_hz": 240e6, **change}
    with pytest.raises(InputError, match=message):
        Carrier(**values)  # type: ignore[arg-type]  # counts and numbers in one table


def test_a_table_has_at_least_one_type_of_each_kind_and_no_name_twice() -> None:
    """The message names the kind."""
    known = standard_equipment()
    with pytest.raises(InputError, match="gateways need at least one type"):
        Equipment(terminals=known.terminals, gateways=(), payloads=known.payloads)
    with pytest.raises(InputError, match=r"different names, not .*'mini', 'mini'"):
        Equipment(terminals=(*known.terminals, known.terminals[-1]), gateways=known.gateways, payloads=known.payloads)


def test_satellites_carry_the_payload_of_their_generation_or_the_first() -> None:
    """Rows of the table."""
    known = standard_equipment()
    rows = known.payload_rows(("v2-mini", "v1.5", "", "unheard-of"))
    assert [known.payloads[row].name for row in rows] == ["v2-mini", "v1.5", "v2-mini", "v2-mini"]
