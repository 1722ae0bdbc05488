"""``skycommons decide``: what people read, and what is refused before anything is signed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from skycommons.cli import decide_propose, decide_requests, decide_show, decide_submit, decide_votes, main
from skycommons.cli.decide import decide_app
from skycommons.governance.decisions import Effect, To
from skycommons.governance.policy import RuleName
from skycommons.governance.votes import Verdict
from skycommons.governance.words import ServiceClass, ServiceState
from skycommons.store.database import Database
from skycommons.store.key_files import write_member_key
from tests.support.commons import BEGIN_S, DAY_S, ISLAND
from tests.support.services import OFF, Stage, seat_key

THROTTLED = To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD)
MODULES = (decide_propose, decide_requests, decide_show, decide_submit, decide_votes)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A service with an open decision, closed for the commands; keys of all seats lie beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("skycommons.cli.service_door.now_s", lambda: BEGIN_S)
    found = Stage(tmp_path / "service")
    for seat in ("ops-1", "ops-2", "legal-2", "watch-1", "aid-1"):
        write_member_key(Path(f"{seat}.key"), seat_key(seat))
    found.service.close()
    yield found
    found.service.close()


def opened(stage: Stage) -> str:
    """A decision that waits for votes."""
    stage.service = stage.open()
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    Path("preview.json").write_bytes(stage.preview(ISLAND, Effect.REDUCE, OFF))
    stage.service.close()
    return digest


def signed(seat: str) -> list[str]:
    """Who signs."""
    return ["--as", seat, "--key", f"{seat}.key"]


def test_every_part_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Help of each command, without opening anything."""
    for name in decide_app:
        assert main(["decide", name, "--help"]) == 0
    assert capsys.readouterr().out.count("Usage: skycommons decide ") > 20
    assert all(module.__doc__ for module in MODULES)


