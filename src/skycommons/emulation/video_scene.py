"""The moving picture that is sent: a night over hills, satellites that pass, two dishes that follow the nearest one.

* A picture depends on its number alone, so every stream of a scene shows the same.
* There is always something that moves, at several speeds, and texture to encode, so that the rate asked for is really used.
* Pictures are in planes, YUV 4:2:0 of ITU-R BT.601 in limited range, as encoders take them: no program converts them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sin
from typing import Final

import numpy as np

from skycommons.base.arrays import Bytes, Floats
from skycommons.emulation.video_clock import band_height, check_size

_SKY: Final = (
    (6, 10, 32),
    (14, 30, 74),
    (42, 74, 124),
    (226, 150, 96),
)  # red, green, blue, from the top to the horizon
_HILLS: Final = ((58, 74, 110), (34, 52, 72), (18, 32, 34))  # from far to near
_HILL_HEIGHTS: Final = (0.30, 0.20, 0.11)  # of the ground above the clock, shares of the picture
_HILL_STEPS: Final = (1, 2, 4)  # pictures until a layer moved by two pixels, from near to far
_STARS: Final = 220
_SATELLITES: Final = 6
_ORBIT_PICTURES: Final = 600  # that a satellite takes from edge to edge
_DISHES: Final = (0.28, 0.72)
_MARGIN: Final = 10
_GLYPHS: Final = {  # five wide, seven high, one row a number
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 12, 12, 0, 12, 12, 0),
    ".": (0, 0, 0, 0, 0, 12, 12),
    "#": (10, 10, 31, 10, 31, 10, 10),
    " ": (0, 0, 0, 0, 0, 0, 0),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Hills that repeat after two widths.

    Attributes:
        top: Row of the picture that their first row is.
        luma: ``(rows, 2 width)``.
        chroma: ``(2, rows / 2, width)``.
        is_hill, is_hill_chroma: Where they hide what is behind, of the same shapes.
        pictures_a_step: Pictures until they moved by two pixels.
    """

    top: int
    luma: Bytes
    chroma: Bytes
    is_hill: Bytes
    is_hill_chroma: Bytes
    pictures_a_step: int


