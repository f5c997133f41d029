"""The command that measures this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from halfbrain.cli.app import Json, app, console, print_json, progress


@app.command()
def machine(
    threads: Annotated[int | None, typer.Option(min=1, help="Default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Measure this machine's ceilings: arithmetic, exponentials, memory (about 10 seconds)."""
    from rich.progress import SpinnerColumn, TextColumn

    from halfbrain.metering import known
    from halfbrain.report.terminal import print_ceilings

    with progress(SpinnerColumn(), TextColumn("{task.description}")) as shown:
        task = shown.add_task("")
        ceilings = known.machine(threads, lambda name: shown.update(task, description=name))
    if as_json:
        print_json(asdict(ceilings))
    else:
        print_ceilings(console(), ceilings)
