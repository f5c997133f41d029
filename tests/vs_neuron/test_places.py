"""Places on a cell: those of NEURON, regions, distances; and what is no place."""

import numpy as np
import pytest

from halfbrain.errors import ModelError
from halfbrain.morphology.build import bare
from halfbrain.morphology.distance import Distances
from halfbrain.morphology.frusta import every
from halfbrain.morphology.places import Place, compartment, compartments, section_names
from halfbrain.morphology.reader import read
from neuron_import3d import import3d

# A soma, two basal trees, an apical one that forks twice, an axon; all lengths differ.
SWC = """\
1 1 0 0 0 8 -1
2 3 0 -8 0 1 1
3 3 0 -130 0 0.8 2
4 3 60 -190 0 0.5 3
5 3 -90 -210 0 0.4 3
6 4 0 8 0 2 1
7 4 0 210 0 1.5 6
8 4 50 330 0 1 7
9 4 -40 300 0 0.9 7
10 4 -40 420 0 0.6 9
11 4 -90 380 0 0.5 9
12 2 8 0 0 0.5 1
13 2 150 0 0 0.3 12
14 3 -8 0 0 1 1
15 3 -100 10 0 0.6 14
"""
SPOTS = [("soma", 0.5), ("dend", 0, 0.0), ("basal", 1, 0.49), ("basal", 3, 1), ("axon", 0.77)]
SPOTS += [("apical", 0, 0.2), ("apical", 2, 0.3), ("apic[3]", 0.2), ("apical", 4, 2 / 3)]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cell.swc"
    path.write_text(SWC)
    return path


@pytest.fixture
def cell(file):
    return bare(read(file), every(15), resistivity=100.0)


def test_a_place_is_neurons(file, cell):
    h = pytest.importorskip("neuron").h
    theirs = import3d(h, file)
    assert {name.split("[")[0] for name in theirs} == {"soma", "dend", "apic", "axon"}
    for section in theirs.values():
        section.nseg = 1 + 2 * int(section.L / 15)
    h.distance(0, theirs["soma[0]"](0.5))
    for word, *number, x in SPOTS:
        short = {"basal": "dend", "apical": "apic"}.get(word, word)
        name = short if "[" in short else f"{short}[{number[0] if number else 0}]"
        segment = theirs[name](x)
        segment = theirs[name](min(max(segment.x, 1e-9), 1 - 1e-9))  # an end's is the last segment
        ours = compartment((word, *number, x), cell, "here")
        inside = [s.x for s in theirs[name]]
        assert cell.area[ours] == pytest.approx(segment.area(), rel=1e-6)
        assert cell.position[ours] == pytest.approx(inside[int(x * len(inside) - (x == 1))])
        assert cell.distance[ours] == pytest.approx(h.distance(theirs[name](cell.position[ours])))
        assert section_names(cell.regions)[cell.section[ours]] == name


def test_a_way_from_any_place_is_neurons(file, cell):
    h = pytest.importorskip("neuron").h
    theirs = import3d(h, file)
    morphology = read(file)
    names = section_names(morphology.regions)
    for origin in (("apic[2]", 0.5), ("soma[0]", 0.0), ("dend[1]", 1.0)):
        h.distance(0, theirs[origin[0]](origin[1]))
        far = Distances(morphology.sections, [(names.index(origin[0]), origin[1])])
        for i, name in enumerate(names):
            for x in (0.0, 0.5, 1.0):
                expected = h.distance(theirs[name](x))
                assert far(i, x) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_regions_sections_and_distances(cell):
    where = np.array(cell.regions)[cell.section]
    membrane = cell.area > 0
    own = compartments(("basal", "apical"), cell, "here")
    assert list(own) == list(np.flatnonzero(np.isin(where, ("basal", "apical")) & membrane))
    assert list(compartments("apical", cell, "here")) == list(
        np.flatnonzero((where == "apical") & membrane)
    )
    one = compartments("apic[1]", cell, "here")
    assert set(cell.section[one]) == {section_names(cell.regions).index("apic[1]")}
    assert list(compartments(["apic[1]", "soma"], cell, "here")) == sorted(
        [*one, *compartments("soma", cell, "here")]
    )
    some = compartments(Place("apical", "100 um", 2e-4), cell, "here")
    assert len(some) > 3
    assert ((cell.distance[some] >= 100) & (cell.distance[some] <= 200)).all()
    far = compartments(Place(nearest="0.3 mm"), cell, "here")
    assert set(where[far]) == {"apical"}
    assert len(compartments(("nowhere", "axon"), cell, "here")) == (where == "axon").sum()
    assert not len(compartments("myelin", cell, "here"))
    assert list(compartments(("soma", 0.5), cell, "here")) == [compartment("soma", cell, "here")]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (("apical", 0.5), r"apical has 5 sections in this cell; say which: \('apical', 0, 0.5\)"),
        (("apical", 5, 0.5), "apical has sections 0 to 4 in this cell, not 5"),
        (("apical", -1, 0.5), "apical has sections 0 to 4 in this cell, not -1"),
        (
            ("apic[9]", 0.5),
            r"the cell has no 'apic\[9\]'; it has 1 soma, 4 basal, 5 apical, 1 axon",
        ),
        (("soma", 1.5), "a place along a section is from 0 to 1, not 1.5"),
        (("soma", float("nan")), "is from 0 to 1"),
        (("soma", True), "is no place on a cell"),
        (17, r"17 is no place on a cell; write \('soma', 0.5\)"),
    ],
)
def test_what_is_no_place(cell, place, said):
    with pytest.raises(ModelError, match=f"^a clamp: .*{said}"):
        compartment(place, cell, "a clamp")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (3, "3 is no place on a cell"),
        ((), r"\(\) is no place on a cell"),
        (("basal", 1), "basal has 4 sections"),
        (Place("apical", "100 ms"), "is in second, but"),
        (Place("apical", "200 um", "100 um"), "nearest is 200 um and farthest 100 um; a range"),
        (Place("apical", "far"), "'far' is no number and unit"),
    ],
)
def test_what_is_no_region(cell, where, said):
    with pytest.raises(ModelError, match=f"^synapses: .*{said}"):
        compartments(where, cell, "synapses")
