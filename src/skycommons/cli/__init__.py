"""The command line: one module per command, none of them imported before it is called.

Rules: one required argument, the file; options for the rest; ``--json`` and ``--quiet`` everywhere. Errors go to stderr as
``skycommons: ...``; the exit code comes from the error's class. Only `skycommons.cli.console` writes to the terminal.
"""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; without arguments, those of the process."""
    from skycommons.cli.app import main as run_command

    return run_command(arguments)
