"""``skycommons policy|roster|licence``: beginning a service, and what is shown of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.cli import licence, main, policy, roster
from skycommons.cli.service_door import PASSPHRASE_VARIABLE
from skycommons.governance.sshsig import public_line
from skycommons.store.key_files import write_member_key
from tests.support.commons import roster_of
from tests.support.services import WITNESS_LINES, seat_key


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A roster and the lines of witnesses."""
    monkeypatch.chdir(tmp_path)
    Path("roster.json").write_text(json.dumps(roster_of().to_json()), encoding="utf-8")
    Path("witnesses").write_text(WITNESS_LINES, encoding="utf-8")
    return tmp_path


BEGIN = ["policy", "init", "--origin", "log.example/x", "--roster", "roster.json", "--witnesses", "witnesses"]


@pytest.mark.usefixtures("folder")
def test_a_service_begins_by_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The answer names the trust file to hand out; the rules and seats are shown in tables."""
    assert main(BEGIN) == 0
    assert "Hand out service/trust.policy" in capsys.readouterr().out
    assert main(["policy", "show"]) == 0
    shown = capsys.readouterr().out
    assert "suspend-territory" in shown
    assert "1 operations, 1 legal, 1 oversight" in shown
    assert main(["roster", "show"]) == 0
    assert "watch-1" in capsys.readouterr().out
    assert main(["licence", "list"]) == 0
    assert all(module.__doc__ for module in (policy, roster, licence))


@pytest.mark.usefixtures("folder")
def test_too_few_seats_for_a_rule_are_told_at_the_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    """For without the rule of governance nobody can be added later."""
    assert main(BEGIN) == 0
    assert "too few" not in capsys.readouterr().err
    found = roster_of()
    Path("roster.json").write_text(json.dumps(replace(found, members=found.members[:5]).to_json()), encoding="utf-8")
    assert main([*BEGIN, "--service", "second"]) == 0
    assert "5 seats are too few for these rules: suspend-territory (7), governance (7)." in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_keys_that_were_made_before_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """So witnesses can watch the log before it begins; keys of another log are refused."""
    assert main(["policy", "keys", "ours", "--origin", "log.example/x"]) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert main([*BEGIN, "--keys", "ours"]) == 0
    assert line in Path("service/trust.policy").read_text(encoding="utf-8")
    assert main(["policy", "keys", "others", "--origin", "log.example/y"]) == 0
    assert main([*BEGIN, "--keys", "others", "--service", "second"]) == 2
    assert "of the log log.example/y" in capsys.readouterr().err
    assert main(["policy", "keys", "ours", "--origin", "log.example/x"]) == 2


@pytest.mark.usefixtures("folder")
def test_a_policy_of_ones_own_is_taken_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """As `policy default` prints it, edited; one that lets one person decide is refused, and nothing is made."""
    assert main(["policy", "default"]) == 0
    text = capsys.readouterr().out
    Path("policy.json").write_text(text, encoding="utf-8")
    assert main([*BEGIN, "--policy", "policy.json"]) == 0
    found = json.loads(text)
    found["rules"]["activate"] |= {"approvals": 1, "distinct_roles": 1}
    Path("policy.json").write_text(json.dumps(found), encoding="utf-8")
    capsys.readouterr()
    assert main([*BEGIN, "--policy", "policy.json", "--service", "second"]) == 2
    assert "no single hand" in capsys.readouterr().err
    assert not Path("second").exists()
    assert main([*BEGIN, "--witnesses", "none", "--service", "third"]) == 2


@pytest.mark.usefixtures("folder")
def test_a_key_for_a_seat_is_made_locked_or_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the roster needs is printed; the secret is not."""
    assert main(["roster", "keygen", "seat.key", "--seat", "seat-1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith('seat-1: {"kind": "ed25519", "key": "')
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["roster", "keygen", "locked.key", "--locked"]) == 2
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret")
    assert main(["roster", "keygen", "locked.key", "--locked"]) == 0
    assert "ENCRYPTED" in Path("locked.key").read_text(encoding="ascii")


@pytest.mark.usefixtures("folder")
def test_a_public_key_of_openssh_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """As it lies in id_ed25519.pub."""
    public = public_line(seat_key("ops-1").public.public_key)
    Path("id.pub").write_text(f"{public} somebody@somewhere\n", encoding="ascii")
    assert main(["roster", "key", "id.pub", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["key"] == seat_key("ops-1").public.key
    assert main(["roster", "key", "none.pub"]) == 2


@pytest.mark.usefixtures("folder")
def test_a_licence_needs_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """Listed or by an area; what is not there cannot be withdrawn."""
    assert main(BEGIN) == 0
    write_member_key(Path("legal.key"), seat_key("legal-1"))
    signed = ["--as", "legal-1", "--key", "legal.key"]
    add = ["licence", "add", "l-1", "--authority", "A", "--ends", "2099-01-01", *signed]
    assert main(add) == 2
    assert main([*add, "--cells", "none"]) == 2
    assert main([*add, "--document", "none"]) == 2
    assert main(["licence", "withdraw", "l-1", *signed]) == 2
    assert "there is no licence l-1" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_roster_is_written_from_seats_and_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """Of both kinds of keys; what is no seat is refused."""
    assert main(["roster", "keygen", "ops.key"]) == 0
    Path("law.pub").write_text(public_line(seat_key("ops-1").public.public_key), encoding="ascii")
    members = ["--member", "ops:operator:operations+technical:ops.key", "--member", "law:chamber:legal:law.pub"]
    assert main(["roster", "write", "made.json", *members, "--epoch", "3"]) == 0
    found = json.loads(Path("made.json").read_text(encoding="utf-8"))
    assert (found["epoch"], [one["roles"] for one in found["members"]]) == (3, [["operations", "technical"], ["legal"]])
    assert {one["keys"][0]["kind"] for one in found["members"]} == {"ed25519", "ssh-ed25519"}
    capsys.readouterr()
    assert main(["roster", "write", "other.json", "--member", "ops:operator"]) == 2
    assert "SEAT:ORGANISATION:ROLE:KEYFILE" in capsys.readouterr().err
    assert main(["roster", "write", "other.json", "--member", "ops:operator:king:ops.key"]) == 2
    assert not Path("other.json").exists()
