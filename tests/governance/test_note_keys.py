"""Keys: names, ids, texts, and what each kind of signature is worth."""

import itertools
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from skycommons.base.errors import FormatError
from skycommons.governance.lines import base64_of
from skycommons.governance.note_keys import (
    Ed25519Cosigner,
    Ed25519Key,
    MlDsa44Cosigner,
    Verifier,
    cosignature_message,
    key_id,
    parse_vkey,
    subtree_message,
)
from tests.support.logs import LOG, LOG_ML_DSA, TIME_S, WITNESS, WITNESS_ML_DSA, head_of

# The example key of C2SP signed-note.
EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FIELD = 2**255 - 19


@pytest.mark.parametrize(
    "text",
    [EXAMPLE, LOG.verifier.vkey, LOG_ML_DSA.verifier.vkey, WITNESS.verifier.vkey, WITNESS_ML_DSA.verifier.vkey],
    ids=["example", "log", "log by ML-DSA", "witness", "witness by ML-DSA"],
)
def test_a_key_is_read_and_written(text: str) -> None:
    """The same text again."""
    assert parse_vkey(text).vkey == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no name"),
        ("example.com/foo", "must be written as"),
        ("example.com/foo+530d903a", "must be written as"),
        ("example.com/foo+530d903a+", "must be written as"),
        (EXAMPLE[:-1], "must be written as"),
        (EXAMPLE + "\n", "must be written as"),
        (EXAMPLE.replace("530d903a", "530D903A"), "has the id 530d903a, not 530D903A"),
        (EXAMPLE.replace("530d903a", "530d903b"), "has the id 530d903a, not 530d903b"),
        (EXAMPLE.replace("foo", "bar"), "has the id"),
        ("a b" + EXAMPLE, "is no name: spaces"),
        ("a\u00a0b" + EXAMPLE, "is no name: spaces"),
        ("a\x07b" + EXAMPLE, "is no name: spaces"),
        ("\ud800" + EXAMPLE, "is no name: it is not Unicode"),
        ("a" * 241 + EXAMPLE, "must have 1 to 255 bytes"),
        (f"a+00000000+{base64_of(bytes([2]) + bytes(32))}", "is of kind 2; known are 1, 4, 6"),
        (f"a+00000000+{base64_of(bytes([1]) + bytes([2]) * 31)}", "must have 32 bytes, has 31"),
        (f"a+00000000+{base64_of(bytes([4]) + bytes([2]) * 33)}", "must have 32 bytes, has 33"),
        (f"a+00000000+{base64_of(bytes([6]) + bytes(1311))}", "must have 1312 bytes, has 1311"),
    ],
)
def test_other_texts_are_no_keys(text: str, words: str) -> None:
    """Each says what is wrong."""
    with pytest.raises(FormatError, match=words):
        parse_vkey(text)


def times(point: tuple[int, int], count: int) -> tuple[int, int]:
    """A multiple of a point of the curve of RFC 8032, by adding, slowly."""
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    x, y = 0, 1
    for _ in range(count):
        product = d * x * point[0] * y * point[1]
        x, y = (
            (x * point[1] + y * point[0]) * pow(1 + product, -1, FIELD) % FIELD,
            (y * point[1] + x * point[0]) * pow(1 - product, -1, FIELD) % FIELD,
        )
    return x, y


