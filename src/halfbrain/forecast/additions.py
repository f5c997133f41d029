"""What is left out, and what it would add to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

from halfbrain.contenders.left_out import SWITCHES
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.forecast.estimate import Forecast, Spread
from halfbrain.forecast.formula import evaluate, is_zero


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
    contender, values = result.contender, result.values
    on = Quantity.leaf("on", Interval(1, 1), "", Origin("computed"))
    found = []
    for switch in SWITCHES:
        if switch in contender.inputs and is_zero(values[switch.name]):
            switched = {**values, switch.name: on}
            more = [
                evaluate(term.count * term.flop, switched)
                for term in contender.terms
                if switch.symbol in term.count.free_symbols
            ]
            flop = reduce(add, more) / result.quantity("flop_per_neuron_second")
            memory = evaluate(contender.memory, switched) / evaluate(contender.memory, values) - 1
            found.append(Addition(switch.name, Spread.of(flop, draws), Spread.of(memory, draws)))
    return found
