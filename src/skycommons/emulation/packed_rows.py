"""Rows of a slot's lines, kept as columns: an hour of many terminals must fit into memory, and be told anew within moments.

Rules: instants are emulated time. Who wants one line gets a list; who wants all of them works on the columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skycommons.emulation.line_rows import FLOAT_COLUMNS, LineRow, LineRows, LineState, TimedRows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedRows:
    """Rows of ``L`` lines.

    Attributes:
        columns: Their values; its instants are emulated ones, UTC unix ns.
    """

    columns: LineRows

    @staticmethod
    def of(lines: Sequence[TimedRows]) -> "PackedRows":
        """Rows from one list a line.

        Raises:
            InputError: A line has no row, its instants do not rise, or a number makes no sense.
        """
        return PackedRows(columns=LineRows.of_lines(lines))

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, line: int) -> TimedRows:
        table = self.columns
        held = slice(int(table.first[line]), int(table.first[line + 1]))
        floats = zip(*(getattr(table, name)[held].tolist() for name in FLOAT_COLUMNS), strict=True)
        whole = zip(
            *(table.mono_ns[held].tolist(), table.queue_bytes[held].tolist(), table.state[held].tolist()), strict=True
        )
        return [
            (
                time_ns,
                LineRow(
                    **dict(zip(FLOAT_COLUMNS, values, strict=True)), queue_bytes=queue_bytes, state=LineState(state)
                ),
            )
            for values, (time_ns, queue_bytes, state) in zip(floats, whole, strict=True)
        ]

    def __iter__(self) -> Iterator[TimedRows]:
        return (self[line] for line in range(len(self)))
