"""The command `odds`: from enough compute to a chance that it works."""

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
def odds(
    contender: Annotated[
        str | None, typer.Argument(help="One contender's chain, with what was said of each step.")
    ] = None,
    preset: Annotated[
        str, typer.Option(help="Whose beliefs: author-2022, sceptic, even, or a TOML file.")
    ] = "author-2022",
    neurons: Neurons = None,
    years: Years = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A step, as blue-brain.abstraction='0.5 to 0.9'; or any input of the estimate.",
        ),
    ] = None,
    tie: Ties = None,
    scenario: ScenarioName = "ours",
    samples: Samples = 100_000,
    seed: Seed = 2022,
    published: Published = False,
    as_json: Json = False,
) -> None:
    """Chances that a contender works, step by step: beliefs, not measurements."""
    from halfbrain.report import answers

    answer = answers.odds(
        contender,
        preset=preset,
        scenario=scenario,
        settings=settings_of(neurons, years, set_ or []),
        ties=ties_of(tie or []),
        published=published,
        samples=samples,
        seed=seed,
    )
    show(answer, as_json)
