"""The list of commands, and the outermost loop that turns every error into one clear message.

Rules: a command is named here by its import path, so that help costs no heavy import. This is one of the few places that
catch everything: a traceback is for developers, who ask for it with ``--debug``.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App
from cyclopts.exceptions import CycloptsError

import skycommons
from skycommons.base.errors import HostError, InputError, SkycommonsError
from skycommons.cli.console import complain

DEBUG_FLAG: Final = "--debug"
END_OF_OPTIONS: Final = "--"  # what follows belongs to somebody else's program
_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells say it
_PIPE_CLOSED: Final = 141  # 128 + SIGPIPE
_UNEXPECTED: Final = SkycommonsError.exit_code

COMMANDS: Final = (
    ("run", "skycommons.cli.run:run", "Compute a scenario: table, report, and the results as files."),
    ("emulate", "skycommons.cli.emulate:emulate", "Run a scenario live: real programs, whose packets cross it."),
    ("trace", "skycommons.cli.trace:trace_app", "Show, convert and record what a terminal's lines do over time."),
    ("look", "skycommons.cli.look:look", "List the satellites that a site sees at an instant."),
    ("sky", "skycommons.cli.sky:sky", "Show a dish's sky, and which satellite serves it in each slot."),
    ("spectrum", "skycommons.cli.spectrum:spectrum", "Check beams and a geostationary dish against limits."),
    ("budget", "skycommons.cli.budget:budget", "Print the link budgets of a site, line by line."),
    ("atlas", "skycommons.cli.atlas:atlas", "Map where in the world a rate can be had, and how often."),
    ("diversity", "skycommons.cli.diversity:diversity", "Show which gateway helps another one out of the rain."),
    ("laser", "skycommons.cli.laser:laser", "List a satellite's lasers, or print the budget of one."),
    ("territory", "skycommons.cli.territory:territory", "Count the cells of territories, and write them."),
    ("check", "skycommons.cli.check:check", "Check a scenario and list all its faults."),
    ("catalogue", "skycommons.cli.catalogue:catalogue_app", "Fetch and show real element sets."),
    ("decide", "skycommons.cli.decide:decide_app", "Ask for, preview, approve, refuse and list decisions."),
    ("licence", "skycommons.cli.licence:licence_app", "Register, withdraw and list licences."),
    ("roster", "skycommons.cli.roster:roster_app", "Write and show rosters, make keys for seats."),
    ("policy", "skycommons.cli.policy:policy_app", "Begin a service, show its rules, ask for other ones."),
    ("log", "skycommons.cli.log:log_app", "Look at a log, prove its entries, and check its folder."),
    ("witness", "skycommons.cli.witness:witness", "Watch logs, and cosign their heads as long as they only grow."),
    ("verify", "skycommons.cli.verify:verify_app", "Check a log of decisions, or one proof, offline."),
    ("validate", "skycommons.cli.validate:validate_app", "Compare results with independent programs."),
)


def build_app() -> App:
    """The application with all its commands, none of them loaded yet."""
    app = App(
        name="skycommons",
        help="An open satellite internet system in software.",
        help_epilogue=f"{DEBUG_FLAG} with any command shows the traceback of an unexpected error.",
        version=lambda: skycommons.__version__,
        version_flags=["--version"],
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for name, import_path, summary in COMMANDS:
        app.command(import_path, name=name, help=summary)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; without arguments, those of the process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    end = words.index(END_OF_OPTIONS) if END_OF_OPTIONS in words else len(words)
    debug = DEBUG_FLAG in words[:end]
    words = [word for word in words[:end] if word != DEBUG_FLAG] + words[end:]
    try:
        code = build_app()(words)
        sys.stdout.flush()
    except CycloptsError as error:
        complain(f"{str(error).strip()} Try skycommons --help.")
        return InputError.exit_code
    except SkycommonsError as error:
        complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return _PIPE_CLOSED
    except OSError as error:
        if debug:
            raise
        complain(f"{error.filename or 'the machine'}: {error.strerror or error}")
        return HostError.exit_code
    except Exception as error:
        if _was_interrupted(error):
            complain("interrupted")
            return _INTERRUPTED
        if debug:
            raise
        complain(f"unexpected error: {type(error).__name__}: {error}; run again with {DEBUG_FLAG} to see where")
        return _UNEXPECTED
    return code if isinstance(code, int) else 0


def _was_interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C came while compiled code ran, which then fails with another error behind which it stands."""
    behind = error.__cause__ or error.__context__
    return behind is not None and (isinstance(behind, KeyboardInterrupt) or _was_interrupted(behind))


def _close_stdout() -> None:
    """Nobody reads on: what is still buffered goes nowhere instead of into a second error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
