"""The readers of governance that `scripts.fuzz` throws bytes at, each with right documents to begin with.

Each reads, and where it can be written again, it must be the same bytes: whatever is read has one text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from skycommons.base.errors import SkycommonsError
from skycommons.governance.add_checkpoint import (
    AddCheckpoint,
    judge,
    parse_request,
    read_conflict,
    read_cosignatures,
)
from skycommons.governance.bodies import parse_body
from skycommons.governance.bundles import parse_bundle as parse_proof_bundle
from skycommons.governance.canonical import Json, canonical_bytes, parse_canonical
from skycommons.governance.cell_lists import encode_cells, parse_cells
from skycommons.governance.checkpoint import parse_checkpoint
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind, parse_entry
from skycommons.governance.lines import base64_of, bytes_of, decimal_of
from skycommons.governance.merkle import consistency_proof, nodes_in_memory
from skycommons.governance.note_keys import parse_vkey
from skycommons.governance.notes import note_result, parse_note, parse_signatures
from skycommons.governance.policy import default_policy, parse_policy_document
from skycommons.governance.previews import Preview, parse_preview
from skycommons.governance.proofs import parse_proof, proof_result
from skycommons.governance.roster import parse_roster
from skycommons.governance.signers import parse_secret
from skycommons.governance.sshsig import parse_public_line, parse_sshsig, parse_sshsig_text, public_line, sign_ssh
from skycommons.governance.tiles import Bundle, Tile, encode_bundle, parse_bundle, parse_path, parse_tile
from skycommons.governance.trust import parse_trust
from skycommons.governance.verify import service_map_result
from skycommons.governance.witness_policy import parse_policy
from tests.support.commons import Commons
from tests.support.documents import BODIES, PREVIEW, entry_of
from tests.support.logs import LOG, ORIGIN, POLICY, WITNESS, leaves_of, proof_of, signed_head, witnessed_head


class UnequalError(Exception):
    """What was read is written otherwise: not one of our errors, so it counts as a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One reader.

    Attributes:
        check: Reads bytes; raises one of our errors if it refuses them.
        seeds: Bytes that it takes.
    """

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def same(before: bytes, after: bytes) -> None:
    """Raise unless both are the same."""
    if before != after:
        raise UnequalError(after)


def text_of(data: bytes) -> str:
    """Any bytes as text, those that are no text too."""
    return data.decode("utf-8", "surrogateescape")


LEAVES: Final = leaves_of(40)
READ: Final = nodes_in_memory(LEAVES)
TRUSTED: Final = parse_policy(POLICY.encode())
BUNDLE: Final = b"skycommons-bundle/v1\n"
SSH: Final = sign_ssh(b"message", "decision@log.example", seed=b"\x01" * 32)


def commons_with_history() -> Commons:
    """A commons with a licence, an activation, a suspension and what proves them."""
    commons = Commons()
    commons.register_licence()
    commons.in_force(Effect.ADD)
    commons.in_force(Effect.REDUCE)
    return commons


COMMONS: Final = commons_with_history()
PROOFS: Final = COMMONS.bundle()


def note(data: bytes) -> None:
    """A note, and who signed it."""
    read = parse_note(data)
    same(data, read.encode())
    note_result(read, [LOG.verifier, WITNESS.verifier])


def request(data: bytes) -> None:
    """A request to a witness, and its answer."""
    judge(data, trusted={ORIGIN: [LOG.verifier]}, latest=lambda _: None)
    same(data, parse_request(data).encode())


def proof(data: bytes) -> None:
    """A proof of an entry."""
    read = parse_proof(data)
    same(data, read.encode())
    proof_result(read, TRUSTED, leaf=LEAVES[4])


def path(data: bytes) -> None:
    """The path of a tile or a bundle."""
    same(data, parse_path(text_of(data)).path.encode())


def bundle(data: bytes) -> None:
    """A bundle of entries; the first byte is its width."""
    if data:
        same(data[1:], encode_bundle(parse_bundle(data[1:], Bundle(0, data[0] + 1))))


def tile(data: bytes) -> None:
    """A tile; the first byte is its width."""
    if data:
        same(data[1:], b"".join(parse_tile(data[1:], Tile(0, 0, data[0] + 1))))


def entry(data: bytes) -> None:
    """An entry of the log, and what it says."""
    read = parse_entry(data)
    same(data, read.encode())
    parse_body(read)


def body(data: bytes) -> None:
    """The body of an entry, of every kind."""
    value = parse_canonical(data)
    if isinstance(value, dict):
        for kind in Kind:
            _read_body(kind, value, data)


def _read_body(kind: Kind, value: dict[str, Json], data: bytes) -> None:
    """One kind; most refuse."""
    try:
        read = parse_body(replace(ENTRIES[kind], body=value))
    except SkycommonsError:
        return
    same(data, canonical_bytes(read.to_json()))


def proof_bundle(data: bytes) -> None:
    """A bundle that proves a map; whatever is in it, it is given the right last line."""
    read = parse_proof_bundle(data if data.startswith(BUNDLE) else sealed(data))
    same(data if data.startswith(BUNDLE) else sealed(data), read.encode())
    service_map_result(read.manifest, read, COMMONS.trust, now_s=COMMONS.now_s)


def sealed(data: bytes) -> bytes:
    """A bundle of any sections, with its first and its last line."""
    whole = BUNDLE + data
    return whole + b"sha256 " + sha256(whole).hexdigest().encode() + b"\n"


def ledger(data: bytes) -> None:
    """The next entry of a log with a history."""
    COMMONS.ledger.judge(data)


def trust(data: bytes) -> None:
    """A trust file."""
    same(data, parse_trust(data).encode())


def ssh_text(data: bytes) -> None:
    """A signature as ssh-keygen writes it."""
    same(data, parse_sshsig_text(text_of(data)).text.encode("utf-8", "surrogateescape"))


def numbers(data: bytes) -> None:
    """Whole numbers and base64."""
    text = text_of(data)
    number, decoded = decimal_of(text), bytes_of(text)
    if number is not None:
        same(data, str(number).encode())
    if decoded is not None:
        same(data, base64_of(decoded).encode())


ENTRIES: Final = {kind: entry_of(kind) for kind in BODIES}
_BODIES: Final = tuple(canonical_bytes(value) for value in BODIES.values())
_ENTRIES: Final = tuple(dict.fromkeys((*(one.encode() for one in ENTRIES.values()), *COMMONS.entries)))
_REQUEST: Final = AddCheckpoint(old=3, proof=consistency_proof(READ, old=3, new=9), note=signed_head(9)).encode()

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "lines": Reader(check=numbers, seeds=(b"0", b"20852163", b"aGk=", b"9223372036854775807")),
        "canonical": Reader(
            check=lambda data: same(data, canonical_bytes(parse_canonical(data))),
            seeds=(b'{"a":[true,{"b":-1},"\xc3\xa9\\n"],"b":{}}', *_BODIES),
        ),
        "checkpoint": Reader(
            check=lambda data: same(data, parse_checkpoint(text_of(data)).text.encode()),
            seeds=(signed_head(9).text.encode(),),
        ),
        "note": Reader(check=note, seeds=(signed_head(9).encode(), witnessed_head(9).encode())),
        "signatures": Reader(
            check=lambda data: same(data, "".join(one.line for one in parse_signatures(text_of(data))).encode()),
            seeds=("".join(one.line for one in signed_head(9).signatures).encode(),),
        ),
        "key": Reader(
            check=lambda data: same(data, parse_vkey(text_of(data)).vkey.encode()),
            seeds=(LOG.verifier.vkey.encode(), WITNESS.verifier.vkey.encode()),
        ),
        "secret": Reader(
            check=lambda data: same(data, parse_secret(text_of(data)).secret_text.encode()),
            seeds=(LOG.secret_text.encode(), WITNESS.secret_text.encode()),
        ),
        "witness-policy": Reader(check=lambda data: void(parse_policy(data)), seeds=(POLICY.encode(),)),
        "proof": Reader(check=proof, seeds=(proof_of(4, 11).encode(), proof_of(0, 1).encode())),
        "add-checkpoint": Reader(check=request, seeds=(_REQUEST,)),
        "cosignatures": Reader(
            check=lambda data: void(read_cosignatures(data, signed_head(9), [WITNESS.verifier])),
            seeds=("".join(one.line for one in witnessed_head(9).signatures).encode(),),
        ),
        "conflict": Reader(check=lambda data: same(data, b"%d\n" % read_conflict(data)), seeds=(b"0\n", b"17\n")),
        "path": Reader(check=path, seeds=(b"tile/0/x001/x234/067", b"tile/1/000.p/17", b"tile/entries/000.p/3")),
        "tile": Reader(check=tile, seeds=(b"\x00" + LEAVES[0], b"\x02" + b"".join(LEAVES[:3]))),
        "bundle": Reader(check=bundle, seeds=(b"\x01\x00\x01a\x00\x02bc", b"\x00\x00\x00")),
        "entry": Reader(check=entry, seeds=_ENTRIES),
        "body": Reader(check=body, seeds=_BODIES),
        "cells": Reader(
            check=lambda data: same(data, encode_cells(parse_cells(data))),
            seeds=(encode_cells(("851f8377fffffff", "851f8363fffffff")),),
        ),
        "preview": Reader(
            check=lambda data: same(data, parse_preview(data).encode()), seeds=(Preview.from_json(PREVIEW).encode(),)
        ),
        "policy": Reader(
            check=lambda data: same(data, parse_policy_document(data).encode()), seeds=(default_policy().encode(),)
        ),
        "roster": Reader(
            check=lambda data: same(data, parse_roster(data).encode()), seeds=(COMMONS.ledger.state.roster.encode(),)
        ),
        "trust": Reader(check=trust, seeds=(COMMONS.trust.encode(),)),
        "ssh-signature": Reader(check=lambda data: same(data, parse_sshsig(data).encode()), seeds=(SSH.encode(),)),
        "ssh-text": Reader(check=ssh_text, seeds=(SSH.text.encode(),)),
        "ssh-key": Reader(
            check=lambda data: void(parse_public_line(text_of(data))),
            seeds=(public_line(LOG.verifier.public_key).encode(),),
        ),
        "proof-bundle": Reader(
            check=proof_bundle, seeds=(PROOFS.encode(), b"checkpoint 2\nx\nmap 2\n{}entry 1\nablob 1\nb")
        ),
        "ledger": Reader(check=ledger, seeds=_ENTRIES),
    }
)


def void(_: object) -> None:
    """What was read is not written again: its text may have comments, or more signatures than are kept."""
