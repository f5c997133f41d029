"""The command that runs a circuit."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halfbrain.cli import detailed, learn, recorded, run_detailed
from halfbrain.cli.app import (
    Json,
    app,
    bars,
    console,
    print_json,
    recipe_in,
    say_stopped,
)
from halfbrain.cli.circuit import circuit_given, sonata_given
from halfbrain.cli.output import Force, check_run_output, sonata_output
from halfbrain.errors import HalfbrainError, RunError, warn

if TYPE_CHECKING:
    from halfbrain.circuits.circuit import Circuit
    from halfbrain.engine.checkpoint import Checkpoint
    from halfbrain.io.sonata import Loaded, LoadedPoints, Wanted

_FRAME = 1e-3  # seconds between recorded states, or a step if that is longer


@app.command()
def run(
    circuit: Annotated[
        str | None,
        typer.Argument(help="A name, such as microcircuit, a TOML file, or SONATA's JSON."),
    ] = None,
    neurons: Annotated[
        int | None, typer.Option("--neurons", "--cells", min=1, help="Its size in neurons.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Its size against the published.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Biological time. Default: 1.")] = None,
    plasticity: Annotated[
        bool | None, typer.Option("--plasticity/--no-plasticity", help="Default: as published.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Default: all cores.")] = None,
    dtype: Annotated[
        str | None,
        typer.Option(help="float32, or float64: that of detailed cells and SONATA."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same spikes.")] = 1,
    record: Annotated[
        list[str] | None,
        typer.Option(metavar="POP.VAR[:N]", help="States of N neurons, each millisecond, too."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Spikes and states, as SONATA HDF5 (.h5).")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with a run that was cut short: its --out file.")
    ] = None,
    synapse_memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="Of detailed cells: so much in memory (512MB), the rest in a file."
        ),
    ] = None,
    mechanisms: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Of .mod files, for a SONATA configuration that names none."
        ),
    ] = None,
    check_finite: Annotated[
        bool, typer.Option(help="Stop where a state is NaN or infinite, and keep what ran.")
    ] = True,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Run a circuit, and say what it did and what it cost."""
    from halfbrain.engine import checkpoint
    from halfbrain.engine.point.session import checkpoint_of

    named = circuit or ""
    if not named.endswith(".json"):
        named = named.replace("_", "-")
    if named in learn.LEARNERS:
        warn(f"{named} runs without pictures; `halfbrain learn {named}` teaches it digits")
    given: dict[str, Any] = {
        "circuit": circuit,
        "neurons": neurons,
        "scale": scale,
        "plasticity": plasticity,
        "dtype": dtype or "float32",
        "seed": seed,
        "record": record or [],
        "mechanisms": None if mechanisms is None else str(_folder(mechanisms, named)),
    }
    goes_on = resume is not None and run_detailed.checkpoint_of(resume).exists()
    cells, loaded, points = None, None, False
    if resume is None and named.endswith(".json"):
        from halfbrain.io.sonata import LoadedPoints

        loaded = sonata_given(given)
        points = isinstance(loaded, LoadedPoints)
        seconds, out = seconds or loaded.seconds, sonata_output(loaded, out, force=force)
    if goes_on or (resume is None and detailed.is_detailed(named) and not points):
        recipe = given | {"circuit": named, "dtype": dtype or "float64", "seconds": seconds}
        if goes_on and resume is not None:
            cells = run_detailed.load(resume)
            recipe, out = recipe_in(cells.notes, resume), resume
            _same(given | {"dtype": dtype or recipe["dtype"]}, recipe, resume)
            recipe["seconds"] = seconds or recipe["seconds"]
        elif named.endswith(".json"):
            recipe["circuit"] = str(Path(named).resolve())
        if not goes_on and loaded is None:
            check_run_output(out, force=force)
        document = run_detailed.run_detailed(
            recipe,
            loaded,
            threads=threads or os.cpu_count() or 1,
            out=out,
            synapse_memory=detailed.bytes_of(synapse_memory),
            check_finite=check_finite,
            saved=cells,
        )
        _show(document, out, as_json)
        return
    if synapse_memory is not None:
        raise RunError("--synapse-memory: only detailed cells' synapses can be in a file")
    saved = None
    if resume is not None:
        saved = checkpoint.load(checkpoint_of(resume))
        recipe = recipe_in(saved.notes, resume)
        _same(given, recipe, resume)
        out, until = resume, seconds or recipe["seconds"]
    else:
        if circuit is None:
            raise HalfbrainError("run: name a circuit, or --resume a run")
        until = detailed.checked_seconds(seconds)
        recipe = given | {"seconds": until}
        if points:  # steps of a microsecond, which float32 does not tell apart
            recipe["dtype"] = dtype or "float64"
        if Path(circuit).suffix in (".toml", ".json"):
            recipe["circuit"] = str(Path(circuit).resolve())
    until = detailed.checked_seconds(until)
    if saved is None and loaded is None:
        check_run_output(out, force=force, inputs=[Path(recipe["circuit"])])
    number = threads or os.cpu_count() or 1
    _show(_simulated(recipe, loaded, until, number, check_finite, out, saved), out, as_json)


