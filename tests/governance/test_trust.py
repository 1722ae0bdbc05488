"""Trust files."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.trust import make_trust, parse_trust
from tests.support.documents import HASH
from tests.support.logs import LOG, LOG_ML_DSA, ORIGIN, POLICY, WITNESS

HEAD = f"skycommons-trust v1\ngenesis {HASH}\nmax-age 3600\n"
OTHER_LOG = type(LOG)("log.example/other", b"\x77" * 32)


@pytest.mark.parametrize("policy", [POLICY, f"log {LOG_ML_DSA.verifier.vkey}\n{POLICY}"])
def test_a_trust_file_is_read_as_it_was_written(policy: str) -> None:
    """Comments and all; a log may have a key of each kind."""
    trust = parse_trust((HEAD + policy).encode())
    assert trust == make_trust(genesis=HASH, max_age_s=3_600, policy_text=policy)
    assert (trust.genesis, trust.max_age_s, trust.origin, trust.policy.quorum) == (HASH, 3_600, ORIGIN, "both")
    assert trust.encode() == (HEAD + policy).encode()


def test_a_comment_may_be_in_any_encoding() -> None:
    """And comes back as it was."""
    data = (HEAD + POLICY).encode() + b"# \xff\xfe\n"
    assert parse_trust(data).encode() == data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: must be: skycommons-trust v1"),
        (POLICY, "line 1: must be: skycommons-trust v1"),
        (HEAD.removesuffix("\n"), "line 1: must be: skycommons-trust v1"),
        (HEAD, "quorum: must stand in exactly one line"),
        (HEAD.replace("genesis", "Genesis") + POLICY, "line 2: must be: genesis <hash"),
        (HEAD.replace(HASH, HASH.upper()) + POLICY, "line 2: must be: genesis <hash"),
        (HEAD.replace(HASH, f"{HASH} ") + POLICY, "line 2: must be: genesis <hash"),
        (HEAD.replace("3600", "0") + POLICY, "line 3: must be: max-age <seconds>, 1 to"),
        (HEAD.replace("3600", "03600") + POLICY, "line 3: must be: max-age"),
        (HEAD.replace("3600", "9" * 12) + POLICY, "line 3: must be: max-age"),
        (HEAD + POLICY + "bogus\n", "line 10: begins with bogus"),
        (HEAD + POLICY + "\x07\n", f"byte {len(HEAD + POLICY)}: is a control character"),
        (HEAD + POLICY.replace("quorum both", "quorum none"), "quorum: must name a witness or a group"),
        (
            f"{HEAD}log {OTHER_LOG.verifier.vkey}\n{POLICY}",
            "log: must stand there with one origin, stands there with 2",
        ),
        (f"{HEAD}witness w1 {WITNESS.verifier.vkey}\nquorum w1\n", "one origin, stands there with 0"),
        (HEAD + "#" * 1_000_000, "size: has"),
    ],
)
def test_a_trust_file_with_a_fault_is_refused(text: str, words: str) -> None:
    """By the line of the file."""
    with pytest.raises(FormatError, match=words):
        parse_trust(text.encode())


def test_all_faults_are_told() -> None:
    """Of the head and of the policy."""
    with pytest.raises(FormatError) as caught:
        parse_trust(b"skycommons-trust v1\ngenesis\nmax-age\nbogus\n", source="trust.policy")
    assert [fault.place for fault in caught.value.faults] == ["line 2", "line 3", "line 4", "quorum"]
    assert caught.value.source == "trust.policy"
