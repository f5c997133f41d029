"""The command that plans: devices by memory, compute, bandwidth and network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from halfbrain.cli.app import Json, app, console, print_json
from halfbrain.cli.chosen import (
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
)
from halfbrain.errors import HalfbrainError

if TYPE_CHECKING:
    from halfbrain.forecast.plan import Target


@app.command()
def plan(
    contender: Annotated[str, typer.Argument(help="Such as spiking or blue-brain.")],
    machine: Annotated[
        str,
        typer.Option(
            help="A machine of the facts, from laptop and h100 to world-2025, or a TOML file "
            "(docs/plan.md)."
        ),
    ],
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Keep pace with life. The default.")
    ] = False,
    days: Annotated[float | None, typer.Option(help="The whole training in so many days.")] = None,
    budget: Annotated[float | None, typer.Option(help="As fast as so many USD allow.")] = None,
    neurons: Neurons = None,
    years: Years = None,
    set_: Settings = None,
    tie: Ties = None,
    scenario: ScenarioName = "ours",
    samples: Samples = 20_000,
    seed: Seed = 2022,
    published: Published = False,
    as_json: Json = False,
) -> None:
    """How many devices it takes, what decides that, and what would move it."""
    from halfbrain.contenders.registry import contender as known
    from halfbrain.report.plan import plan_document, print_plan

    name = known(contender).name
    given = settings_of(neurons, years, set_ or [])
    chosen = scenario_of(scenario, published, given, [name], tie or [])
    document = plan_document(chosen, name, machine, _target(realtime, days, budget), samples, seed)
    if as_json:
        print_json(document)
    else:
        print_plan(console(), document)


def _target(realtime: bool, days: float | None, budget: float | None) -> Target:
    from halfbrain.forecast.plan import Target

    if realtime + (days is not None) + (budget is not None) > 1:
        raise HalfbrainError("--realtime, --days and --budget are one or the other")
    if days is not None:
        return Target("days", days)
    return Target("real time") if budget is None else Target("budget", budget)
