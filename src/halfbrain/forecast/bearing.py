"""What halfbrain measures, counts or computes that bears on a belief."""

from __future__ import annotations

from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.comparison import Fit
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.lives import runs_it_may_take
from halfbrain.forecast.scenario import Scenario
from halfbrain.forecast.yardstick import yardstick

# By branch, then contender; of the others nothing of ours speaks.
_TESTED = {
    "abstraction": {
        "numenta": "halfbrain hypotheses tests whether it forgets less (d3) and surpasses (e2)",
        "spiking": "halfbrain run diehl-cook tells how well spikes alone learn digits",
    },
    "learning": {
        "numenta": "halfbrain hypotheses tests it on few examples (d1, d2) and its epochs (e1)",
        "spiking": "halfbrain hypotheses tests it on few examples (b1, b2)",
    },
}
_LEARNED = ("numenta", "transformer")  # their weights are found by learning, not in a brain


def bearing(name: str, branch: str, scenario: Scenario, budget: Fit, draws: Draws) -> str:
    """One line on what of ours bears on a contender's branch; empty where nothing does."""
    if branch == "compute":
        return f"halfbrain estimate: enough in {100 * budget.enough:.4g} % of {draws.n} draws"
    if branch == "runs":
        asked = runs_it_may_take().interval
        assert asked is not None
        return (
            f"the compute pays for {_short(budget.trainings.p50)} trainings, where {asked} may be "
            "needed (judgement)"
        )
    if branch == "parameters" and name not in _LEARNED:
        return _mapped(name, scenario)
    tested = _TESTED.get(branch, {}).get(name, "")
    if branch == "learning":
        parts = (tested, _epochs(name, scenario), _tokens(scenario, draws))
        return "; ".join(part for part in parts if part)
    return tested


def _mapped(name: str, scenario: Scenario) -> str:
    """How much of such a cortex is mapped in the largest piece of a human one."""
    values = forecast(name, scenario).values
    asked = values["neurons"].magnitude() * values["synapses_per_neuron"].magnitude()
    found = facts().get("brains.human-h01.synapses").magnitude()
    return f"{_short(found)} synapses of a human cortex are mapped (H01), of {_short(asked)}"


def _epochs(name: str, scenario: Scenario) -> str:
    """How often the estimate has each sample shown, where that is an input."""
    epochs = scenario.inputs().get(f"{name}.epochs")
    return f"here each sample is shown {epochs.interval} times ({name}.epochs)" if epochs else ""


def _tokens(scenario: Scenario, draws: Draws) -> str:
    """How few tokens one life has for so many weights, where a transformer needs twenty each."""
    best = yardstick(forecast("transformer", scenario), draws)
    assert best is not None
    times = best.best_tokens_per_parameter / best.tokens_per_parameter.p50
    return f"a transformer of its size wants {_short(times)} times the tokens that one life has"


def _short(value: float) -> str:
    """Two digits, as ``1.5e8``."""
    return f"{value:.2g}".replace("e+0", "e").replace("e+", "e")
