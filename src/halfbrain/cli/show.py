"""The command that draws a detailed cell and says what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halfbrain.cli import detailed
from halfbrain.cli.app import app, console
from halfbrain.cli.output import Force, check_output

if TYPE_CHECKING:
    from halfbrain.morphology.compartments import Compartments
    from halfbrain.morphology.morphology import Morphology


@app.command()
def show(
    cell: Annotated[
        str,
        typer.Argument(
            help="A cell's name, or a .swc, .asc or .h5 file; a .hoc file, which NEURON runs; "
            "ring; column. None: list."
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="A picture to write: .png, .svg or .pdf.")
    ] = None,
    color: Annotated[str, typer.Option(help="Colour by region, distance or diameter.")] = "region",
    force: Force = False,
) -> None:
    """Say what a detailed cell consists of, and draw it; or what a circuit of them does."""
    if detailed.is_detailed(cell):
        detailed.show_detailed(cell)
        return
    from halfbrain.cells.detailed.installed import any_cell, installed_cells

    screen = console()
    if not cell:
        _list()
        return
    check_output(out, "--out", force=force, inputs=[Path(cell)])
    made = any_cell(cell)
    if out is not None:
        from halfbrain.report import shape

        installed = installed_cells().get(cell)
        shape.write(made.morphology, out, color, installed.source if installed else "")
    _print(cell, made.morphology, made.compartments())
    for protocol in made.protocols:
        steps = ", ".join(
            f"{s.amplitude:g} nA from {s.delay:g} for {s.duration:g} ms" for s in protocol.steps
        )
        screen.print(f"{protocol.name}: {steps}", markup=False)
    if out is not None:
        screen.print(f"The picture: {out}", markup=False, soft_wrap=True)


def _list() -> None:
    from halfbrain.cells.detailed.installed import installed_cells

    screen = console()
    cells = installed_cells()
    if not cells:
        screen.print(
            "No cell is installed; pip install 'halfbrain[cells]' brings some.", markup=False
        )
        return
    wide = max(map(len, cells))
    for name, cell in cells.items():
        screen.print(
            f"{name:<{wide}}  {cell.source} ({cell.licence})", markup=False, soft_wrap=True
        )


def _print(name: str, morphology: Morphology, made: Compartments) -> None:
    import numpy as np

    from halfbrain.report.table import plain_table

    screen = console()
    where = np.array(made.regions)[made.section]
    screen.print(
        f"{name}: {len(made.regions)} sections, {len(made.parent)} compartments "
        f"({int((made.area > 0).sum())} with membrane), {made.area.sum():,.0f} um2",
        markup=False,
        soft_wrap=True,
    )
    screen.print(f"{made.celsius:g} degC, from {made.v_init:g} mV", markup=False)
    table = plain_table("", "region", "sections", "compartments", "length/um", "area/um2")
    regions = list(dict.fromkeys(made.regions))
    for region in regions:
        inside = where == region
        length = sum(s.length for s in morphology.sections if s.region == region)
        table.add_row(
            region,
            str(made.regions.count(region)),
            str(int((inside & (made.area > 0)).sum())),
            f"{length:,.0f}",
            f"{made.area[inside].sum():,.0f}",
        )
    screen.print(table)
    for region in regions:
        names = [p.mechanism.name for p in made.placed if (where[p.where] == region).any()]
        screen.print(f"{region}: {', '.join(names) or 'no mechanism'}", markup=False)
