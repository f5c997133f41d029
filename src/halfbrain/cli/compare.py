"""The command that runs a circuit on other simulators too."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from halfbrain.cli import detailed
from halfbrain.cli.app import Json, app, console, print_json, progress
from halfbrain.cli.circuit import circuit_given
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.circuits.circuit import Circuit
    from halfbrain.compare.job import Job, PeerResult, Precision


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
    detailed.checked_seconds(seconds)
    if dtype not in ("float32", "float64"):
        raise RunError(f"--dtype {dtype[:20]!r}: there are float32 and float64")
    if detailed.is_detailed(circuit):
        document = detailed.compare_detailed(
            circuit,
            peers,
            neurons=neurons,
            scale=scale,
            plasticity=plasticity,
            seconds=seconds,
            threads=threads or os.cpu_count() or 1,
            dtype=dtype,
            seed=seed,
        )
        _show(document, as_json)
        return
    names = _peers("brian2,nest,nengo,bindsnet" if peers is None else peers, python)
    built = circuit_given(
        circuit, neurons=neurons, scale=scale, seconds=seconds, plasticity=plasticity, seed=seed
    )
    document = _compared(
        built,
        names,
        python,
        seconds,
        threads or os.cpu_count() or 1,
        cast("Precision", dtype),
        seed,
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


def _peers(text: str, python: str) -> list[str]:
    """The names in ``text``; here it is said at once if none of them can run."""
    from halfbrain.compare.catalogue import PEERS, peer

    others = PEERS[1:]
    names = [name for name in dict.fromkeys(part.strip() for part in text.split(",")) if name]
    for name in names:
        if name not in others:
            raise RunError(f"--with {name[:40]}: no such peer; there are {', '.join(others)}")
    if not names:
        raise RunError(f"--with: name at least one of {', '.join(others)}")
    if python == sys.executable:
        reasons = {name: peer(name).available() for name in names}
        if all(reasons.values()):
            raise RunError("compare: " + "; ".join(f"{n}: {why}" for n, why in reasons.items()))
    return names


def _compared(
    circuit: Circuit,
    names: list[str],
    python: str,
    seconds: float,
    threads: int,
    dtype: Precision,
    seed: int,
) -> dict[str, Any]:
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    from halfbrain.compare.compare import compare, run_all
    from halfbrain.compare.job import Job
    from halfbrain.compare.on_halfbrain import handed_on

    folder = Path(tempfile.mkdtemp(prefix="halfbrain-compare-"))
    found: dict[str, PeerResult | str] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with progress(*columns) as shown:
            task = shown.add_task("drawing the connections", total=None)
            job: Job = handed_on(Job(circuit, seconds, folder, None, {}, threads, dtype, seed))
            if job.steps < 1:
                raise RunError(f"--seconds {seconds:g}: below half a time step of {job.dt:g} s")
            found = run_all(
                job,
                names,
                python=python,
                begun=lambda name: shown.update(task, description=f"running {name}"),
            )
    finally:
        _clear(folder, found)
    ours = found.pop("halfbrain")
    if isinstance(ours, str):
        raise RunError(ours)
    return compare(circuit, ours, found)


def _clear(folder: Path, found: dict[str, PeerResult | str]) -> None:
    """Remove what the peers left, but for the output that a line of one that failed points to."""
    told = [line for line in found.values() if isinstance(line, str)]
    for own in folder.iterdir():
        if any(str(own) in line for line in told):
            shutil.rmtree(own / "job", ignore_errors=True)  # the connections may be gigabytes
        else:
            shutil.rmtree(own, ignore_errors=True)
    if not any(folder.iterdir()):
        folder.rmdir()
