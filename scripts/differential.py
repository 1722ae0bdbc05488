"""Ask Go's implementation of logs and ours the same random questions, and count where they differ.

Usage: python -m scripts.differential [--cases 1000000] [--seed 1]

Proofs of inclusion and of growth, right and corrupted; notes, right and mangled; keys; heads; paths of tiles. Both must give
the same verdict and the same values. Ends with 1 at the first difference that is not one of those below.

Where ours is stricter on purpose, a case is counted under the reason's name, and only if the reason is seen in the case itself:

* ``second signature``: of a key that signed twice Go looks at the first line alone; we check every line.
* ``base64``: Go passes over idle bits and line ends; we refuse them, so that a value has one text.
* ``small order``: Go takes any 32 bytes as an Ed25519 key; we refuse points that prove nothing or are written in two ways.
* ``letters of an id``: Go reads the id of a key in capitals too.
* ``level``: C2SP has levels 0 to 63; Go reads any.
* ``lines of a head``: Go leaves the rest of the text after the root unread, and an extension without a newline or an empty
  one passes.

Not asked, because the answers are known to differ or there is none: Go has no proof from an empty log (nor do we take one, but we
make the empty one that witnesses send), its root of nothing is zeros, and it does not end on sizes above 2**62.
"""

import argparse
import random
import re
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

from rich.console import Console
from rich.progress import Progress

from skycommons.base.errors import FormatError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import base64_of
from skycommons.governance.merkle import (
    Frontier,
    NodeReader,
    consistency_proof,
    consistency_result,
    inclusion_proof,
    inclusion_result,
    leaf_hash,
    nodes_in_memory,
)
from skycommons.governance.note_keys import key_id, parse_vkey
from skycommons.governance.notes import Note, NoteSignature, note_result, parse_note
from skycommons.governance.signers import Ed25519CosignerKey, Ed25519Signer
from skycommons.governance.tiles import Tile, parse_path
from tests.support.go_peer import GoPeer, Question, build
from tests.support.programs import found

BATCH: Final = 2_000
LEAVES: Final = 5_000
MAX_SIZE: Final = 2**62

