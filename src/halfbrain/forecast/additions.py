"""What is left out, and what it would add to the answer."""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.contenders.left_out import SWITCHES
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.forecast.estimate import Forecast, Spread
from halfbrain.forecast.formula import is_zero, program, run


@dataclass(frozen=True)
class Addition:
    """A switch that is off: what it would add, as shares of the FLOP and of the memory."""

    name: str
    flop: Spread
    memory: Spread


def additions(result: Forecast, draws: Draws) -> list[Addition]:
    """What a contender leaves out; nothing where FLOP do not come from cost terms.

    Raises
    ------
    HalfbrainError
        if a value is too large for a double.
    """
    if not result.by_terms:
        return []
    on = Quantity.leaf("on", Interval(1, 1), "", Origin("computed"))
    steps = program(result.contender, result.scenario.counting)
    inputs = result.scenario.inputs()
    known = {entry.name for entry in result.contender.inputs}
    found = []
    for switch in SWITCHES:
        if switch.name in known and is_zero(inputs[switch.name]):
            values = run(steps, {**inputs, switch.name: on})
            more = (
                values[f"{result.contender.name}.{what}"] / result.quantity(what) - 1
                for what in ("flop", "memory")
            )
            found.append(Addition(switch.name, *(Spread.of(each, draws) for each in more)))
    return found
