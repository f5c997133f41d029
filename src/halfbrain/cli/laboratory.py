"""The laboratory's commands: learners compared on a task, and the text's claims on learning."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halfbrain.cli.app import Json, app, console, print_json, progress
from halfbrain.cli.output import Force, check_output
from halfbrain.errors import RunError
from halfbrain.written import write_text

if TYPE_CHECKING:
    from halfbrain.learning.laboratory import Experiment, Plan

LEARNERS = "mlp,dendrites,sparse,spiking"


def compare_learners(task: str, given: Mapping[str, Any], as_json: bool) -> None:
    """Compare learners on a task, as ``halfbrain learn TASK`` does."""
    from halfbrain.learning.comparison import document
    from halfbrain.learning.laboratory import Plan
    from halfbrain.learning.tasks.catalogue import read_name
    from halfbrain.report.laboratory import print_experiment
    from halfbrain.report.laboratory_page import write_page

    base, way, parts = read_name(task)
    name = f"{way}-{base}:{parts}" if way else base
    plan = Plan(
        name,
        _learners(given.get("learners", LEARNERS)),
        given.get("seeds", 5),
        given.get("parameters", 40_000),
        given.get("budget_samples", 40_000),
        given.get("distinct"),
        _flop(given.get("budget_flop")),
        tests=given.get("tests"),
        units=given.get("units"),
    )
    check_output(given.get("report"), "--report", force=given.get("force", False))
    check_output(given.get("out"), "--out", force=given.get("force", False))
    folder = given.get("results", Path(f"halfbrain-learn-{name.replace(':', '-')}"))
    (found,) = run_plans([plan], folder, given.get("processes", 2), f"halfbrain learn {task} ...")
    shown = document(found, titles([plan])[0])
    if "report" in given:
        write_page(given["report"], f"Learning {shown['title']}", [shown], {})
    if "out" in given:
        _write_json(given["out"], shown)
    if as_json:
        print_json(shown)
    else:
        print_experiment(console(), shown)


@app.command()
def hypotheses(
    quick: Annotated[
        bool, typer.Option("--quick", help="Small tasks and networks: minutes, not an hour.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=2, help="Runs of each learner.")] = 8,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with the curves.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the JSON there.")] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where finished runs are kept.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Side by side.")] = 2,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Test what the text of 2022 claims of spiking and dendritic networks that learn."""
    from halfbrain.learning.comparison import document
    from halfbrain.learning.hypotheses import plans, verdicts
    from halfbrain.report.laboratory import print_verdicts
    from halfbrain.report.laboratory_page import write_page

    check_output(report, "--report", force=force)
    check_output(out, "--out", force=force)
    wanted = plans(quick, seeds)
    folder = results or Path(f"halfbrain-hypotheses{'-quick' if quick else ''}")
    again = f"halfbrain hypotheses{' --quick' if quick else ''}"
    found = dict(
        zip(wanted, run_plans(list(wanted.values()), folder, processes, again), strict=True)
    )
    named = titles(list(wanted.values()))
    judged = {
        "verdicts": [verdict.document() for verdict in verdicts(found)],
        "scales": dict(zip(wanted, named, strict=True)),
    }
    experiments = [document(e, title) for e, title in zip(found.values(), named, strict=True)]
    whole = judged | {"experiments": experiments}
    if report:
        write_page(report, "What the text claims of learning, put to the test", experiments, judged)
    if out:
        _write_json(out, whole)
    if as_json:
        print_json(whole)
    else:
        print_verdicts(console(), whole)


def titles(plans: Sequence[Plan]) -> list[str]:
    """What the plans are called: the task, and what sets it apart."""
    from halfbrain.learning.tasks.catalogue import load_task

    named = []
    for plan in plans:
        title = load_task(plan.task).title
        few = f", {plan.distinct:,} examples" if plan.distinct else ""
        size = f"{plan.units} units a layer" if plan.units else f"{plan.parameters:,} parameters"
        named.append(f"{title}{few}, {size}")
    return named


def run_plans(plans: Sequence[Plan], folder: Path, processes: int, again: str) -> list[Experiment]:
    """Run plans with progress; Ctrl-C says how to go on."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from halfbrain.learning.laboratory import experiment
    from halfbrain.learning.tasks.catalogue import load_task

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with progress(*columns) as bars:
        task = bars.add_task("loading data", total=None)
        for name in dict.fromkeys(plan.task for plan in plans):
            load_task(
                name, lambda file, done, total: bars.update(task, description=f"getting {file}")
            )
        if any("stdp" in plan.learners for plan in plans):
            bars.update(task, description="measuring this machine")
        meter = _meter(plans)

        def told(what: str, done: int, total: int) -> None:
            bars.update(task, description=what or "learning", completed=done, total=total)

        try:
            return experiment(plans, folder, meter, processes=processes, told=told)
        except KeyboardInterrupt:
            bars.stop()
            sys.stderr.write(
                f"halfbrain: stopped; finished runs are in {folder}, and the same command "
                f"({again}) goes on from them\n"
            )
            raise


def _meter(plans: Sequence[Plan]) -> Any:  # noqa: ANN401
    """What counts a simulation's operations; without one to count, none is measured."""
    from halfbrain.learning.shown import PLASTIC
    from halfbrain.metering import known
    from halfbrain.metering.learning import learning_flop

    if not any("stdp" in plan.learners for plan in plans):
        return _no_simulation
    return partial(learning_flop, projection=PLASTIC, ceilings=known.ceilings(1))


def _no_simulation(simulation: object, trials: int) -> int:
    raise RunError("no simulation was to be metered")


def _learners(text: str) -> tuple[str, ...]:
    from halfbrain.learning.learners.catalogue import kind

    names = tuple(dict.fromkeys(part.strip() for part in text.lower().split(",") if part.strip()))
    if not names:
        raise RunError("--learners: name at least one")
    for name in names:
        kind(name)
    return names


def _flop(value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise RunError(f"--budget-flop {value:g}: must be above 0")
    return value


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(document, indent=1, allow_nan=False) + "\n")
