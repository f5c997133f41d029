"""A hoc file in a NEURON of its own, and the description of its cell."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halfbrain.cells.detailed.neuron.describe import describe
from halfbrain.errors import ModelError


@dataclass(frozen=True)
class HocJob:
    """A hoc file to run, and the template in it of which the cell is an instance, or none.

    ``library`` holds compiled mechanisms; ``values`` are those of hoc's variables before the file
    is run, and after it.
    """

    file: Path
    template: str
    arguments: tuple[str | float, ...]
    library: str
    values: Mapping[str, float]


def neuron(library: str) -> Any:
    """NEURON's ``h`` without windows, in a process that has it for itself, with a library."""
    os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"
    from neuron import h

    if library:
        h.nrn_load_dll(library)
    h.load_file("stdrun.hoc")
    return h


def run(job: HocJob) -> dict[str, Any]:
    """Run the file in this process, and describe the cell.

    Raises
    ------
    ModelError
        one line: what cannot be read or taken over.
    """
    h = neuron(job.library)
    h.load_file("import3d.hoc")
    for name, value in job.values.items():
        setattr(h, name, value)
    os.chdir(job.file.parent)
    if h.load_file(str(job.file)) != 1:
        raise ModelError("NEURON cannot read it")
    template = job.template
    text = job.file.read_text("latin-1")
    found = re.findall(r"^\s*begintemplate\s+(\w+)", text, re.MULTILINE)
    if not template and not list(h.allsec()):
        if len(found) != 1:
            raise ModelError(f"creates no section; name its template{_known(found)}")
        template = found[0]
    if template and not hasattr(h, template):
        raise ModelError(f"has no template {template[:40]!r}{_known(found)}")
    made = getattr(h, template)(*job.arguments) if template else None
    for name, value in job.values.items():
        setattr(h, name, value)
    return describe(h, made)


def _known(found: list[str]) -> str:
    return f"; there is {', '.join(found[:20])}" if found else ""
