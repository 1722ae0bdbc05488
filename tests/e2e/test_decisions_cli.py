"""A whole life of decisions by commands alone, with witness servers whose clock is turned; verified in another folder."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from skycommons.cli import main
from skycommons.cli.service_door import when
from skycommons.governance.note_keys import parse_vkey
from tests.support.commons import BEGIN_S, DAY_S
from tests.support.programs import needed
from tests.support.witness_servers import witness_servers

SEATS = {
    "seat-ops-1": ("operator", "operations"),
    "seat-ops-2": ("carrier", "operations"),
    "seat-legal-1": ("operator", "legal"),
    "seat-legal-2": ("chamber", "legal"),
    "seat-watch-1": ("council", "oversight"),
    "seat-watch-2": ("university", "oversight"),
    "seat-aid-1": ("relief", "humanitarian"),
}
ORIGIN = "log.example/decisions"
SSH_SEAT = "seat-legal-2"


class Cli:
    """The commands, with a service, keys of every seat, and clocks that can be turned."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], repository: Path) -> None:
        self.folder = folder
        self.capsys = capsys
        self.now_s = BEGIN_S
        self.scenario = repository / "scenarios" / "decisions" / "islands.toml"
        self.areas = repository / "scenarios" / "decisions"

    def run(self, *words: object, code: int = 0) -> dict[str, Any]:
        """One command with --json; its answer."""
        assert main([*map(str, words), "--json"]) == code, self.capsys.readouterr()
        text = self.capsys.readouterr().out
        return json.loads(text) if text else {}

    def refused(self, *words: object) -> str:
        """A command that is refused by the rules; why."""
        self.capsys.readouterr()
        assert main([*map(str, words)]) == 5
        return self.capsys.readouterr().err

    def service(self, *words: object, code: int = 0) -> dict[str, Any]:
        """A command on the service."""
        return self.run(*words, "--service", self.folder / "service", code=code)

    def key(self, seat: str) -> Path:
        """A seat's key."""
        return self.folder / f"{seat}.key"

    def signed(self, seat: str, *words: object) -> dict[str, Any]:
        """A command that a seat signs."""
        return self.service(*words, "--as", seat, "--key", self.key(seat))

    def settle(self, after_s: int = 0) -> dict[str, Any]:
        """Let time pass, and ask the witnesses."""
        self.now_s += after_s
        return self.service("decide", "settle")

    def begin(self, witnesses: str) -> None:
        """Make the service."""
        (self.folder / "witnesses").write_text(witnesses, encoding="utf-8")
        members = []
        for seat, (organisation, role) in SEATS.items():
            if seat == SSH_SEAT:
                words = [str(needed("ssh-keygen")), "-q", "-t", "ed25519", "-N", "", "-f", str(self.key(seat))]
                subprocess.run(words, check=True)
                made = self.run("roster", "key", f"{self.key(seat)}.pub", "--seat", seat)
            else:
                made = self.run("roster", "keygen", self.key(seat), "--seat", seat)
            keys = [{"kind": made["kind"], "key": made["key"]}]
            members.append({"id": seat, "organisation": organisation, "roles": [role], "keys": keys, "interests": []})
        organisations = [{"id": name, "affiliates": []} for name in sorted({row[0] for row in SEATS.values()})]
        roster = {"v": 1, "epoch": 1, "members": members, "organisations": organisations}
        (self.folder / "roster.json").write_text(json.dumps(roster, indent=2), encoding="utf-8")
        self.service(
            *("policy", "init", "--origin", ORIGIN, "--roster", self.folder / "roster.json"),
            *("--witnesses", self.folder / "witnesses", "--keys", self.folder / "log-keys"),
            *("--default-state", "active", "--max-age", "3600d"),
        )

    def suspend(self, *words: object) -> dict[str, Any]:
        """Ask to suspend service over Westholm."""
        return self.signed(
            *("seat-ops-1", "decide", "propose", "--effect", "reduce", "--area", self.areas / "westholm.geojson"),
            *("--title", "Suspend Westholm", "--basis", "court-order", "--ref", "case 7"),
            *("--ends", when(BEGIN_S + 30 * DAY_S)[:-4], "--preview", self.folder / "preview.json", *words),
        )


