"""The `grade` command. Subcommands are imported when they are asked for, so `--help` stays fast."""

from __future__ import annotations

import importlib
import signal
import sys
from types import FrameType

import click

from grader import __version__
from grader.errors import EXIT_INTERRUPTED, GradeError

_COMMANDS = {
    "submit": ("grader.cli.submit", "Grade a submission and write its report."),
    "replay": ("grader.cli.replay", "Run one case of a grade again and show its transcript."),
    "verify": ("grader.cli.verify", "Prove that a pack measures what it claims."),
    "assignment": ("grader.cli.assignment", "List, show and create assignment packs."),
    "sandbox": ("grader.cli.sandbox", "Build, list and open the sandbox images."),
    "doctor": ("grader.cli.doctor", "Measure whether this machine can grade safely."),
}

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
_MOMENT = 0.02


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 at or above the pass mark, 1 below it, 2 usage, 3 pack or settings,"
    " 4 Docker or sandbox, 5 submission rejected, 6 storage, 7 fault of ours, 70 bug in grade,"
    " 130 interrupted.",
)
@click.version_option(__version__, prog_name="grade")
def cli() -> None:
    """Grade take-home assignments for OCaml backend roles: build in a sandbox, examine from
    outside, report the evidence."""


def main() -> None:
    """The console entry point; turns every way of ending into an exit code."""
    hear_interrupts()
    sys.exit(run(sys.argv[1:]))


def hear_interrupts() -> None:
    """Turn the first SIGINT or SIGTERM into a KeyboardInterrupt that cannot get lost.

    Python drops an exception that is raised while it collects an object: in `__del__`, or in the
    `close` of a file, such as every answer of the engine is. Then the interrupt waits a moment.
    """
    for number in _INTERRUPTS:
        signal.signal(number, _interrupt_once)
    signal.signal(signal.SIGALRM, _interrupt_again)
    sys.unraisablehook = _raise_later


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; the error text goes to stderr."""
    try:
        code = cli.main(arguments, prog_name="grade", standalone_mode=False)
    except GradeError as error:
        click.echo(error.render(), err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: the containers of this run were removed", err=True)
        return EXIT_INTERRUPTED
    except Exception as error:  # the one place where a bug of ours becomes a sentence
        from grader.cli.bug import explain

        click.echo(explain(error), err=True)
        return GradeError.exit_code
    return code if isinstance(code, int) else 0


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    """The first signal interrupts; later ones are ignored while the clean-up runs."""
    for each in _INTERRUPTS:
        signal.signal(each, signal.SIG_IGN)
    _interrupt_again(number, frame)


def _interrupt_again(_number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code.co_name in ("close", "__del__"):
            signal.setitimer(signal.ITIMER_REAL, _MOMENT)
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _raise_later(lost: sys.UnraisableHookArgs) -> None:
    """For what Python runs while it collects and gives another name, such as a weakref's call."""
    if lost.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, _MOMENT)
    else:
        sys.__unraisablehook__(lost)
