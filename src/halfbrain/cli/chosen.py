"""The options that choose a scenario, shared by all commands of the forecast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from halfbrain.errors import HalfbrainError, warn

if TYPE_CHECKING:
    from halfbrain.forecast.scenario import Scenario

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


def scenario_of(
    named: str,
    published: bool,
    settings: dict[str, str],
    names: list[str],
    ties: Iterable[str] = (),
) -> Scenario:
    """A scenario with what the options set; what bears on none of some contenders is said."""
    from halfbrain.contenders.registry import rows
    from halfbrain.forecast.scenario import load_scenario
    from halfbrain.forecast.unheard import bears_on, switched_off

    chosen = load_scenario(named)
    if published:
        chosen = chosen.published()
    shown = [row for row in rows().values() if {row.name, row.under} & set(names)]
    for name, value in settings.items():
        chosen = chosen.with_setting(name, value)
        if not any(bears_on(name, row) for row in shown):
            warn(f"{name} does not change anything of {', '.join(names)}")
    before, example = chosen.ties, "firing_rate,cortex_synapses=-0.5"
    chosen = chosen.with_ties(_assignment("--tie", text, example) for text in ties)
    for tie in chosen.ties:
        meets = any(all(bears_on(name, row) for name in tie.names) for row in shown)
        if tie not in before and not meets:
            warn(f"the tie of {tie} does not change anything of {', '.join(names)}")
    for name in settings:
        if off := switched_off(name, chosen.inputs(), shown):
            warn(f"{name} does not change anything while {' and '.join(off)} = 0")
    return chosen


def tell_bill(settings: dict[str, str], machine: str | None) -> None:
    """Say what was set of a bill that is not asked for."""
    from halfbrain.forecast.assumption import assumptions

    for name in settings:
        if machine is None and name in assumptions():
            warn(f"{name} changes the bill alone, which --machine asks for")


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


def _assignment(option: str, text: str, example: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise HalfbrainError(f"{option} {text[:60]!r}: write NAME=VALUE, as {example}")
    return name.strip(), value.strip()
