"""Whom a verifier trusts: one log from its first entry on, its witnesses, and how old news may be.

A trust file is written by whoever checks, and is all that has to be trusted beforehand::

    skycommons-trust v1
    genesis <hash of the log's first leaf, in hex>
    max-age <seconds>
    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> <k | any | all> <name> ...
    quorum <name>

* From the fourth line on it is a policy in the format of C2SP tlog-policy (`witness_policy`). All its keys of logs have one name, the
  origin: one file trusts one log, possibly by a key of each kind.
* The first entry holds the first policy and roster; its hash holds all of it. Everything later follows from it by the log's own rules.
* ``max-age`` is how long a service map is obeyed after witnesses saw the log last.
* A quorum ``none`` is refused: under it the log's clock is the operator's, and nobody would have seen one log only.
* The text is kept as it was read, comments and all.
"""

import re
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import Fault, FormatError
from skycommons.governance.lines import decimal_of, malformed
from skycommons.governance.policy import MAX_DURATION_S
from skycommons.governance.witness_policy import MAX_BYTES, NO_QUORUM, WitnessPolicy, parse_policy

HEADER: Final = "skycommons-trust v1"

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_HEAD_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A trust file.

    Attributes:
        genesis: Hash of the log's first leaf, in hex.
        max_age_s: How long after witnesses saw the log last its map is obeyed.
        policy: The log, its witnesses, and how many are enough.
        policy_text: The lines of the policy, as they were read.
    """

    genesis: str
    max_age_s: int
    policy: WitnessPolicy
    policy_text: str

    @property
    def origin(self) -> str:
        """Identity of the log."""
        return self.policy.logs[0].verifier.name

    def encode(self) -> bytes:
        """The whole file."""
        head = f"{HEADER}\ngenesis {self.genesis}\nmax-age {self.max_age_s}\n"
        return head.encode() + self.policy_text.encode("utf-8", "surrogateescape")


def make_trust(*, genesis: str, max_age_s: int, policy_text: str) -> Trust:
    """A trust file from its parts.

    Args:
        genesis: Hash of the log's first leaf, in hex.
        max_age_s: How long after witnesses saw the log last its map is obeyed.
        policy_text: Lines of a C2SP tlog-policy.

    Raises:
        FormatError: A part is not in its form; all faults are told.
    """
    return parse_trust(f"{HEADER}\ngenesis {genesis}\nmax-age {max_age_s}\n{policy_text}".encode())


def parse_trust(data: bytes, *, source: str = "trust file") -> Trust:
    """A trust file from its bytes.

    Raises:
        FormatError: It has faults; all of them are told.
    """
    if len(data) > MAX_BYTES:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    lines = data.split(b"\n", _HEAD_LINES)
    if len(lines) <= _HEAD_LINES or lines[0] != HEADER.encode():
        raise malformed(source, "line 1", f"must be: {HEADER}; then genesis, max-age and the lines of a policy")
    faults: list[Fault] = []
    genesis = _value(lines[1], b"genesis ")
    if not _HASH.fullmatch(genesis):
        faults.append(Fault("line 2", "must be: genesis <hash of the first leaf as 64 lower-case hex digits>"))
    max_age_s = decimal_of(_value(lines[2], b"max-age ")) or 0
    if not 1 <= max_age_s <= MAX_DURATION_S:
        faults.append(Fault("line 3", f"must be: max-age <seconds>, 1 to {MAX_DURATION_S:,}"))
    policy = _policy(lines[_HEAD_LINES], len(data) - len(lines[_HEAD_LINES]), faults)
    if faults or policy is None:
        raise FormatError(source, faults)
    return Trust(
        genesis=genesis,
        max_age_s=max_age_s,
        policy=policy,
        policy_text=lines[_HEAD_LINES].decode("utf-8", "surrogateescape"),
    )


def _value(line: bytes, word: bytes) -> str:
    """What stands in a line after its word; nothing if it begins otherwise."""
    return line.removeprefix(word).decode("ascii", "replace") if line.startswith(word) else ""


def _policy(data: bytes, start: int, faults: list[Fault]) -> WitnessPolicy | None:
    """The policy in a trust file; what is wrong with it goes to the faults, by its place in the file."""
    try:
        policy = parse_policy(data)
    except FormatError as error:
        faults += [Fault(_moved(fault.place, start), fault.message) for fault in error.faults]
        return None
    origins = {log.verifier.name for log in policy.logs}
    if len(origins) != 1:
        faults.append(Fault("log", f"must stand there with one origin, stands there with {len(origins)}"))
    if policy.quorum == NO_QUORUM:
        faults.append(Fault("quorum", "must name a witness or a group: without witnesses nobody can tell the time"))
    return policy


def _moved(place: str, start: int) -> str:
    """A place in the policy as a place in the file."""
    word, _, number = place.partition(" ")
    shift = {"line": _HEAD_LINES, "byte": start}.get(word)
    return place if shift is None else f"{word} {int(number) + shift}"
