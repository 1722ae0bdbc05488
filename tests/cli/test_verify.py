"""``skycommons verify proof``: what is said, and the exit code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.cli import main
from skycommons.governance.notes import Note
from tests.support.logs import (
    LOG,
    POLICY,
    STRANGER,
    TIME_S,
    WITNESS,
    WITNESS_ML_DSA,
    entries_of,
    head_of,
    proof_of,
    signed_head,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A proof, its entry, and a policy."""
    monkeypatch.chdir(tmp_path)
    Path("a.tlog-proof").write_bytes(proof_of(3, 7).encode())
    Path("a.json").write_bytes(entries_of(7)[3])
    Path("trust.policy").write_text(POLICY)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_proof_that_holds_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Sentence by sentence; the last word is the verdict."""
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"The checkpoint is of the log log.example/small with 7 entries and the root {head_of(7).text.splitlines()[2]}.",
        f"The log signed it with the key log.example/small+{LOG.verifier.key_id.hex()}.",
        "The witness w1 cosigned it at 2025-11-24T16:00:00Z.",
        "The witness w2 cosigned it at 2025-11-24T16:00:01Z.",
        "That is enough for the quorum both: 2 of 2 witnesses cosigned.",
        "a.json, 7 bytes, is the log's entry number 3, counted from 0.",
        "verified",
    ]
    assert err == ""


@pytest.mark.usefixtures("folder")
def test_without_the_entry_less_is_verified_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody should take a checkpoint for an entry."""
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Which entry has the number 3 was not checked; give it by --entry.",
        "the checkpoint is verified; no entry was",
    ]
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verified"], answer["entry_verified"], answer["entry"]) == (True, None, None)


@pytest.mark.usefixtures("folder")
def test_json_holds_the_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    """One document."""
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["verified"] is True
    assert answer["entry_verified"] is True
    assert (answer["origin"], answer["size"], answer["index"]) == ("log.example/small", 7, 3)
    assert answer["witnesses"] == [{"name": "w1", "time_s": TIME_S}, {"name": "w2", "time_s": TIME_S + 1}]
    assert answer["quorum"] == {"name": "both", "met": True}
    assert answer["refusals"] == []


@pytest.mark.usefixtures("folder")
def test_another_entry_is_refused_with_exit_code_5(capsys: pytest.CaptureFixture[str]) -> None:
    """What holds is said too."""
    Path("a.json").write_bytes(b"{}")
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json"]) == 5
    out = capsys.readouterr().out
    assert "That is enough for the quorum both" in out
    assert out.splitlines()[-1] == "REFUSED: entry 3 of 7: the proof leads to another root"
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json", "--json"]) == 5
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verified"], answer["entry_verified"]) == (False, False)
    assert answer["refusals"] == [{"code": "ProofError", "message": "entry 3 of 7: the proof leads to another root"}]


@pytest.mark.usefixtures("folder")
def test_too_few_witnesses_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Strangers are named, as harmless text, and do not count."""
    head = head_of(7)
    odd = replace(STRANGER, name="x\u202e")
    note = signed_head(7).with_signatures(WITNESS.cosign(head, time_s=2**62), odd.cosign(head, time_s=1))
    Path("a.tlog-proof").write_bytes(replace(proof_of(3, 7), note=note).encode())
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json"]) == 5
    out = capsys.readouterr().out
    assert "The witness w1 cosigned it at second 4611686018427387904 after 1970." in out
    assert "Passed over, because the policy does not name their keys: x\\u202e." in out
    assert "REFUSED: the quorum both is not met: 1 of the 2 that are needed of 2 agree; cosigned by w1" in out
    assert "verified" not in out


@pytest.mark.usefixtures("folder")
def test_a_policy_without_witnesses_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    """It is allowed, and weaker; a witness may say nothing about time."""
    Path("trust.policy").write_text(POLICY.replace("quorum both", "quorum none"))
    head = head_of(7)
    note = Note(text=head.text, signatures=(LOG.sign(head.text), WITNESS_ML_DSA.cosign(head, time_s=0)))
    Path("a.tlog-proof").write_bytes(replace(proof_of(3, 7), note=note).encode())
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy"]) == 0
    out = capsys.readouterr().out
    assert "The witness w2 cosigned it without saying when." in out
    assert "The policy asks for no witness: the log may have shown others something else." in out


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.tlog-proof", b"hello", "a.tlog-proof: 1 fault(s)\n  line 1: must be c2sp.org/tlog-proof@v1"),
        ("a.tlog-proof", b"a" * 2_000_001, "a.tlog-proof: 1 fault(s)\n  size: has 2,000,001 bytes"),
        ("trust.policy", b"log x\nquorum y\n", "trust.policy: 2 fault(s)\n  line 1: key: x: must be"),
        ("a.json", bytes(65_536), "a.json: 1 fault(s)\n  size: an entry of a log has at most 65,535 bytes"),
        ("a.json", None, "a.json: 1 fault(s)\n  file: cannot be read: No such file"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_files_that_are_not_in_their_form(
    name: str, data: bytes | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, with the file and the place."""
    if data is None:
        Path(name).unlink()
    else:
        Path(name).write_bytes(data)
    assert main(["verify", "proof", "a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"skycommons: {words}" in err
