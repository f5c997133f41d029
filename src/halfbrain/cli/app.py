"""What all commands share."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment

from halfbrain.errors import RunError, escaped, one_line

if TYPE_CHECKING:
    from halfbrain.engine.kept import Kept
    from halfbrain.report.answers import Answer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="How much compute would it take to train half a human neocortex?",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON (docs/json.md) instead of text.")]


def print_json(document: dict[str, Any]) -> None:
    """A document to standard output; infinity and NaN are no JSON, so nothing may hold them."""
    sys.stdout.write(json.dumps(document, indent=1, allow_nan=False) + "\n")


class _Screen(Console):
    """A terminal that shows control characters of what others wrote, and obeys its own alone."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for part in super().render(renderable, options):
            text, style, control = part
            yield part if control else Segment(escaped(text), style)


def console() -> Console:
    """Where results go."""
    return _Screen(highlight=False, soft_wrap=False)


def show(answer: Answer, as_json: bool) -> None:
    """An answer of the forecast, as JSON or as text."""
    if as_json:
        print_json(answer.document)
    else:
        answer.print(console())


def progress(*columns: ProgressColumn) -> Progress:
    """A display on standard error that is gone in the end; none where nobody watches."""
    watched = _Screen(stderr=True)
    return Progress(*columns, console=watched, transient=True, disable=not watched.is_terminal)


def bars() -> Progress:
    """A display of what runs, how far it is and what is left; a task has a ``note`` besides."""
    return progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )


def recipe_in(notes: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """The options that a run was begun with, from the notes of its checkpoint.

    Raises
    ------
    RunError
        one line, if there are none.
    """
    if "recipe" not in notes:
        raise RunError(f"--resume {out}: was not begun by the command line, but in Python")
    return dict(notes["recipe"])


def say_stopped(seconds: float, kept: Kept | None) -> None:
    """Say where an interrupted run is, and how to go on."""
    if kept is not None:
        sys.stderr.write(one_line(f"halfbrain: stopped at {seconds:g} s; {kept.told}") + "\n")
