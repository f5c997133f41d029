"""Beside what has been done: orders of magnitude over training runs, and the seed's question."""

from __future__ import annotations

import math
from dataclasses import dataclass

from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import Forecast, Spread, share_below

MORE_COMPUTE = "seed.text.more_compute"  # the twelve orders of magnitude of the thought experiment
YARDSTICK = "palm"


def training_runs() -> dict[str, Quantity]:
    """Training compute by run, smallest first."""
    runs = {
        key: item.figures["compute"]
        for key, item in facts().tables["training_runs"].items()
        if "compute" in item.figures
    }
    return dict(sorted(runs.items(), key=lambda pair: pair[1].magnitude("FLOP")))


def orders_over(flop: Spread) -> dict[str, float]:
    """Orders of magnitude of the median over each training run's."""
    return {
        key: math.log10(flop.p50 / run.magnitude("FLOP")) if flop.p50 > 0 else -math.inf
        for key, run in training_runs().items()
    }


@dataclass(frozen=True)
class Fit:
    """What a budget of ``budget`` FLOP buys of one contender; of the compute alone.

    ``times``: how many times all that the scenario asks; ``trainings``: how many single runs of
    it. ``neurons``: the largest brain, all else equal.
    ``enough``: the share of draws in which it pays for one training; this is no chance
    that the training would work.
    """

    budget: float
    times: Spread
    trainings: Spread
    neurons: Spread
    enough: float


def budget_flop() -> Quantity:
    """PaLM's training compute and twelve orders of magnitude more, in FLOP."""
    run = facts().get(f"training_runs.{YARDSTICK}.compute")
    return (run * facts().get(MORE_COMPUTE)).to("FLOP").named("budget")


def fit(forecast: Forecast, draws: Draws) -> Fit:
    """The question of the text: with twelve more orders of magnitude than PaLM, what fits?

    Every contender's FLOP grow in proportion to its neurons (a test holds the formulas to that),
    so the largest brain is the scenario's, times as often as it fits.
    """
    limit = budget_flop().magnitude()
    # The budget is a line drawn, not a guess: its median stands for it.
    line = Quantity.leaf("budget", Interval(limit, limit), "FLOP", Origin("computed"))
    times = line / forecast.flop
    return Fit(
        limit,
        Spread.of(times, draws),
        Spread.of(times * forecast.values["runs"], draws),
        Spread.of(times * forecast.values["neurons"], draws),
        share_below(forecast.flop, limit, draws),
    )
