"""What all commands share."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn

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


def console() -> Console:
    """Where results go."""
    return Console(highlight=False, soft_wrap=False)


def progress(*columns: ProgressColumn) -> Progress:
    """A display on standard error that is gone in the end; none where nobody watches."""
    watched = Console(stderr=True)
    return Progress(*columns, console=watched, transient=True, disable=not watched.is_terminal)
