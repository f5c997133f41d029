"""The page: one self-contained HTML file with the model, the facts and the audit in it."""

from __future__ import annotations

import json
import os
import tempfile
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from halfbrain.contenders.registry import contenders, inputs
from halfbrain.facts.errors import HalfbrainError
from halfbrain.facts.philox import key_of
from halfbrain.facts.table import facts
from halfbrain.forecast.audit.audit import audit
from halfbrain.forecast.comparison import training_runs
from halfbrain.forecast.scenario import load_scenario, preset_names, settings
from halfbrain.report.document import (
    Document,
    audit_document,
    facts_document,
    figure_document,
)
from halfbrain.report.javascript import model_source
from halfbrain.version import VERSION


def payload(estimate: Document) -> Document:
    """All that the page shows or calculates with."""
    seed = estimate["seed"]
    table = facts()
    return {
        "version": VERSION,
        "seed": seed,
        "estimate": estimate,
        "contenders": [{"name": c.name, "title": c.title, "about": c.about,
                        "inputs": [entry.name for entry in c.inputs]}
                       for c in contenders().values()],
        "question": [name for name, entry in inputs().items() if "." not in name],
        "settings": {name: {"unit": setting.unit, "about": setting.about, "range": setting.range,
                            "key": key_of(seed, name)} for name, setting in settings().items()},
        "presets": [_preset(name) for name in preset_names()],
        "training_runs": [{"name": name, "title": table.item("training_runs", name).title,
                           "date": table.item("training_runs", name).attributes.get("date", ""),
                           **figure_document(run)} for name, run in training_runs().items()],
        "estimates": [{"name": item.key, "title": item.title,
                       "figures": {name.rsplit(".", 1)[-1]: figure_document(figure)
                                   for name, figure in item.figures.items()}}
                      for item in table.tables["estimates"].values()],
        "facts": facts_document(table)["facts"],
        "audit": audit_document(audit()),
    }


def _preset(name: str) -> Document:
    scenario = load_scenario(name)
    return {"name": name, "title": scenario.title, "about": scenario.about,
            "counting": scenario.counting,
            "inputs": {key: figure_document(value) for key, value in scenario.inputs().items()}}


def render(estimate: Document) -> str:
    """The page as HTML."""
    folder = files("halfbrain.report") / "template"
    parts = {name: (folder / f"page.{name}").read_text("utf-8") for name in ("html", "css", "js")}
    data = json.dumps(payload(estimate), separators=(",", ":"), allow_nan=False)
    # '</' would end the script element, wherever it stands.
    data = data.replace("</", "<\\/")
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # no text from users
    return environment.from_string(parts["html"]).render(
        css=parts["css"], script=parts["js"], model=model_source(), data=data)


def write(estimate: Document, path: Path) -> None:
    """Write the page under a temporary name, then rename it."""
    text = render(estimate)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise HalfbrainError(f"cannot write {path}: {error.strerror}") from None
