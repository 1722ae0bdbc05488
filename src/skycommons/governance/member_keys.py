"""Signatures of seats under entries.

* A key counts for the seat that the roster gives it to, and for no other: what the entry says of itself (``by``, ``key``) has to agree with
  the roster.
* Two ways to sign: a key in a file of ours signs the message itself; a key of OpenSSH signs it as ``ssh-keygen -Y sign`` does, for
  the namespace of the log. A key of one kind cannot sign in the other way.
* Keys of small order never get into a roster (`roster`), so they sign nothing.
* Whether the seat may say what it says is not asked here.
"""

from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skycommons.base.errors import FormatError, SignatureError
from skycommons.governance.entries import Entry, MemberSignature
from skycommons.governance.lines import base64_of, bytes_of, malformed, printable
from skycommons.governance.note_keys import is_ed25519
from skycommons.governance.roster import Member, MemberKey, Roster
from skycommons.governance.signers import SEED_BYTES
from skycommons.governance.sshsig import SshSignature, namespace_of, parse_sshsig, sign_ssh
from skycommons.governance.words import KeyKind, SignatureKind

_KEY_OF: Final = ((SignatureKind.ED25519, KeyKind.ED25519), (SignatureKind.SSHSIG, KeyKind.SSH_ED25519))


@dataclass(frozen=True, slots=True)
class FileKey:
    """The secret key of a seat in a file of ours.

    Attributes:
        seed: 32 secret bytes.
    """

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_seed(self.seed)

    @property
    def public(self) -> MemberKey:
        """The public key, for the roster."""
        return MemberKey(kind=KeyKind.ED25519, key=_public(self.seed))

    def sign(self, entry: Entry) -> MemberSignature:
        """Its signature under an entry.

        Raises:
            FormatError: The entry cannot be signed.
        """
        value = Ed25519PrivateKey.from_private_bytes(self.seed).sign(entry.message)
        return MemberSignature(key=_public(self.seed), kind=SignatureKind.ED25519, value=base64_of(value))


@dataclass(frozen=True, slots=True)
class SshKey:
    """The secret key of a seat that OpenSSH made.

    Attributes:
        seed: 32 secret bytes.
    """

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_seed(self.seed)

    @property
    def public(self) -> MemberKey:
        """The public key, for the roster."""
        return MemberKey(kind=KeyKind.SSH_ED25519, key=_public(self.seed))

    def sign(self, entry: Entry) -> MemberSignature:
        """Its signature under an entry.

        Raises:
            FormatError: The entry cannot be signed.
        """
        return ssh_signature(sign_ssh(entry.message, namespace_of(entry.origin), seed=self.seed))


SecretKey: TypeAlias = FileKey | SshKey


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResult:
    """Whether a seat signed an entry; true if it did.

    Attributes:
        member: The seat; ``None`` if the entry is nobody's.
        fault: Why it is not; empty if it is.
    """

    member: Member | None
    fault: str

    def __bool__(self) -> bool:
        return self.member is not None


def sign_entry(entry: Entry, key: SecretKey) -> Entry:
    """An entry with a signature under it, in place of another one.

    Raises:
        FormatError: The entry is the operator's own, does not say who signs, or cannot be signed.
    """
    signed = replace(entry, signature=key.sign(entry))
    signed.encode()
    return signed


def ssh_signature(signature: SshSignature) -> MemberSignature:
    """What OpenSSH made, as it stands under an entry."""
    return MemberSignature(
        key=base64_of(signature.public_key), kind=SignatureKind.SSHSIG, value=base64_of(signature.encode())
    )


def member_result(entry: Entry, roster: Roster) -> MemberResult:
    """Whether the seat that an entry names signed it.

    Args:
        entry: The entry.
        roster: Who has which keys.
    """
    member, signature = roster.member(entry.by), entry.signature
    if signature is None or member is None:
        fault = f"{printable(entry.by) or 'nobody'} has no seat" if signature else "nobody signed it"
        return MemberResult(member=None, fault=fault)
    if (signature.kind, signature.key) not in {
        (kind, key.key) for key in member.keys for kind, key_kind in _KEY_OF if key.kind == key_kind
    }:
        return MemberResult(member=None, fault=f"it is signed with a key that is not one of {member.id}'s")
    if not _is_right(entry, signature):
        return MemberResult(member=None, fault=f"the signature of {member.id} is not right")
    return MemberResult(member=member, fault="")


def verify_member(entry: Entry, roster: Roster) -> Member:
    """`member_result`, or an error.

    Raises:
        SignatureError: The entry is nobody's of the roster.
        FormatError: The entry holds what cannot be signed.
    """
    result = member_result(entry, roster)
    if result.member is None:
        raise SignatureError(result.fault)
    return result.member


def _is_right(entry: Entry, signature: MemberSignature) -> bool:
    """Whether a signature is its key's under this entry."""
    public_key, value = bytes_of(signature.key) or b"", bytes_of(signature.value) or b""
    if signature.kind == SignatureKind.ED25519:
        return is_ed25519(public_key, entry.message, value)
    try:
        found = parse_sshsig(value)
    except FormatError:
        return False
    return found.public_key == public_key and found.is_valid(entry.message, namespace_of(entry.origin))


def _public(seed: bytes) -> str:
    """The public key of a seed in base64."""
    return base64_of(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def _check_seed(seed: bytes) -> None:
    """Refuse a seed of another length."""
    if len(seed) != SEED_BYTES:
        raise malformed("secret key", "seed", f"must have {SEED_BYTES} bytes, has {len(seed)}")
