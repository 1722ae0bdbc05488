"""Which logs and witnesses are trusted, and how many witnesses are enough.

A policy is a file of lines::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> <k | any | all> <name> ...
    quorum <name | none>

* A line may name only what stands above it, so groups of groups never turn in a circle.
* A name is a member of one group at most: nobody counts twice.
* One key is one log or one witness, under whatever name and kind it is written. A log that is its own witness is refused, which
  is stricter than the format asks for.
* Names are compared byte by byte. All faults of a file are told at once.

Source: C2SP tlog-policy.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import Fault, FormatError, QuorumError
from skycommons.governance.lines import decimal_of, malformed, printable
from skycommons.governance.note_keys import Ed25519Cosigner, MlDsa44Cosigner, Verifier, parse_vkey

NO_QUORUM: Final = "none"
MAX_BYTES: Final = 1_000_000
MAX_LINES: Final = 1_000  # that define something

_WITNESS_KINDS: Final = (Ed25519Cosigner.kind, MlDsa44Cosigner.kind)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_SPACES: Final = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log that is trusted to sign.

    Attributes:
        verifier: Its key; the key's name is the log's origin.
        url: Where it can be reached; empty if the policy does not say.
    """

    verifier: Verifier
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody who is trusted to have seen one log only.

    Attributes:
        name: Name in the policy.
        verifier: Its key.
        url: Where it can be reached; empty if the policy does not say.
    """

    name: str
    verifier: Verifier
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some witnesses or groups, and how many of them stand for all.

    Attributes:
        name: Name in the policy.
        threshold: How many of the members are enough.
        members: Names that stand above.
    """

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """How one group of a policy fared.

    Attributes:
        group: The group.
        agreed: Members that cosigned, or whose own members did.
    """

    group: Group
    agreed: tuple[str, ...]

    def __bool__(self) -> bool:
        return len(self.agreed) >= self.group.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumResult:
    """Whether enough witnesses cosigned; true if they did.

    Attributes:
        quorum: Name that had to agree.
        is_met: Whether it did.
        cosigned: Witnesses that cosigned, in the order of the policy.
        groups: Every group, in the order of the policy.
    """

    quorum: str
    is_met: bool
    cosigned: tuple[str, ...]
    groups: tuple[GroupResult, ...]

    def __bool__(self) -> bool:
        return self.is_met


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessPolicy:
    """Logs, witnesses, groups, and the one name that has to agree.

    Attributes:
        logs: Each of them is trusted.
        witnesses: Those that count.
        groups: Those that stand for several.
        quorum: A witness, a group, or ``none``.
    """

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key of the policy."""
        return (*(log.verifier for log in self.logs), *(witness.verifier for witness in self.witnesses))

    @property
    def shared_witnesses(self) -> int:
        """How many witnesses any two quorums share at least; if more than lie, nobody can be shown another log."""
        shared = {witness.name: 1 for witness in self.witnesses}
        for group in self.groups:  # two choices of k among n share 2k - n; a name is a member of one group at most
            common = max(2 * group.threshold - len(group.members), 0)
            shared[group.name] = sum(sorted(shared[name] for name in group.members)[:common])
        return shared.get(self.quorum, 0)

    def quorum_result(self, cosigned: Iterable[str]) -> QuorumResult:
        """Whether these witnesses are enough.

        Args:
            cosigned: Names of witnesses in the policy; others do not count.
        """
        known = {witness.name for witness in self.witnesses}
        agreed = known & set(cosigned)
        ordered = tuple(witness.name for witness in self.witnesses if witness.name in agreed)
        groups = []
        for group in self.groups:
            result = GroupResult(group=group, agreed=tuple(name for name in group.members if name in agreed))
            groups.append(result)
            if result:
                agreed.add(group.name)
        is_met = self.quorum == NO_QUORUM or self.quorum in agreed
        return QuorumResult(quorum=self.quorum, is_met=is_met, cosigned=ordered, groups=tuple(groups))

    def verify_quorum(self, cosigned: Iterable[str]) -> QuorumResult:
        """`quorum_result`, or an error.

        Raises:
            QuorumError: They are not enough.
        """
        result = self.quorum_result(cosigned)
        if not result:
            raise QuorumError(quorum_fault(result))
        return result


def quorum_fault(result: QuorumResult) -> str:
    """What a quorum that is not met lacks, in one sentence."""
    names = ", ".join(printable(name) for name in result.cosigned) or "nobody"
    asked = next((one for one in result.groups if one.group.name == result.quorum), None)
    if asked is None:
        return f"the witness {printable(result.quorum)} did not cosign; cosigned by {names}"
    counted = f"{len(asked.agreed)} of the {asked.group.threshold} that are needed of {len(asked.group.members)}"
    return f"the quorum {printable(result.quorum)} is not met: {counted} agree; cosigned by {names}"


def parse_policy(data: bytes, *, source: str = "policy") -> WitnessPolicy:
    """A policy from its file.

    Args:
        data: The whole file.
        source: What is read, for the error.

    Raises:
        FormatError: The file has faults; all of them are told.
    """
    if len(data) > MAX_BYTES:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    if found := _CONTROL.search(data):
        raise malformed(
            source, f"byte {found.start()}", "is a control character; only tabs and newlines may stand here"
        )
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    reader = _Reader()
    if lines.pop():
        reader.faults.append(Fault(f"line {len(lines) + 1}", "must end with a newline; is the file cut off?"))
    for number, line in enumerate(lines, 1):
        words = [word for word in _SPACES.split(line) if word]
        if words and not words[0].startswith("#"):
            reader.read(f"line {number}", words)
    if len(reader.quorums) != 1:
        reader.faults.append(Fault("quorum", f"must stand in exactly one line, stands in {len(reader.quorums)}"))
    if reader.count > MAX_LINES:
        reader.faults.append(Fault("size", f"defines {reader.count:,} things; at most {MAX_LINES:,} are read"))
    if reader.faults:
        raise FormatError(source, reader.faults)
    return WitnessPolicy(
        logs=tuple(reader.logs),
        witnesses=tuple(reader.witnesses),
        groups=tuple(reader.groups),
        quorum=reader.quorums[0],
    )


class _Reader:
    """The lines that were read so far."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorums: list[str] = []
        self.faults: list[Fault] = []
        self.count = 0
        self._names: set[str] = set()
        self._members: set[str] = set()
        self._keys: set[bytes] = set()
        self._ids: set[tuple[str, bytes]] = set()

    def read(self, place: str, words: list[str]) -> None:
        """Read one line; what is wrong with it goes to the faults."""
        self.count += 1
        kinds = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        reader = kinds.get(words[0])
        if reader is None:
            message = f"begins with {printable(words[0][:40])}; lines begin with {', '.join(kinds)} or #"
        else:
            message = reader(place, words[1:])
        if message:
            self.faults.append(Fault(place, message))

    def _log(self, place: str, words: list[str]) -> str:
        """``log <vkey> [<url>]``."""
        if len(words) not in {1, 2}:
            return "must be: log <vkey> [<url>]"
        verifier = self._key(place, words[0])
        if verifier is not None:
            self.logs.append(Log(verifier=verifier, url="".join(words[1:])))
        return ""

    def _witness(self, place: str, words: list[str]) -> str:
        """``witness <name> <vkey> [<url>]``."""
        if len(words) not in {2, 3}:
            return "must be: witness <name> <vkey> [<url>]"
        name_fault = self._defined(words[0])
        verifier = self._key(place, words[1])
        if verifier is not None:
            if verifier.kind not in _WITNESS_KINDS:
                self.faults.append(
                    Fault(place, f"needs a key that signs with a time: kind 4 or 6, not {verifier.kind}")
                )
            self.witnesses.append(Witness(name=words[0], verifier=verifier, url="".join(words[2:])))
        return name_fault

    def _group(self, place: str, words: list[str]) -> str:
        """``group <name> <k | any | all> <name> ...``."""
        del place
        if len(words) < 3:
            return "must be: group <name> <k | any | all> <name> ..."
        name, word, *members = words
        threshold = {"any": 1, "all": len(members)}.get(word) or decimal_of(word)
        messages = []
        if threshold is None or not 1 <= threshold <= len(members):
            messages.append(f"needs any, all, or a number from 1 to {len(members)}, not {printable(word[:40])}")
        for member in members:
            if member not in self._names:
                messages.append(f"names {printable(member)}, which is not defined above")
            elif member in self._members:
                messages.append(f"names {printable(member)}, which is a member already; a name counts once")
            self._members.add(member)
        messages.append(self._defined(name))
        self.groups.append(Group(name=name, threshold=threshold or 1, members=tuple(members)))
        return "; ".join(filter(None, messages))

    def _quorum(self, place: str, words: list[str]) -> str:
        """``quorum <name | none>``."""
        del place
        if len(words) != 1:
            return "must be: quorum <name | none>"
        self.quorums.append(words[0])
        known = words[0] == NO_QUORUM or words[0] in self._names
        return "" if known else f"names {printable(words[0])}, which is not defined above"

    def _defined(self, name: str) -> str:
        """Keep a new name; what is wrong with it."""
        if name == NO_QUORUM:
            return f"{NO_QUORUM} cannot be a name"
        if name in self._names:
            return f"{printable(name)} is defined already"
        self._names.add(name)
        return ""

    def _key(self, place: str, text: str) -> Verifier | None:
        """A key that no other line has; else the fault is kept."""
        try:
            verifier = parse_vkey(text)
        except FormatError as error:
            self.faults += [Fault(place, f"key: {fault}") for fault in error.faults]
            return None
        identity = (verifier.name, verifier.key_id)
        if verifier.public_key in self._keys or identity in self._ids:
            self.faults.append(Fault(place, f"has a key that stands above already: {printable(verifier.name)}"))
        self._keys.add(verifier.public_key)
        self._ids.add(identity)
        return verifier
