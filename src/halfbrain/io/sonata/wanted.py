"""Reports that a simulation asks for: which voltages, how often, into which files."""

from __future__ import annotations

from pathlib import Path

from halfbrain.circuits.detailed.wanted import Wanted
from halfbrain.errors import warn
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.node_sets import NodeSets


def voltages(config: Config, sets: NodeSets, step: float, folder: Path) -> tuple[Wanted, ...]:
    """Reports of V_m, each ms unless they say otherwise; all have the least interval of one."""
    parts: list[Config] = []
    every: list[float] = []
    for _, part in config.part("reports").named():
        if part.document.get("enabled") is False:
            continue
        variable = part.document.get("variable_name")
        if variable not in ("V_m", ["V_m"]):
            warn(str(part.fail(f"is not written: {variable!r:.40} is not, V_m is")))
            continue
        parts.append(part)
        every.append(part.number("dt", max(1.0, step)))
        if not every[-1] > 0:
            raise part.fail(f"must be above 0 ms, not {every[-1]}", "dt")
    if len(set(every)) > 1:
        warn(f"{config.file}: reports: all are written each {min(every):g} ms, the least of theirs")
    out = []
    for part in parts:
        name = part.where.rpartition(".")[2]
        neurons = {
            population: ids.tolist()
            for population, ids in sets.chosen(part.document.get("cells")).items()
            if not sets.nodes[population].virtual and sets.nodes[population].simulated
        }
        if not neurons:
            warn(str(part.fail("is not written: it has no neuron", "cells")))
            continue
        out.append(Wanted(name, neurons, min(every), folder / report_name(part, name)))
    return tuple(out)


def report_name(part: Config, name: str) -> str:
    """The name of a report's file."""
    file = Path(part.text("file_name", f"{name}.h5"))
    return (file if file.suffix else file.with_suffix(".h5")).name
