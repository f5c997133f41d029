"""The command `odds`: from enough compute to a chance that it works."""

from __future__ import annotations

from dataclasses import replace
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
from halfbrain.errors import HalfbrainError


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
    from halfbrain.forecast.beliefs import is_branch, load_beliefs
    from halfbrain.report.odds import odds_document, print_chain, print_odds

    believed = load_beliefs(preset)
    settings = settings_of(neurons, years, set_ or [])
    for name in filter(is_branch, list(settings)):
        believed = believed.with_belief(name, settings.pop(name))
    chosen = scenario_of(scenario, published, settings, list(believed.given), tie or [])
    if contender is not None:
        if contender not in believed.given:
            raise HalfbrainError(
                f"{preset} says nothing of {contender[:40]!r}; it speaks of "
                f"{', '.join(believed.given)}"
            )
        believed = replace(believed, given={contender: believed.given[contender]})
    document = odds_document(believed, chosen, samples, seed)
    if as_json:
        print_json(document)
    elif contender is not None:
        print_chain(console(), document)
    else:
        print_odds(console(), document)
