"""Commands of the forecast: estimate, audit, facts, explain, backcast."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from halfbrain.cli.app import Json, app, console, print_json, progress
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
    scenario_of,
    settings_of,
    tell_bill,
)
from halfbrain.cli.output import Force, check_output
from halfbrain.errors import HalfbrainError, MissingError, one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from halfbrain.forecast.scenario import Scenario

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
    from halfbrain.contenders.registry import contender as known
    from halfbrain.contenders.registry import contenders
    from halfbrain.forecast.own_machine import machine as known_machine
    from halfbrain.forecast.scenario import load_scenario
    from halfbrain.report.document import estimate_document
    from halfbrain.report.terminal import print_estimate

    read = [Path(scenario), *([Path(machine)] if machine else [])]
    check_output(report, "--report", force=force, inputs=read)
    names = [known(name).name for name in contender or contenders()]
    given = settings_of(neurons, years, set_ or [])
    chosen = scenario_of(scenario, published, given, names, tie or [])
    tell_bill(given, machine)
    other = load_scenario(against) if against is not None else None
    if machine is not None:
        known_machine(machine)
    if measure:
        chosen = _measured(chosen, names)
    document = estimate_document(chosen, names, samples, seed, machine, other)
    if as_json:
        print_json(document)
    else:
        print_estimate(console(), document)  # the answer, before the page takes its seconds
        report = report or PAGE
    if report is not None:
        from halfbrain.report import page

        page.write(chosen, _contenders(names), samples, seed, report)
    if not as_json:
        console().print(Text(f"\nThe page: {one_line(str(report))}"))


@app.command()
def audit(as_json: Json = False) -> None:
    """Every calculation in the text of 2022, recomputed."""
    from halfbrain.forecast.audit.audit import audit as run_audit
    from halfbrain.report.document import audit_document
    from halfbrain.report.terminal import print_audit

    document = audit_document(run_audit())
    if as_json:
        print_json(document)
    else:
        print_audit(console(), document)


@app.command("facts")
def facts_(
    name: Annotated[
        str | None,
        typer.Argument(help="A table, TABLE.ITEM, TABLE.ITEM.FIGURE, or a word to look for."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The figures taken from the world, with their sources."""
    from halfbrain.facts.table import facts
    from halfbrain.report.document import facts_document
    from halfbrain.report.terminal import print_facts

    table = facts()
    document = facts_document(table, table.find(name or ""))
    if as_json:
        print_json(document)
    else:
        print_facts(console(), document)


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
    from halfbrain.contenders.registry import contender as known
    from halfbrain.facts.draws import Draws
    from halfbrain.facts.explain import explain as tree
    from halfbrain.forecast.estimate import forecast
    from halfbrain.forecast.machine import costs
    from halfbrain.forecast.reported import beside, told
    from halfbrain.report import beside as beside_published
    from halfbrain.report.document import published_document, reported_document, tree_document

    names = [known(contender).name]
    given = settings_of(neurons, years, set_ or [])
    chosen = scenario_of(scenario, published, given, names, tie or [])
    tell_bill(given, machine)
    if measure:
        chosen = _measured(chosen, names)
    result = forecast(contender, chosen)
    there = costs(result, machine).whole if machine else None
    draws = Draws(samples, seed)  # those of an estimate
    found, counted = beside(result, draws), published_document(result, draws)
    if as_json:
        print_json(
            {
                "contender": contender,
                "tree": tree_document(result.flop, draws),
                "machine": there and {"machine": machine, "tree": tree_document(there, draws)},
                "published": counted,
                "reported": [reported_document(one) for one in found],
            }
        )
    else:
        out = console()
        width = min(out.width, 80)
        out.print(Text(tree(there or result.flop, draws, width)))
        if counted:
            out.print(Text("\n" + beside_published.told(counted, width)))
        if found:
            out.print(Text("\n" + told(found, width)))


@app.command()
def backcast(as_json: Json = False) -> None:
    """The cost model held against published simulation runs."""
    from halfbrain.forecast.backcast import backcasts
    from halfbrain.forecast.calibration import both_ways
    from halfbrain.report.backcast import print_backcast
    from halfbrain.report.document import backcast_document

    document = backcast_document(backcasts(), both_ways())
    if as_json:
        print_json(document)
    else:
        print_backcast(console(), document)


def _measured(scenario: Scenario, names: list[str]) -> Scenario:
    """The scenario with the figures of those contenders that can be run, as they cost here."""
    from rich.progress import BarColumn, SpinnerColumn, TextColumn

    from halfbrain.contenders.runs.catalogue import ENGINES, measure

    chosen = [name for name in ENGINES if name in _contenders(names)]
    if not chosen:
        raise HalfbrainError(
            f"--measure: nothing can be run of {', '.join(names)}; "
            f"there is an engine for {', '.join(ENGINES)}"
        )
    with progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn()) as shown:
        for name in chosen:
            tell = partial(_tell, shown, shown.add_task("", total=1.0))
            try:
                scenario = scenario.with_measured(measure(name, tell))
            except MissingError as error:
                typer.echo(f"--measure: {error}; its figures stay those that ship", err=True)
    return scenario


def _contenders(names: list[str]) -> list[str]:
    """The contenders of rows, an alternative's among them, each once."""
    from halfbrain.contenders.registry import contender as known

    return list(dict.fromkeys(known(name).under or name for name in names))


def _tell(shown: Progress, task: TaskID, what: str, done: float) -> None:
    shown.update(task, description=what, completed=done)
