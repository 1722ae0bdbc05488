"""The one place that writes to the terminal.

Rules: results go to stdout, everything else to stderr. With ``--json`` stdout holds exactly one JSON document and nothing
else. With ``--quiet`` there are no notes and no progress bars. Nothing heavy is imported before it is needed.
"""

import json as json_text
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, TextIO, TypeAlias

from cyclopts import Parameter

if TYPE_CHECKING:
    from rich.console import Console

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

_NUMBER = re.compile(r"[-+−–]?[\d.,]+(?:e[-+]?\d+)? ?%?|–|-|")
_UNLIMITED_WIDTH = 10_000  # where no terminal limits the width: lines in files and pipes are never wrapped


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How one command answers.

    Attributes:
        json: Answer with one JSON document instead of tables.
        quiet: Say nothing but the answer.
    """

    json: Annotated[bool, Parameter(negative="", help="Answer with one JSON document.")] = False
    quiet: Annotated[bool, Parameter(negative="", help="Say nothing but the answer.")] = False

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table on stdout; nothing under ``--json``.

        Args:
            title: Heading; empty for none.
            columns: One heading per column.
            rows: Cells; integers get thousands separators, ``None`` and NaN a dash, columns of numbers align right.
        """
        if self.json:
            return
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        texts = [[cell_text(cell) for cell in row] for row in rows]
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for place, heading in enumerate(columns):
            numeric = all(_NUMBER.fullmatch(row[place]) for row in texts)
            table.add_column(Text(heading), justify="right" if numeric else "left")
        for row in texts:
            table.add_row(*(Text(text) for text in row))
        console = _console(sys.stdout)
        with console.capture() as captured:  # rich would end the process itself when nobody reads on
            if title:
                console.print(Text(title))  # as the table's own title it would be wrapped to the table's width
            console.print(table)
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())

    def line(self, text: str) -> None:
        """Print one line of the answer on stdout; nothing under ``--json``."""
        if not self.json:
            sys.stdout.write(text + "\n")

    def result(self, payload: Mapping[str, object]) -> None:
        """Print the answer as one JSON document on stdout; nothing without ``--json``."""
        if self.json:
            text = json_text.dumps(plain(payload), indent=2, ensure_ascii=False, allow_nan=False)
            sys.stdout.write(text + "\n")

    def note(self, text: str) -> None:
        """Print a remark on stderr; nothing under ``--quiet`` or ``--json``."""
        if not (self.quiet or self.json):
            sys.stderr.write(text + "\n")

    @contextmanager
    def progress(self, text: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Show a progress bar on stderr while the block runs; it yields ``advance(count)``.

        The bar is shown on a terminal only, and not under ``--quiet`` or ``--json``.
        """
        if self.quiet or self.json or not sys.stderr.isatty():
            yield _ignore
            return
        from rich import progress as bars

        columns = (
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeRemainingColumn(),
        )
        with bars.Progress(*columns, console=_console(sys.stderr), transient=True) as bar:
            task = bar.add_task(text, total=total)

            def advance(count: int) -> None:
                bar.update(task, advance=count)

            yield advance


FOR_PEOPLE: Final = Output()


def complain(text: str) -> None:
    """Print an error on stderr, in the one shape that errors have: ``skycommons: ...``."""
    sys.stderr.write(f"skycommons: {text}\n")


def cell_text(cell: object) -> str:
    """A table cell as text.

    >>> cell_text(10359), cell_text(float("nan")), cell_text(None), cell_text("v2-mini")
    ('10,359', '–', '–', 'v2-mini')
    """
    value = plain(cell)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return str(value)


def plain(value: object) -> Plain:
    """A value as JSON knows it: arrays as lists, NaN and infinities as null, dataclasses as objects, paths as text.

    >>> plain({"rtt_ms": (1.5, float("nan"))})
    {'rtt_ms': [1.5, None]}
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    to_list = getattr(value, "tolist", None)  # NumPy arrays and scalars, without importing NumPy here
    if to_list is not None and type(value).__name__ != "datetime64":
        return plain(to_list())
    return str(value)


def _console(stream: TextIO) -> "Console":
    """A rich console that wraps on terminals only and honours NO_COLOR."""
    from rich.console import Console

    width = None if stream.isatty() else _UNLIMITED_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, emoji=False, markup=False)


def _ignore(count: int) -> None:
    """Progress that nobody sees."""
