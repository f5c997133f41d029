"""From enough compute to a mind that works: a chain of chances, each given those before it.

The first is computed; the others are beliefs (:mod:`halfbrain.forecast.beliefs`), no measurements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.forecast.bearing import bearing
from halfbrain.forecast.beliefs import BRANCHES, COMPUTE, Belief, Beliefs, leaf_name
from halfbrain.forecast.comparison import Fit, fit
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.scenario import Scenario


@dataclass(frozen=True)
class Step:
    """One branch: its chance as believed and as drawn, what bears on it, its part in the whole.

    ``share_of_spread``: of the variance of the logarithm of the product, None where nothing is
    uncertain. ``bears``: what halfbrain measures or computes that bears on it.
    """

    branch: str
    about: str
    belief: Belief
    chance: Spread
    bears: str
    share_of_spread: float | None


@dataclass(frozen=True)
class Odds:
    """The chance that one contender works, given the text's twelve more orders of magnitude.

    ``hangs_on`` has the branch that causes most of the spread, ``takes_most`` that of the lowest
    chance; several where they are equal, none where nothing is uncertain, or every chance is one.
    """

    contender: str
    trainings: Spread
    steps: tuple[Step, ...]
    product: Quantity
    works: Spread
    hangs_on: tuple[str, ...]
    takes_most: tuple[str, ...]
    total: Belief | None


@dataclass(frozen=True)
class Together:
    """The chance that at least one works: if all stand or fall together, and if each on its own.

    These are bounds as long as no contender's success makes another's less likely.
    """

    as_one: Spread
    each_alone: Spread


def odds(beliefs: Beliefs, scenario: Scenario, draws: Draws) -> list[Odds]:
    """The chances of each contender that the beliefs speak of."""
    return [_odds(name, beliefs, scenario, draws) for name in beliefs.given]


def _odds(name: str, beliefs: Beliefs, scenario: Scenario, draws: Draws) -> Odds:
    budget = fit(forecast(name, scenario), draws)
    own = {COMPUTE: _enough(name, budget, draws), **beliefs.given[name]}
    chain = {branch: own[branch] for branch in BRANCHES}
    shares = _shares({branch: belief.chance for branch, belief in chain.items()}, draws)
    product = reduce(lambda a, b: a * b, (belief.chance for belief in chain.values()))
    product = product.named(leaf_name(name, "works"))
    taken = {branch: 1 - _median(belief.chance) for branch, belief in chain.items()}
    return Odds(
        name,
        budget.trainings,
        tuple(
            Step(
                branch,
                BRANCHES[branch],
                belief,
                Spread.of(belief.chance, draws),
                bearing(name, branch, scenario, budget, draws),
                shares.get(branch),
            )
            for branch, belief in chain.items()
        ),
        product,
        Spread.of(product, draws),
        _most(shares),
        _most(taken),
        beliefs.totals.get(name),
    )


def _enough(name: str, budget: Fit, draws: Draws) -> Belief:
    """The share of draws in which the compute pays for a training, where nobody sets another."""
    share = Interval(budget.enough, budget.enough, "fraction")
    origin = Origin("computed", note=f"The share of {draws.n} draws of `halfbrain estimate`.")
    return Belief(Quantity.leaf(leaf_name(name, COMPUTE), share, "", origin), "computed")


def _most(parts: dict[str, float]) -> tuple[str, ...]:
    """The branches with the largest part, if that is any."""
    largest = max(parts.values(), default=0.0)
    return tuple(branch for branch, part in parts.items() if largest > 0 and part == largest)


def _median(chance: Quantity) -> float:
    assert chance.interval is not None
    return chance.interval.median


def _shares(chances: dict[str, Quantity], draws: Draws) -> dict[str, float]:
    """The part of each in the variance of the product's logarithm; empty where there is none.

    All on the same draws, so that equal intervals have equal parts.
    """
    variances = {
        branch: float(np.var(np.log(draws.column((("odds", 1.0),), chance.interval))))
        for branch, chance in chances.items()
        if chance.interval is not None and not chance.interval.certain
    }
    whole = sum(variances.values())
    return {branch: variance / whole for branch, variance in variances.items()} if whole else {}


def at_least_one(found: Sequence[Odds], draws: Draws) -> Together:
    """Bounds of the chance that at least one of the contenders works."""
    products = [each.product for each in found]
    as_one = reduce(lambda a, b: a.maximum(b), products)
    none = reduce(lambda a, b: a * b, (1 - product for product in products))
    return Together(Spread.of(as_one, draws), Spread.of(1 - none, draws))
