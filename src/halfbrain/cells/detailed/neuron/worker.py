"""What runs in NEURON's own process: a hoc file, and the description of its cell.

``python -m halfbrain.cells.detailed.neuron.worker RESULT`` with the task as JSON on standard input.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from halfbrain.cells.detailed.neuron.describe import describe
from halfbrain.errors import ModelError


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    from neuron import h

    if asked["library"]:
        h.nrn_load_dll(asked["library"])
    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    for name, value in asked["values"].items():
        setattr(h, name, value)
    file = Path(asked["file"])
    os.chdir(file.parent)
    if h.load_file(str(file)) != 1:
        return {"wrong": "NEURON cannot read it"}
    template = asked["template"]
    found = re.findall(r"^\s*begintemplate\s+(\w+)", file.read_text("latin-1"), re.MULTILINE)
    sections = list(h.allsec())
    if not template and not sections:
        if len(found) != 1:
            return {"wrong": f"creates no section; name its template{_known(found)}"}
        template = found[0]
    if template and not hasattr(h, template):
        return {"wrong": f"has no template {template[:40]!r}{_known(found)}"}
    made = getattr(h, template)(*asked["arguments"]) if template else None
    for name, value in asked["values"].items():
        setattr(h, name, value)
    try:
        return describe(h, made)
    except ModelError as error:
        return {"wrong": str(error)}


def _known(found: list[str]) -> str:
    return f"; there is {', '.join(found[:20])}" if found else ""


if __name__ == "__main__":
    task = json.load(sys.stdin)
    answer = json.dumps(_answer(task))
    result = Path(sys.argv[1])
    part = result.with_suffix(".part")
    part.write_text(answer, "utf-8")
    part.rename(result)
    sys.stdout.flush()
    os._exit(0)  # nothing of hoc's is needed any more
