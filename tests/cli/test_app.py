"""The outermost loop: help is light, and every error is one clear message with its exit code."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import skycommons
from skycommons.base.errors import HostError, PlanError
from skycommons.cli import main
from skycommons.cli.app import COMMANDS, build_app

HEAVY = ("numpy", "numba", "xarray", "zarr", "pydantic", "matplotlib", "httpx", "sgp4")


def raising(error: BaseException) -> object:
    """A command that fails."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    return fail


def run_python(code: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=cwd)


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["run", "--help"], ["look", "--help"], ["check", "--help"]]
)
def test_help_imports_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    """A command's libraries load when the command runs."""
    code = (
        f"import sys; from skycommons.cli import main; code = main({words!r}); "
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), code)"
    )
    done = run_python(code, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[] 0", done.stderr


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """No arguments at all ask for help, too."""
    assert main(["--help"]) == 0
    asked = capsys.readouterr().out
    assert all(name in asked for name, _, _ in COMMANDS)
    assert main([]) == 0
    assert capsys.readouterr().out == asked


def test_every_command_loads(capsys: pytest.CaptureFixture[str]) -> None:
    """Each import path leads somewhere."""
    for name, _, _ in COMMANDS:
        assert main([name, "--help"]) == 0
        assert name in capsys.readouterr().out


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """One source of truth."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == skycommons.__version__


@pytest.mark.parametrize("words", [["chek"], ["check"], ["check", "a", "b"], ["check", "a", "--colour", "red"]])
def test_wrong_usage_is_one_line_and_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """In the same shape as every other error."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("skycommons: ")
    assert err.endswith("Try skycommons --help.\n")
    assert err.count("\n") == 1


def interrupted_in_compiled_code() -> SystemError:
    """What arrives when Ctrl-C comes while a compiled kernel runs."""
    error = SystemError("a compiled function returned a result with an exception set")
    error.__cause__ = RuntimeError("in between")
    error.__cause__.__context__ = KeyboardInterrupt()
    return error


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (PlanError("no plan"), 4, "skycommons: no plan\n"),
        (HostError("no network"), 6, "skycommons: no network\n"),
        (KeyboardInterrupt(), 130, "skycommons: interrupted\n"),
        (interrupted_in_compiled_code(), 130, "skycommons: interrupted\n"),
        (OSError(28, "No space left on device", "results/x"), 6, "skycommons: results/x: No space left on device\n"),
        (OSError("odd"), 6, "skycommons: the machine: odd\n"),
        (
            ZeroDivisionError("1/0"),
            1,
            "unexpected error: ZeroDivisionError: 1/0; run again with --debug to see where\n",
        ),
    ],
)
def test_an_error_becomes_its_message_and_exit_code(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback reaches a user."""
    monkeypatch.setattr("skycommons.cli.check.check", raising(error))
    assert main(["check"]) == code
    assert capsys.readouterr().err.endswith(message)


@pytest.mark.parametrize("error", [ZeroDivisionError("1/0"), OSError("odd")])
def test_debug_lets_the_traceback_through(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """For developers, and for bug reports."""
    monkeypatch.setattr("skycommons.cli.check.check", raising(error))
    with pytest.raises(type(error)):
        main(["check", "--debug"])


def test_a_reader_that_stops_reading_is_no_error(repository: Path) -> None:
    """``skycommons --help | head -1`` ends quietly."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "skycommons", "check", "scenarios/tiny.toml"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=repository,
    )
    os.close(write_end)
    assert done.stderr == ""
    assert done.returncode == 141


def test_what_is_left_to_write_goes_nowhere_when_nobody_reads(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Otherwise Python would complain when it flushes at exit."""
    monkeypatch.setattr("skycommons.cli.check.check", raising(BrokenPipeError()))
    assert main(["check"]) == 141
    sys.stdout.write("lost")
    sys.stdout.flush()
    assert capfd.readouterr() == ("", "")


def test_python_m_runs_the_same_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``python -m skycommons`` needs no script on the path."""
    monkeypatch.setattr(sys, "argv", ["skycommons", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("skycommons", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == skycommons.__version__


def test_importing_the_main_module_runs_nothing() -> None:
    """Only ``-m`` does."""
    assert "main" in runpy.run_module("skycommons.__main__", run_name="imported")


def test_arguments_of_the_process_are_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the installed script calls it."""
    monkeypatch.setattr(sys, "argv", ["skycommons", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.strip() == skycommons.__version__


def test_each_application_is_new() -> None:
    """Nothing is shared between two runs in one process."""
    assert build_app() is not build_app()
