"""Catalogue numbers in a TLE's five columns."""

import pytest

from skycommons.base.errors import InputError
from skycommons.model.alpha5 import decode_number, encode_number


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("00005", 5),
        ("    5", 5),
        ("99999", 99_999),
        ("A0000", 100_000),
        ("E8493", 148_493),
        ("J2931", 182_931),  # I is left out, so J comes after H
        ("P4018", 234_018),  # O is left out
        ("Z9999", 339_999),
    ],
)
def test_fields_are_decoded_and_written_back(field: str, number: int) -> None:
    assert decode_number(field) == number
    assert encode_number(number) == field.replace(" ", "0")


@pytest.mark.parametrize(
    "field", ["I0000", "O0000", "a0000", "A 000", "AA000", "1234", "123456", "     ", "1 234", "²0000"]
)
def test_other_fields_are_refused(field: str) -> None:
    with pytest.raises(InputError, match="is no catalogue number"):
        decode_number(field)


@pytest.mark.parametrize("number", [-1, 340_000, 799_501_621])
def test_numbers_without_a_field_are_refused(number: int) -> None:
    with pytest.raises(InputError, match="use an OMM"):
        encode_number(number)
