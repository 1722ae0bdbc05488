"""Signed notes: form, unknown keys, wrong signatures."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError, InputError, SignatureError
from skycommons.governance.note_keys import Ed25519Key, Verifier, parse_vkey
from skycommons.governance.notes import Note, NoteSignature, note_result, open_note, parse_note, parse_signatures
from tests.support.logs import LOG, STRANGER, TIME_S, WITNESS, WITNESS_ML_DSA, head_of, witnessed_head

# The example of C2SP signed-note.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
TRUSTED: list[Verifier] = [LOG.verifier, WITNESS.verifier, WITNESS_ML_DSA.verifier]
LINE = "— a AAAAAAA=\n"


def test_the_example_of_the_specification_is_verified() -> None:
    """Read, checked, written again."""
    note = parse_note(EXAMPLE.encode())
    result = open_note(note, [parse_vkey(EXAMPLE_KEY)])
    assert result.text == "This is an example message.\n"
    assert [one.verifier.name for one in result.verified] == ["example.com/foo"]
    assert note.encode() == EXAMPLE.encode()


@pytest.mark.parametrize("text", ["a\n", "\n", "a\n\nb\n", "\n\n", "é — ù\n", "— a AAAAAAA=\n"])
def test_a_text_may_hold_what_looks_like_its_end(text: str) -> None:
    """The last empty line counts."""
    note = parse_note(f"{text}\n{LINE}".encode())
    assert note.text == text
    assert note.encode() == f"{text}\n{LINE}".encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "must be followed by an empty line"),
        ("a\n", "must be followed by an empty line"),
        ("a\n\n", "must be followed by an empty line"),
        ("a\n— a AAAAAAA=\n", "must be followed by an empty line"),
        ("a\n\n— a AAAAAAA=", "must be followed by an empty line"),
        ("a\n\nb\n", "line 3: must be a signature"),
        ("a\n\n- a AAAAAAA=\n", "line 3: must be a signature"),
        ("a\n\n—a AAAAAAA=\n", "line 3: must be a signature"),
        ("a\n\n— AAAAAAA=\n", "line 3: must be a signature"),
        ("a\n\n— a AAAAAA==\n", "line 3: must be a signature"),  # a key id and nothing else
        ("a\n\n— a AAAAAAB=\n", "line 3: must be a signature"),
        ("a\n\n— a  AAAAAAA=\n", "line 3: must be a signature"),
        ("a\nb\n\n" + LINE + "— a b c\n", "line 5: must be a signature"),
        ("a\n\n— a+b AAAAAAA=\n", "is no name"),
        ("a\n\n— a\u2003b AAAAAAA=\n", "is no name"),
        ("a\n\n—  AAAAAAA=\n", "is no name"),
        ("a\r\n\n" + LINE, "control character"),
        ("a\t\n\n" + LINE, "control character"),
        ("a\n\n" + LINE * 101, "must be 1 to 100"),
        ("a" * 1_000_000 + "\n\n" + LINE, "at most 1,000,000"),
    ],
)
def test_other_bytes_are_no_note(data: str, words: str) -> None:
    """Each says where and what."""
    with pytest.raises(FormatError, match=words):
        parse_note(data.encode())


def test_the_most_signatures_are_read() -> None:
    """Far more than the sixteen that the format asks for."""
    note = parse_note(("a\n\n" + LINE * 100).encode())
    assert len(note.signatures) == 100
    assert note_result(note, TRUSTED).unknown == note.signatures


def test_signatures_of_strangers_are_passed_over() -> None:
    """Also of one who took a known name or a known id, but not both."""
    head = head_of(4)
    log = LOG.sign(head.text)
    note = Note(text=head.text, signatures=(log,)).with_signatures(
        STRANGER.cosign(head, time_s=TIME_S),
        replace(log, name="log.example/other"),
        replace(log, key_id=b"\x00\x00\x00\x00"),
    )
    result = open_note(note, TRUSTED)
    assert [one.verifier for one in result.verified] == [LOG.verifier]
    assert result.unknown == note.signatures[1:]


def test_times_are_those_of_the_witnesses() -> None:
    """A log's signature has none."""
    result = open_note(witnessed_head(4), TRUSTED)
    assert [one.time_s for one in result.verified] == [None, TIME_S, TIME_S + 1]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_wrong_signature_of_a_known_key_spoils_the_note(place: int) -> None:
    """Even beside right ones, even beside a right one of the same key."""
    note = witnessed_head(4)
    good = note.signatures[place]
    wrong = replace(good, signature=good.signature[:-1] + bytes([good.signature[-1] ^ 1]))
    signatures = list(note.signatures)
    signatures[place] = wrong
    for spoilt in (replace(note, signatures=tuple(signatures)), note.with_signatures(wrong)):
        result = note_result(spoilt, TRUSTED)
        assert not result
        assert result.wrong == (wrong,)
        with pytest.raises(SignatureError, match=f"the signature of {good.name} is wrong"):
            open_note(spoilt, TRUSTED)


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    """Whoever else did."""
    with pytest.raises(SignatureError, match=r"no key that is trusted signed; signatures: log.example/small, witness"):
        open_note(witnessed_head(4), [STRANGER.verifier])
    assert not note_result(witnessed_head(4), [])


