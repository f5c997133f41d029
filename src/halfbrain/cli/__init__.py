"""The command line of halfbrain."""

from __future__ import annotations

import io
import os
import sys
import warnings
from contextlib import suppress
from typing import NoReturn, TextIO

import typer

from halfbrain.cli import (
    compare,
    forecast,
    laboratory,
    learn,
    machine,
    mechanism,
    odds,
    plan,
    plot,
    run,
    show,
    when,
)
from halfbrain.cli.app import app
from halfbrain.errors import HalfbrainError, HalfbrainWarning, one_line

__all__ = [
    "app",
    "compare",
    "forecast",
    "laboratory",
    "learn",
    "machine",
    "main",
    "mechanism",
    "odds",
    "plan",
    "plot",
    "run",
    "show",
    "when",
]


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"halfbrain: {one_line(message)}\n")
    raise SystemExit(2)


def _note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning as a user of the command reads it; of what others wrote, as Python shows it."""
    if issubclass(category, HalfbrainWarning):
        sys.stderr.write(f"halfbrain: note: {one_line(str(message))}\n")
    else:
        _plain(message, category, filename, lineno, file, line)


_plain = warnings.showwarning


def main() -> None:
    """Run the command line; a user's mistake is one line and exit status 2."""
    warnings.simplefilter("always", HalfbrainWarning)
    warnings.showwarning = _note
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what an old code page lacks is no error
            stream.reconfigure(errors="replace")
    try:
        # Typer hands back the status of a command that ended otherwise than by its last line.
        status = app(standalone_mode=False)
        sys.stdout.flush()
        if status:
            raise SystemExit(status)
    except HalfbrainError as error:
        _fail(str(error))
    except MemoryError as error:
        _fail(f"there is not enough memory ({error})" if str(error) else "not enough memory")
    except typer.TyperException as error:  # an unknown option, a missing value
        _fail(error.format_message() if isinstance(error, typer.BadParameter) else str(error))
    except (typer.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except BrokenPipeError:  # the reader of a pipe has gone, as with `halfbrain facts | head`
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:  # a full disk behind standard output, or a place that is gone
        where = error.filename or "the output"
        with suppress(OSError, ValueError):  # what is still to be written has no place
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail(f"cannot read or write {where}: {error.strerror or error}")