Values: TypeAlias = tuple[object, ...] | None  # what was read; None where it was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question to the peer, and our own answer.

    Attributes:
        question: As the peer reads it.
        ours: Our answer.
        stricter: Why we may refuse what the peer takes; empty if there is no reason.
    """

    question: Question
    ours: Values
    stricter: str = ""


# ------------------------------------------------------------------------------------------------------ questions


class Questions:
    """A stream of random cases."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        leaves = [leaf_hash(b"%d" % number) for number in range(LEAVES)]
        self._leaves = leaves
        self._read: NodeReader = nodes_in_memory(leaves)
        self._logs = [Ed25519Signer(f"log.example/{n}", sha256(b"log %d" % n).digest()) for n in range(4)]
        self._witnesses = [Ed25519CosignerKey(f"w.example/{n}", sha256(b"w %d" % n).digest()) for n in range(3)]
        self._kinds: tuple[tuple[Callable[[], Case], int], ...] = (
            (self.inclusion, 34),
            (self.consistency, 34),
            (self.note, 12),
            (self.key, 4),
            (self.head, 6),
            (self.path, 10),
        )

    def __iter__(self) -> Iterator[Case]:
        """Cases without end."""
        makers, weights = zip(*self._kinds, strict=True)
        while True:
            for maker in self._random.choices(makers, weights, k=100):
                yield maker()

    def inclusion(self) -> Case:
        """A proof of an entry."""
        size = self._size()
        index = self._random.randrange(size)
        leaf, root = self._leaves[index], self._root(size)
        proof = list(inclusion_proof(self._read, index=index, size=size))
        if self._random.random() < 0.6:
            match self._random.randrange(6):
                case 0:
                    leaf = self._bent(leaf)
                case 1:
                    root = self._root(self._size())
                case 2:
                    index = self._near(index)
                case 3:
                    size = self._near(size)
                case _:
                    proof = self._bent_proof(proof)
        ours = inclusion_result(leaf, index=index, size=size, proof=proof, root=root)
        question: Question = {
            "kind": "inclusion",
            "leaf": leaf,
            "index": index,
            "size": size,
            "root": root,
            "proof": proof,
        }
        return Case(question=question, ours=() if ours else None)

    def consistency(self) -> Case:
        """A proof of growth."""
        new = self._size()
        old = self._random.choice([self._random.randint(1, new), 1 << self._random.randrange(new.bit_length())])
        before, root = self._root(old), self._root(new)
        proof = list(consistency_proof(self._read, old=old, new=new))
        if self._random.random() < 0.6:
            match self._random.randrange(7):
                case 0:
                    before = self._root(self._size())
                case 1:
                    root = self._bent(root)
                case 2:
                    old = self._near(old)
                case 3:
                    new = self._near(new)
                case _:
                    proof = self._bent_proof(proof)
        ours = consistency_result(old=old, new=new, proof=proof, old_root=before, new_root=root)
        question: Question = {
            "kind": "consistency",
            "old": old,
            "size": new,
            "before": before,
            "root": root,
            "proof": proof,
        }
        return Case(question=question, ours=() if ours else None)

    def note(self) -> Case:
        """A head of one to three logs with witnesses below, mangled or not."""
        head = Checkpoint(
            origin=self._random.choice(("log.example/0", "é \u2028 z", "x")), size=self._size(), root=bytes(32)
        )
        signatures = [log.sign(head.text) for log in self._random.sample(self._logs, self._random.randint(1, 3))]
        if self._random.random() < 0.5:
            signatures.append(self._random.choice(self._witnesses).cosign(head, time_s=self._random.randrange(2**32)))
        if self._random.random() < 0.05:
            again = signatures[0]
            bent = self._random.choice([again.signature, self._bent(again.signature) or again.signature])
            signatures.append(NoteSignature(name=again.name, key_id=again.key_id, signature=bent))
        self._random.shuffle(signatures)
        data = Note(text=head.text, signatures=tuple(signatures)).encode()
        if self._random.random() < 0.7:
            data = self._mangled(data)
        known = self._random.sample(self._logs, self._random.randint(1, 3))
        keys = [log.verifier.vkey for log in known]
        question: Question = {"kind": "note", "text": data, "keys": keys}
        try:
            result = note_result(parse_note(data), [log.verifier for log in known])
        except FormatError:
            return Case(question=question, ours=None, stricter="base64" if _has_loose_base64(data) else "")
        if not result:
            claimed = [one.name + one.key_id.hex() for one in result.wrong]
            right = {one.verifier.name + one.verifier.key_id.hex() for one in result.verified}
            twice = bool(claimed) and right.issuperset(claimed)
            return Case(question=question, ours=None, stricter="second signature" if twice else "")
        signers = dict.fromkeys(f"{one.verifier.name}+{one.verifier.key_id.hex()}" for one in result.verified)
        return Case(question=question, ours=(result.text.encode(), *signers))

    def key(self) -> Case:
        """A public key, mangled or not, or of any 32 bytes."""
        log = self._random.choice(self._logs)
        text = log.verifier.vkey
        if self._random.random() < 0.2:
            point = self._random.choice([self._random.randbytes(32), self._random.choice(_ODD_POINTS)])
            text = f"{log.name}+{key_id(log.name, 1, point).hex()}+{base64_of(bytes([1]) + point)}"
        elif self._random.random() < 0.7:
            text = self._mangled(text.encode()).decode("utf-8", "replace")
        question: Question = {"kind": "key", "key": text}
        try:
            read = parse_vkey(text)
        except FormatError as error:
            return Case(question=question, ours=None, stricter=_stricter_key(text, str(error)))
        return Case(question=question, ours=(f"{read.name}+{read.key_id.hex()}",))

    def head(self) -> Case:
        """The text of a checkpoint."""
        size = self._random.choice([self._size(), self._random.randrange(2**63)])
        more = tuple(self._random.choice(("more", "1", "é")) for _ in range(self._random.choice((0, 0, 1, 2))))
        head = Checkpoint(origin="log.example", size=size, root=self._random.randbytes(32), extensions=more)
        data = head.text.encode()
        if self._random.random() < 0.7:
            data = self._mangled(data)
        question: Question = {"kind": "head", "text": data}
        try:
            read = parse_checkpoint(data.decode())
        except (FormatError, UnicodeDecodeError):
            return Case(question=question, ours=None, stricter=_stricter_head(data))
        return Case(question=question, ours=(read.size, read.root))

    def path(self) -> Case:
        """The path of a tile or a bundle."""
        level = self._random.choice([self._random.randrange(64), self._random.randrange(3)])
        index = self._random.randrange(10 ** self._random.randint(1, 18))
        path = Tile(level, index, self._random.choice([256, self._random.randint(1, 256)])).path
        if self._random.random() < 0.3:
            path = re.sub("^tile/[0-9]+", "tile/entries", path)
        if self._random.random() < 0.7:
            path = self._mangled(path.encode()).decode("utf-8", "replace")
        question: Question = {"kind": "path", "path": path}
        try:
            place = parse_path(path)
        except FormatError:
            high = re.match(r"tile/([0-9]+)/", path)
            return Case(question=question, ours=None, stricter="level" if high and int(high[1]) > 63 else "")
        return Case(question=question, ours=(place.level if isinstance(place, Tile) else -1, place.index, place.width))

    def _size(self) -> int:
        """Small trees, and those near powers of two, more often."""
        exponent = self._random.uniform(0, 12.28)  # 2**12.28 is below LEAVES
        size = int(2**exponent)
        return max(1, min(LEAVES, self._near(1 << size.bit_length()) if self._random.random() < 0.2 else size))

    def _near(self, number: int) -> int:
        """Another number: close by, or anything."""
        far = self._random.randrange(-2, MAX_SIZE)
        return self._random.choice(
            [number - 1, number + 1, number * 2, 0, -1, far if far < 0 else far >> self._random.randrange(62)]
        )

    def _root(self, size: int) -> bytes:
        """The root of the tree of the first leaves."""
        return Frontier.read(self._read, size).root

    def _bent(self, value: bytes) -> bytes:
        """One bit turned, or a hash of another length."""
        if self._random.random() < 0.1:
            return value[: self._random.randrange(32)] if self._random.random() < 0.5 else value + b"\0"
        place = self._random.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << self._random.randrange(8)]) + value[place + 1 :]

    def _bent_proof(self, proof: list[bytes]) -> list[bytes]:
        """A hash bent, left out, doubled, moved or added."""
        bent = list(proof)
        place = self._random.randrange(len(bent) + 1)
        if place == len(bent) or self._random.random() < 0.2:
            bent.insert(place, self._random.choice([self._random.randbytes(32), self._root(self._size())]))
            return bent
        match self._random.randrange(4):
            case 0:
                del bent[place]
            case 1:
                bent.insert(place, bent[place])
            case 2:
                self._random.shuffle(bent)
            case _:
                bent[place] = self._bent(bent[place])
        return bent

    def _mangled(self, data: bytes) -> bytes:
        """Bytes turned, left out, doubled, added or swapped, once or a few times."""
        for _ in range(self._random.choice((1, 1, 1, 2, 5))):
            place = self._random.randrange(len(data) + 1)
            end = min(len(data), place + self._random.choice((1, 1, 2, 8, 60)))
            match self._random.randrange(6):
                case 0:
                    data = data[:place] + data[end:]
                case 1:
                    data = data[:end] + data[place:]
                case 2:
                    data = data[:place] + self._random.choice(_SPICE) + data[place:]
                case 3:
                    data = data[:place] + self._random.choice(_SPICE) + data[end:]
                case 4 if place < len(data):
                    data = data[:place] + bytes([data[place] ^ 1 << self._random.randrange(8)]) + data[place + 1 :]
                case _:
                    lines = data.split(b"\n")
                    self._random.shuffle(lines)
                    data = b"\n".join(lines)
        return data


