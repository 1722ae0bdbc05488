"""Every command line that the documentation shows exists, with its options."""

import re
import shlex
from pathlib import Path

import pytest

from skycommons.cli.app import COMMANDS, main

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def shown() -> list[tuple[str, str]]:
    """Lines after a prompt in console blocks: the page, and the words from ``skycommons`` on."""
    found = []
    for page in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
            joined = block.replace("\\\n", " ")
            found += [
                (str(page.relative_to(REPOSITORY)), line.split("|")[0].split("#")[0])
                for line in re.findall(r"^\$ .*?\bskycommons (.*)$", joined, flags=re.MULTILINE)
            ]
    return found


def test_the_documentation_shows_commands() -> None:
    """The README and the tutorial lead by commands."""
    assert {"README.md", "docs/tutorial/first-run.md"} <= {page for page, _ in shown()}


@pytest.mark.parametrize(("page", "line"), shown(), ids=lambda text: str(text).strip())
def test_a_command_line_that_is_shown_exists(page: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command is known, and its help names every option on the line."""
    words = shlex.split(line)
    options = [word.split("=")[0] for word in words if word.startswith("--")]
    names = {name for name, _, _ in COMMANDS}
    command = [words[0]] if words[0] in names else []
    if command and len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]):
        command.append(words[1])
    assert command or words[0].startswith("--"), f"{page} shows a command that does not exist: {line}"
    assert main([*command, "--help"]) == 0
    explained = capsys.readouterr().out
    assert [option for option in options if option not in explained and option != "--debug"] == []
