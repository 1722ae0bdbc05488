"""``skycommons log``: what is shown of a log's folder, proofs for others, and the exit code of a check."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from skycommons.governance.canonical import canonical_bytes
from tests.support.logs import LOG, LOG_ML_DSA, POLICY, entries_of, head_of
from tests.support.written_logs import Entries, cosigned, writer_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service's folder with a log of 300 entries, witnessed, and a policy."""
    monkeypatch.chdir(tmp_path)
    writer = writer_of(tmp_path / "service")
    writer.add_cosignatures(cosigned(writer.publish(Entries.of(300)), head_of(300)))
    Path("trust.policy").write_text(f"log {LOG_ML_DSA.verifier.vkey}\n{POLICY}")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_log_is_shown_from_its_folder_and_from_the_service_around_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The checkpoint and the last entries."""
    assert main(["log", "show", "service"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("origin     log.example/small\nsize       300\n")
    assert [line.split()[0] for line in out.splitlines() if line.split()[0].isdigit()] == [
        str(n) for n in range(280, 300)
    ]
    assert main(["log", "show", "service/log"]) == 0
    assert capsys.readouterr().out == out


@pytest.mark.usefixtures("folder")
def test_a_range_of_entries_comes_whole_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """As the objects that they are."""
    assert main(["log", "show", "service", "--first", "254", "--count", "3", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["origin"], shown["size"]) == (LOG.name, 300)
    assert [row["entry"] for row in shown["entries"]] == [{"i": 254}, {"i": 255}, {"i": 256}]
    assert main(["log", "show", "service", "--first", "300", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == []
    assert main(["log", "show", "service", "--count", "0"]) == 0


def test_entries_of_strangers_are_shown_safely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Signs that turn a terminal come as escapes; what is no document comes in base64."""
    entry = canonical_bytes({"by": "x\x1b[31m", "kind": "vote"})
    writer_of(tmp_path).publish(Entries([entry, b"\xff\x00"]))
    assert main(["log", "show", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\\x1b[31m" in out
    assert "\x1b" not in out
    assert main(["log", "show", str(tmp_path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["entries"]
    assert (rows[0]["kind"], rows[1]["kind"], rows[1]["base64"]) == ("vote", "?", "/wA=")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "service", "--first", "301"], "must be 0 to 300"),
        (["show", "service", "--count", "-1"], "must be 0 to 300"),
        (["show", "elsewhere"], "is this the folder of a log?"),
        (["prove", "service", "300", "-o", "p"], "has no entry 300"),
        (["fsck", "service", "--max-age", "9"], "name a policy by --policy"),
        (["fsck", "service", "--policy", "none"], "cannot be read"),
    ],
)
def test_bad_input_is_one_clear_message(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and nothing is written."""
    assert main(["log", *words]) == 2
    assert message in capsys.readouterr().err
    assert not Path("p").exists()


@pytest.mark.usefixtures("folder")
def test_a_proof_convinces_the_verifier(capsys: pytest.CaptureFixture[str]) -> None:
    """With the entry beside it, on any machine."""
    assert main(["log", "prove", "service", "77", "-o", "out/a.tlog-proof", "--entry", "a.json"]) == 0
    assert capsys.readouterr().out == "entry 77 of 300: 9 hashes in out/a.tlog-proof\n"
    assert Path("a.json").read_bytes() == entries_of(78)[77]
    assert main(["verify", "proof", "out/a.tlog-proof", "--policy", "trust.policy", "--entry", "a.json"]) == 0
    capsys.readouterr()
    assert main(["log", "prove", "service", "0", "--out", "b.tlog-proof", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "proof": "b.tlog-proof",
        "entry": None,
        "index": 0,
        "size": 300,
        "hashes": 9,
    }


@pytest.mark.usefixtures("folder")
def test_a_sound_log_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    """With what was not looked at."""
    assert main(["log", "fsck", "service"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Signatures were not checked; name whom you trust by --policy.",
        "nothing is wrong",
    ]
    assert main(["log", "fsck", "service", "--policy", "trust.policy"]) == 0
    assert "A quorum of witnesses saw the checkpoint" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_findings_are_told_all_and_change_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """For people, and as one document."""
    Path("service/log/tile/0/000").unlink()
    Path("service/log/stray").write_text("")
    Path("service/log/blob").mkdir(exist_ok=True)
    Path(f"service/log/blob/{'0' * 64}").write_text("")
    assert main(["log", "fsck", "service", "--policy", "trust.policy", "--max-age", "60"]) == 5
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("WRONG")] == [
        *("checkpoint:", "tile/0/000:", "stray:", f"blob/{'0' * 64}:"),
    ]
    assert lines[-1] == "4 findings"
    assert any("named by no entry" in line for line in lines)
    assert main(["log", "fsck", "service", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], told["size"], told["signatures_checked"]) == (False, 300, False)
    assert [one["place"] for one in told["findings"]] == ["tile/0/000", "stray", f"blob/{'0' * 64}"]


@pytest.mark.usefixtures("folder")
def test_a_smaller_policy_passes_over_others(capsys: pytest.CaptureFixture[str]) -> None:
    """If it is asked to."""
    Path("mine").write_text(f"log {LOG.verifier.vkey}\nquorum none\n")
    assert main(["log", "fsck", "service", "--policy", "mine"]) == 5
    assert main(["log", "fsck", "service", "--policy", "mine", "--others"]) == 0
    assert "key that the policy does not name" in capsys.readouterr().out


def test_a_folder_without_a_checkpoint_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is read all the same."""
    assert main(["log", "fsck", str(tmp_path)]) == 5
    assert "WRONG: checkpoint: is missing" in capsys.readouterr().out
