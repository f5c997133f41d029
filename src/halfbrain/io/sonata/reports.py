"""SONATA's reports: which variables of which cells are to be written, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from halfbrain.circuits.detailed.wanted import Wanted
from halfbrain.equations.steps import whole_steps
from halfbrain.errors import warn
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.edges import REGIONS
from halfbrain.io.sonata.node_sets import NodeSets
from halfbrain.io.sonata.wanted import report_name

_EVERYWHERE = ("soma", "basal", "apical", "axon", "myelin")
_READ = {
    "enabled", "variable_name", "sections", "module", "type", "cells", "dt", "file_name", "unit",
    "start_time", "end_time", "compartments", "compartment_set", "name", "buffer_size", "scaling",
}  # fmt: skip


def read_reports(config: Config, sets: NodeSets, folder: Path, step: float) -> list[Wanted]:
    """The reports that are written; a line for each that is not.

    Raises
    ------
    DataError
        one line with the file, the place in it, and what is wrong there.
    """
    out = []
    for name, part in config.part("reports").named():
        if part.document.get("enabled") is not False and (one := _report(name, part, sets, step)):
            out.append(Wanted(name, file=folder / report_name(part, name), **one))
    return out


def _report(name: str, part: Config, sets: NodeSets, step: float) -> dict[str, Any] | None:
    given = part.document
    module = given.get("module", given.get("type", "membrane_report"))
    regions = _regions(part)
    if (
        module not in ("membrane_report", "compartment", "compartment_set")
        or regions is None
        or (regions and given.get("compartments", "all") != "all")
    ):
        what = f"{module} of {given.get('variable_name')} in {given.get('sections', 'soma')}"
        warn(str(part.fail(f"is not written, since {what:.100} is not; membrane variables are")))
        return None
    for key in given.keys() - _READ:
        warn(str(part.fail("is not read", key)))
    variables = tuple(part.texts("variable_name")) or ("v",)
    out: dict[str, Any] = {"variables": variables, "regions": regions, "neurons": {}}
    if "compartment_set" in given:
        out["places"] = sets.compartments(part.text("compartment_set"))
    else:
        out["neurons"] = {
            population: kept
            for population, ids in sets.chosen(given.get("cells")).items()
            if not sets.nodes[population].virtual
            and (kept := ids[~sets.nodes[population].point[ids]].tolist())
        }
    if not out["neurons"] and not out.get("places"):
        warn(str(part.fail("is not written: it has no biophysical node", "cells")))
        return None
    dt = part.number("dt", step)
    if not dt > 0:
        raise part.fail(f"must be above 0 ms, not {dt}", "dt")
    place = f"{part.file}: {part.where}.dt"
    out["every"] = step * whole_steps(dt * 1e-3, step * 1e-3, place, least=1)
    out["start"], out["stop"] = part.number("start_time", 0.0), part.number("end_time", 1e12)
    if not 0 <= out["start"] < out["stop"]:
        raise part.fail("must be above start_time, and that not below 0 ms", "end_time")
    return out


def _regions(part: Config) -> tuple[str, ...] | None:
    """The regions of a report; none for the soma's middle, None where they are not known."""
    names = part.texts("sections") or ["soma"]
    if names in (["soma"], ["somatic"]):
        return ()
    if "all" in names:
        return _EVERYWHERE
    if not all(name in REGIONS for name in names):
        return None
    return tuple(dict.fromkeys(REGIONS[name] for name in names))
