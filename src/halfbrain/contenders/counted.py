"""What was counted in the contenders' runs: the same on every machine, so it ships as data.

``python -m halfbrain.contenders.runs.counts`` writes the data (``make counts``), and a test counts
again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

from halfbrain.contenders.measured import Count, Measured, spanning
from halfbrain.contenders.model import Contender
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin

FOLDER = "counts"


@dataclass(frozen=True)
class Counted:
    """A contender's runs as they were counted, and the ``inputs`` that rest on them, by name.

    An input spans the runs: each value is exact for its own model, and its 90 % interval goes from
    the least to the most of them.
    """

    version: str
    precision: str
    seed: int
    runs: tuple[Count, ...]
    inputs: Mapping[str, Quantity]


@lru_cache(maxsize=8)
def counted(contender: Contender) -> Counted | None:
    """What was counted of a contender; None where it has no engine to be counted in."""
    path = files("halfbrain.contenders") / FOLDER / f"{contender.name}.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text("utf-8"))
    where = f"halfbrain {found['version']}, {found['precision']}, seed {found['seed']}"
    inputs = {
        name: spanning(
            name,
            contender.units[name],
            figure["values"],
            name in contender.shares,
            Origin("counted", where=where, note=figure["note"]),
        )
        for name, figure in found["figures"].items()
    }
    runs = tuple(
        Count(**run, figures=_of(run["circuit"], found["figures"])) for run in found["runs"]
    )
    return Counted(found["version"], found["precision"], found["seed"], runs, inputs)


def _of(circuit: str, figures: Mapping[str, Any]) -> dict[str, float]:
    """What one run has of the figures."""
    values = {name: figure["values"] for name, figure in figures.items()}
    return {name: each[circuit] for name, each in values.items() if circuit in each}


def as_data(found: Measured) -> dict[str, Any]:
    """What is kept of runs: all but this machine and its times; a run's figures stand by name."""
    kept = [field.name for field in fields(Count) if field.name != "figures"]
    figures = {}
    for name, figure in found.inputs.items():
        assert figure.origin is not None
        values = {part.label.partition(" in ")[2]: part.magnitude() for part in figure.parts}
        figures[name] = {"note": figure.origin.note, "values": values}
    return {
        "version": found.version,
        "precision": found.precision,
        "seed": found.seed,
        "runs": [{name: asdict(run)[name] for name in kept} for run in found.runs],
        "figures": figures,
    }
