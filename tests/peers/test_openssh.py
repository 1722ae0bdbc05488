"""OpenSSH verifies what we sign, and we verify what it signs.

`ssh-keygen` comes from Debian's openssh-client, which scripts/debian_packages.py installs in CI; there the tests fail without it.
"""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_ssh_private_key

from skycommons.base.errors import SignatureError
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.member_keys import SshKey, sign_entry, ssh_signature, verify_member
from skycommons.governance.roster import MemberKey
from skycommons.governance.sshsig import (
    namespace_of,
    parse_public_line,
    parse_sshsig_text,
    public_line,
    sign_ssh,
    verify_sshsig,
)
from tests.support.documents import BODIES, ORIGIN, ROSTER
from tests.support.programs import needed

SEAT = "seat-legal-1"
SPACE = namespace_of(ORIGIN)


@dataclass(frozen=True)
class OpenSsh:
    """A folder with a key that ssh-keygen made."""

    folder: Path
    program: Path

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Let ssh-keygen do something."""
        return subprocess.run(
            [self.program, *arguments], input=given, cwd=self.folder, capture_output=True, check=False, timeout=60
        )

    @property
    def key(self) -> SshKey:
        """The secret key, as ours."""
        key = load_ssh_private_key((self.folder / "key").read_bytes(), password=None)
        return SshKey(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))

    def sign(self, message: bytes, namespace: str) -> str:
        """What ``ssh-keygen -Y sign`` writes."""
        done = self.run("-Y", "sign", "-f", "key", "-n", namespace, given=message)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def is_accepted(self, text: str, message: bytes, namespace: str) -> bool:
        """What ``ssh-keygen -Y verify`` says."""
        (self.folder / "signature").write_text(text)
        arguments = ("-f", "allowed", "-I", SEAT, "-n", namespace, "-s", "signature")
        return self.run("-Y", "verify", *arguments, given=message).returncode == 0


@pytest.fixture
def openssh(tmp_path: Path) -> OpenSsh:
    """With a new key, which is the only one that is allowed."""
    made = OpenSsh(folder=tmp_path, program=needed("ssh-keygen"))
    done = made.run("-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", "key")
    assert done.returncode == 0, done.stderr
    (tmp_path / "allowed").write_text(f"{SEAT} {(tmp_path / 'key.pub').read_text()}")
    return made


def test_openssh_accepts_what_we_sign(openssh: OpenSsh) -> None:
    """Under the message and the namespace, and under no other."""
    message = Entry(kind=Kind.VOTE, origin=ORIGIN, by=SEAT, body=BODIES[Kind.VOTE]).message
    text = sign_ssh(message, SPACE, seed=openssh.key.seed).text
    assert openssh.is_accepted(text, message, SPACE)
    assert not openssh.is_accepted(text, message + b" ", SPACE)
    assert not openssh.is_accepted(text, message, namespace_of("log.example/other"))
    assert not openssh.is_accepted(sign_ssh(message, SPACE, seed=bytes(32)).text, message, SPACE)


def test_both_make_the_same_bytes(openssh: OpenSsh) -> None:
    """Ed25519 has one signature for one message; keys are written alike too."""
    assert sign_ssh(b"a message", SPACE, seed=openssh.key.seed).text == openssh.sign(b"a message", SPACE)
    line = (openssh.folder / "key.pub").read_text()
    assert line == f"{public_line(parse_public_line(line))} a comment\n"
    assert MemberKey(kind=openssh.key.public.kind, key=openssh.key.public.key).public_key == parse_public_line(line)


def test_we_accept_what_openssh_signs(openssh: OpenSsh) -> None:
    """Under the message and the namespace, and under no other."""
    signature = parse_sshsig_text(openssh.sign(b"a message", SPACE))
    verify_sshsig(signature, b"a message", SPACE)
    with pytest.raises(SignatureError, match="is not right"):
        verify_sshsig(signature, b"another message", SPACE)
    with pytest.raises(SignatureError, match=r"not for decision@log.example"):
        verify_sshsig(parse_sshsig_text(openssh.sign(b"a message", "file")), b"a message", SPACE)


def test_a_seat_votes_with_openssh(openssh: OpenSsh) -> None:
    """The message goes out as a file, the signature comes back, and the entry counts; in another log it does not."""
    member = ROSTER.member(SEAT)
    assert member is not None
    roster = replace(ROSTER, members=(replace(member, keys=(openssh.key.public,)),))
    draft = Entry(kind=Kind.VOTE, origin=ORIGIN, by=SEAT, body=BODIES[Kind.VOTE])
    signed = replace(draft, signature=ssh_signature(parse_sshsig_text(openssh.sign(draft.message, SPACE))))
    assert verify_member(signed, roster).id == SEAT
    assert signed == sign_entry(draft, openssh.key)
    with pytest.raises(SignatureError, match="is not right"):
        verify_member(replace(signed, origin="log.example/other"), roster)
    elsewhere = ssh_signature(parse_sshsig_text(openssh.sign(draft.message, "decision@log.example/other")))
    with pytest.raises(SignatureError, match="is not right"):
        verify_member(replace(draft, signature=elsewhere), roster)
