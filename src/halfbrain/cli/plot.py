"""The command that draws a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from halfbrain.cli.app import app, console, progress
from halfbrain.cli.output import Force, check_output


@app.command()
def plot(
    file: Annotated[Path, typer.Argument(help="A recording: spikes and states in SONATA HDF5.")],
    out: Annotated[
        Path | None,
        typer.Option(help="A .png, .svg or .pdf. Default: the file's name with .png."),
    ] = None,
    start: Annotated[
        float, typer.Option("--from", metavar="S", help="Where to begin, in seconds.")
    ] = 0.0,
    stop: Annotated[
        float | None, typer.Option("--to", metavar="S", help="Where to end. Default: the end.")
    ] = None,
    force: Force = False,
) -> None:
    """Draw a recording: raster, rates, irregularity, and the states if there are any."""
    from rich.progress import SpinnerColumn, TextColumn

    from halfbrain.io import sonata_file as sonata
    from halfbrain.report import activity
    from halfbrain.report import picture as pictures

    picture = out or file.with_suffix(".png")
    pictures.picture_kind(picture)
    check_output(picture, "--out", force=force, inputs=[file])
    with progress(SpinnerColumn(), TextColumn("{task.description}")) as shown:
        task = shown.add_task(f"reading {file}")
        recorded = sonata.read(file)
        shown.update(task, description=f"drawing {picture}")
        activity.write(recorded, picture, start, float("inf") if stop is None else stop)
    console().print(f"The picture: {picture}", highlight=False, markup=False, soft_wrap=True)
