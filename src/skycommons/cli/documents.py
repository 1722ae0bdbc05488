"""Rosters and policies as people write them: JSON with any spacing, which is made canonical; and whom somebody trusts.

Rules: what people edit may be spread over lines; what is signed and hashed is the canonical form, made here and printed as a hash.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from skycommons.cli.reading import read_text

if TYPE_CHECKING:
    from skycommons.governance.canonical import Json
    from skycommons.governance.policy import Policy
    from skycommons.governance.roster import Roster
    from skycommons.governance.witness_policy import WitnessPolicy

_MOST_BYTES: Final = 1_000_000  # with all its white space


def read_roster(path: Path) -> "Roster":
    """A roster from a file of JSON.

    Raises:
        InputError: It cannot be read.
        FormatError: It has faults; all of them are told.
    """
    from skycommons.governance.roster import Roster

    return Roster.from_json(_read(path), str(path))


def read_policy(path: Path) -> "Policy":
    """A policy from a file of JSON.

    Raises:
        InputError: It cannot be read.
        FormatError: It has faults; all of them are told.
    """
    from skycommons.governance.policy import Policy

    return Policy.from_json(_read(path), str(path))


def read_witness_policy(data: bytes, source: str) -> "WitnessPolicy":
    """Whom somebody trusts, from a policy (tlog-policy), or from a trust file, which begins with three lines more.

    Raises:
        FormatError: It has faults; all of them are told.
    """
    from skycommons.governance.trust import HEADER, parse_trust
    from skycommons.governance.witness_policy import parse_policy

    is_trust = data.startswith(f"{HEADER}\n".encode())
    return parse_trust(data, source=source).policy if is_trust else parse_policy(data, source=source)


def pretty(value: object) -> str:
    """A document as people read and edit it."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def _read(path: Path) -> "Json":
    """A document, by the strict parser: no key twice, no fractions, nothing unreadable."""
    from skycommons.governance.canonical import parse_canonical
    from skycommons.governance.lines import malformed

    text = read_text(path, most_bytes=_MOST_BYTES)
    try:
        value = json.loads(text, object_pairs_hook=_once)
        dense = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    except RecursionError:
        raise malformed(str(path), "file", "is no document: its parts lie too deep in each other") from None
    except ValueError as error:
        raise malformed(str(path), "file", f"is no JSON: {error}") from None
    return parse_canonical(dense, source=str(path))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no key stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return found
