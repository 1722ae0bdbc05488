"""Secret keys: texts, signatures, and that nothing shows them."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.lines import base64_of
from skycommons.governance.signers import Ed25519CosignerKey, Ed25519Signer, MlDsa44CosignerKey, Signer, parse_secret
from tests.support.logs import LOG, LOG_ML_DSA, TIME_S, WITNESS, head_of

KINDS = [Ed25519Signer, Ed25519CosignerKey, MlDsa44CosignerKey]


@pytest.mark.parametrize("signer", [LOG, WITNESS, LOG_ML_DSA], ids=["log", "witness", "ml-dsa"])
def test_a_secret_is_written_and_read(signer: Signer) -> None:
    """The same key again; people see the name alone."""
    assert parse_secret(signer.secret_text) == signer
    assert str(signer.seed) not in repr(signer)
    assert signer.verifier.name == signer.name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must begin with"),
        (LOG.verifier.vkey, "must begin with"),
        ("PRIVATE+KEY+a", "name\\+id\\+base64"),
        (f"PRIVATE+KEY+a+00000000+{base64_of(bytes([2]) + bytes(32))}", "is of kind 2"),
        (f"PRIVATE+KEY+a+00000000+{base64_of(bytes([1]) + bytes(31))}", "seed: must have 32 bytes, has 31"),
        (LOG.secret_text.replace(LOG.verifier.key_id.hex(), "00000000"), "does not belong to its id"),
    ],
)
def test_other_texts_are_no_secrets(text: str, words: str) -> None:
    """And the message does not show what may be half of one."""
    with pytest.raises(FormatError, match=words) as caught:
        parse_secret(text)
    assert text.rpartition("+")[2] not in str(caught.value) or not text.rpartition("+")[2] or len(text) < 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_cannot_sign_cannot_be_made(
    kind: type[Ed25519Signer | Ed25519CosignerKey | MlDsa44CosignerKey],
) -> None:
    """Neither without a name nor with another seed."""
    with pytest.raises(FormatError, match="is no name"):
        kind("a b", bytes(32))
    with pytest.raises(FormatError, match="must have 32 bytes"):
        kind("a", bytes(33))


@pytest.mark.parametrize("time_s", [-1, 2**63])
@pytest.mark.parametrize("signer", [WITNESS, LOG_ML_DSA], ids=["ed25519", "ml-dsa"])
def test_a_time_that_cannot_be_read_is_not_signed(signer: Ed25519CosignerKey | MlDsa44CosignerKey, time_s: int) -> None:
    """0 to 2**63 - 1."""
    with pytest.raises(FormatError, match="cosignature"):
        signer.cosign(head_of(1), time_s=time_s)


def test_what_is_signed_is_valid() -> None:
    """Ed25519 signs the same again; ML-DSA does not have to."""
    head = head_of(3)
    assert LOG.sign(head.text) == LOG.sign(head.text)
    assert LOG.verifier.is_valid(head.text, LOG.sign(head.text).signature)
    for signer in (WITNESS, LOG_ML_DSA):
        assert signer.verifier.is_valid(head.text, signer.cosign(head, time_s=TIME_S).signature)


@pytest.mark.parametrize("signer", [WITNESS, LOG_ML_DSA], ids=["ed25519", "ml-dsa"])
def test_the_last_time_is_signed_and_read(signer: Ed25519CosignerKey | MlDsa44CosignerKey) -> None:
    """2**63 - 1, and the first."""
    head = head_of(1)
    for time_s in (0, 1, 2**63 - 1):
        signature = signer.cosign(head, time_s=time_s).signature
        assert signer.verifier.is_valid(head.text, signature)
        assert signer.verifier.time_s(signature) == (time_s or (None if signer is LOG_ML_DSA else 0))
