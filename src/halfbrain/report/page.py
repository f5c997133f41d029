"""The page: one self-contained HTML file with the model, the facts and the audit in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from halfbrain.contenders.counted import counted
from halfbrain.contenders.left_out import SWITCHES
from halfbrain.contenders.model import Contender
from halfbrain.contenders.question import NEURONS, SYNAPSES
from halfbrain.contenders.registry import alternatives, contenders, derived, inputs
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import facts
from halfbrain.forecast.audit.audit import STEPS, audit
from halfbrain.forecast.calibration import both_ways
from halfbrain.forecast.comparison import budget_flop, training_runs
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.formula import COUNTINGS, inputs_used
from halfbrain.forecast.lives import runs_it_may_take
from halfbrain.forecast.scenario import Scenario, load_scenario, preset_names
from halfbrain.forecast.setting import settings
from halfbrain.random.philox import halves, key_of
from halfbrain.report.document import (
    Document,
    audit_document,
    counts_document,
    figure_document,
    published_document,
    ties_document,
)
from halfbrain.report.javascript import model_source
from halfbrain.report.measured import measurements
from halfbrain.report.odds_page import odds_payload
from halfbrain.report.plan_page import plan_payload
from halfbrain.report.steps import audit_trees, steps_document
from halfbrain.report.when_page import when_payload
from halfbrain.version import VERSION
from halfbrain.written import write_text

_MOST_DRAWS = 100_000  # a browser takes about a second for these
_SCRIPTS = (
    "sampling",
    "model",
    "charts",
    "controls",
    "page",
    "rows",
    "tree",
    "panel",
    "address",
    "counted",
    "measured",
    "against",
    "left_out",
    "plan",
    "when",
    "odds",
    "backcast",
    "reading",
)


def payload(scenario: Scenario, shown: Iterable[str], samples: int, seed: int) -> Document:
    """All that the page shows or calculates with."""
    table, shown = facts(), list(shown)
    presets, initial = _presets(scenario)
    follows = {name: value.names for name, value in derived().items()}
    draws = Draws(samples, seed)
    worked_out = [NEURONS.name, SYNAPSES.name]
    switches = [switch.name for switch in SWITCHES]
    return {
        "version": VERSION,
        "seed": seed,
        "samples": min(samples, _MOST_DRAWS),
        "all_samples": samples,
        "initial": initial,
        "shown": shown,
        "budget": budget_flop().magnitude("FLOP"),
        "contenders": [
            {**_row(c), "alternatives": [_row(other) for other in alternatives(name).values()]}
            for name, c in contenders().items()
        ],
        "runs_it_may_take": _figure(runs_it_may_take()),
        "question": [
            *worked_out,
            *(name for name in inputs() if "." not in name and name not in switches),
        ],
        "worked_out": worked_out,
        "switches": switches,
        "left_out": [*switches, *(name for name in inputs() if name.startswith("left-out."))],
        "settings": {
            name: {
                "unit": setting.unit,
                "about": setting.about,
                "range": setting.range,
                **({"from": list(follows[name])} if name in follows else {}),
            }
            for name, setting in settings().items()
        },
        "presets": presets,
        "keys": {name: halves(key_of(seed, name, "little")) for name in _streams(presets)},
        "measurements": [
            {"contender": name, **measurements(found, _each(name, scenario, draws).p50)}
            for name, found in scenario.measured.items()
        ],
        "counted": [
            {"contender": name, **counts_document(found), "beside": beside}
            for name, c in contenders().items()
            if (found := counted(c)) and (beside := _beside(name, scenario, draws))
        ],
        "training_runs": [
            {"name": name, "title": table.item("training_runs", name).title, **_figure(run)}
            for name, run in training_runs().items()
        ],
        "estimates": [
            {"name": item.key, "title": item.title, "kind": kind, **_figure(item.figures[kind])}
            for item in table.tables["estimates"].values()
            for kind in ("rate", "total")
            if kind in item.figures
        ],
        "facts": [
            {key if key != "fact" else "name": value for key, value in _figure(figure).items()}
            for figure in table.figures()
        ],
        "sources": {
            source.key: [str(source), source.title, source.link]
            for source in table.sources.values()
        },
        "plan": plan_payload(scenario, shown, samples, seed),
        "when": when_payload(scenario, shown, samples, seed),
        "odds": odds_payload(scenario, draws),
        "audit": audit_document(audit()),
        "audit_trees": {name: audit_trees(step) for name, step in STEPS.items()},
        "backcast": [asdict(fit) for fit in both_ways()],
    }


def _row(contender: Contender) -> Document:
    return {
        "name": contender.name,
        "title": contender.title,
        "about": contender.about,
        "under": contender.under,
        "inputs": [entry.name for entry in contender.inputs],
        "terms": [term.name for term in contender.terms],
        "machine_time": contender.machine_time is not None,
        "uses": {way: sorted(inputs_used(contender, way)) for way in COUNTINGS},
        "steps": {way: steps_document(contender, way) for way in COUNTINGS},
    }


def _presets(scenario: Scenario) -> tuple[list[Document], int]:
    """The scenarios that the page offers, each name and title once; and the place of this one.

    One that was changed or measured stands beside what it was, so that a click compares the two.
    """
    shipped = [load_scenario(name) for name in preset_names()]
    shipped.insert(1, shipped[0].published())
    presets = [_preset(each) for each in shipped]
    own = _preset(scenario)
    if scenario.changed:
        own["name"] += "-changed"
    if scenario.measured:
        own["name"] += "-measured"
        own["title"] += ", measured here"
        own["about"] += " Costs of what can be run are those of this machine."
    names = [preset["name"] for preset in presets]
    if own["name"] in names:
        return presets, names.index(own["name"])
    if own["title"] in [preset["title"] for preset in presets]:
        own["title"] += f" ({scenario.name})"
    return [own, *presets], 0


def _preset(scenario: Scenario) -> Document:
    return {
        "name": scenario.name,
        "title": scenario.heading,
        "about": scenario.account,
        "counting": scenario.counting,
        "inputs": {key: _input(value) for key, value in scenario.inputs().items()},
        "ties": ties_document(scenario.ties),
    }


def _input(value: Quantity) -> Document:
    """An input, and of one that spans several runs what each gave."""
    runs = {part.label.partition(" in ")[2]: part.magnitude() for part in value.parts}
    return _figure(value) | ({"runs": runs} if runs else {})


def _streams(presets: Iterable[Document]) -> list[str]:
    """What figures can be drawn by on the page: facts, and inputs that are counted or set."""
    figures = [figure for preset in presets for figure in preset["inputs"].values()]
    facts = {
        figure["fact"] for figure in [*figures, _figure(runs_it_may_take())] if "fact" in figure
    }
    return sorted({*facts, *settings()})


def _each(name: str, scenario: Scenario, draws: Draws) -> Spread:
    return Spread.of(forecast(name, scenario).quantity("flop_per_neuron_second"), draws)


def _beside(name: str, scenario: Scenario, draws: Draws) -> Document | None:
    """The published figures' answer beside one that rests on counts."""
    return published_document(forecast(name, scenario), draws)


