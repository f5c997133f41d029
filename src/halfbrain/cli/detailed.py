"""Running circuits of detailed cells: what the commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halfbrain.cli.app import console, progress
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.circuits.detailed.circuit import DetailedCircuit
    from halfbrain.circuits.sonata import Loaded, Wanted
    from halfbrain.engine.cable.built import BuiltCircuit
    from halfbrain.engine.recorded import Report
    from halfbrain.engine.spikes import Spikes

_MOST_RECORDED = 10  # neurons of a population, where no number is given
_SHOWN = 6  # populations whose first neuron's voltage is recorded, where none is asked for


def is_detailed(name: str) -> bool:
    """Whether a name is that of a circuit of detailed cells, or of a SONATA configuration."""
    from halfbrain.circuits.named.detailed import DETAILED

    return name in DETAILED or Path(name).suffix == ".json"


def bytes_of(size: str | None) -> float | None:
    """Bytes of a size such as 512MB or 1.5 GB.

    Raises
    ------
    RunError
        if it is none.
    """
    if size is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([kMGT]?)B\s*", size)
    if found is None:
        raise RunError(f"--synapse-memory {size[:20]!r}: give a size such as 512MB or 1.5GB")
    return float(found[1]) * 1000.0 ** ("", "k", "M", "G", "T").index(found[2])


def run_detailed(
    name: str,
    *,
    neurons: int | None,
    scale: float | None,
    plasticity: bool | None,
    seconds: float | None,
    threads: int,
    dtype: str,
    seed: int,
    record: list[str],
    out: Path | None,
    synapse_memory: float | None,
) -> tuple[dict[str, Any], Path | None]:
    """Run a circuit of detailed cells; the document that is printed, and where spikes were written.

    With a ``synapse_memory`` in bytes, synapses beyond it are in a file beside ``out``.

    Raises
    ------
    HalfbrainError
        one line: what cannot be built or run.
    KeyboardInterrupt
        once what was recorded is written.
    """
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn

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
        circuit, loaded = _circuit(name, neurons, scale, plasticity)
        reports = loaded.reports if loaded is not None else ()
        if loaded is not None:
            seconds, out = seconds or loaded.seconds, out or loaded.spikes
        until = checked_seconds(seconds)
        sizes = {known_name: len(own) for known_name, own in circuit.ranges().items()}
        built = BuiltCircuit(
            circuit,
            seed=seed,
            dtype="float32" if dtype == "float32" else "float64",
            threads=threads,
            record=_with_reports(_recordings(record, sizes, out), reports),
            synapse_memory=synapse_memory,
            folder=out.parent if out is not None else Path(),
        )
        shown.update(task, description="running", total=until)

        def tell(at: float) -> None:
            note = f"{at * 1e3:.0f} of {until * 1e3:g} ms, RTF {built.wall_seconds / at:.3g}"
            shown.update(task, completed=at, note=note)

        try:
            built.run(until, tell)
        except KeyboardInterrupt:
            shown.stop()
            _write(built, out, reports)
            raise
        _write(built, out, reports)
        shown.update(task, description="measuring this machine", note="")
        ceilings = known.ceilings(threads)
    return detailed_document(built, ceilings), out


def checked_seconds(seconds: float | None) -> float:
    """The biological time that is asked for; 1 s if none is.

    Raises
    ------
    RunError
        one line, if it is none.
    """
    until = 1.0 if seconds is None else seconds
    if not 0 < until < 1e7:
        raise RunError(f"--seconds {until:g}: must be above 0")
    return until


def _circuit(
    name: str, neurons: int | None, scale: float | None, plasticity: bool | None
) -> tuple[DetailedCircuit, Loaded | None]:
    if Path(name).suffix != ".json":
        from halfbrain.circuits.named.detailed import detailed_circuit

        made = detailed_circuit(name, neurons=neurons, scale=scale, plasticity=plasticity)
        return made, None
    from halfbrain.circuits.sonata import read_sonata

    if neurons is not None or scale is not None or plasticity is not None:
        raise RunError(f"{name}: a SONATA circuit is as large, and as plastic, as its files say")
    loaded = read_sonata(Path(name))
    return loaded.circuit, loaded


def _with_reports(
    chosen: dict[str, list[int]], reports: tuple[Wanted, ...]
) -> dict[str, list[int]]:
    for report in reports:
        for population, neurons in report.neurons.items():
            chosen[population] = sorted({*chosen.get(population, ()), *neurons})
    return chosen


def compare_detailed(
    name: str,
    peers: str | None,
    *,
    neurons: int | None,
    scale: float | None,
    plasticity: bool | None,
    seconds: float,
    threads: int,
    dtype: str,
    seed: int,
) -> dict[str, Any]:
    """Run a circuit of detailed cells here and elsewhere; the document that is printed.

    Raises
    ------
    HalfbrainError
        one line: an unknown peer, or none that is installed, or what cannot be built or run.
    """
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    from halfbrain.circuits.named.detailed import detailed_circuit
    from halfbrain.peers import detailed

    text = ",".join(detailed.PEERS) if peers is None else peers
    wanted = [part.strip() for part in text.split(",")]
    names = [part for part in dict.fromkeys(wanted) if part]
    for one in names:
        if one not in detailed.PEERS:
            raise RunError(
                f"--with {one[:40]}: does not run detailed cells; there are "
                f"{', '.join(detailed.PEERS)}"
            )
    missing = [why for one in names if (why := detailed.available(one))]
    if not names or len(missing) == len(names):
        raise RunError("compare: " + ("; ".join(missing) or "name a peer with --with"))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with progress(*columns) as shown:
        task = shown.add_task("building", total=None)
        circuit = detailed_circuit(name, neurons=neurons, scale=scale, plasticity=plasticity)
        return detailed.compare_detailed(
            circuit,
            names,
            seconds=seconds,
            threads=threads,
            dtype="float32" if dtype == "float32" else "float64",
            seed=seed,
            begun=lambda what: shown.update(task, description=f"running {what}"),
        )


def show_detailed(name: str) -> None:
    """Print what a named circuit of detailed cells consists of, at its usual size."""
    import numpy as np

    from halfbrain.circuits.circuit import SpikeList
    from halfbrain.circuits.detailed.synapses import drawn_synapses, kind_of
    from halfbrain.circuits.named.detailed import detailed_circuit
    from halfbrain.report.table import plain_table

    circuit = detailed_circuit(name)
    drawn = drawn_synapses(circuit, 1)
    screen = console()
    screen.print(
        f"{circuit.name}: {circuit.neurons:,} neurons, {sum(map(len, drawn)):,} synapses "
        f"(seed 1), steps of {circuit.dt:g} ms",
        markup=False,
    )
    screen.print(circuit.source, markup=False, soft_wrap=True)
    table = plain_table("", "population", "neurons", "synapses each")
    kinds = []
    for population in circuit.populations:
        if isinstance(population.cells, SpikeList):
            continue
        onto = sum(len(some) for some in drawn if some.of.target == population.name)
        used = [population.cells[k] for k in np.unique(kind_of(population))]
        names = ", ".join(cell if isinstance(cell, str) else "made here" for cell in used)
        kinds.append(f"{population.name}: {names}")
        table.add_row(population.name, str(population.size), f"{onto / population.size:,.0f}")
    screen.print(table)
    for line in kinds:
        screen.print(line, markup=False, soft_wrap=True)
    table = plain_table("", "receptor", "mechanism", "synapses", "mean weight")
    for receptor in circuit.receptors:
        own = [some for some in drawn if some.of.receptor == receptor.name]
        count = sum(map(len, own))
        if count:
            weight = sum(float(some.weight.sum()) for some in own) / count
            table.add_row(receptor.name, receptor.mechanism.name, f"{count:,}", f"{weight:.3g}")
    screen.print(table)


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


def _write(built: BuiltCircuit, out: Path | None, reports: tuple[Wanted, ...]) -> None:
    if out is None:
        return
    from dataclasses import replace

    from halfbrain.engine import sonata

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

    spikes = built.spikes()
    write(out, spikes, [] if reports else built.voltages())
    none = replace(spikes, steps=spikes.steps[:0], neurons=spikes.neurons[:0])
    for wanted in reports:
        states = [
            state.of(wanted.neurons[state.population])
            for state in built.voltages(wanted.every)
            if state.population in wanted.neurons
        ]
        write(wanted.file, none, states)
