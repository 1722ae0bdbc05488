"""Trust policies: the language, all its faults at once, and who is enough."""

import itertools

import pytest

from skycommons.base.errors import FormatError, QuorumError
from skycommons.governance.signers import Ed25519CosignerKey, Ed25519Signer
from skycommons.governance.witness_policy import WitnessPolicy, parse_policy
from tests.support.logs import LOG, POLICY, WITNESS, WITNESS_ML_DSA

KEYS = [Ed25519CosignerKey(f"witness.example/{number}", bytes([number]) * 32).verifier.vkey for number in range(1, 7)]
LOG_KEY = LOG.verifier.vkey

# The example of C2SP tlog-policy, with keys.
NESTED = f"""\
log {LOG_KEY}

witness X1 {KEYS[0]}
witness X2 {KEYS[1]}
witness X3 {KEYS[2]}
group X-witnesses 2 X1 X2 X3

witness Y1 {KEYS[3]}
witness Y2 {KEYS[4]}
witness Y3 {KEYS[5]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_a_policy_is_read() -> None:
    """Logs, witnesses, groups, quorum; addresses where they stand."""
    policy = parse_policy(POLICY.encode())
    assert [(log.verifier, log.url) for log in policy.logs] == [(LOG.verifier, "https://log.example/small")]
    assert [(one.name, one.url) for one in policy.witnesses] == [("w1", ""), ("w2", "https://witness.example/w2")]
    assert policy.groups[0].threshold == 2
    assert policy.verifiers == (LOG.verifier, WITNESS.verifier, WITNESS_ML_DSA.verifier)


def test_spaces_tabs_comments_and_empty_lines_mean_nothing() -> None:
    """As the format has it."""
    spaced = f"\t # a \xe9 comment \n\n \t \n  log\t{LOG_KEY}   \n#\nquorum \t none\t\n".encode()
    assert parse_policy(spaced) == parse_policy(f"log {LOG_KEY}\nquorum none\n".encode())
    assert parse_policy(b"# \xff\xfe\nquorum none\n") == WitnessPolicy(logs=(), witnesses=(), groups=(), quorum="none")


def test_every_subset_of_the_nested_example() -> None:
    """Two of X and one of Y, counted in all 64 ways."""
    policy = parse_policy(NESTED.encode())
    names = [witness.name for witness in policy.witnesses]
    for count in range(7):
        for chosen in itertools.combinations(names, count):
            enough = sum(name[0] == "X" for name in chosen) >= 2 and any(name[0] == "Y" for name in chosen)
            assert bool(policy.quorum_result(chosen)) == enough


def test_only_witnesses_count_and_each_once() -> None:
    """Not groups by name, not strangers, not one twice."""
    policy = parse_policy(NESTED.encode())
    assert not policy.quorum_result(["X-and-Y", "X-witnesses", "Y1", "Z", "X1", "X1"])
    result = policy.quorum_result(["Y3", "X3", "X1"])
    assert result.cosigned == ("X1", "X3", "Y3")
    assert [group.agreed for group in result.groups] == [("X1", "X3"), ("Y3",), ("X-witnesses", "Y-witnesses")]
    assert all(result.groups)


def test_the_simple_quorums() -> None:
    """One witness, and none."""
    one = parse_policy(f"witness a {KEYS[0]}\nwitness b {KEYS[1]}\nquorum a\n".encode())
    assert one.quorum_result(["a"])
    with pytest.raises(QuorumError, match="the witness a did not cosign; cosigned by b"):
        one.verify_quorum(["b"])
    nobody = parse_policy(b"quorum none\n")
    assert nobody.verify_quorum([]).is_met


def test_how_many_witnesses_two_quorums_share() -> None:
    """Counted from the thresholds, and tried with every pair of quorums."""
    lines = [f"log {LOG_KEY}", *(f"witness w{n} {KEYS[n]}" for n in range(4))]
    texts = [NESTED, "\n".join([*lines, "quorum none", ""]), "\n".join([*lines, "quorum w1", ""])]
    texts += ["\n".join([*lines, f"group g {k} w0 w1 w2 w3", "quorum g", ""]) for k in range(1, 5)]
    texts += ["\n".join([*lines, "group a 2 w0 w1 w2", "group g all a w3", "quorum g", ""])]
    for text in texts:
        policy = parse_policy(text.encode())
        names = [one.name for one in policy.witnesses]
        sets = [set(some) for size in range(len(names) + 1) for some in itertools.combinations(names, size)]
        quorums = [one for one in sets if policy.quorum_result(one)]
        assert policy.shared_witnesses == min(len(a & b) for a in quorums for b in quorums)


def test_a_quorum_that_is_not_met_says_what_lacks() -> None:
    """How many, of how many."""
    policy = parse_policy(NESTED.replace("quorum X-and-Y", "quorum X-witnesses").encode())
    with pytest.raises(
        QuorumError, match=r"X-witnesses is not met: 1 of the 2 that are needed of 3 agree; .* by X2, Y1$"
    ):
        policy.verify_quorum(["X2", "Y1"])
    with pytest.raises(QuorumError, match="cosigned by nobody"):
        policy.verify_quorum([])


def line(text: str, *, before: str = "") -> bytes:
    """A policy with a line in question."""
    return f"{before}{text}\nquorum none\n".encode("utf-8", "surrogateescape")


W = f"witness a {KEYS[0]}\nwitness b {KEYS[1]}\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", r"1 fault\(s\)\n  quorum: must stand in exactly one line, stands in 0"),
        (b"quorum none\nquorum none\n", "stands in 2"),
        (b"quorum none", "line 1: must end with a newline"),
        (b"quorum none\n#", "line 2: must end with a newline"),
        (b"quorum\nquorum none\n", "line 1: must be: quorum <name"),
        (b"quorum a b\nquorum none\n", "line 1: must be: quorum <name"),
        (b"quorum a\n", "line 1: names a, which is not defined above"),
        (f"quorum a\n{W}".encode(), "line 1: names a, which is not defined above"),
        (line("Log x"), "line 1: begins with Log; lines begin with log, witness, group, quorum or #"),
        (line("log"), "must be: log <vkey>"),
        (line(f"log {LOG_KEY} a b"), "must be: log <vkey>"),
        (line("log a+b"), "line 1: key: a: must be written as"),
        (line(f"log {LOG_KEY}", before=f"log {LOG_KEY}\n"), "line 2: has a key that stands above already"),
        (line("witness a"), "must be: witness <name>"),
        (line(f"witness a {KEYS[2]} b c"), "must be: witness <name>"),
        (line("witness a b+c"), "line 1: key: b: must be written as"),
        (line(f"witness none {KEYS[2]}"), "none cannot be a name"),
        (line(f"witness a {KEYS[2]}", before=W), "line 3: a is defined already"),
        (line(f"witness c {KEYS[1]}", before=W), "line 3: has a key that stands above already"),
        (line(f"witness c {LOG_KEY}"), "line 1: needs a key that signs with a time: kind 4 or 6, not 1"),
        (line("group g any"), "must be: group <name>"),
        (line("group g 0 a b", before=W), "line 3: needs any, all, or a number from 1 to 2, not 0"),
        (line("group g 3 a b", before=W), "needs any, all, or a number from 1 to 2, not 3"),
        (line("group g 01 a b", before=W), "needs any, all, or a number"),
        (line("group g most a b", before=W), "needs any, all, or a number from 1 to 2, not most"),
        (line("group g any a c", before=W), "line 3: names c, which is not defined above"),
        (line("group g any none"), "names none, which is not defined above"),
        (line("group g any g"), "names g, which is not defined above"),
        (line("group g any a a", before=W), "names a, which is a member already"),
        (line("group g any a\ngroup h any a", before=W), "line 4: names a, which is a member already"),
        (line("group a any b", before=W), "line 3: a is defined already"),
        (line("group none any b", before=W), "none cannot be a name"),
        (line("a\r"), "byte 1: is a control character"),
        (line("a\x7f"), "byte 1: is a control character"),
        (b"#" * 1_000_001, "at most 1,000,000 are read"),
        (W.encode() + b"x\n" * 1001 + b"quorum none\n", "defines 1,004 things; at most 1,000"),
        (line("group \udcff any b", before=""), r"names b, which"),
        (line("\udcff\u202e"), r"begins with \\udcff\\u202e"),
    ],
)
def test_faults_are_told_with_their_line(data: bytes, words: str) -> None:
    """What is wrong and what should stand there."""
    with pytest.raises(FormatError, match=words):
        parse_policy(data, source="trust.policy")


def test_all_faults_come_at_once() -> None:
    """Somebody who mends a file wants to see all of them."""
    with pytest.raises(FormatError) as caught:
        parse_policy(b"log x\ngroup g 5 a b\nfoo\nquorum q\nend", source="trust.policy")
    assert [fault.place for fault in caught.value.faults] == ["line 5", "line 1", "line 2", "line 3", "line 4"]
    assert caught.value.source == "trust.policy"


def test_a_log_cannot_be_its_own_witness() -> None:
    """One key of one hand under two kinds."""
    own = Ed25519CosignerKey(LOG.name, LOG.seed).verifier.vkey
    assert own != LOG_KEY
    with pytest.raises(FormatError, match="line 2: has a key that stands above already"):
        parse_policy(f"log {LOG_KEY}\nwitness w {own}\nquorum w\n".encode())


def test_two_keys_that_look_alike_cannot_both_be_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same name and the same four bytes of id."""
    monkeypatch.setattr("skycommons.governance.note_keys.key_id", lambda *_: b"same")
    keys = [Ed25519Signer("a", bytes([number]) * 32).verifier.vkey for number in (1, 2)]
    with pytest.raises(FormatError, match="line 2: has a key that stands above already: a"):
        parse_policy(f"log {keys[0]}\nlog {keys[1]}\nquorum none\n".encode())


def test_names_are_octets() -> None:
    """A Kelvin sign is not a K, and bytes that are no UTF-8 are a name like another."""
    odd = f"witness K {KEYS[0]}\nwitness \u212a {KEYS[1]}\nwitness \udcff {KEYS[2]}\nquorum \udcff\n"
    policy = parse_policy(odd.encode("utf-8", "surrogateescape"))
    assert len(policy.witnesses) == 3
    assert policy.quorum_result([policy.witnesses[2].name])
    with pytest.raises(QuorumError, match=r"the witness \\udcff did not cosign; cosigned by K, \u212a"):
        policy.verify_quorum(["K", "\u212a"])


def test_the_largest_policy_is_read() -> None:
    """A thousand lines that define something, and as many comments as fit."""
    logs = [f"log {Ed25519Signer('a', number.to_bytes(32, 'big')).verifier.vkey}" for number in range(999)]
    text = "\n".join([*logs, "quorum none", ""]).encode()
    assert len(parse_policy(text).logs) == 999
    assert len(parse_policy(text + b"#" * (1_000_000 - len(text) - 1) + b"\n").logs) == 999
