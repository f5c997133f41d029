"""Two answers to one question, and which inputs make the difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from halfbrain.contenders.model import Contender
from halfbrain.contenders.registry import contender as named
from halfbrain.contenders.registry import inputs as known
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.estimate import Spread
from halfbrain.forecast.formula import Counting, counting_of, names_used, program, run
from halfbrain.forecast.scenario import Scenario
from halfbrain.forecast.unheard import bears_on

_LEAST = 1.005  # a factor that is worth a line


@dataclass(frozen=True)
class Reason:
    """An input in which two answers differ; None where one of them has no such input.

    ``factor`` is the one's median FLOP over what it would be with this input as the other has it.
    ``why`` is what is known of the difference.
    """

    name: str
    one: Quantity | None
    other: Quantity | None
    factor: float
    why: str

    @property
    def matters(self) -> bool:
        """Whether it changes the FLOP enough to be named."""
        return not 1 / _LEAST < self.factor < _LEAST

    @property
    def outside(self) -> bool:
        """Whether some of the one's interval lies outside the other's."""
        if self.one is None or self.other is None:
            return False
        mine, theirs = self.one.interval, self.other.interval
        assert mine is not None
        assert theirs is not None
        return mine.low < theirs.low or mine.high > theirs.high


@dataclass(frozen=True)
class Difference:
    """One contender under two scenarios: the other's FLOP, and the one's median over theirs.

    ``counting`` is what the way of counting has in the ratio. ``reasons`` are the inputs that
    differ, those that change the FLOP most first. Where inputs act together, factors need not
    multiply to the ratio.
    """

    other: Spread
    ratio: float
    counting: float
    reasons: tuple[Reason, ...]


def difference(name: str, one: Scenario, other: Scenario, draws: Draws) -> Difference:
    """Hold one scenario's answer for a contender against another's.

    Raises
    ------
    HalfbrainError
        if a value is too large for a double.
    """
    contender, here, there = named(name), one.inputs(), other.inputs()
    own = _flop(contender, one.counting, here, draws).p50
    flop = _flop(contender, other.counting, there, draws)
    heard = names_used(contender, one.counting, f"{contender.name}.flop", here)
    reasons = []
    for key in {**here, **there}:
        mine, theirs = here.get(key), there.get(key)
        if _alike(mine, theirs) or not bears_on(key, contender):
            continue
        factor = 1.0
        if key in heard:
            swapped = {k: v for k, v in here.items() if k != key}
            if theirs is not None:
                # Drawn as mine, so that the interval alone makes the difference.
                swapped[key] = theirs if mine is None else replace(theirs, mixed=mine.streams)
            factor = _over(own, _flop(contender, one.counting, swapped, draws).p50)
        reasons.append(
            Reason(key, mine, theirs, factor, known()[key].why if key in known() else "")
        )
    counting = 1.0
    if counting_of(contender, one.counting) != counting_of(contender, other.counting):
        counting = _over(own, _flop(contender, other.counting, here, draws).p50)
    reasons.sort(key=lambda reason: -abs(math.log(reason.factor or 5e-324)))
    return Difference(flop, _over(own, flop.p50), counting, tuple(reasons))


def _flop(
    contender: Contender, counting: Counting, inputs: Mapping[str, Quantity], draws: Draws
) -> Spread:
    return Spread.of(run(program(contender, counting), inputs)[f"{contender.name}.flop"], draws)


def _alike(one: Quantity | None, other: Quantity | None) -> bool:
    return one is not None and other is not None and one.interval == other.interval


def _over(one: float, other: float) -> float:
    """A ratio; of nothing to nothing it is 1."""
    if other > 0:
        return one / other
    return 1.0 if one == 0 else math.inf
