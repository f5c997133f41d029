"""What the page holds of plans: real time on a few machines, from a laptop to all that there is."""

from __future__ import annotations

from collections.abc import Iterable

from halfbrain.facts.table import facts
from halfbrain.forecast.plan import Target
from halfbrain.forecast.scenario import Scenario
from halfbrain.report.document import Document
from halfbrain.report.plan import plan_document

_MACHINES = ("h100", "frontier", "world-2025", "laptop")
_DRAWS = 2_000  # enough for two digits; the command has more
_KEPT = ("memory", "arithmetic", "traffic", "there", "levers")
_OF_WAY = (
    "name",
    "network",
    "devices",
    "possible",
    "decides",
    "year_energy_joule",
    "year_money_usd",
    "fastest",
    "limits",
)


def plan_payload(scenario: Scenario, names: Iterable[str], samples: int, seed: int) -> Document:
    """Plans of one scenario in real time: by machine, then contender."""
    aim = Target("real time")
    draws, names = min(samples, _DRAWS), list(names)
    return {
        "title": scenario.heading,
        "draws": draws,
        "machines": [
            {
                "name": machine,
                "title": _short(facts().item("hardware", machine).title),
                "contenders": {
                    name: _plan(plan_document(scenario, name, machine, aim, draws, seed))
                    for name in names
                },
            }
            for machine in _MACHINES
        ],
    }


def _short(title: str) -> str:
    """A machine's title without what is said of its parts."""
    return title.partition(" (")[0].partition(",")[0]


def _plan(found: Document) -> Document:
    ways = [{key: way[key] for key in _OF_WAY} for way in found["ways"]]
    return {**{key: found[key] for key in _KEPT}, "ways": ways}