def _folder(mechanisms: Path, circuit: str) -> Path:
    """The folder of ``--mechanisms``, if it is one and there is a use for it."""
    if circuit and not circuit.endswith(".json"):
        raise RunError(
            f"--mechanisms: {circuit} has its own; SONATA's configurations may lack them"
        )
    if not mechanisms.is_dir():
        raise RunError(f"--mechanisms {mechanisms}: there is no such folder")
    return mechanisms.resolve()


def _show(document: dict[str, Any], out: Path | None, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        from halfbrain.report.run import print_run

        print_run(console(), document, out)


def _same(given: dict[str, Any], recipe: dict[str, Any], resume: Path) -> None:
    """Refuse options that say otherwise than the run that is resumed."""
    default: dict[str, Any] = {"circuit": None, "neurons": None, "scale": None, "plasticity": None}
    default |= {"dtype": "float32", "seed": 1, "record": [], "mechanisms": None}
    for name, value in given.items():
        if value != default[name] and value != recipe.get(name):
            raise RunError(f"--resume {resume}: its {name} is {recipe.get(name)}, not {value}")


def _simulated(
    recipe: dict[str, Any],
    loaded: Loaded | LoadedPoints | None,
    until: float,
    threads: int,
    check_finite: bool,
    out: Path | None,
    saved: Checkpoint | None,
) -> dict[str, Any]:
    from halfbrain.circuits.check import step_of
    from halfbrain.engine.point.currents import inject
    from halfbrain.engine.point.group import PointGroup
    from halfbrain.engine.point.session import Session
    from halfbrain.io.sonata import LoadedPoints
    from halfbrain.metering import known
    from halfbrain.report.run import run_document

    with bars() as shown:
        task = shown.add_task("building", total=None, note="")
        name = recipe["circuit"]
        how: dict[str, Any] = {
            "seed": recipe["seed"],
            "threads": threads,
            "dtype": recipe["dtype"],
            "check_finite": check_finite,
        }
        if name.endswith(".json"):
            loaded = loaded or sonata_given(recipe)
            if not isinstance(loaded, LoadedPoints):
                raise RunError(f"{name}: is of detailed cells now; begin anew, without --resume")
            asked = {(population, "v"): who for population, who in loaded.voltages.items()}
            how["record"] = asked | _recordings(recipe["record"], loaded.circuit)
            how["record_every"] = loaded.every
            simulation = PointGroup(loaded.circuit, **how)
            inject(simulation, loaded.currents)
        else:
            built = circuit_given(
                name,
                neurons=recipe["neurons"],
                scale=recipe["scale"],
                seconds=recipe["seconds"],
                plasticity=recipe["plasticity"],
                seed=recipe["seed"],
            )
            how["record"] = _recordings(recipe["record"], built)
            how["record_every"] = max(_FRAME, step_of(built))
            simulation = PointGroup(built, **how)
        # Before the run: once it has run, nothing stands between it and its table.
        shown.update(task, description="measuring this machine")
        ceilings = known.ceilings(threads)
        session = Session(simulation, out, {"recipe": recipe}, saved)
        began, wall = simulation.seconds, simulation.wall_seconds
        shown.update(task, description="running", total=until - began)

        def tell(at: float) -> None:
            rtf = (simulation.wall_seconds - wall) / (at - began)
            note = f"{at:.2f} of {until:g} s, RTF {rtf:.3g}"
            shown.update(task, completed=at - began, note=note)

        try:
            session.run(until, tell)
        except KeyboardInterrupt:
            shown.stop()
            say_stopped(simulation.seconds, session.kept)
            raise
        if isinstance(loaded, LoadedPoints) and loaded.reports and out:
            _write_reports(loaded.reports, out, simulation.dt)
    return run_document(session, ceilings)


def _write_reports(reports: tuple[Wanted, ...], out: Path, dt: float) -> None:
    """Reports of NEST's neurons, from what the run wrote, as files of their own, in mV."""
    from halfbrain.io import sonata_file as sonata

    whole = sonata.read(out)
    none = replace(whole.spikes, steps=whole.spikes.steps[:0], neurons=whole.spikes.neurons[:0])
    about = whole.attributes
    for wanted in reports:
        states = [
            # A step of ours begins where NEST's has ended.
            replace(own, variable="V_m", unit="mV", data=own.data * 1e3, start=own.start - dt)
            for state in whole.reports
            if state.variable == "v" and state.population in wanted.neurons
            for own in [state.of(wanted.neurons[state.population])]
        ]
        wanted.file.parent.mkdir(parents=True, exist_ok=True)
        seconds, populations = whole.spikes.seconds, whole.spikes.populations
        sonata.write(wanted.file, none, populations, dt, seconds, states, about)


def _recordings(asked: list[str], circuit: Circuit) -> dict[tuple[str, str], Any]:
    out = {}
    for text in asked:
        population, variable, number = recorded.asked(text)
        size = circuit.population(population).size
        out[population, variable] = recorded.spread(size, number)
    return out