@pytest.fixture
def cli(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cli]:
    """A service that was made by commands, and two witnesses that watch it."""
    found = Cli(tmp_path, capsys, repository)
    monkeypatch.setattr("skycommons.cli.service_door.now_s", lambda: found.now_s)
    made = found.run("policy", "keys", tmp_path / "log-keys", "--origin", ORIGIN)
    log_keys = [parse_vkey(text) for text in made["vkeys"]]
    with ExitStack() as stack:
        servers = stack.enter_context(
            witness_servers(tmp_path / "witness", ["north", "south"], log_keys=log_keys, clock=lambda: found.now_s)
        )
        found.begin("".join(one.lines for one in servers) + "group both all north south\nquorum both\n")
        yield found


def test_a_decision_lives_by_commands_and_is_verified_elsewhere(cli: Cli, tmp_path: Path) -> None:
    """Requested, previewed, asked for, recused, approved by three roles and an SSH key, waited for, enforced, verified."""
    asked = cli.signed(
        *("seat-legal-1", "decide", "request", "--kind", "court", "--name", "Court of the Isles"),
        *("--party", "court-of-isles", "--wants", "withhold", "--where", "Westholm", "--ground", "court-order"),
    )
    cli.service(
        *("decide", "preview", "--effect", "reduce", "--area", cli.areas / "westholm.geojson"),
        *("--scenario", cli.scenario, "-o", tmp_path / "preview.json"),
    )
    digest = cli.suspend("--request", asked["digest"][:12])["digest"]
    told = cli.service("decide", "show", digest[:8])
    assert told["eligible"] == ["seat-ops-2", "seat-legal-2", "seat-watch-1", "seat-watch-2", "seat-aid-1"]
    cli.signed("seat-watch-2", "decide", "recuse", digest, "--conflict", "advises the court")
    cli.signed("seat-ops-2", "decide", "approve", digest, "--scenario", cli.scenario)
    _sign_elsewhere(cli, digest)
    cli.signed("seat-watch-1", "decide", "approve", digest)
    assert cli.signed("seat-aid-1", "decide", "approve", digest)["state"] == "queued"
    assert cli.settle(60)["moves"] == []
    assert cli.settle(7 * DAY_S)["moves"] == [{"decision": digest, "before": "queued", "after": "applying"}]
    assert cli.service("decide", "effective", digest[:10])["state"] == "effective"
    assert cli.settle(60)["is_witnessed"]
    assert cli.service("log", "bundle", "-o", tmp_path / "log.bundle")["verifies"]
    _verified_elsewhere(cli, tmp_path, digest)


def _sign_elsewhere(cli: Cli, digest: str) -> None:
    """Approve by OpenSSH's own program."""
    message = cli.folder / "vote.message"
    written = cli.service("decide", "approve", digest, "--as", SSH_SEAT, "--to-sign", message)
    words = [str(needed("ssh-keygen")), "-q", "-Y", "sign", "-f", str(cli.key(SSH_SEAT)), "-n", written["namespace"]]
    subprocess.run([*words, str(message)], check=True, capture_output=True)
    handed = cli.service("decide", "submit", message, "--signature", f"{message}.sig")
    assert handed["decision"] == digest