def _figure(figure: Quantity) -> Document:
    """A figure with its sources by key, as they stand once in the page."""
    document = figure_document(figure)
    document["sources"] = [source["key"] for source in document["sources"]]
    return {key: value for key, value in document.items() if value not in ("", [])}


def _figures_once(data: Document) -> Document:
    """The same data with each figure of the presets written once, and presets as places of it."""
    places: dict[str, int] = {}

    def place(figure: Document) -> int:
        return places.setdefault(json.dumps(figure), len(places))

    presets = [
        preset | {"inputs": {name: place(figure) for name, figure in preset["inputs"].items()}}
        for preset in data["presets"]
    ]
    return data | {"presets": presets, "figures": [json.loads(text) for text in places]}


def render(scenario: Scenario, shown: Iterable[str], samples: int, seed: int) -> str:
    """The page as HTML."""
    folder = files("halfbrain.report") / "template"
    data = json.dumps(
        _figures_once(payload(scenario, shown, samples, seed)),
        separators=(",", ":"),
        allow_nan=False,
    )
    scripts = "\n".join(
        model_source() if name == "model" else (folder / f"{name}.js").read_text("utf-8")
        for name in _SCRIPTS
    )
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    return environment.from_string((folder / "page.html").read_text("utf-8")).render(
        css=(folder / "page.css").read_text("utf-8"),
        script=scripts,
        # '<' could end the script element, wherever it stands; JSON may write it as an escape.
        data=data.replace("<", "\\u003c"),
    )


def write(scenario: Scenario, shown: Iterable[str], samples: int, seed: int, path: Path) -> None:
    """Write the page under a temporary name, then rename it.

    Raises
    ------
    HalfbrainError
        if the place cannot be written.
    """
    write_text(path, render(scenario, shown, samples, seed))
