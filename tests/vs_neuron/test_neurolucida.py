"""Neurolucida ASC, in the sections that NEURON's Import3d makes of it; HDF5 holds the same."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.errors import DataError, HalfbrainWarning
from halfbrain.morphology.build import bare
from halfbrain.morphology.frusta import every
from halfbrain.morphology.reader import read
from neuron_import3d import compare

ASC = """\
("CellBody" (CellBody)
  (5 0 0 0.1) (4 3 0 0.1) (0 4 0 0.1) (-4 3 0 0.1)
  (-6 0 0 0.1) (-4 -3 0 0.1) (0 -4 0 0.1) (4 -3 0 0.1))
((Dendrite)
  (0 5 0 2) (0 20 0 1.5)
  ( (0 20 0 1.5) (10 40 0 1) (20 90 0 0.75)
  | (0 20 0 1.5) (-10 60 0 1)
  ))
((Axon) (0 -5 0 1) (0 -80 0 0.5))
"""
SOMA = '("CellBody" (CellBody) (5 5 0 1) (-5 5 0 1) (-5 -5 0 1) (5 -5 0 1))\n'
OTHER = '("CellBody" (CellBody) (45 5 0 1) (35 5 0 1) (35 -5 0 1) (45 -5 0 1))\n'
TREE = "((Dendrite) (0 -5 0 2) (0 -15 0 2))\n"


def written(folder: Path, text: str, name: str = "cell.asc") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_hdf5_holds_the_same_cell_as_asc(tmp_path):
    morphio = pytest.importorskip("morphio")
    asc = written(tmp_path, ASC)
    cell = read(asc)
    assert [s.region for s in cell.sections] == ["soma", "basal", "basal", "basal", "axon"]
    assert [(s.parent, s.at) for s in cell.sections[1:]] == [(0, 0.5), (1, 1.0), (1, 1.0), (0, 0.5)]
    assert len(cell.sections[0].points) == 21
    assert cell.sections[0].length == pytest.approx(10, abs=1.5)  # of 11, without the two tips
    morphio.mut.Morphology(str(asc)).write(str(tmp_path / "cell.h5"))
    for one, other in zip(cell.sections, read(tmp_path / "cell.h5").sections, strict=True):
        assert (one.region, one.parent, one.at) == (other.region, other.parent, other.at)
        assert np.allclose(one.points, other.points, rtol=1e-6)


NEURITES = ASC[ASC.index("((Dend") :]
LINE = '("CellBody" (CellBody) (5 0 0 0.1) (0 0 0 0.1) (-6 0 0 0.1))'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: holds neither a soma's outline nor a tree"),
        (LINE + NEURITES, "the soma's outline has no width"),
        (ASC.replace("(Axon)", "(Axon"), ":9: '(' is never closed; is the file truncated?"),
        (ASC.replace("(Axon)", "Axon))"), ":9: ')' closes none that is open; mend the brackets"),
        (ASC.replace('"CellBody" (', '"CellBody ('), ":1: a quoted text does not end in its line"),
        (ASC.replace("(0 -80 0 0.5)", "(0 -80 0 inf)"), ":9: a point is not finite"),
        (ASC.replace("(0 -80 0 0.5)", "(0 -8o 0 0.5)"), ":9: '-8o' is not a number"),
        (ASC.replace("(0 -80 0 0.5)", "(O -80 0 0.5)"), ":9: a point begins with 'O'"),
        (ASC.replace("(0 -80 0 0.5)", "(0 -80 0 1 7)"), ":9: a point is (x y z diameter)"),
        (ASC.replace("  ))", "  ) (1 2 3 4))"), ":8: a point after the branching of its branch"),
        (ASC + "words", ":10: 'words' is outside of all brackets"),
        ("(" * 30000, ":1: '(' is never closed"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, said):
    file = written(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read(file)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said", "sections"),
    [
        (
            SOMA + "((Color Red) (MyProcess) (0 5 0 2) (0 15 0 2))\n" + TREE,
            ":2: a tree of neither",
            3,
        ),
        (SOMA + "((Color Red) (0 5 0 2) (0 15 0 2))\n" + TREE, ":2: a tree of neither Axon", 3),
        (SOMA + '((Font "Arial" 10) (Dendrite) (0 5 0 2) (0 15 0 2))\n' + TREE, "", 3),
        (
            SOMA + "((Dendrite) (0 5 0 2)\n((0 15 0 1) (0 25 0 1)|(9 15 0 1) (9 25 0 1)))",
            ":2: a branch without length (1 in all) is left out",
            3,
        ),
        (TREE + "((Axon) (0 5 0 2) (0 15 0 2))\n", ": its 2 trees are not joined", 2),
        (SOMA + OTHER + TREE, ": its 2 trees", 3),
        (SOMA + SOMA.replace(" 0 1)", " 2 1)") + TREE, "", 2),
        (
            SOMA + "((Dendrite) (0 5 0) (0 15 0))\n" + TREE,
            ":2: a point without a diameter has 0",
            3,
        ),
        (SOMA + "((Dendrite) (0 5 0 2) (0 15 0 0) (0 25 0 1))\n", ":2: a diameter of 0", 2),
        (SOMA + "((Dendrite) (0 95 0 2) (0 115 0 2))\n", ":2: a tree begins far from any soma", 2),
        (SOMA + "((Dendrite) (0 5 0 2) <(1 1 0 1)> (0 15 0 2 S1) ; end\n Normal)\n", "", 2),
        (SOMA + '((Color RGB (1, 2, 3)) (0 5 0 2) "label")\n' + TREE, "", 2),
        ('(Sections)\n("Slide" (Closed) (1 2 3 4))\n' + SOMA + TREE, "", 2),
    ],
)
def test_what_neuron_reads_is_read_as_it_does(tmp_path, capfd, text, said, sections):
    h = pytest.importorskip("neuron").h
    file = written(tmp_path, text)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cell = read(file)
        assert said in " ".join(cell.notes)
        assert [str(w.message) for w in caught] == list(cell.notes)
        assert bool(cell.notes) == bool(said)
        assert len(cell.sections) == sections
        compare(h, file, every(40), "every")
        assert (detailed_cell(file).parent[1:] >= 0).all()


def test_a_branch_without_points_hands_on_its_children(tmp_path):
    """NEURON refuses it."""
    text = SOMA + "((Axon) (0 5 0 8) (0 6 0 7)\n(((0 9 0 4) (0 19 0 4))))\n"
    with pytest.warns(HalfbrainWarning, match=r"cell\.asc:3: a branch without points"):
        cell = read(written(tmp_path, text))
    assert [(s.region, s.parent) for s in cell.sections] == [("soma", -1), ("axon", 0), ("axon", 1)]
    assert cell.sections[2].length == pytest.approx(13)


def test_a_type_before_other_properties_counts(tmp_path):
    """NEURON takes the last property for the type, and calls this dend_0."""
    text = SOMA + "((Apical) (Color Red) (0 5 0 2) (0 15 0 2))\n"
    with pytest.warns(HalfbrainWarning, match=r":2: a tree's type is not its last property"):
        assert read(written(tmp_path, text)).sections[1].region == "apical"


def test_a_root_without_length_gives_way(tmp_path):
    """NEURON has a section of 1e-9 um there: areas and resistances are as in NEURON 9.0.2."""
    text = (
        "((Dendrite) (-290.87 -113.09 -16.32 2.06) (-290.87 -113.09 -16.32 2.06)\n"
        "((-277.14 -119.13 -18.02 0.69) (-275.54 -119.99 -16.67 0.69)|\n"
        "(-277.8 -120.28 -19.48 0.92) (-276.65 -121.14 -20.2 0.92)))\n"
    )
    with pytest.warns(HalfbrainWarning, match=r":1: a branch without length \(1 in all\)"):
        cell = read(written(tmp_path, text))
    assert [(s.parent, s.at) for s in cell.sections] == [(-1, 0.0), (0, 0.0)]
    made = bare(cell, every(40), resistivity=35.4)
    assert made.parent.tolist() == [-1, 0, 0]
    assert made.area == pytest.approx([0, 37.6292, 48.7142], abs=1e-4)
    assert 1 / made.coupling[1:] == pytest.approx([8.216953592, 4.487714803], rel=1e-5)