class Scene:
    """Makes the pictures of a size, one by one.

    Args:
        width: Pixels; see `band_height` for which.
        height: Pixels, even.
        rate_hz: Pictures a second, for the time that they show.
    Raises:
        InputError: The size makes no picture.
    """

    def __init__(self, width: int, height: int, *, rate_hz: float) -> None:
        check_size(width, height)
        self.width, self.height, self.rate_hz = width, height, rate_hz
        self._top = band_height(width)
        self._ground = height - self._top
        rng = np.random.default_rng(20_260)
        self._sky = _sky(width, height, self._ground, rng)
        self._layers = tuple(_hills(width, height, self._ground, place=place, rng=rng) for place in range(len(_HILLS)))

    def picture(self, number: int) -> Bytes:
        """Picture of a number, ``(3/2 height, width)``: luma, then both planes of chroma; its clocks are not written yet."""
        planes = self._sky.copy()
        luma = planes[: self.height]
        places = self._satellites(number)
        for u, v, is_up in places:
            if is_up:
                _trail(luma, u, v, number=number)
        for layer in self._layers:
            _lay(planes, layer, number=number, size=(self.width, self.height))
        self._dishes(luma, [(u, v) for u, v, is_up in places if is_up])
        seconds = number / self.rate_hz
        text = f"{int(seconds // 60):02d}:{seconds % 60:05.2f}  #{number:06d}"
        _write(luma[self._top :], text, scale=max(self.width // 320, 1))
        return planes

    def _satellites(self, number: int) -> Sequence[tuple[int, int, bool]]:
        """Column and row of each satellite, and whether it is in the picture."""
        places = []
        for k in range(_SATELLITES):
            share = (number / _ORBIT_PICTURES + k / _SATELLITES) % 1.0
            direction = 1.0 if k % 2 else -1.0
            u = self.width * (0.5 + direction * (share - 0.5) * 1.2)
            v = self._top + (self._ground - self._top) * (0.42 - (0.26 + 0.05 * (k % 3)) * sin(pi * share))
            places.append((int(u), int(v), 8 <= u < self.width - 8))
        return places

    def _dishes(self, luma: Bytes, satellites: Sequence[tuple[int, int]]) -> None:
        """Two dishes in front, each with a dotted line to the satellite nearest above it."""
        size = max(self.width // 64, 4)
        for share in _DISHES:
            column, row = int(share * self.width), self._ground - size // 2
            if satellites:
                u, v = min(satellites, key=lambda place: (place[0] - column) ** 2 + (place[1] - row) ** 2)
                steps = np.linspace(0.05, 0.97, 90)
                columns, rows = (
                    (column + steps * (u - column)).astype(int),
                    (row - size + steps * (v - row + size)).astype(int),
                )
                is_lit = np.arange(len(steps)) % 3 != 0
                luma[rows[is_lit], columns[is_lit]] = 190
            luma[row - size // 2 : row, column - 1 : column + 2] = 150
            reach = np.arange(-size, size + 1)
            rim = row - size // 2 - size // 3 + (reach**2 * (size // 3) // size**2) * -1 + size // 3
            for thickness in range(3):
                luma[rim - thickness, column + reach] = 215


def _sky(width: int, height: int, ground: int, rng: np.random.Generator) -> Bytes:
    """What never moves: a glow over the horizon, and stars."""
    stops = np.linspace(0.0, 1.0, len(_SKY)) ** 0.8
    rows = np.minimum(np.arange(height) / (0.85 * ground), 1.0)
    colours = np.stack([np.interp(rows, stops, [colour[c] for colour in _SKY]) for c in range(3)], axis=-1)
    planes = np.empty((height * 3 // 2, width), dtype=np.uint8)
    yuv = _yuv(colours)
    dither = rng.uniform(-0.5, 0.5, (height, width))  # so that the glow has no bands
    planes[:height] = (yuv[:, :1] + dither).round()
    columns = rng.integers(2, width - 2, _STARS)
    star_rows = (rng.uniform(0.02, 0.62, _STARS) * ground).astype(int)
    planes[star_rows, columns] = rng.integers(90, 220, _STARS)
    planes[height:] = 128
    halves = planes[height:].reshape(2, height // 2, width // 2)
    halves[0] = yuv[::2, 1:2].round()
    halves[1] = yuv[::2, 2:3].round()
    halves[:, ground // 2 :] = halves[:, : (height - ground) // 2] = 128  # clocks have no colour
    return planes


def _hills(width: int, height: int, ground: int, *, place: int, rng: np.random.Generator) -> Layer:
    """One layer of hills: a ridge of waves, and texture that is coarser the nearer it is."""
    period = 2 * width
    tall = int(_HILL_HEIGHTS[place] * height) // 2 * 2
    across = np.arange(period) * (2 * pi / period)
    ridge = sum(
        rng.uniform(0.4, 1.0) / wave * np.sin(wave * across + rng.uniform(0, 2 * pi)) for wave in (2, 3, 5, 9, 17, 31)
    )
    ridge = (ridge - ridge.min()) / (ridge.max() - ridge.min())
    top = (ground - tall) // 2 * 2
    line = top + (1.0 - ridge) * tall * 0.6
    rows = np.arange(top, ground)[:, np.newaxis]
    is_hill = rows >= line
    grain = _smooth(rng.standard_normal((ground - top, period)), 1 + place)
    shade = 1.0 + (0.10 + 0.06 * place) * grain - 0.25 * (rows - line) / tall
    colours = np.clip(np.array(_HILLS[place]) * shade[..., np.newaxis], 0, 255)
    yuv = _yuv(colours)
    luma = yuv[..., 0].round().astype(np.uint8)
    if place == len(_HILLS) - 1:  # windows of a village
        lamps = rng.random((ground - top, period)) < 0.0015
        luma[lamps & is_hill] = 200
    half = yuv[::2, ::2, 1:].round().astype(np.uint8)
    return Layer(
        top=top,
        luma=luma,
        chroma=np.moveaxis(half, -1, 0).copy(),
        is_hill=is_hill.astype(np.uint8),
        is_hill_chroma=is_hill[::2, ::2].astype(np.uint8),
        pictures_a_step=_HILL_STEPS[len(_HILLS) - 1 - place],
    )


def _lay(planes: Bytes, layer: Layer, *, number: int, size: tuple[int, int]) -> None:
    """Lay hills over what is there, as far along as they are at this picture."""
    width, height = size
    begin = number // layer.pictures_a_step % width
    rows = slice(layer.top, layer.top + len(layer.luma))
    columns, half_columns = slice(2 * begin, 2 * begin + width), slice(begin, begin + width // 2)
    columns = np.arange(2 * begin, 2 * begin + width) % layer.luma.shape[1]
    half_columns = np.arange(begin, begin + width // 2) % layer.chroma.shape[2]
    np.copyto(planes[rows], layer.luma[:, columns], where=layer.is_hill[:, columns].astype(np.bool_))
    halves = planes[height:].reshape(2, height // 2, width // 2)
    half_rows = slice(layer.top // 2, layer.top // 2 + layer.chroma.shape[1])
    is_hill = layer.is_hill_chroma[:, half_columns].astype(np.bool_)
    for plane in range(2):
        np.copyto(halves[plane, half_rows], layer.chroma[plane][:, half_columns], where=is_hill)


def _trail(luma: Bytes, u: int, v: int, *, number: int) -> None:
    """A satellite: a body, two panels, and a light that blinks."""
    luma[v - 1 : v + 2, u - 1 : u + 2] = 225
    luma[v, u - 6 : u - 2] = 180
    luma[v, u + 3 : u + 7] = 180
    if number // 6 % 2:
        luma[v - 3 : v - 1, u] = 235


def _write(luma: Bytes, text: str, *, scale: int) -> None:
    """Write digits in the upper left corner."""
    for place, letter in enumerate(text):
        rows = np.array(_GLYPHS[letter], dtype=np.uint8)
        glyph = (rows[:, np.newaxis] >> np.arange(4, -1, -1) & 1).repeat(scale, axis=0).repeat(scale, axis=1)
        left = _MARGIN + place * 6 * scale
        part = luma[_MARGIN : _MARGIN + 7 * scale, left : left + 5 * scale]
        part[glyph[:, : part.shape[1]] > 0] = 225


def _smooth(noise: Floats, times: int) -> Floats:
    """Noise whose grains are larger, with a deviation of one."""
    for _ in range(times):
        noise = noise + np.roll(noise, 1, axis=0) + np.roll(noise, 1, axis=1) + np.roll(noise, -1, axis=1)
    even: Floats = noise / noise.std()
    return even


def _yuv(colours: Floats) -> Floats:
    """Red, green and blue, 0 to 255, as luma and chroma in limited range.

    Source: ITU-R BT.601-7, 2.5.
    """
    red, green, blue = (colours[..., c] / 255.0 for c in range(3))
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack(
        [16 + 219 * bright, 128 + 224 * (blue - bright) / 1.772, 128 + 224 * (red - bright) / 1.402], axis=-1
    )