def test_a_decision_is_listed_and_explained(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Who may vote, who may not and why, what is missing, and the digits that approvers compare."""
    digest = opened(stage)
    assert main(["decide", "list"]) == 0
    assert digest[:12] in capsys.readouterr().out
    assert main(["decide", "show", digest[:8]]) == 0
    said = capsys.readouterr().out
    assert re.search(rf"Code words: {digest[:4]} {digest[4:8]} ", said)
    assert "These seats may vote: ops-2, legal-2, watch-1, watch-2, aid-1." in said
    assert "legal-1 may not: it belongs to operator, as the requester does." in said
    assert "missing: 4 of 4 approvals" in said
    assert "0 of 10 terminals lose service" in said


def test_what_is_signed_is_printed_first(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The explanation, the digest and the preview."""
    digest = opened(stage)
    assert main(["decide", "approve", digest, *signed("legal-2"), "--reason", "seen"]) == 0
    out, err = capsys.readouterr()
    assert "legal-2 says approve of the decision" in out
    assert "It is of the preview" in out
    assert out.rstrip().endswith(f"Decision {digest[:12]} is open.")
    assert "not computed again" in err


def test_it_must_be_said_how_to_sign(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """By a key or elsewhere, not by both or neither."""
    digest = opened(stage)
    assert main(["decide", "approve", digest, "--as", "legal-2"]) == 2
    assert main(["decide", "approve", digest, *signed("legal-2"), "--to-sign", "m"]) == 2
    assert capsys.readouterr().err.count("give your key by --key") == 2


def test_a_preview_that_differs_is_not_signed(
    stage: Stage, capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    """The invented one of this test is not what the scenario says."""
    digest = opened(stage)
    scenario = str(repository / "scenarios/decisions/islands.toml")
    assert main(["decide", "approve", digest, *signed("legal-2"), "--scenario", scenario]) == 5
    assert "not signed: computed here, the preview is another one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--ends", "2028-01-01", "--for", "3d"], "not by both"),
        (["--site", "clinic"], "write ID=REASON"),
        (["--rule", "mine"], "has no rule 'mine'"),
        (["--request", "12345678"], "no request begins so"),
        ([], "say when it ends"),
    ],
)
def test_what_cannot_follow_is_asked_for(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    """Before anything is signed."""
    opened(stage)
    Path("cells").write_text("853b4ea3fffffff\n", encoding="ascii")
    place = ["--cells", "cells", "--preview", "preview.json"]
    asked = ["decide", "propose", "--effect", "reduce", "--title", "t", "--basis", "regulator", *place]
    assert main([*asked, *words, *signed("ops-1")]) == 2
    assert told in capsys.readouterr().err


def test_a_decision_without_a_preview_is_refused(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """And an emergency that gives back is none."""
    opened(stage)
    Path("cells").write_text("853b4ea3fffffff\n", encoding="ascii")
    asked = ["decide", "propose", "--effect", "reduce", "--title", "t", "--basis", "regulator", "--for", "3d"]
    assert main([*asked, "--cells", "cells", *signed("ops-1")]) == 2
    assert "names its preview" in capsys.readouterr().err
    assert main(["decide", "emergency", *asked[2:], "--cells", "cells", "--effect", "restore", *signed("ops-1")]) == 2


def test_a_group_is_previewed_decided_and_restored(
    stage: Stage, capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    """Its terminals are counted; an approver counts them again; protected users keep service."""
    scenario = str(repository / "scenarios/decisions/islands.toml")
    group = ["--effect", "reduce", "--group", "westholm-town", "--scenario", scenario]
    assert main(["decide", "preview", *group, "-o", "p.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["terminals"] == {"inside": 1, "lose": 1, "gain": 0, "elsewhere_lose": 0}
    asked = ["decide", "propose", *group, "--title", "A group", "--basis", "contract", "--for", "10d"]
    assert main([*asked, "--no-exempt", *signed("ops-1")]) == 2
    assert "spares protected users" in capsys.readouterr().err
    assert main([*asked, *signed("ops-1"), "--json"]) == 0
    digest = json.loads(capsys.readouterr().out)["digest"]
    for seat in ("legal-2", "watch-1", "aid-1"):
        assert main(["decide", "approve", digest, "--scenario", scenario, *signed(seat)]) == 0
    stage.service = stage.open()
    stage.settle(60)
    stage.settle(86_400)
    stage.service.close()
    capsys.readouterr()
    words = [
        "--effect",
        "restore",
        "--restores",
        digest,
        "--scenario",
        scenario,
        "--title",
        "Back",
        "--basis",
        "contract",
    ]
    assert main(["decide", "propose", *words, *signed("aid-1"), "--json"]) == 0
    restore = json.loads(capsys.readouterr().out)["digest"]
    assert main(["decide", "approve", restore, "--scenario", scenario, *signed("legal-2")]) == 0
    assert main(["decide", "approve", digest, "--scenario", "scenario.toml", *signed("legal-2")]) == 2


def test_an_area_is_previewed_with_a_map_and_tables(
    stage: Stage, capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    """For people to look at; what is signed is the document."""
    opened(stage)
    folder = repository / "scenarios" / "decisions"
    words = [
        "--effect",
        "reduce",
        "--area",
        str(folder / "westholm.geojson"),
        "--scenario",
        str(folder / "islands.toml"),
    ]
    files = ["-o", "p.json", "--figure", "p.svg", "--tables", "cells"]
    assert main(["decide", "preview", *words, *files]) == 0
    assert "cells of the decision" in capsys.readouterr().out
    assert all(Path(name).stat().st_size for name in ("p.json", "p.svg", "cells.csv", "cells.geojson"))


def test_requests_and_appeals_are_told_apart(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Only what is sealed can be opened; what was forgotten stays closed."""
    opened(stage)
    Path("letter").write_text("please", encoding="utf-8")
    Path("cells").write_text("853b4ea3fffffff\n", encoding="ascii")
    asked = ["decide", "request", "--kind", "company", "--party", "x", "--wants", "restrict", "--where", "a rig"]
    words = ["--ground", "contract", "--document", "letter", "--cells", "cells", "--received", "2026-01-01", "--json"]
    assert main([*asked, *words, *signed("legal-2")]) == 0
    digest = json.loads(capsys.readouterr().out)["digest"]
    assert main(["decide", "unseal", digest, *signed("legal-2")]) == 2
    assert "is not sealed" in capsys.readouterr().err
    assert (
        main(["decide", "request", *asked[2:], "--ground", "contract", "--document", "none", *signed("legal-2")]) == 2
    )
    sealed = [*asked, "--ground", "court-order", "--seal", "2028-01-01", "--json"]
    assert main([*sealed, *signed("legal-2")]) == 0
    digest = json.loads(capsys.readouterr().out)["digest"]
    for erased in (True, False):
        assert main(["decide", "forget", digest[:10], "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"request": digest, "erased": erased}
    assert main(["decide", "unseal", digest, *signed("legal-2")]) == 2
    assert "was forgotten" in capsys.readouterr().err


def test_nothing_is_kept_of_a_sealed_request_that_was_refused(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither if the rules refuse it nor if nobody could sign; and nothing of it stands in the log if it is taken."""
    words = ["decide", "request", "--kind", "state", "--party", "secret-party", "--wants", "withhold"]
    words += ["--where", "secret place", "--ground", "court-order", "--ref", "secret order", "--seal", "2028-01-01"]
    for wrong in (
        ["--as", "seat-none", "--key", "ops-1.key"],
        ["--as", "legal-2"],
        ["--as", "legal-2", "--key", "none.key"],
    ):
        assert main([*words, *wrong]) != 0
        assert "Traceback" not in capsys.readouterr().err
        assert secrets_of(stage) == []
    assert main([*words, *signed("legal-2")]) == 0
    assert "secret" not in capsys.readouterr().out
    assert len(secrets_of(stage)) == 1
    public = b"".join(path.read_bytes() for path in (stage.folder / "log").rglob("*") if path.is_file())
    assert b"secret" not in public
    assert b"sealed-request" in public


def secrets_of(stage: Stage) -> list[str]:
    """What the database keeps behind commitments."""
    with Database.open("sqlite:///service.db", folder=stage.folder) as database, database.snapshot() as state:
        return [commitment for commitment, _ in state.secrets()]


def test_how_long_it_lasts_is_counted_from_the_end_of_its_own_delay(stage: Stage) -> None:
    """Of the rule that it falls under, and of protected users inside: not of any other rule."""
    stage = Stage(stage.folder.with_name("other"), default_class=ServiceClass.PRIORITY)
    Path("preview.json").write_bytes(stage.preview(ISLAND, Effect.REDUCE, THROTTLED))
    stage.service.close()
    Path("cells").write_text("".join(f"{cell}\n" for cell in ISLAND), encoding="ascii")
    words = ["decide", "propose", "--effect", "reduce", "--state", "active", "--class", "standard", "--cells", "cells"]
    words += ["--title", "t", "--basis", "regulator", "--for", "10d", "--preview", "preview.json"]
    words += ["--service", str(stage.folder)]
    assert main([*words, *signed("ops-1")]) == 0
    stage.service = stage.open()
    decision = list(stage.service.state.decisions.values())[-1].decision
    assert decision.quorum_rule == RuleName.RESTRICT_TERRITORY
    assert decision.ends_at == BEGIN_S + decision.not_before_delay_s + 10 * DAY_S
    assert decision.not_before_delay_s == DAY_S
    stage.service.close()


def test_an_appeal_is_shown(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """With its ground and its votes, in words."""
    digest = opened(stage)
    stage.service = stage.open()
    for seat in ("ops-2", "legal-2", "watch-1", "watch-2"):
        member = stage.service.state.roster.member(seat)
        assert member is not None
        stage.vote(seat, digest, Verdict.REJECT, role=member.roles[0])
    stage.service.close()
    words = ["--kind", "company", "--party", "telecom", "--ground", "it was refused", "--json"]
    assert main(["decide", "appeal", digest, *words, *signed("aid-1")]) == 0
    appeal = json.loads(capsys.readouterr().out)["digest"]
    assert main(["decide", "resolve", appeal[:8], "dismiss", "--to-sign", "message", "--as", "aid-1"]) == 0
    assert "ssh-keygen -Y sign -f KEY -n decision@commons.example/decisions message" in capsys.readouterr().out
    assert main(["decide", "show", appeal[:8]]) == 0
    assert "of telecom against decision" in capsys.readouterr().out
    assert main(["decide", "list", "--all"]) == 0
    assert "rejected" in capsys.readouterr().out


def test_a_service_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With the command that makes one."""
    assert main(["decide", "list", "--service", str(tmp_path / "none")]) == 2
    assert "skycommons policy init" in capsys.readouterr().err
