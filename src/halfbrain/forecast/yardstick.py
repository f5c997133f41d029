"""How far the yardstick is from a model that its compute would be spent on best.

A weight for each synapse and one life of tokens make far fewer tokens for a weight than Hoffmann et
al. 2022 (arXiv 2203.15556) found best, 20. So its FLOP say nothing of what such a model could do.
"""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import Forecast, Spread

_BEST = "training_runs.chinchilla"
_COST = "contenders.transformer.flop_per_parameter_token"


@dataclass(frozen=True)
class Yardstick:
    """Tokens for each parameter, here and at best; FLOP that are best for its size, its tokens."""

    tokens_per_parameter: Spread
    best_tokens_per_parameter: float
    flop_best_for_size: Spread
    flop_best_for_tokens: Spread


def yardstick(result: Forecast, draws: Draws) -> Yardstick | None:
    """Hold the yardstick against the best use of its compute; None for other contenders.

    Raises
    ------
    HalfbrainError
        if a value is too large for a double.
    """
    if result.contender.name != "transformer":
        return None
    values = result.values
    parameters = values["neurons"] * values["transformer.parameters_per_neuron"]
    tokens = values["transformer.tokens_per_second"] * values["training_seconds"]
    best = facts().get(f"{_BEST}.tokens") / facts().get(f"{_BEST}.parameters")
    each = facts().get(_COST)
    return Yardstick(
        Spread.of(tokens / parameters, draws),
        best.magnitude("token/parameter"),
        Spread.of((each * parameters * (parameters * best)).to("FLOP"), draws),
        Spread.of((each * (tokens / best) * tokens).to("FLOP"), draws),
    )
