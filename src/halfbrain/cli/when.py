"""The command `when`: the year in which a training becomes affordable."""

from __future__ import annotations

from typing import Annotated

import typer

from halfbrain.cli.app import Json, app, console, print_json
from halfbrain.cli.chosen import (
    Neurons,
    Published,
    Samples,
    ScenarioName,
    Seed,
    Ties,
    Years,
    scenario_of,
    settings_of,
)


@app.command()
def when(
    contender: Annotated[
        str | None, typer.Argument(help="Such as spiking or blue-brain. Default: all.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="USD, as 1e9. Default: what the dearest training has cost.")
    ] = None,
    ceiling: Annotated[
        str | None, typer.Option(help="USD to which budgets grow. Default: Project Apollo's.")
    ] = None,
    machine: Annotated[
        str, typer.Option(help="A machine of the facts: from its date its trends are counted.")
    ] = "b200",
    neurons: Neurons = None,
    years: Years = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A trend, as trend.flops_per_usd='2 to 3'; or any input of the estimate.",
        ),
    ] = None,
    tie: Ties = None,
    scenario: ScenarioName = "ours",
    samples: Samples = 100_000,
    seed: Seed = 2022,
    published: Published = False,
    as_json: Json = False,
) -> None:
    """The year in which a training becomes affordable, if hardware gains as it has."""
    from halfbrain.contenders.registry import contender as known
    from halfbrain.contenders.registry import contenders
    from halfbrain.forecast.trends import Trends
    from halfbrain.forecast.when import budget as money_of
    from halfbrain.report.when import print_when, when_document

    names = [known(contender).name] if contender is not None else list(contenders())
    settings, trends = settings_of(neurons, years, set_ or []), Trends()
    for name in [name for name in settings if name.startswith("trend.")]:
        trends = trends.with_trend(name, settings.pop(name))
    chosen = scenario_of(scenario, published, settings, names, tie or [])
    money = money_of(budget, ceiling, trends)
    document = when_document(chosen, names, machine, money, trends, samples, seed)
    if as_json:
        print_json(document)
    else:
        print_when(console(), document)
