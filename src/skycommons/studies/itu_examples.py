"""The worked examples of ITU-R study group 3, as tables of columns."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import DocumentError, Fault

EXAMPLES: Final = "itu_validation.json"
ExampleColumns = dict[str, Floats]
ExampleKey = tuple[str, str]


def read_examples(path: Path) -> dict[ExampleKey, ExampleColumns]:
    """The tables by recommendation and quantity.

    Raises:
        DocumentError: The file is missing or holds no such tables.
    """
    try:
        cases: Sequence[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cases"]
        return {
            (case["recommendation"], case["quantity"]): dict(
                zip(case["columns"], np.array(case["rows"], dtype=np.float64).T, strict=True)
            )
            for case in cases
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> DocumentError:
    """That a file does not hold the examples that it should."""
    return DocumentError(str(path), [Fault("file", f"cannot be read as validation examples ({error!r})")])
