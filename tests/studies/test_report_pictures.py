"""Drawings in a page: elements, or images for light and for dark."""

from skycommons.studies.drawing import DARK, LIGHT, Drawing, blank
from skycommons.studies.report_pictures import image, one_element, two_images


def drawing(name: str = "one", *, is_dark: bool = False) -> Drawing:
    """An empty picture."""
    theme = DARK if is_dark else LIGHT
    return Drawing(
        name=name, figure=blank(theme, width_in=2.0, height_in=1.0), theme=theme, alt="Nothing.", caption="So."
    )


def test_a_chart_is_an_element_of_the_page() -> None:
    """It follows the page's colours, and needs no image."""
    found = one_element(drawing())
    assert found.element.startswith("<svg")
    assert (found.name, found.alt, found.caption, found.light, found.dark) == ("one", "Nothing.", "So.", "", "")


def test_a_map_is_two_images() -> None:
    """One for light pages, one for dark ones."""
    found = two_images(drawing(), drawing(is_dark=True))
    assert found.light != found.dark
    assert found.light.startswith("data:image/png;base64,")
    assert not found.element


def test_one_image_may_do_for_both() -> None:
    """Where it is dark on every page."""
    found = image(drawing(), light="data:,", dark="")
    assert (found.light, found.dark) == ("data:,", "")
