"""The command that reads .mod files and says what it understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halfbrain.cli.app import Json, app, console, print_json
from halfbrain.errors import ModelError, RunError

if TYPE_CHECKING:
    from halfbrain.program.instructions import Program
    from halfbrain.program.mechanism import Mechanism


@app.command()
def mechanism(
    path: Annotated[Path, typer.Argument(help="A .mod file, or a folder of them.")],
    dt: Annotated[float, typer.Option(help="Time step in ms.")] = 0.025,
    usetable: Annotated[bool, typer.Option(help="Interpolate TABLEs, as NEURON.")] = False,
    as_json: Json = False,
) -> None:
    """Read a .mod file: its variables, how its states are solved, operations per step."""
    from halfbrain.nmodl import read_mechanism

    if not dt > 0:
        raise RunError(f"--dt {dt}: a time step is above zero")
    if path.is_dir():
        _folder(path, as_json)
        return
    read = read_mechanism(path, usetable=usetable)
    if as_json:
        print_json(document(read, dt))
    else:
        _print(read, dt)


def _programs(read: Mechanism, dt: float) -> dict[str, Program]:
    found = {
        "initial": read.initial,
        "current": read.current,
        "step": read.step(dt),
        "receive": read.receive,
    }
    return {name: program for name, program in found.items() if program is not None}


def document(read: Mechanism, dt: float) -> dict[str, Any]:
    """What was understood, as JSON."""
    return {
        "name": read.name,
        "kind": read.kind,
        "ions": [
            {"name": i.name, "reads": i.reads, "writes": i.writes, "valence": i.valence}
            for i in read.ions
        ],
        "currents": read.currents,
        "pointers": list(read.pointers),
        "parameters": _with_units(read, read.parameters),
        "shared": _with_units(read, read.shared),
        "rows": read.rows,
        "solved": dict(read.solved),
        "arguments": read.arguments,
        "dt": {"value": dt, "unit": "ms"},
        "operations": {name: dict(p.count()) for name, p in _programs(read, dt).items()},
        "notes": read.notes,
    }


def _with_units(read: Mechanism, values: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    return {k: {"default": v, "unit": read.units.get(k, "")} for k, v in values.items()}


def _print(read: Mechanism, dt: float) -> None:
    from halfbrain.report.table import plain_table

    out = console()
    kinds = {"density": "density mechanism", "point": "point process"}
    out.print(f"{read.name}: {kinds.get(read.kind, 'artificial cell')}")
    for ion in read.ions:
        uses = [("reads", ion.reads), ("writes", ion.writes)]
        parts = [f"{verb} {', '.join(names)}" for verb, names in uses if names]
        valence = f", valence {ion.valence}" if ion.valence else ""
        out.print(f"  ion {ion.name}{valence}: {'; '.join(parts)}", markup=False)
    if read.currents:
        out.print(f"  currents: {', '.join(read.currents)}", markup=False)
    for title, values in (("parameters", read.parameters), ("the same everywhere", read.shared)):
        if values:
            listed = (f"{k} = {v:g} {read.units.get(k, '')}".rstrip() for k, v in values.items())
            out.print(f"  {title}: {', '.join(listed)}", markup=False)
    for row in read.rows:
        out.print(f"  {row}: {read.solved.get(row, 'kept')}", markup=False)
    if read.arguments:
        out.print(f"  an event's arguments: {', '.join(read.arguments)}", markup=False)
    for note in read.notes:
        out.print(f"  note: {note}", markup=False)
    programs = _programs(read, dt)
    kinds_used = list(dict.fromkeys(k for p in programs.values() for k in p.count()))
    table = plain_table("", "operations", *programs)
    for kind in kinds_used:
        table.add_row(kind, *(str(p.count()[kind]) for p in programs.values()))
    table.add_row("all", *(str(len(p.instructions)) for p in programs.values()))
    out.print(table)


def _folder(path: Path, as_json: bool) -> None:
    from halfbrain.nmodl import read_mechanism

    files = sorted(path.rglob("*.mod"))
    if not files:
        raise RunError(f"{path}: no .mod file in this folder")
    refused: dict[str, str] = {}
    for file in files:
        try:
            read_mechanism(file)
        except ModelError as error:
            refused[str(file.relative_to(path))] = str(error)
    loaded = len(files) - len(refused)
    if as_json:
        print_json({"files": len(files), "read": loaded, "refused": refused})
        return
    out = console()
    for name, reason in refused.items():
        out.print(f"{name}: {reason}", markup=False)
    out.print(f"{loaded} of {len(files)} files read ({100 * loaded / len(files):.0f} %)")