def _verified_elsewhere(cli: Cli, folder: Path, digest: str) -> None:
    """Two files on another machine are enough."""
    other = folder / "other"
    other.mkdir()
    shutil.copy(folder / "log.bundle", other)
    shutil.copy(folder / "service" / "trust.policy", other)
    moment = when(cli.now_s)[:-4]
    words = [sys.executable, "-m", "skycommons", "verify", "log.bundle", "--trust", "trust.policy", "--at", moment]
    found = subprocess.run(words, cwd=other, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert f"Decision {digest[:12]}" in found.stdout
    assert "seat-watch-2, as oversight, recused itself" in found.stdout
    assert "The map is verified: it may be obeyed." in found.stdout
    data = bytearray((other / "log.bundle").read_bytes())
    data[len(data) // 2] ^= 4
    (other / "log.bundle").write_bytes(bytes(data))
    assert main(["verify", str(other / "log.bundle"), "--trust", str(other / "trust.policy")]) == 2


def test_one_person_alone_is_refused(cli: Cli, tmp_path: Path) -> None:
    """By the rules, whatever is tried; the log says nothing of it."""
    cli.service(
        *("decide", "preview", "--effect", "reduce", "--area", cli.areas / "westholm.geojson"),
        *("--scenario", cli.scenario, "-o", tmp_path / "preview.json"),
    )
    digest = cli.suspend()["digest"]
    folder = tmp_path / "service"
    own = ("--key", cli.key("seat-ops-1"), "--service", folder)
    assert "made the request" in cli.refused("decide", "approve", digest, "--as", "seat-ops-1", *own)
    assert "not one of seat-aid-1's" in cli.refused("decide", "approve", digest, "--as", "seat-aid-1", *own)
    assert "no seat as oversight" in cli.refused("decide", "veto", digest, "--as", "seat-ops-1", *own)
    assert cli.run("log", "show", folder)["size"] == 2
    assert cli.signed("seat-ops-1", "decide", "cancel", digest)["state"] == "cancelled"


def test_a_row_that_was_edited_is_named(cli: Cli, tmp_path: Path) -> None:
    """The service opens for nobody until it says what its log says."""
    with sqlite3.connect(tmp_path / "service" / "service.db") as connection:
        connection.execute("UPDATE projection SET value = replace(value, '\"version\":0', '\"version\":9')")
    connection.close()
    message = cli.refused("decide", "list", "--service", tmp_path / "service")
    assert "projection, map" in message
    assert "projection, policy" not in message


def test_an_emergency_is_two_persons_and_two_give_back(cli: Cli) -> None:
    """Computed, asked, agreed, in force; restored, reviewed by others, appealed against."""
    cli.settle()
    digest = cli.signed(
        *("seat-ops-1", "decide", "emergency", "--effect", "reduce", "--area", cli.areas / "westholm.geojson"),
        *("--title", "Interference", "--basis", "interference", "--scenario", cli.scenario),
    )["digest"]
    cli.signed("seat-ops-1", "decide", "approve", digest)
    cli.signed("seat-legal-2", "decide", "approve", digest)
    assert cli.settle(60)["moves"][0]["after"] == "emergency-effective"
    restore = cli.signed(
        *("seat-aid-1", "decide", "propose", "--effect", "restore", "--restores", digest[:8], "--title", "It is over"),
        *("--basis", "safety", "--scenario", cli.scenario),
    )["digest"]
    cli.signed("seat-ops-2", "decide", "approve", restore, "--scenario", cli.scenario)
    cli.signed("seat-watch-1", "decide", "approve", restore)
    moves = {move["decision"]: move["after"] for move in cli.settle(60)["moves"]}
    assert moves == {digest: "review-open", restore: "applying"}
    cli.signed("seat-watch-1", "decide", "review", digest, "censure", "--reason", "nobody measured")
    assert cli.signed("seat-watch-2", "decide", "review", digest, "censure")["state"] == "censured"
    appeal = cli.signed(
        *("seat-aid-1", "decide", "appeal", digest, "--kind", "company", "--party", "westholm-telecom"),
        *("--ground", "customers were cut off"),
    )["digest"]
    cli.signed("seat-watch-1", "decide", "resolve", appeal[:8], "grant")
    cli.signed("seat-ops-2", "decide", "resolve", appeal[:8], "grant")
    assert cli.service("decide", "show", appeal[:8])["status"] == "granted"
    assert cli.service("decide", "list", "--all")["decisions"][0]["state"] == "censured"


def test_licences_are_registered_listed_and_withdrawn(cli: Cli, tmp_path: Path) -> None:
    """By an area or a list of cells; nothing is switched by them."""
    add = ("seat-legal-2", "licence", "add")
    ends = ("--authority", "Regulator of the Isles", "--ends", when(BEGIN_S + 300 * DAY_S)[:-4])
    cli.signed(*add, "isles-1", "--area", cli.areas / "eastholm.geojson", *ends)
    assert cli.service("licence", "list")["licences"][0]["cells_count"] == 28
    (tmp_path / "cells").write_text("853b6ba7fffffff\n853b6ba3fffffff\n", encoding="ascii")
    cli.signed(*add, "isles-1", "--cells", tmp_path / "cells", *ends)
    cli.signed("seat-legal-2", "licence", "withdraw", "isles-1")
    (licence,) = cli.service("licence", "list")["licences"]
    assert (licence["status"], licence["cells_count"]) == ("withdrawn", 2)
    assert cli.service("log", "bundle", "-o", tmp_path / "x.bundle", code=5)["map_version"] == 0


def test_requests_are_answered_sealed_and_opened(cli: Cli) -> None:
    """What the law seals shows that somebody asked; later it is opened."""
    asked = (
        "decide",
        "request",
        "--kind",
        "company",
        "--party",
        "telecom-x",
        "--wants",
        "withhold",
        "--where",
        "a rig",
    )
    first = cli.signed("seat-legal-1", *asked, "--ground", "contract")["digest"]
    cli.signed("seat-legal-1", "decide", "answer", first[:8], "declined", "--reason", "no ground in law")
    until = when(BEGIN_S + 90 * DAY_S)[:-4]
    sealed = cli.signed("seat-legal-1", *asked, "--ground", "court-order", "--seal", until)["digest"]
    shown = cli.service("decide", "show", sealed[:8])
    assert "telecom-x" not in json.dumps(shown)
    cli.signed("seat-legal-1", "decide", "unseal", sealed[:8])
    assert "telecom-x" in json.dumps(cli.service("decide", "show", sealed[:8]))
    cli.signed("seat-watch-2", "decide", "declare", "--party", "telecom-x")
    assert cli.service("decide", "show", first[:8])["status"] == "declined"


def test_rosters_and_policies_are_shown_and_asked_for(cli: Cli, tmp_path: Path) -> None:
    """As files that people edit."""
    roster = json.loads((tmp_path / "roster.json").read_text(encoding="utf-8")) | {"epoch": 2}
    (tmp_path / "next.json").write_text(json.dumps(roster, indent=4), encoding="utf-8")
    assert cli.service("roster", "show")["epoch"] == 1
    digest = cli.signed("seat-ops-1", "roster", "propose", tmp_path / "next.json", "--title", "next year")["digest"]
    policy = cli.run("policy", "default") | {"version": 2}
    (tmp_path / "policy.json").write_text(json.dumps(policy), encoding="utf-8")
    cli.signed("seat-ops-1", "policy", "propose", tmp_path / "policy.json", "--title", "next rules")
    assert len(cli.service("decide", "list")["decisions"]) == 2
    assert cli.service("policy", "show")["version"] == 1
    cli.signed("seat-ops-2", "decide", "reject", digest, "--reason", "no need")
    cli.signed("seat-watch-1", "decide", "veto", digest)
    assert cli.service("decide", "show", digest[:8])["state"] == "vetoed"


def test_a_service_without_its_witnesses_says_so(cli: Cli, tmp_path: Path) -> None:
    """Nothing new is believed, and the exit code says it."""
    trust = tmp_path / "service" / "trust.policy"
    trust.write_text(
        trust.read_text(encoding="utf-8").replace("http://127.0.0.1", "http://127.0.0.2"), encoding="utf-8"
    )
    answer = cli.service("decide", "settle", code=5)
    assert not answer["is_witnessed"]
    assert {one["witness"] for one in answer["silent"]} >= {"north/ed25519", "south/ed25519"}
    assert not cli.service("log", "bundle", "-o", tmp_path / "early.bundle", code=5)["verifies"]
