"""Codes of countries."""

from skycommons.model.borders import country_names
from skycommons.model.iso_codes import alpha2_of_alpha3


def test_every_area_with_a_code_has_three_letters_too() -> None:
    """The packaged borders and the table know the same codes; each has one."""
    codes = alpha2_of_alpha3()
    assert len(set(codes.values())) == len(codes)
    assert {code for code in country_names() if len(code) == 2} <= set(codes.values())
    assert all(len(code) == 3 and code.isupper() for code in codes)
