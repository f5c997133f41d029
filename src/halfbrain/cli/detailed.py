"""Running circuits of detailed cells: what the commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from halfbrain.cli.app import progress
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.engine.cable.built import BuiltCircuit

_MOST_RECORDED = 10  # neurons of a population, where no number is given
_SHOWN = 6  # populations whose first neuron's voltage is recorded, where none is asked for


def is_detailed(name: str) -> bool:
    """Whether a name is that of a circuit of detailed cells."""
    from halfbrain.circuits.named.detailed import DETAILED

    return name in DETAILED


def run_detailed(
    name: str,
    *,
    neurons: int | None,
    scale: float | None,
    plasticity: bool | None,
    seconds: float,
    threads: int,
    dtype: str,
    seed: int,
    record: list[str],
    out: Path | None,
) -> dict[str, Any]:
    """Run a circuit of detailed cells; the document that is printed.

    Raises
    ------
    HalfbrainError
        one line: what cannot be built or run.
    KeyboardInterrupt
        once what was recorded is written.
    """
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn

    from halfbrain.circuits.named.detailed import detailed_circuit
    from halfbrain.engine.cable.built import BuiltCircuit
    from halfbrain.metering import known
    from halfbrain.report.detailed import detailed_document

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    if dtype not in ("float32", "float64"):
        raise RunError(f"--dtype {dtype[:20]!r}: there are float32 and float64")
    with progress(*columns) as shown:
        task = shown.add_task("building", total=None, note="")
        circuit = detailed_circuit(name, neurons=neurons, scale=scale, plasticity=plasticity)
        sizes = {known_name: len(own) for known_name, own in circuit.ranges().items()}
        built = BuiltCircuit(
            circuit,
            seed=seed,
            dtype="float32" if dtype == "float32" else "float64",
            threads=threads,
            record=_recordings(record, sizes, out),
        )
        shown.update(task, description="running", total=seconds)

        def tell(at: float) -> None:
            note = f"{at * 1e3:.0f} of {seconds * 1e3:g} ms, RTF {built.wall_seconds / at:.3g}"
            shown.update(task, completed=at, note=note)

        try:
            built.run(seconds, tell)
        except KeyboardInterrupt:
            shown.stop()
            _write(built, out)
            raise
        _write(built, out)
        shown.update(task, description="measuring this machine", note="")
        ceilings = known.ceilings(threads)
    return detailed_document(built, ceilings)


def _recordings(asked: list[str], sizes: dict[str, int], out: Path | None) -> dict[str, list[int]]:
    """Neurons by population, spread over each; one of some populations if none are named."""
    import numpy as np

    if not asked:
        return {name: [0] for name in list(sizes)[:_SHOWN]} if out is not None else {}
    chosen: dict[str, list[int]] = {}
    for text in asked:
        where, _, count = text.partition(":")
        population, _, variable = where.rpartition(".")
        if variable != "v" or (count and not (count.isdigit() and int(count) > 0)):
            raise RunError(f"--record {text[:60]!r}: write POPULATION.v or with :N")
        if population not in sizes:
            raise RunError(
                f"--record {text[:60]!r}: no such population; there are {', '.join(sizes)}"
            )
        number = min(int(count) if count else _MOST_RECORDED, sizes[population])
        chosen[population] = np.linspace(0, sizes[population] - 1, number).astype(int).tolist()
    return chosen


def _write(built: BuiltCircuit, out: Path | None) -> None:
    if out is None:
        return
    from halfbrain.engine import sonata

    circuit = built.circuit
    sonata.write(
        out,
        built.spikes(),
        built.populations,
        built.simulation.dt * 1e-3,
        built.seconds,
        built.voltages(),
        {
            "circuit": circuit.name,
            "seed": built.seed,
            "dtype": built.dtype,
            "source": circuit.source,
        },
    )
