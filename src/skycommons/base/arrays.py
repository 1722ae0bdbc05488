"""Array types and the one shape check.

Rules: values that travel are frozen dataclasses of arrays (struct of arrays). Their shapes are checked once, at
construction, and their arrays are made read-only, so that a value can be shared without copies.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skycommons.base.errors import ShapeError

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Shorts = NDArray[np.int16]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


def check_shape(name: str, array: NDArray[Any], expected: Sequence[int | None]) -> None:
    """Raise `ShapeError` unless ``array`` has the expected shape; ``None`` accepts any length.

    >>> check_shape("position_itrf_m", np.zeros((4, 3)), (None, 3))
    """
    matches = array.ndim == len(expected) and all(
        want is None or want == have for want, have in zip(expected, array.shape, strict=True)
    )
    if not matches:
        raise ShapeError(name, expected, array.shape)


def freeze(*arrays: NDArray[Any]) -> None:
    """Make arrays read-only in place."""
    for array in arrays:
        array.setflags(write=False)
