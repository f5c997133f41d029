"""Commands of the forecast: estimate, audit, facts, explain, backcast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from halfbrain.cli.app import Json, app, console, print_json, progress, show
from halfbrain.cli.chosen import (
    Machine,
    Neurons,
    Published,
    Samples,
    ScenarioName,
    Seed,
    Settings,
    Ties,
    Years,
    settings_of,
    ties_of,
)
from halfbrain.cli.output import Force, check_output
from halfbrain.errors import one_line

PAGE = Path("halfbrain-report.html")
Measure = Annotated[
    bool, typer.Option("--measure", help="Run what can be run, and use what it costs here.")
]


@app.command()
def estimate(
    contender: Annotated[
        list[str] | None, typer.Option(help="A contender; give it again for more. Default: all.")
    ] = None,
    neurons: Neurons = None,
    years: Years = None,
    set_: Settings = None,
    tie: Ties = None,
    scenario: Annotated[
        str, typer.Option(help="A shipped scenario, such as seed-2022, or a TOML file.")
    ] = "ours",
    machine: Machine = None,
    samples: Samples = 100_000,
    seed: Seed = 2022,
    report: Annotated[
        Path | None,
        typer.Option(help=f"Where to write the page. Default: {PAGE}; with --json, none."),
    ] = None,
    published: Published = False,
    measure: Measure = False,
    against: Annotated[
        str | None, typer.Option(help="Another scenario, to stand beside this one.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """FLOP, memory and more for each contender, and the page that shows them."""
    from halfbrain.report import answers

    read = [Path(scenario), *([Path(machine)] if machine else [])]
    check_output(report, "--report", force=force, inputs=read)
    with _watched(measure) as tell:
        answer = answers.estimate(
            *(contender or ()),
            scenario=scenario,
            settings=settings_of(neurons, years, set_ or []),
            ties=ties_of(tie or []),
            machine=machine,
            against=against,
            published=published,
            measure=measure,
            samples=samples,
            seed=seed,
            progress=tell,
        )
    if as_json:
        print_json(answer.document)
    else:
        answer.print(console())  # the answer, before the page takes its seconds
        report = report or PAGE
    if report is not None:
        answer.write(report)
    if not as_json:
        console().print(Text(f"\nThe page: {one_line(str(report))}"))


@app.command()
def audit(as_json: Json = False) -> None:
    """Every calculation in the text of 2022, recomputed."""
    from halfbrain.report import answers

    show(answers.audit(), as_json)


@app.command("facts")
def facts_(
    name: Annotated[
        str | None,
        typer.Argument(help="A table, TABLE.ITEM, TABLE.ITEM.FIGURE, or a word to look for."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The figures taken from the world, with their sources."""
    from halfbrain.report import answers

    show(answers.find_facts(name or ""), as_json)


@app.command()
def explain(
    contender: Annotated[str, typer.Argument(help="Such as spiking or blue-brain.")],
    neurons: Neurons = None,
    years: Years = None,
    set_: Settings = None,
    tie: Ties = None,
    scenario: ScenarioName = "ours",
    machine: Machine = None,
    samples: Samples = 100_000,
    seed: Seed = 2022,
    published: Published = False,
    measure: Measure = False,
    as_json: Json = False,
) -> None:
    """The tree of one estimate, down to its sources; and what the text of 2022 has beside it.

    With --machine the tree is that of its bill there: money, or as far as the machine is known.
    """
    from halfbrain.report import answers

    with _watched(measure) as tell:
        answer = answers.explain(
            contender,
            scenario=scenario,
            settings=settings_of(neurons, years, set_ or []),
            ties=ties_of(tie or []),
            machine=machine,
            published=published,
            measure=measure,
            samples=samples,
            seed=seed,
            progress=tell,
        )
    show(answer, as_json)


@app.command()
def backcast(as_json: Json = False) -> None:
    """The cost model held against published simulation runs."""
    from halfbrain.report import answers

    show(answers.backcast(), as_json)


@contextmanager
def _watched(measure: bool) -> Iterator[Callable[[str, float], None] | None]:
    """A display of what is measured, if anything is."""
    from rich.progress import BarColumn, SpinnerColumn, TextColumn

    if not measure:
        yield None
        return
    with progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn()) as shown:
        task = shown.add_task("", total=1.0)
        yield lambda what, done: shown.update(task, description=what, completed=done)
