"""More lives than one, and the life after: more runs of a training, a network once trained."""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.contenders.question import RUNS
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.estimate import Forecast, Spread
from halfbrain.forecast.formula import program, run
from halfbrain.forecast.setting import from_fact, settings

_MAY_BE = "question.lives.runs"


@dataclass(frozen=True)
class OnceTrained:
    """A network as it runs in real time, learning no more.

    ``learning_over_running``: how many times dearer a second of life is while it learns.
    ``flop_per_year``: of a year of life.
    """

    flop_per_bio_second: Spread
    bytes_per_bio_second: Spread
    memory_bytes: Spread
    learning_over_running: Spread
    flop_per_year: Spread


def once_trained(result: Forecast, draws: Draws) -> OnceTrained | None:
    """What running costs beside learning; None where FLOP do not come from cost terms.

    Raises
    ------
    HalfbrainError
        if a value is too large for a double.
    """
    if not result.by_terms:
        return None
    rate = result.quantity("run_flop_per_bio_second")
    each = (
        rate,
        result.quantity("run_bytes_per_bio_second"),
        result.quantity("run_memory"),
        result.quantity("flop_per_bio_second") / rate,
        rate * result.values["seconds_per_year"],
    )
    return OnceTrained(*(Spread.of(value, draws) for value in each))


def runs_it_may_take() -> Quantity:
    """How often a training may have to be done from the start: the input, as the facts guess it."""
    return from_fact(_MAY_BE, settings()[RUNS.name])


def with_runs(result: Forecast) -> Quantity:
    """FLOP of all the runs that it may take, whatever the scenario has."""
    inputs = {**result.scenario.inputs(), RUNS.name: runs_it_may_take()}
    steps = program(result.contender, result.scenario.counting)
    return run(steps, inputs)[f"{result.contender.name}.flop"]
