"""What the page holds of the years in which trainings become affordable."""

from __future__ import annotations

from collections.abc import Iterable

from halfbrain.forecast.scenario import Scenario
from halfbrain.forecast.trends import TRENDS, Trends
from halfbrain.forecast.when import BUDGET, CEILING, budget
from halfbrain.report.document import Document
from halfbrain.report.when import when_document

_MACHINE = "b200"
_DRAWS = 10_000  # of whole years, which more draws hardly move


def when_payload(scenario: Scenario, names: Iterable[str], samples: int, seed: int) -> Document:
    """The document of ``halfbrain when`` for one scenario; its figures by the names of facts."""
    trends, draws = Trends(), min(samples, _DRAWS)
    found = when_document(
        scenario, names, _MACHINE, budget(None, None, trends), trends, draws, seed
    )
    return {
        "title": found["scenario"]["title"],
        "draws": draws,
        "facts": {
            "budget": BUDGET,
            "ceiling": CEILING,
            "growth": TRENDS["trend.frontier_training_cost"].fact,
        },
        **{key: found[key] for key in ("machine", "start", "guess_after", "latest", "contenders")},
    }
