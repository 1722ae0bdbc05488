"""What a user may do, how he comes by more, and what he is told where he cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import privileges
from skycommons.emulation.privileges import GUARD, INTO_USER_NAMESPACE, Privileges, check, command_line, ensure, refusal
from tests.support.programs import needed, without

NOTHING = Privileges(namespaces=False, user_namespaces=False, tun=True)
USER = Privileges(namespaces=False, user_namespaces=True, tun=True)
ALL = Privileges(namespaces=True, user_namespaces=True, tun=True)

# What root may without its capabilities is what anybody may; the one that is kept lets it map itself into a namespace.
UNPRIVILEGED = ("setpriv", "--bounding-set=-all,+setfcap", "--inh-caps=-all")

STORY = """
import os, sys
from skycommons.base.errors import HostError
from skycommons.emulation.privileges import check, ensure
before = os.getpid()
try:
    ensure()
except HostError as error:
    sys.exit(f"refused: {error}")
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import TerminalPlace, layout_of
from tests.support.plain_wire import PlainWire
with Hosts.build(layout_of([TerminalPlace("a", "p")])) as hosts, PlainWire(hosts.ports):
    pinged = hosts["a"].run(["ping", "-c", "1", "-W", "10", "internet"], timeout_s=30.0)
    translated = hosts["a"].run(["ping", "-4", "-c", "1", "-W", "10", "internet"], timeout_s=30.0)
print(pinged.returncode, translated.returncode, hosts.notes, sys.argv[1:], os.environ.get("SKYCOMMONS_USER_NAMESPACE"))
"""


def story(repository: Path, tmp_path: Path, *before: str) -> "subprocess.CompletedProcess[str]":
    """Build hosts with fewer rights, as a script that was started with arguments."""
    for program in "setpriv", "unshare", "ping", "ip":
        needed(program)
    script = tmp_path / "story.py"
    script.write_text(STORY)
    return subprocess.run(
        [*before, *UNPRIVILEGED, sys.executable, str(script), "with", "arguments"],
        cwd=repository,
        env={**{name: text for name, text in os.environ.items() if name != GUARD}, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120.0,
    )


def test_whoever_may_make_user_namespaces_needs_no_root(repository: Path, tmp_path: Path) -> None:
    """The command starts itself again, once, with its arguments; addresses are translated as with root."""
    if subprocess.run([*UNPRIVILEGED, *INTO_USER_NAMESPACE, "true"], check=False, capture_output=True).returncode:
        without("this machine does not let users make namespaces")
    done = story(repository, tmp_path)
    assert done.stderr == ""
    assert done.stdout == "0 0 () ['with', 'arguments'] 1\n"


def test_whoever_may_not_is_told_both_remedies(repository: Path, tmp_path: Path) -> None:
    """And which kernel parameter forbids it; nothing else happens."""
    limited = ("unshare", "--user", "--map-root-user", "sh", "-c")
    limit = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    if subprocess.run([*limited, limit, "sh", "true"], check=False, capture_output=True).returncode:
        without("this machine does not let users make namespaces")
    done = story(repository, tmp_path, *limited, limit, "sh")
    assert done.returncode == 1
    assert "run the command with sudo" in done.stderr
    assert "sudo sysctl user.max_user_namespaces=10000" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_who_may_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started again."""
    monkeypatch.setattr(privileges, "check", lambda: ALL)
    monkeypatch.setattr(os, "execvpe", lambda *_: pytest.fail("started again"))
    ensure()
    privileges.needed()


def test_the_command_is_started_again_under_a_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same arguments, and never twice."""
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(privileges, "check", lambda: USER)
    monkeypatch.setattr(os, "execvpe", lambda *what: started.append(what))
    ensure(["skycommons", "emulate", "x y.toml"], environ={"A": "1"})
    ((program, argv, environ),) = started
    assert program == "unshare"
    assert argv == [*INTO_USER_NAMESPACE, "--", "skycommons", "emulate", "x y.toml"]
    assert environ == {"A": "1", GUARD: "1"}
    with pytest.raises(HostError, match="sudo"):
        ensure(environ=environ)
    with pytest.raises(HostError, match="sudo"):
        privileges.needed()


def test_modules_scripts_and_entry_points_start_again_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """By this very interpreter."""
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "skycommons", "emulate"])
    assert command_line() == [sys.executable, "-m", "skycommons", "emulate"]


def test_a_machine_without_tun_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Being root in a namespace would not help."""
    without_tun = Privileges(namespaces=False, user_namespaces=True, tun=False)
    monkeypatch.setattr(privileges, "check", lambda: without_tun)
    with pytest.raises(HostError, match="sudo modprobe tun"):
        ensure(environ={})


def test_the_parameters_that_forbid_it_are_named(tmp_path: Path) -> None:
    """Those of Debian and Ubuntu too; where none does, the one to look at."""
    for folder in "user", "kernel":
        (tmp_path / folder).mkdir()
    assert "see sysctl user.max_user_namespaces" in refusal(NOTHING, tmp_path)
    (tmp_path / "kernel/unprivileged_userns_clone").write_text("0\n")
    (tmp_path / "kernel/apparmor_restrict_unprivileged_userns").write_text("1\n")
    (tmp_path / "user/max_user_namespaces").write_text("63000\n")
    told = refusal(NOTHING, tmp_path)
    assert "kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0" in told
    assert "max_user_namespaces" not in told


def test_trying_finds_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal, a program that is missing and one that hangs all mean no."""

    def refuse(_: int) -> None:
        raise HostError("new namespaces are refused")

    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("unshare", 10.0)

    monkeypatch.setattr(privileges, "unshare", refuse)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0))
    assert not check().namespaces
    assert check().user_namespaces
    monkeypatch.setattr(subprocess, "run", hang)
    assert not check().user_namespaces
    monkeypatch.setattr(privileges, "found", lambda _: False)
    assert not check().user_namespaces
