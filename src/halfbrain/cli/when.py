"""The command `when`: the year in which a training becomes affordable."""

from __future__ import annotations

from typing import Annotated

import typer

from halfbrain.cli.app import Json, app, show
from halfbrain.cli.chosen import (
    Neurons,
    Published,
    Samples,
    ScenarioName,
    Seed,
    Ties,
    Years,
    settings_of,
    ties_of,
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
    from halfbrain.report import answers

    answer = answers.when(
        *([] if contender is None else [contender]),
        budget=budget,
        ceiling=ceiling,
        machine=machine,
        scenario=scenario,
        settings=settings_of(neurons, years, set_ or []),
        ties=ties_of(tie or []),
        published=published,
        samples=samples,
        seed=seed,
    )
    show(answer, as_json)
