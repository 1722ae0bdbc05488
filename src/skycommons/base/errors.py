"""Every error that skycommons raises on purpose.

::

    SkycommonsError
    ├── InputError(ValueError)      the caller's data is wrong              exit 2, HTTP 422
    │   ├── ScenarioError           a scenario document has faults
    │   ├── CatalogueError          a file of element sets cannot be used
    │   ├── GroundError             a file of gateways or PoPs cannot be used
    │   ├── RainError               a file of rain rates cannot be used
    │   ├── FormatError             signed text, a proof, a key or a trust policy is not in its form
    │   └── ShapeError              an array has the wrong shape
    ├── PhysicsError                the model cannot answer                 exit 3, HTTP 422
    │   └── EphemerisRangeError     asked outside the time span that is known
    ├── PlanError                   no plan can be made                     exit 4, HTTP 409
    ├── TrustError                  a signature, quorum or proof is refused exit 5, HTTP 403
    │   ├── SignatureError          a signature is wrong, or none is of a key that is trusted
    │   ├── QuorumError             too few of those who have to agree did
    │   ├── ProofError              a proof does not lead to what it should prove
    │   ├── RollbackError           a log would forget, or say otherwise, what it signed before
    │   └── RulingError             the rules of a log make an entry void
    └── HostError                   the machine or the network refuses      exit 6, HTTP 503

Rules: attributes carry the values; the class carries the exit code and the HTTP status; an error that can have
several faults carries all of them, each with its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in an input, and where.

    Attributes:
        place: Where: a path in a document (``shells.0.altitude_km``) or a line of a file (``line 12``).
        message: What is wrong and how to mend it, as one sentence.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class SkycommonsError(Exception):
    """Root of the tree: catch it to catch everything that skycommons raises on purpose."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500


class InputError(SkycommonsError, ValueError):
    """The caller's data is wrong; nothing was computed or written."""

    exit_code = 2
    http_status = 422


class DocumentError(InputError):
    """A file or document has one or more faults; all of them are listed.

    Attributes:
        source: Name of the file or document.
        faults: Every fault that was found, in order.
    """

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.source = source
        self.faults = tuple(faults)
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(f"{source}: {len(self.faults)} fault(s){lines}")


class ScenarioError(DocumentError):
    """A scenario document has faults."""


class CatalogueError(DocumentError):
    """A file of element sets holds nothing that can be used."""


class GroundError(DocumentError):
    """A file of gateways or PoPs has faults."""


class RainError(DocumentError):
    """A file of rain rates has faults."""


class FormatError(DocumentError):
    """Signed text, a proof, a key or a trust policy is not in its form; nothing was verified."""


class ShapeError(InputError):
    """An array does not have the shape that its name promises.

    Attributes:
        name: Name of the array.
        expected: The promised shape; ``None`` stands for any length.
        actual: The shape that came.
    """

    def __init__(self, name: str, expected: Sequence[int | None], actual: Sequence[int]) -> None:
        self.name = name
        self.expected = tuple(expected)
        self.actual = tuple(actual)
        promised = ", ".join("any" if length is None else str(length) for length in self.expected)
        super().__init__(f"{name}: expected shape ({promised}), got {self.actual}")


class PhysicsError(SkycommonsError):
    """The model cannot answer this question."""

    exit_code = 3
    http_status = 422


class EphemerisRangeError(PhysicsError):
    """A time lies outside the span that a table knows.

    Attributes:
        start_ns: First known instant, UTC unix ns.
        end_ns: Last known instant, UTC unix ns.
        time_ns: The instant asked for.
    """

    def __init__(self, message: str, *, start_ns: int, end_ns: int, time_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.time_ns = time_ns
        super().__init__(message)


class PlanError(SkycommonsError):
    """No plan or route can be made from what was given."""

    exit_code = 4
    http_status = 409


class TrustError(SkycommonsError):
    """A signature, quorum or proof is refused."""

    exit_code = 5
    http_status = 403


class SignatureError(TrustError):
    """A signature is wrong, or none is of a key that is trusted."""


class QuorumError(TrustError):
    """Too few of those who have to agree did."""


class ProofError(TrustError):
    """A proof does not lead to what it should prove."""


class RollbackError(TrustError):
    """A log would forget, or say otherwise, what it signed before: its data come from an old copy, or another writer goes on."""


class RulingError(TrustError):
    """The rules of a log make an entry void; it was not written."""


class HostError(SkycommonsError):
    """The machine or the network refuses."""

    exit_code = 6
    http_status = 503