def points_of_small_order() -> set[int]:
    """Second coordinates of all points whose eightfold is the neutral one, from the curve itself."""
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    root_of_minus_one = pow(2, (FIELD - 1) // 4, FIELD)
    for y in range(2, 50):
        square = (y * y - 1) * pow(d * y * y + 1, -1, FIELD) % FIELD
        x = pow(square, (FIELD + 3) // 8, FIELD)
        if x * x % FIELD != square:
            x = x * root_of_minus_one % FIELD
        if x * x % FIELD == square:
            order = 2**252 + 27742317777372353535851937790883648493
            small = (0, 1)
            double = (x, y)
            for bit in bin(order)[:1:-1]:  # order times the point has an order of at most 8
                small = add(small, double) if bit == "1" else small
                double = add(double, double)
            if times(small, 4) != (0, 1):
                return {times(small, count)[1] for count in range(8)}
    raise AssertionError


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points."""
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    product = d * one[0] * other[0] * one[1] * other[1]
    return (
        (one[0] * other[1] + one[1] * other[0]) * pow(1 + product, -1, FIELD) % FIELD,
        (one[1] * other[1] + one[0] * other[0]) * pow(1 - product, -1, FIELD) % FIELD,
    )


def test_keys_that_prove_nothing_are_refused() -> None:
    """Every point of small order, with either sign, and every point that is written in another way."""
    small = points_of_small_order()
    assert len(small) == 5
    for second in [*small, FIELD, FIELD + 1, FIELD + 5, 2**255 - 1]:
        for sign in (0, 1):
            data = (second | sign << 255).to_bytes(32, "little")
            for kind in (Ed25519Key, Ed25519Cosigner):
                with pytest.raises(FormatError, match="small order"):
                    kind("a", data)


def test_the_id_depends_on_name_kind_and_key() -> None:
    """One pair of keys under two kinds is two keys."""
    key = LOG.verifier.public_key
    ids = {key_id("a", 1, key), key_id("b", 1, key), key_id("a", 4, key), key_id("a", 1, key[::-1])}
    assert len(ids) == 4
    assert Ed25519Key("a", key).key_id != Ed25519Cosigner("a", key).key_id


def signatures() -> list[tuple[Verifier, bytes]]:
    """One of each kind over one head."""
    head = head_of(5)
    return [
        (LOG.verifier, LOG.sign(head.text).signature),
        (WITNESS.verifier, WITNESS.cosign(head, time_s=TIME_S).signature),
        (WITNESS_ML_DSA.verifier, WITNESS_ML_DSA.cosign(head, time_s=TIME_S).signature),
    ]


@pytest.mark.parametrize(("verifier", "signature"), signatures(), ids=["ed25519", "cosignature", "ml-dsa"])
def test_a_signature_is_worth_what_it_signs(verifier: Verifier, signature: bytes) -> None:
    """No other text, no other time, no bit more or less."""
    text = head_of(5).text
    assert verifier.is_valid(text, signature)
    assert verifier.time_s(signature) == (None if verifier.kind == 1 else TIME_S)
    assert not verifier.is_valid(head_of(6).text, signature)
    assert not verifier.is_valid(head_of(5, "log.example/other").text, signature)
    assert not verifier.is_valid("no checkpoint\n", signature)
    for length in (0, 1, 7, 8, 63, 64, len(signature) - 1):
        if length < len(signature):
            assert not verifier.is_valid(text, signature[:length])
    assert not verifier.is_valid(text, signature + b"\x00")
    assert not verifier.is_valid(text, b"\xff" + signature[1:])
    for place in range(0, len(signature), max(1, len(signature) // 70)):
        flipped = bytearray(signature)
        flipped[place] ^= 1 << place % 8
        assert not verifier.is_valid(text, bytes(flipped))


def test_a_time_of_64_bits_is_none() -> None:
    """The format ends at 63, also for those who really signed a later one."""
    head = head_of(5)
    for time_s in (2**63 - 1, 2**63, 2**64 - 1):
        stamp = time_s.to_bytes(8, "big")
        plain = Ed25519PrivateKey.from_private_bytes(WITNESS.seed).sign(cosignature_message(head.text, time_s))
        lattice = MLDSA44PrivateKey.from_seed_bytes(WITNESS_ML_DSA.seed).sign(
            subtree_message(WITNESS_ML_DSA.name, time_s, head)
        )
        assert WITNESS.verifier.is_valid(head.text, stamp + plain) == (time_s < 2**63)
        assert WITNESS_ML_DSA.verifier.is_valid(head.text, stamp + lattice) == (time_s < 2**63)


def test_ml_dsa_says_nothing_about_extension_lines_and_may_say_nothing_about_time() -> None:
    """As the format has it: readers must not trust them."""
    head = head_of(5)
    signature = WITNESS_ML_DSA.cosign(head, time_s=0).signature
    assert WITNESS_ML_DSA.verifier.time_s(signature) is None
    assert WITNESS_ML_DSA.verifier.is_valid(replace(head, extensions=("more",)).text, signature)
    assert not WITNESS.verifier.is_valid(replace(head, extensions=("more",)).text, signatures()[1][1])


def test_ml_dsa_signs_its_own_name() -> None:
    """The same key under another name is another witness."""
    _, signature = signatures()[2]
    other = MlDsa44Cosigner("witness.example/w3", WITNESS_ML_DSA.verifier.public_key)
    assert not other.is_valid(head_of(5).text, signature)


def test_an_origin_that_is_too_long_cannot_be_signed_by_ml_dsa() -> None:
    """Its length is one byte; a signature over such a head is never valid."""
    head = head_of(5, "a" * 256)
    with pytest.raises(FormatError, match="at most 255 bytes"):
        subtree_message("w", 0, head)
    assert not WITNESS_ML_DSA.verifier.is_valid(head.text, signatures()[2][1])
    assert len(subtree_message("w", 0, head_of(5, "a" * 255))) == 12 + 2 + 8 + 256 + 16 + 32


@pytest.mark.parametrize("byte", [0x00, 0x03, 0x7F, 0xFE])
def test_a_key_that_is_no_key_verifies_nothing(byte: int) -> None:
    """Bytes of the right length that no secret belongs to: an answer, not an error."""
    keys: list[Verifier] = [MlDsa44Cosigner("a", bytes([byte]) * 1312)]
    if byte:
        keys += [Ed25519Key("a", bytes([byte]) * 31 + b"\x00"), Ed25519Cosigner("a", bytes([byte]) * 31 + b"\x00")]
    for (_, signature), key in itertools.product(signatures(), keys):
        assert not key.is_valid(head_of(5).text, signature)


def test_the_longest_name_is_read() -> None:
    """255 bytes, in whatever letters."""
    for name in ("a" * 255, "é" * 127 + "a"):
        key = MlDsa44Cosigner(name, bytes(1312))
        assert parse_vkey(key.vkey) == key
    with pytest.raises(FormatError, match="is no name"):
        MlDsa44Cosigner("é" * 128, bytes(1312))
