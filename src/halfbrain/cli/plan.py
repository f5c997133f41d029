"""The command that plans: devices by memory, compute, bandwidth and network."""

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
    Settings,
    Ties,
    Years,
    settings_of,
    ties_of,
)
from halfbrain.errors import HalfbrainError


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
    from halfbrain.report import answers

    if realtime + (days is not None) + (budget is not None) > 1:
        raise HalfbrainError("--realtime, --days and --budget are one or the other")
    answer = answers.plan(
        contender,
        machine,
        days=days,
        budget=budget,
        scenario=scenario,
        settings=settings_of(neurons, years, set_ or []),
        ties=ties_of(tie or []),
        published=published,
        samples=samples,
        seed=seed,
    )
    show(answer, as_json)
