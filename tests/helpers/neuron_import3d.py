"""A morphology here and by NEURON's Import3d: section by section, segment by segment."""

from pathlib import Path

import numpy as np
import pytest

from halfbrain.morphology.build import bare
from halfbrain.morphology.reader import read

NAMES = {"soma": "soma", "axon": "axon", "basal": "dend", "apical": "apic"}
NO_WAY = 1e12  # Mohm: across a point without width


def import3d(h, file: Path):
    """NEURON's sections of a file, in the order in which they were made."""
    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    for section in list(h.allsec()):
        h.delete_section(sec=section)
    reader = h.Import3d_SWC_read() if file.suffix == ".swc" else h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(str(file))
    h.Import3d_GUI(reader, 0).instantiate(None)
    return {section.name(): section for section in h.allsec()}


def compare(h, file: Path, cut, rule: str):
    """Segment by segment; ``rule`` is the name of the rule ``cut``, as NEURON has it."""
    theirs = import3d(h, file)
    cell = read(file)
    assert len(theirs) == len(cell.sections)
    made = bare(cell, cut, resistivity=123.0)
    count: dict[str, int] = {}
    pairs = []
    for section in cell.sections:
        name = NAMES.get(section.region, section.region.replace("type", "dend_"))
        number = count.setdefault(name, 0)
        count[name] += 1
        pairs.append(theirs[f"{name}[{number}]" if f"{name}[{number}]" in theirs else name])
    for section in pairs:
        section.Ra, section.cm = 123.0, 1.0
        section.nseg = (
            1 + 2 * int(section.L / 40)
            if rule == "every"
            else int((section.L / (0.1 * h.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
        )
    regions = [section.region for section in cell.sections]
    h.distance(0, pairs[regions.index("soma") if "soma" in regions else 0](0.5))
    alone = sum(section.parent < 0 for section in cell.sections) > 1
    # NEURON rounds an ASC file's numbers twice, to eight digits and to single precision; and those
    # of an SWC file that has sixteen digits, of which points of ours keep single precision.
    tolerance = {".asc": 1e-5}.get(file.suffix, 1e-5 if file.name == "bc.swc" else 1e-12)
    for i, section in enumerate(pairs):
        inner = (made.position > 0) & (made.position < 1)
        where = np.flatnonzero((made.section == i) & inner)
        parent = section.parentseg()
        if cell.sections[i].parent >= 0:
            assert (parent.sec, parent.x) == (pairs[cell.sections[i].parent], cell.sections[i].at)
        else:
            assert parent is None
        assert len(where) == section.nseg
        assert cell.sections[i].length == pytest.approx(section.L, rel=tolerance)
        inside = list(section)
        for ours, his in (
            (made.area, [segment.area() for segment in inside]),
            (made.diameter, [segment.diam for segment in inside]),
            (made.distance, made.distance[where] if alone else [h.distance(s) for s in inside]),
        ):
            assert ours[where] == pytest.approx(his, rel=tolerance, abs=1e-9)
        joined = where[made.coupling[where] > 0]
        ri = np.array([segment.ri() for segment in inside][len(where) - len(joined) :])
        way = ri < NO_WAY
        assert ((1 / made.coupling[joined] < NO_WAY) == way).all()
        assert 1 / made.coupling[joined][way] == pytest.approx(ri[way], rel=tolerance)
