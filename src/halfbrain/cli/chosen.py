"""The options that choose a scenario, shared by all commands of the forecast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from halfbrain.errors import HalfbrainError

Published = Annotated[
    bool,
    typer.Option("--published", help="Rest on published figures alone, not on what is counted."),
]
Neurons = Annotated[str | None, typer.Option(help="As 13e9, or '9e9 to 13e9'.")]
Years = Annotated[str | None, typer.Option(help="Years of biological time to learn from.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any input, as firing_rate='0.1 to 1'."),
]
ScenarioName = Annotated[str, typer.Option(help="A shipped scenario or a TOML file.")]
Machine = Annotated[
    str | None,
    typer.Option(help="A machine of the facts, such as h100, or a TOML file (docs/plan.md)."),
]
Ties = Annotated[
    list[str] | None,
    typer.Option(
        "--tie", metavar="NAME,NAME=R", help="Rank correlation of two inputs, between -1 and 1."
    ),
]
Samples = Annotated[int, typer.Option(min=100, max=2_000_000, help="Monte Carlo draws.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same output.")]


def settings_of(neurons: str | None, years: str | None, assigned: list[str]) -> dict[str, str]:
    """What the options set, each once.

    Raises
    ------
    HalfbrainError
        naming what is set twice.
    """
    given = {"neurons": neurons, "years": years}
    found = {name: value for name, value in given.items() if value is not None}
    for text in assigned:
        name, value = _assignment("--set", text, "firing_rate='0.1 to 1'")
        if name in found:
            raise HalfbrainError(f"{name[:60]} is set twice; leave one of them")
        found[name] = value
    return found


def ties_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The ties that the option set: names and correlation of each."""
    return [_assignment("--tie", text, "firing_rate,cortex_synapses=-0.5") for text in texts]


def _assignment(option: str, text: str, example: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise HalfbrainError(f"{option} {text[:60]!r}: write NAME=VALUE, as {example}")
    return name.strip(), value.strip()