def test_a_changed_text_is_refused() -> None:
    """By every key."""
    note = witnessed_head(4)
    assert len(note_result(replace(note, text=head_of(5).text), TRUSTED).wrong) == 3


def test_two_keys_with_one_name_and_id_cannot_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever trusts both has to choose; the same key twice is one key."""
    assert note_result(witnessed_head(4), [*TRUSTED, *TRUSTED])
    monkeypatch.setattr("skycommons.governance.note_keys.key_id", lambda *_: b"same")
    clashing = [LOG.verifier, Ed25519Key(LOG.name, WITNESS.verifier.public_key)]
    with pytest.raises(InputError, match=r"two keys are called log.example/small"):
        note_result(witnessed_head(4), clashing)


def test_signatures_are_added_once() -> None:
    """The same line twice says nothing more."""
    note = witnessed_head(4)
    assert note.with_signatures(*note.signatures) == note
    more = STRANGER.cosign(head_of(4), time_s=TIME_S)
    assert note.with_signatures(more, more).signatures == (*note.signatures, more)


@pytest.mark.parametrize(
    ("text", "count", "words"),
    [("a", 1, "must end with a newline"), ("a\n", 0, "must be 1 to 100"), ("a\n", 101, "must be 1 to 100")],
)
def test_a_note_that_cannot_be_read_cannot_be_made(text: str, count: int, words: str) -> None:
    """What is made can be written and read."""
    with pytest.raises(FormatError, match=words):
        Note(text=text, signatures=(LOG.sign("a\n"),) * count)


@pytest.mark.parametrize(("text", "words"), [("\ud800\n", "not Unicode"), ("a\x00\n", "control character")])
def test_a_text_that_cannot_be_written_is_refused(text: str, words: str) -> None:
    """Surrogates and control characters."""
    with pytest.raises(FormatError, match=words):
        Note(text=text, signatures=(LOG.sign("a\n"),))


@pytest.mark.parametrize(("key_id", "signature"), [(b"123", b"1"), (b"12345", b"1"), (b"1234", b"")])
def test_a_signature_has_an_id_and_something_more(key_id: bytes, signature: bytes) -> None:
    """Four bytes and at least one."""
    with pytest.raises(FormatError, match="4 bytes of key id"):
        NoteSignature(name="a", key_id=key_id, signature=signature)


@pytest.mark.parametrize("block", ["", "— a AAAAAAA=", "\n"])
def test_lines_of_signatures_alone(block: str) -> None:
    """At least one, each with its newline."""
    with pytest.raises(FormatError):
        parse_signatures(block)
    assert len(parse_signatures(LINE * 2)) == 2


def test_the_longest_note_is_read() -> None:
    """A million bytes, signatures included."""
    text = "a" * (1_000_000 - 2 - len(LINE.encode())) + "\n"
    data = f"{text}\n{LINE}".encode()
    assert len(data) == 1_000_000
    assert parse_note(data).text == text
