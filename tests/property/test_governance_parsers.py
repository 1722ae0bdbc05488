"""Readers of signed documents under random input: nothing but `FormatError` comes out, and what is read is written the same."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import FormatError
from skycommons.governance.bodies import parse_body
from skycommons.governance.bundles import bundle_of, parse_bundle
from skycommons.governance.canonical import MAX_INTEGER, Json, canonical_bytes
from skycommons.governance.cell_lists import encode_cells, parse_cells
from skycommons.governance.entries import Entry, Kind, parse_entry
from skycommons.governance.member_keys import member_result, sign_entry
from skycommons.governance.policy import RuleName, default_policy, parse_policy_document
from skycommons.governance.previews import parse_preview
from skycommons.governance.roster import parse_roster
from skycommons.governance.sshsig import parse_public_line, parse_sshsig, parse_sshsig_text, sign_ssh
from skycommons.governance.trust import parse_trust
from tests.support.documents import BODIES, CELLS, FILE_KEY, HASH, ORIGIN, PREVIEW, ROSTER, changed, entry_of
from tests.support.logs import POLICY

Read = Callable[[bytes], bytes]


class Encoded(Protocol):
    """What can be written again."""

    def encode(self) -> bytes:
        """As bytes."""
        ...


def again(parse: Callable[[bytes], Encoded]) -> Read:
    """Read and write again."""
    return lambda data: parse(data).encode()


def read_text(parse: Callable[[str], Any], write: Callable[[Any], str]) -> Read:
    """Read a text and write it again."""
    return lambda data: write(parse(data.decode("latin-1"))).encode("latin-1")


SSH = sign_ssh(b"a message", f"decision@{ORIGIN}", seed=b"\x62" * 32)
BUNDLE = bundle_of(checkpoint=b"head\n", manifest=b"{}", entries=[b"a", b"b"], blobs=[b"c", b"d"])
TRUST = f"skycommons-trust v1\ngenesis {HASH}\nmax-age 3600\n{POLICY}".encode()

READERS: dict[str, tuple[Read, bytes]] = {
    **{f"entry of {kind}": (again(parse_entry), entry_of(kind).encode()) for kind in Kind},
    "policy": (again(parse_policy_document), default_policy().encode()),
    "roster": (again(parse_roster), ROSTER.encode()),
    "preview": (again(parse_preview), canonical_bytes(PREVIEW)),
    "cells": (lambda data: encode_cells(parse_cells(data)), encode_cells(CELLS)),
    "trust": (again(parse_trust), TRUST),
    "bundle": (again(parse_bundle), BUNDLE.encode()),
    "SSH signature": (again(parse_sshsig), SSH.encode()),
    "SSH signature as text": (read_text(parse_sshsig_text, lambda found: str(found.text)), SSH.text.encode()),
}
each_reader = pytest.mark.parametrize("name", READERS)

plain: st.SearchStrategy[Json] = st.one_of(
    st.booleans(),
    st.integers(-2, 300) | st.integers(-MAX_INTEGER, MAX_INTEGER),
    st.text(max_size=9) | st.sampled_from(["", HASH, "0f" * 16, "legal", "seat-ops-1", "851f8377fffffff"]),
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def paths_of(value: Json, above: str = "") -> list[str]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, item in items:
        here = f"{above}.{key}" if above else str(key)
        found += [here, *paths_of(item, here)]
    return found


PATHS = {kind: paths_of(body) for kind, body in BODIES.items()}


@st.composite
def mutations(draw: st.DrawFn, data: bytes) -> bytes:
    """A text with some of its bytes changed, taken away, doubled or added."""
    mutated = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(mutated)))
        end = min(len(mutated), start + draw(st.integers(0, 12)))
        mutated[start:end] = draw(
            st.one_of(st.just(bytes(mutated[start:end]) * 2), st.binary(max_size=6), st.just(b""))
        )
    return bytes(mutated)


def check(read: Read, data: bytes) -> bool:
    """Whether data are read, and then written again byte for byte."""
    try:
        written = read(data)
    except FormatError:
        return False
    assert written == data
    return True


@each_reader
@given(data=st.data())
def test_what_is_read_is_written_the_same(name: str, data: st.DataObject) -> None:
    """Of texts that are nearly right."""
    read, example = READERS[name]
    assert check(read, example)
    check(read, data.draw(mutations(example)))


@each_reader
@given(data=st.binary(max_size=200))
def test_bytes_of_chance_are_refused(name: str, data: bytes) -> None:
    """With `FormatError` and with nothing else."""
    assert not check(READERS[name][0], data)


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_bodies_of_chance_are_read_or_refused(kind: Kind, data: st.DataObject) -> None:
    """A body with another value anywhere; one that is read is written the same, and can be signed and verified."""
    path, value = data.draw(st.sampled_from(PATHS[kind])), data.draw(st.none() | values)
    entry = Entry(kind=kind, origin=ORIGIN, by="" if kind.is_operators else "seat-ops-1", body=BODIES[kind])
    try:
        entry = Entry(kind=kind, origin=ORIGIN, by=entry.by, body=changed(BODIES[kind], path, value))
        body = parse_body(entry)
    except FormatError:
        return
    assert body.to_json() == entry.body
    if not kind.is_operators:
        signed = parse_entry(sign_entry(entry, FILE_KEY).encode())
        assert member_result(signed, ROSTER)
        assert signed.payload == entry.payload


@given(st.text(max_size=60) | st.text("ssh-ed25519 AC=", max_size=60))
def test_lines_of_chance_are_no_keys(line: str) -> None:
    """With `FormatError` and with nothing else."""
    with pytest.raises(FormatError):
        parse_public_line(line)


@given(st.integers(0, len(entry_of(Kind.VOTE).encode()) * 8 - 1))
def test_an_entry_with_one_bit_flipped_is_nobodys(bit: int) -> None:
    """It is no entry any more, or the seat did not sign it."""
    flipped = bytearray(entry_of(Kind.VOTE).encode())
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        entry = parse_entry(bytes(flipped))
    except FormatError:
        return
    assert not member_result(entry, ROSTER)


@given(st.data())
def test_no_figures_make_a_policy_of_one_person(data: st.DataObject) -> None:
    """Whatever is changed: what is read needs two approvals for all that changes service or governance."""
    document = default_policy().to_json()
    for _ in range(data.draw(st.integers(1, 6))):
        name = data.draw(st.sampled_from(list(RuleName)))
        figure = data.draw(
            st.sampled_from(["approvals", "seats", "distinct_roles", "organisations", "rejections", "delay_s"])
        )
        document = changed(document, f"rules.{name}.{figure}", data.draw(st.integers(0, 8)))
    try:
        policy = parse_policy_document(canonical_bytes(document))
    except FormatError:
        return
    assert json.loads(policy.encode()) == document
    assert all(rule.approvals >= 2 for name, rule in policy.rules.items() if name not in {"review", "appeal"})
