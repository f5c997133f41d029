"""Running a circuit of detailed cells from the command line, and going on with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halfbrain.cli import recorded
from halfbrain.cli.app import bars, say_stopped
from halfbrain.cli.circuit import sonata_given
from halfbrain.cli.detailed import checked_seconds
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.circuits.detailed.circuit import DetailedCircuit
    from halfbrain.circuits.detailed.wanted import Wanted
    from halfbrain.engine.cable.group import CableGroup
    from halfbrain.engine.checkpoint import Checkpoint
    from halfbrain.io.sonata import Loaded, LoadedPoints
    from halfbrain.recording.recorded import Report
    from halfbrain.recording.spikes import Spikes

_SHOWN = 6  # populations whose first neuron's voltage is recorded, where none is asked for


def checkpoint_of(out: Path) -> Path:
    """Where the checkpoint of a run with this output is."""
    return out.with_name(out.name + ".cells")


def load(out: Path) -> Checkpoint:
    """The checkpoint of a run that was cut short.

    Raises
    ------
    RunError
        one line, if there is none, or a damaged one.
    """
    from halfbrain.engine import checkpoint

    return checkpoint.load(checkpoint_of(out))


def run_detailed(
    recipe: Mapping[str, Any],
    loaded: Loaded | LoadedPoints | None,
    *,
    threads: int,
    out: Path | None,
    synapse_memory: float | None,
    check_finite: bool = True,
    saved: Checkpoint | None = None,
) -> dict[str, Any]:
    """Run a circuit of detailed cells; the document that is printed.

    A ``recipe`` has the command's options by name; ``loaded`` is what it names, where that is read
    already. With an ``out`` the run is saved beside it now
    and then; it goes on from ``saved``. With a ``synapse_memory`` in bytes, synapses
    beyond it are in a file beside ``out``.

    Raises
    ------
    HalfbrainError
        one line: what cannot be built or run.
    KeyboardInterrupt
        once what was recorded is written, and the run saved.
    """
    from halfbrain.engine import checkpoint
    from halfbrain.engine.cable.group import CableGroup
    from halfbrain.engine.kept import Kept, keep_running, seconds_left
    from halfbrain.metering import known
    from halfbrain.report.detailed import detailed_document

    dtype = recipe["dtype"]
    if dtype not in ("float32", "float64"):
        raise RunError(f"--dtype {dtype[:20]!r}: there are float32 and float64")
    with bars() as shown:
        task = shown.add_task("building", total=None, note="")
        circuit, reports = _circuit(recipe, loaded)
        until = checked_seconds(recipe["seconds"])
        sizes = {known_name: len(own) for known_name, own in circuit.ranges().items()}
        built = CableGroup(
            circuit,
            seed=recipe["seed"],
            dtype="float32" if dtype == "float32" else "float64",
            threads=threads,
            record=_recordings(recipe["record"], sizes, None if reports else out),
            reports=reports,
            synapse_memory=synapse_memory,
            folder=out.parent if out is not None else Path(),
            check_finite=check_finite,
        )
        _check_memory(built, until)
        # Before the run: once it has run, nothing stands between it and its table.
        shown.update(task, description="measuring this machine")
        ceilings = known.ceilings(threads)
        kept, place = None, None if out is None else checkpoint_of(out)
        notes = {"recipe": {**recipe, "seconds": until}}
        if saved is not None:
            saved.restore(built)
        if out is not None and place is not None:
            kept = Kept(
                out,
                partial(checkpoint.save, place, built, notes),
                partial(_write, built, out),
                partial(checkpoint.remove, place),
                lambda: built.seconds,
            )
            if saved is None:
                checkpoint.remove(place)  # of an earlier run with this output
            else:
                kept.saved_at = built.seconds
        dt = circuit.dt * 1e-3
        left = seconds_left(until, built.seconds, dt, resumed=saved is not None)
        began, wall = built.seconds, built.wall_seconds
        shown.update(task, description="running", total=left)

        def tell(at: float) -> None:
            rtf = (built.wall_seconds - wall) / (at - began)
            note = f"{at * 1e3:.0f} of {until * 1e3:g} ms, RTF {rtf:.3g}"
            shown.update(task, completed=at - began, note=note)
            if kept is not None:
                kept.look()

        try:
            keep_running(partial(built.run, left, tell) if left else lambda: None, kept)
        except KeyboardInterrupt:
            shown.stop()
            say_stopped(built.seconds, kept)
            raise
    return detailed_document(built, ceilings)


def _circuit(
    recipe: Mapping[str, Any], loaded: Loaded | LoadedPoints | None
) -> tuple[DetailedCircuit, tuple[Wanted, ...]]:
    from halfbrain.circuits.named.detailed import detailed_circuit
    from halfbrain.io.sonata import LoadedPoints

    name = recipe["circuit"]
    if Path(name).suffix != ".json":
        own = {option: recipe[option] for option in ("neurons", "scale", "plasticity")}
        return detailed_circuit(name, **own), ()
    loaded = loaded or sonata_given(recipe)
    if isinstance(loaded, LoadedPoints):
        raise RunError(f"{name}: is of point neurons now; begin anew, without --resume")
    return loaded.circuit, loaded.reports


def _check_memory(built: CableGroup, seconds: float) -> None:
    """See that what is recorded fits into memory.

    Raises
    ------
    RunError
        one line.
    """
    from halfbrain.engine.point.memory import machine_memory

    columns = sum(one.columns for one in built.reported)
    needed = columns * seconds * 1e3 / built.simulation.dt * (8 if built.dtype == "float64" else 4)
    there = machine_memory()
    if there is not None and needed > there:
        raise RunError(
            f"reports: {columns:,} numbers in each step of {seconds:g} s are {needed / 1e9:.3g} GB "
            f"and this machine has {there / 1e9:.3g} GB; report fewer cells or sections"
        )


def _recordings(asked: list[str], sizes: dict[str, int], out: Path | None) -> dict[str, list[int]]:
    """Neurons by population, spread over each; one of some populations if none are named."""
    if not asked:
        return {name: [0] for name in list(sizes)[:_SHOWN]} if out is not None else {}
    chosen: dict[str, list[int]] = {}
    for text in asked:
        population, _, number = recorded.asked(text, "v")
        if population not in sizes:
            raise RunError(
                f"--record {text[:60]!r}: no such population; there are {', '.join(sizes)}"
            )
        chosen[population] = recorded.spread(sizes[population], number).tolist()
    return chosen


def _write(built: CableGroup, out: Path) -> None:
    from dataclasses import replace

    from halfbrain.io import sonata_file as sonata

    circuit = built.circuit
    about: dict[str, str | int | float] = {
        "circuit": circuit.name,
        "seed": built.seed,
        "dtype": built.dtype,
        "source": circuit.source,
    }
    step = built.simulation.dt * 1e-3

    def write(path: Path, spikes: Spikes, states: list[Report]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        sonata.write(path, spikes, built.populations, step, built.seconds, states, about)

    spikes = built.spikes
    files: dict[Path, list[Report]] = {out: built.voltages()}
    for one in built.reported:  # several may be in one file
        files.setdefault(one.wanted.file, []).extend(one.reports(built.populations))
    none = replace(spikes, steps=spikes.steps[:0], neurons=spikes.neurons[:0])
    for file, states in files.items():
        write(file, spikes if file == out else none, states)
