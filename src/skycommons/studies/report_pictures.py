"""Drawings as a report's page needs them: elements that follow the page's colours, or images for light and for dark."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from skycommons.studies.drawing import Drawing

MAP_DPI: Final = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing as the page needs it: either one element, or an image for light and one for dark.

    Attributes:
        name, alt, caption: As the drawing says.
        element: The drawing as an element; empty if it is an image.
        light, dark: Addresses of images; empty if it is an element, ``dark`` also where one image does for both.
    """

    name: str
    alt: str
    caption: str
    element: Markup
    light: str
    dark: str


def one_element(drawing: Drawing) -> Picture:
    """A chart, as an element that follows the page's colours."""
    element = Markup(drawing.svg())  # noqa: S704 - matplotlib escapes the texts in its own SVG
    return Picture(name=drawing.name, alt=drawing.alt, caption=drawing.caption, element=element, light="", dark="")


def two_images(light: Drawing, dark: Drawing) -> Picture:
    """A map, as an image for light pages and one for dark ones."""
    return image(light, light=light.data_url(dpi=MAP_DPI), dark=dark.data_url(dpi=MAP_DPI))


def image(drawing: Drawing, *, light: str, dark: str) -> Picture:
    """A drawing that is an image, at these addresses."""
    return Picture(
        name=drawing.name, alt=drawing.alt, caption=drawing.caption, element=Markup(), light=light, dark=dark
    )