# Of orders 1, 2 and 4, and second coordinates beyond the field.
_ODD_POINTS: Final = tuple(
    number.to_bytes(32, "little")
    for value in (0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**255 - 1)
    for number in (value, value | 2**255)
)
_SPICE: Final = (
    *(b"\n", b"\n\n", b" ", b"+", b"-", b"=", b"==", b"0", b"1", b"9", b"A", b"/", b"x", b".p/", b"000", b"x000/"),
    *(
        b"\t",
        b"\r",
        b"\0",
        b"\x7f",
        b"\xff",
        "\u2014 ".encode(),
        "\u00a0".encode(),
        "\u2028".encode(),
        b"_",
        b"entries",
    ),
)


# --------------------------------------------------------------------------------------------------------- verdicts


def _has_loose_base64(data: bytes) -> bool:
    """Whether a line of a note ends in base64 with bits that stand for nothing."""
    for line in data.split(b"\n"):
        word = line.rpartition(b" ")[2]
        if _loose(word):
            return True
    return False


def _loose(word: bytes) -> bool:
    """Whether base64 stands for bytes that are written otherwise: with line ends in it, or idle bits that are set."""
    try:
        read = b64decode(word.replace(b"\r", b"").replace(b"\n", b""), validate=True)
    except ValueError:
        return False
    return bool(word) and base64_of(read).encode() != word


