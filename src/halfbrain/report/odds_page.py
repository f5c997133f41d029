"""What the page holds of the odds: everybody's beliefs, and what of ours bears on each step."""

from __future__ import annotations

from collections.abc import Mapping

from halfbrain.facts.draws import Draws
from halfbrain.forecast.bearing import bearing
from halfbrain.forecast.beliefs import BRANCHES, COMPUTE, Belief, belief_names, load_beliefs
from halfbrain.forecast.comparison import fit
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import Scenario
from halfbrain.random.philox import halves, key_of
from halfbrain.report.document import Document
from halfbrain.report.odds import NO_MEASUREMENTS


def odds_payload(scenario: Scenario, draws: Draws) -> Document:
    """Beliefs by preset, contender and step; the page computes the first step and the products."""
    every = [load_beliefs(name) for name in belief_names()]
    names = list(dict.fromkeys(name for beliefs in every for name in beliefs.given))
    return {
        "no_measurements": NO_MEASUREMENTS,
        "branches": [{"name": name, "about": about} for name, about in BRANCHES.items()],
        "key": halves(key_of(draws.seed, "odds", "little")),
        "bears": {name: _bears(name, scenario, draws) for name in names},
        "beliefs": [
            {
                "name": beliefs.name,
                "title": beliefs.title,
                "about": beliefs.about,
                "contenders": {name: _beliefs(own, draws) for name, own in beliefs.given.items()},
                "totals": _beliefs(beliefs.totals, draws),
            }
            for beliefs in every
        ],
    }


def _bears(name: str, scenario: Scenario, draws: Draws) -> Document:
    """What bears on each step but those that the page computes, in this scenario."""
    budget = fit(forecast(name, scenario), draws)
    lines = {branch: bearing(name, branch, scenario, budget, draws) for branch in BRANCHES}
    computed = (COMPUTE, "runs")
    return {branch: line for branch, line in lines.items() if line and branch not in computed}


def _beliefs(given: Mapping[str, Belief], draws: Draws) -> Document:
    return {name: _belief(belief, draws.seed) for name, belief in given.items()}


def _belief(belief: Belief, seed: int) -> Document:
    interval = belief.chance.interval
    assert interval is not None
    return {
        "low": interval.low,
        "high": interval.high,
        "key": halves(key_of(seed, belief.chance.stream, "little")),
        "basis": belief.basis,
        **{key: text for key, text in (("quote", belief.quote), ("why", belief.why)) if text},
    }
