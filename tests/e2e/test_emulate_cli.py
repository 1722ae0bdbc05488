"""``skycommons emulate`` as its users run it: a process of its own, real programs, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.live_world import LIVE
from tests.support.programs import needed
from tests.support.tiny_world import tiny_text

pytestmark = pytest.mark.usefixtures("needs_namespaces")
SKYCOMMONS = (sys.executable, "-m", "skycommons")
PROBES = (
    '[[emulation.hosts]]\nname = "studio"\n'
    '[[emulation.events]]\nkind = "stow"\nat_s = 25\nterminal = "east"\n'
    '[[emulation.probes]]\nkind = "ping"\nfrom = ["zurich", "east"]\nduration_s = 4\ninterval_s = 0.1'
)


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Two terminals, a few gateways, probes and an event."""
    path = tmp_path / "live.toml"
    path.write_text(tiny_text(**{**LIVE, "emulation": PROBES}), encoding="utf-8")
    return str(path)


def ran(*words: str) -> "subprocess.CompletedProcess[str]":
    """The command, to its end."""
    return subprocess.run([*SKYCOMMONS, "emulate", *words], capture_output=True, text=True, check=False, timeout=240)


def test_a_real_ping_crosses_the_constellation(scenario: str) -> None:
    """Its output, its exit code; what the terminals have stands beside it."""
    needed("ping")
    found = ran(scenario, "--on", "zurich", "--", "ping", "-n", "-c", "3", "-i", "0.2", "studio")
    assert found.returncode == 0, found.stderr
    assert "3 packets transmitted, 3 received" in found.stdout
    assert "zurich is 100.64.0.2" in found.stderr
    assert "s53-p" in found.stderr
    unknown = ran(scenario, "--quiet", "--", "ping", "-n", "-c", "1", "nowhere")
    assert unknown.returncode == 2
    assert unknown.stdout == ""


def test_a_program_whose_time_is_over_says_what_it_found(scenario: str) -> None:
    """Time may run faster than the clock; a stowed dish takes the line away."""
    needed("ping")
    found = ran(scenario, "--on", "east", "--speed", "5", "--seconds", "40", "--", "ping", "-n", "-i", "0.2", "studio")
    assert found.returncode == 124, found.stderr
    assert "packets transmitted" in found.stdout
    assert " 0% packet loss" not in found.stdout
    assert any(" east " in line and "its dish is down" in line for line in found.stderr.splitlines())


def test_probes_run_and_are_written(scenario: str, tmp_path: Path) -> None:
    """One document; figures and files beside it."""
    needed("ping")
    found = ran(scenario, "--seconds", "10", "--out", str(tmp_path / "out"), "--json")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert [(probe["probe"], probe["from"], probe["to"]) for probe in answer["probes"]] == [
        ("ping", "zurich", "studio"),
        ("ping", "east", "studio"),
    ]
    assert all(probe["packets"] >= 30 for probe in answer["probes"])
    assert Path(answer["files"]["summary"]).parent == tmp_path / "out" / "tiny-live"


def test_an_interrupt_ends_the_program_and_then_the_network(scenario: str) -> None:
    """Sent to skycommons alone, as by a service manager; no namespace's process is left."""
    needed("ping")
    with subprocess.Popen(
        [*SKYCOMMONS, "emulate", scenario, "--", "ping", "-n", "-i", "0.2", "studio"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as program:
        assert program.stdout is not None
        said = [program.stdout.readline() for _ in range(3)]
        assert "time=" in said[-1]
        program.send_signal(signal.SIGINT)
        rest, _ = program.communicate(timeout=60)
    assert "packets transmitted" in rest
    assert program.returncode == 0
    children = Path(f"/proc/{program.pid}")
    until_s = time.monotonic() + 10.0
    while children.exists() and time.monotonic() < until_s:
        time.sleep(0.1)
    assert not children.exists()