def _stricter_key(text: str, fault: str) -> str:
    """Why we refuse a key that Go takes."""
    parts = text.split("+", 2)
    if "small order" in fault:
        return "small order"
    if len(parts) == 3 and parts[1] != parts[1].lower():
        return "letters of an id"
    return "base64" if len(parts) == 3 and _loose(parts[2].encode()) else ""


def _stricter_head(data: bytes) -> str:
    """Why we refuse a head that Go takes."""
    lines = data.split(b"\n")
    if len(lines) > 2 and _loose(lines[2]):
        return "base64"
    rest = b"\n".join(lines[3:])
    origin = lines[0]
    whole = b"\n".join([b"x", *lines[1:3], b""])
    try:
        parse_checkpoint(whole.decode())
    except (FormatError, UnicodeDecodeError):
        return ""
    unread = rest != b"" or b"\0" in origin or not _is_line(origin)
    return "lines of a head" if unread else ""


def _is_line(data: bytes) -> bool:
    """Whether bytes can be the origin."""
    try:
        Checkpoint(origin=data.decode(), size=0, root=bytes(32))
    except (FormatError, UnicodeDecodeError):
        return False
    return True


def theirs_of(question: Question, answer: Mapping[str, Any]) -> Values:
    """The peer's answer in the form of ours."""
    fault = answer["fault"]
    match question["kind"]:
        case _ if fault:
            return None
        case "note":
            return (b64decode(answer["text"]), *answer["signers"])
        case "key":
            return (answer["signers"][0],)
        case "head":
            return (answer["size"], b64decode(answer["root"]))
        case "path":
            return (answer["level"], answer["index"], answer["width"])
        case _:
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A case that the two answer differently, for no reason that is known."""

    case: Case
    theirs: Values


def compare(
    peer: GoPeer, *, cases: int, seed: int, done: Callable[[int], None] = lambda _: None
) -> tuple[Counter[str], list[Difference]]:
    """Ask both.

    Args:
        peer: A running peer.
        cases: How many.
        seed: The same seed asks the same.
        done: Called with the number of cases after each batch.

    Returns:
        How often each kind was accepted, refused, or refused by us alone; and the differences.
    """
    stream = iter(Questions(seed))
    counted: Counter[str] = Counter()
    differences: list[Difference] = []
    asked: list[Case] = []
    while cases or asked:
        following = [next(stream) for _ in range(min(BATCH, cases))]
        cases -= len(following)
        answers = peer.receive(len(asked))
        peer.send(case.question for case in following)
        for case, answer in zip(asked, answers, strict=True):
            theirs = theirs_of(case.question, answer)
            if theirs == case.ours:
                counted[f"{case.question['kind']!s}: {'refused' if theirs is None else 'accepted'}"] += 1
            elif case.ours is None and case.stricter:
                counted[f"ours is stricter: {case.stricter}"] += 1
            else:
                differences.append(Difference(case=case, theirs=theirs))
        done(len(asked))
        asked = following
    return counted, differences


def main() -> None:
    """Ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    go = found("go")
    if go is None:
        sys.exit("Go is not here; Debian: apt-get install golang-1.19-go golang-golang-x-mod-dev")
    console = Console(stderr=True)
    with (
        TemporaryDirectory() as folder,
        GoPeer(build(go, Path(folder) / "peer")) as peer,
        Progress(console=console) as bar,
    ):
        task = bar.add_task("questions", total=arguments.cases)
        counted, differences = compare(
            peer, cases=arguments.cases, seed=arguments.seed, done=lambda count: bar.advance(task, count)
        )
    for name, count in sorted(counted.items()):
        print(f"{name:<44}{count:>10,}")
    print(f"{'differences':<44}{len(differences):>10,}")
    for difference in differences[:10]:
        print(f"\n{difference.case.question}\nours {difference.case.ours}\ntheirs {difference.theirs}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
