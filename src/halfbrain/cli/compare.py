"""The command that runs a circuit on other simulators too."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from halfbrain.cli import detailed
from halfbrain.cli.app import Json, app, console, print_json, progress
from halfbrain.cli.circuit import circuit_given
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.circuits.circuit import Circuit
    from halfbrain.circuits.detailed.circuit import DetailedCircuit
    from halfbrain.compare.job import Precision


@app.command()
def compare(
    circuit: Annotated[str, typer.Argument(help="A name, such as cobahh, or a TOML file.")],
    peers: Annotated[
        str | None,
        typer.Option("--with", metavar="PEER,PEER", help="The simulators. Default: all."),
    ] = None,
    neurons: Annotated[
        int | None, typer.Option("--neurons", "--cells", min=1, help="Its size in neurons.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Its size against the published.")] = None,
    seconds: Annotated[float, typer.Option(help="Biological time.")] = 1.0,
    plasticity: Annotated[
        bool | None, typer.Option("--plasticity/--no-plasticity", help="Default: as published.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Default: all cores.")] = None,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float64",
    seed: Annotated[int, typer.Option(min=0, help="Of connections, states and drives.")] = 1,
    python: Annotated[
        str, typer.Option(help="The interpreter that has the peers. Default: this one.")
    ] = sys.executable,
    as_json: Json = False,
) -> None:
    """Run a circuit here and on other simulators: how long each took, and do they agree.

    Circuits of point neurons run on brian2, nest, nengo and bindsnet; ring and column on neuron and
    coreneuron, and their cells' shapes on arbor and jaxley.
    """
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    from halfbrain.circuits.named.detailed import detailed_circuit
    from halfbrain.compare.beside import compare_with, detailed_peers, point_peers

    detailed.checked_seconds(seconds)
    if dtype not in ("float32", "float64"):
        raise RunError(f"--dtype {dtype[:20]!r}: there are float32 and float64")
    cabled = detailed.is_detailed(circuit)
    names = None if peers is None else [part.strip() for part in peers.split(",") if part.strip()]
    if names == []:
        raise RunError("compare: name a peer with --with")
    names = detailed_peers(names or ()) if cabled else point_peers(names or (), python)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with progress(*columns) as shown:
        task = shown.add_task("building", total=None)
        if cabled:
            built: Circuit | DetailedCircuit = detailed_circuit(
                circuit, neurons=neurons, scale=scale, plasticity=plasticity
            )
        else:
            built = circuit_given(
                circuit,
                neurons=neurons,
                scale=scale,
                seconds=seconds,
                plasticity=plasticity,
                seed=seed,
            )
        document = compare_with(
            built,
            *names,
            seconds=seconds,
            threads=threads,
            dtype=cast("Precision", dtype),
            seed=seed,
            python=python,
            begun=lambda what: shown.update(task, description=f"running {what}"),
        )
    _show(document, as_json)


def _show(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        from halfbrain.report.compared import print_comparison

        print_comparison(console(), document)
    if all(run["failed"] is not None for run in document["runs"][1:]):
        raise typer.Exit(1)  # nothing was compared, which a script must see
