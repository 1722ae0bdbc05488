"""Time written into pictures and read back from them.

* A picture carries its number, the instant at which it was made, and a check sum, as 80 black or white blocks in two rows. Blocks are as
  large as the picture lets them be, 40 across, so that they outlive a lossy encoder at low rates; what is left at the right is black.
* They stand along both edges. Decoders work downwards and lose what follows a fault, so the upper clock mostly tells which picture it is
  when the lower one no longer tells that it came whole.
* The instant is that of CLOCK_MONOTONIC, which sender and receiver on one machine share, whatever network lies between them.
* A block is white if the middle of it is brighter than half. What the check sum does not confirm has not been read: a damaged clock
  says nothing rather than something wrong; one damaged clock in 65,536 may pass by chance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bytes
from skycommons.base.errors import InputError

BLOCKS_ACROSS: Final = 40
BLOCK_ROWS: Final = 2
LEAST_SIDE: Final = 8  # pixels of a block
TICK_NS: Final = 100_000  # what an instant is rounded down to
NUMBER_BITS: Final = 24
TICK_BITS: Final = 40  # 3.4 years of such ticks
_CHECK_BITS: Final = 16
_CHECK_POLYNOMIAL: Final = 0x1021  # CRC-16 of ITU-T X.25, begun with ones so that a black band is wrong
_BLACK: Final = 16  # limited range of ITU-R BT.601
_WHITE: Final = 235
_HALF: Final = 126


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a picture says of itself.

    Attributes:
        number: Counted from 0.
        mono_ns: When it was made, CLOCK_MONOTONIC, rounded down to a tenth of a millisecond.
    """

    number: int
    mono_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was read from a picture.

    Attributes:
        stamp: What it says of itself; None if neither clock could be read.
        is_whole: Whether both clocks say the same.
    """

    stamp: Stamp | None
    is_whole: bool


def check_size(width: int, height: int) -> None:
    """Refuse pictures that have no room for two clocks and as much of a scene, or that have half a pixel of colour.

    Raises:
        InputError: It names the size.
    """
    if height % 2 != 0 or height < 4 * band_height(width):
        raise InputError(f"pictures of {width} × {height}: the height is even and at least {4 * band_height(width)}")


def band_height(width: int) -> int:
    """How many rows of a picture of this width a clock takes.

    Raises:
        InputError: Blocks would be too small to outlive an encoder, or the width is odd.
    """
    if width % 2 != 0 or width < LEAST_SIDE * BLOCKS_ACROSS:
        raise InputError(
            f"a picture with a clock is {LEAST_SIDE * BLOCKS_ACROSS} pixels wide or more, and even, not {width}"
        )
    return BLOCK_ROWS * (width // BLOCKS_ACROSS)


def write_stamp(stamp: Stamp, luma: Bytes) -> None:
    """Write a stamp over the uppermost and the lowest rows of a picture's luma, ``(height, width)``, in place.

    Raises:
        InputError: The number or the instant does not fit, or the picture is too narrow.
    """
    ticks = stamp.mono_ns // TICK_NS
    if not (0 <= stamp.number < 1 << NUMBER_BITS and 0 <= ticks < 1 << TICK_BITS):
        raise InputError(
            f"picture {stamp.number} at {stamp.mono_ns} ns: the number or the instant does not fit into a picture"
        )
    message = stamp.number << TICK_BITS | ticks
    word = message << _CHECK_BITS | check_sum(message.to_bytes(8, "big"))
    bits = np.unpackbits(np.frombuffer(word.to_bytes(10, "big"), dtype=np.uint8)).reshape(BLOCK_ROWS, BLOCKS_ACROSS)
    height, width = band_height(luma.shape[1]), luma.shape[1]
    side = width // BLOCKS_ACROSS
    band = np.full((height, width), _BLACK, dtype=np.uint8)
    band[:, : side * BLOCKS_ACROSS] = np.where(bits, _WHITE, _BLACK).repeat(side, axis=0).repeat(side, axis=1)
    luma[:height] = luma[-height:] = band


def read_picture(bands: Bytes) -> Look:
    """What both clocks of a picture say, ``(2 band_height, width)`` of luma: the upper one above the lower one."""
    height = len(bands) // 2
    upper, lower = read_stamp(bands[:height]), read_stamp(bands[height:])
    return Look(stamp=lower if upper is None else upper, is_whole=upper is not None and upper == lower)


def read_stamp(band: Bytes) -> Stamp | None:
    """What one clock says, ``(band_height, width)`` of luma; None if it is damaged."""
    side = band.shape[1] // BLOCKS_ACROSS
    edge = side // 4  # what an encoder smears
    blocks = band[:, : side * BLOCKS_ACROSS].reshape(BLOCK_ROWS, side, BLOCKS_ACROSS, side)[
        :, edge : side - edge, :, edge : side - edge
    ]
    bits = blocks.mean(axis=(1, 3)) > _HALF
    word = int.from_bytes(np.packbits(bits).tobytes(), "big")
    message = word >> _CHECK_BITS
    if check_sum(message.to_bytes(8, "big")) != word & (1 << _CHECK_BITS) - 1:
        return None
    return Stamp(number=message >> TICK_BITS, mono_ns=(message & (1 << TICK_BITS) - 1) * TICK_NS)


def check_sum(data: bytes) -> int:
    """CRC-16 with the polynomial x¹⁶ + x¹² + x⁵ + 1, begun with ones.

    >>> hex(check_sum(b"123456789"))  # the check value of CRC-16/CCITT-FALSE, also called CRC-16/IBM-3740
    '0x29b1'
    """
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (_CHECK_POLYNOMIAL if register & 0x8000 else 0)
        register &= 0xFFFF
    return register
