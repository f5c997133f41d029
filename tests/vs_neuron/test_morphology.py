"""Morphologies: read, refused, cut; against NEURON's Import3d and against cylinders by hand."""

from __future__ import annotations

import importlib.util
import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import DataError, HalfbrainWarning, ModelError
from halfbrain.morphology.build import bare
from halfbrain.morphology.frusta import d_lambda, every, slices
from halfbrain.morphology.morphology import Section
from halfbrain.morphology.reader import read
from neuron_import3d import compare

BALL_AND_STICK = """\
# a soma of one point, a dendrite that forks
1 1 0 0 0 5 -1
2 3 0 5 0 1 1
3 3 0 105 0 1 2
4 3 50 105 0 0.5 3
5 3 100 105 0 0.5 4
6 3 -50 105 0 0.5 3
7 3 -90 105 0 0.25 6
"""


def written(folder: Path, text: str, name: str = "cell.swc") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"{package} is not installed")
    return Path(next(iter(found.submodule_search_locations)))


def test_a_ball_and_stick(tmp_path):
    cell = read(written(tmp_path, BALL_AND_STICK))
    assert [s.region for s in cell.sections] == ["soma", "basal", "basal", "basal"]
    assert [(s.parent, s.at) for s in cell.sections] == [(-1, 0.0), (0, 0.5), (1, 1.0), (1, 1.0)]
    made = bare(cell, every(40), resistivity=150.0)
    soma = made.area[0]
    assert soma == pytest.approx(4 * math.pi * 5**2)  # a cylinder as long as wide: the sphere's
    stick = made.section == 1
    assert made.area[stick & (made.area > 0)].sum() == pytest.approx(math.pi * 2 * 100)
    assert stick.sum() == 1 + 2 * int(100 / 40) + 1  # and the fork, without membrane
    assert made.area[stick][-1] == 0
    inner = made.coupling[stick][1:-1]
    # 20 um of a cylinder 2 um wide at 150 ohm cm: 9.5 Mohm
    assert 1 / inner == pytest.approx(0.01 * 150 * 20 / (math.pi * 1**2))
    assert made.distance[stick] == pytest.approx([10, 30, 50, 70, 90, 100])
    assert (made.parent < np.arange(len(made.parent))).all()


def test_a_cone_has_the_mantle_and_the_resistance_of_a_cone():
    points = np.array([[0, 0, 0, 4], [30, 0, 0, 1]], np.float32)
    cut = slices(Section("basal", -1, 0.0, points), 7, 100.0)
    slant = math.hypot(30, 1.5)
    assert cut.area.sum() == pytest.approx(math.pi * (2 + 0.5) * slant)
    whole = 0.01 * 100 * 30 / (math.pi * 2 * 0.5)
    assert (cut.left + cut.right).sum() == pytest.approx(whole)
    assert cut.diameter.mean() == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no points"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0\n", ":2: has 5 of the seven"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 nan 1\n", ":2: radius is nan"),
        ("1 1 0 0 0 5 -1\n2 3 0 x 0 1 1\n", ":2: y 'x' is not a number"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 1 3\n3 3 0 9 0 1 2\n", ":2: point 2 is on a loop"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 1 3\n3 3 0 9 0 1 1\n", "before its parent 3"),
        ("1 1 0 0 0 5 -1\n1 3 0 5 0 1 1\n", ":2: point 1 is already in line 1"),
        (
            "1 1 0 0 0 0 -1\n2 3 0 5 0 1 1\n",
            ":1: all points of the soma section have a radius of 0",
        ),
        ("1 1 0 0 0 5 1\n", "on a loop"),
        ("1 1 0 0 0 5 -1\n2 1 0 0 0 5 1\n", "at one place"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, text, said):
    file = written(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_in_nanometres_is_not_cut_for_ever(tmp_path):
    file = written(tmp_path, "1 1 0 0 0 5 -1\n2 3 0 5 0 1e-6 1\n3 3 0 9e6 0 1e-6 2\n")
    with pytest.raises(ModelError, match="compartments; is it in um"):
        bare(read(file), d_lambda())


def test_files_that_are_none(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "none.swc")
    with pytest.raises(DataError, match=r"\.swc, \.asc or \.h5"):
        read(written(tmp_path, "", "cell.txt"))
    (tmp_path / "binary.swc").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="cannot be read as text"):
        read(tmp_path / "binary.swc")


def test_what_morphio_cannot_read(tmp_path):
    pytest.importorskip("morphio")
    with pytest.raises(DataError) as caught:
        read(written(tmp_path, '("CellBody" (1 2', "cell.h5"))
    assert "cell.h5" in str(caught.value)
    assert "\n" not in str(caught.value)


@st.composite
def broken(draw):
    lines = BALL_AND_STICK.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(lines) - 1))
        words = lines[i].split() or [""]
        j = draw(st.integers(0, len(words) - 1))
        words[j] = draw(
            st.sampled_from(
                ["0", "-1", "1", "3", "7", "1e300", "nan", "inf", "", "#", "2.5", "1e-45"]
            )
            | st.integers(-3, 12).map(str)
            | st.text(max_size=4)
        )
        lines[i] = " ".join(words)
        if draw(st.booleans()):
            lines.insert(draw(st.integers(0, len(lines))), lines[i])
    return "\n".join(lines)


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=broken())
def test_a_mutated_file_is_read_or_refused(tmp_path, text):
    file = tmp_path / "mutated.swc"
    file.write_text(text, encoding="utf-8", errors="replace")
    began = time.perf_counter()
    try:
        cell = read(file)
        made = bare(cell, d_lambda())
    except (DataError, ModelError) as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(made.area).all()
        assert (made.coupling[1:] > 0).all()
        assert (made.parent[1:] >= 0).all()
        assert made.area.sum() > 0
    assert time.perf_counter() - began < 5  # a promise, not a timing: no input hangs


SHAPES = [
    ("bmtk", "utils/scripts/bionet/morphologies/Scnn1a_473845048_m.swc"),
    ("bmtk", "utils/scripts/bionet/morphologies/Rorb_325404214_m.swc"),
    ("bmtk", "utils/scripts/bionet/morphologies/Nr5a1_471087815_m.swc"),
    ("bmtk", "utils/scripts/bionet/morphologies/Pvalb_469628681_m.swc"),
    ("bmtk", "utils/scripts/bionet/morphologies/Pvalb_470522102_m.swc"),
    ("bluepyopt", "tests/test_ephys/testdata/acc/l5pc/C060114A7.asc"),
    ("bluepyopt", "tests/test_ephys/testdata/apic.swc"),
    ("bluepyopt", "tests/test_ephys/testdata/simple_ax2.swc"),
    ("emodelrunner", "../examples/sscx_sample_dir/morphology/*.asc"),
    ("emodelrunner", "../examples/synplas_sample_dir/morphology/*idE*.asc"),
    ("emodelrunner", "../examples/synplas_sample_dir/morphology/*C120398A*.asc"),
    ("emodelrunner", "../examples/thalamus_sample_dir/morphology/*.asc"),
    ("bluepyemodel", "../examples/L5PC/morphologies/C060114A5.asc"),
    *(
        ("braincell", f"../data/morphology/{name}")
        for name in (
            "bc.swc", "branched_dend.swc", "branched_soma.swc", "branched_soma_1.swc", "CA1.swc",
            "contour_soma.swc", "example_tree.swc", "goc.asc", "grc.swc", "io.swc", "pc.asc",
            "single_point_soma.swc", "three_points_soma.swc", "unbranched_soma.swc",
            *(f"Cerebellum_morph/{n}" for n in ("BC.asc", "GoC.asc", "GrC.asc", "IO.swc")),
            *(f"Cerebellum_morph/{n}" for n in ("PC.asc", "SC.asc")),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("package", "pattern"), SHAPES)
@pytest.mark.parametrize("rule", ["every", "d_lambda"])
def test_compartments_are_those_of_neuron(package, pattern, rule):
    h = pytest.importorskip("neuron").h
    files = sorted(folder_of(package).glob(pattern))
    if not files:
        pytest.skip(f"{package} ships no {pattern}")
    file = files[0].resolve()
    compare(h, file, every(40) if rule == "every" else d_lambda(), rule)


@st.composite
def trees(draw, odd=False):
    """SWC text: a soma of one to four points, then branches anywhere.

    What is ``odd``: the first point of any type, further trees, a radius of 0 or below.
    """
    n = draw(st.integers(3, 14))
    size = draw(st.integers(0 if odd else 1, 4))
    widths = st.sampled_from([0.5, 1, 2.25, 6, *([0, -1] if odd else [])])
    rows = []
    for i in range(1, n + 1):
        if i == 1:
            kind, parent = 1 if size else draw(st.sampled_from([0, 2, 3, 5])), -1
        elif i <= size:
            kind, parent = 1, draw(st.sampled_from([1, i - 1]))
        elif odd and draw(st.integers(0, 5)) == 0:
            kind, parent = draw(st.sampled_from([1, 3])), -1
        else:
            parent = draw(st.integers(1, i - 1) | st.just(i - 1))
            above = rows[parent - 1][1]
            kind = draw(st.sampled_from([2, 3, 4])) if above == 1 else above
            kind = draw(st.sampled_from([kind, kind, 1])) if odd else kind
        x, y, z = (draw(st.integers(-60, 60)) for _ in range(3))
        rows.append((i, kind, x, y, z, draw(widths), parent))
    return "\n".join(" ".join(map(str, row)) for row in rows) + "\n"


BALL = "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 1\n4 3 0 30 0 1 1\n5 3 9 90 0 1 4\n"
MIDDLE = "1 1 0 0 0 5 -1\n2 1 0 5 0 5 1\n3 1 0 9 0 3 2\n4 3 20 5 0 1 2\n5 3 90 5 0 1 4\n"
AT_START = "1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n3 3 0 50 0 1 2\n4 3 30 5 0 1 2\n5 3 80 5 0 1 4\n"


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(text=BALL)
@example(text=MIDDLE)
@example(text=AT_START)
@given(text=trees())
def test_any_tree_is_cut_as_in_neuron(tmp_path, capfd, text):
    h = pytest.importorskip("neuron").h
    file = written(tmp_path, text, "tree.swc")
    try:
        read(file)
    except DataError as error:
        assert "at one place" in str(error)
        return
    compare(h, file, d_lambda(), "d_lambda")


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=trees(odd=True))
def test_an_odd_tree_is_cut_as_in_neuron(tmp_path, capfd, text):
    h = pytest.importorskip("neuron").h
    file = written(tmp_path, text, "tree.swc")
    try:
        read(file)
    except DataError as error:
        assert any(why in str(error) for why in ("at one place", "a radius of 0", "no point has"))
        return
    compare(h, file, every(40), "every")


SOMA = "1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n3 3 0 50 0 1 2\n"


@pytest.mark.parametrize(
    ("text", "said", "sections", "area"),
    [  # areas of compartments of 40 um as NEURON 9.0.2 has them, with Import3d
        (
            SOMA + "4 3 0 90 0 0 3\n",
            ":4: a point has a radius of 0: no current passes there, as in NEURON",
            2,
            [314.159, 106.814, 106.814, 103.998, 68.115, 22.705],
        ),
        (
            SOMA + "4 3 100 0 0 1 -1\n5 3 100 50 0 1 4\n",
            ":4: a further tree begins; joined to the middle of the first section, as NEURON's",
            3,
            [314.159, 94.248, 94.248, 94.248, 104.720, 104.720, 104.720],
        ),
        (
            SOMA + "4 1 200 0 0 5 -1\n5 3 200 9 0 1 4\n6 3 200 50 0 1 5\n",
            ":4: a further tree begins; joined to the middle of the first section, with 200 um of",
            4,
            [314.159, *[94.248] * 3, *[571.199] * 11, *[104.720] * 3],
        ),
        (
            "1 3 0 0 0 1 -1\n2 3 0 5 0 1 1\n3 3 0 50 0 1 2\n4 3 30 5 0 1 2\n5 3 80 5 0 1 4\n",
            ":1: the first point is of type 3, not of a soma (1); there is no soma",
            3,
            [31.416, *[94.248] * 3, *[100.531] * 5],
        ),
        (
            SOMA + "4 3 0 50 0 1 3\n5 3 9 50 0 1 3\n6 3 9 90 0 1 5\n",
            ":4: a branch without length (1 in all) is left out; its children are joined to its",
            3,
            [314.159, *[94.248] * 3, *[102.625] * 3],
        ),
        (
            SOMA + "4 3 0 90 0 -1 3\n",
            ":4: a point has a radius below zero, taken without its sign, as in NEURON",
            2,
            [314.159, *[106.814] * 5],
        ),
    ],
)
def test_what_neuron_reads_is_read_with_a_note(tmp_path, text, said, sections, area):
    with pytest.warns(HalfbrainWarning) as caught:
        cell = read(written(tmp_path, text))
    assert len(caught) == 1
    assert said in str(caught[0].message)
    assert cell.notes == (str(caught[0].message),)
    assert len(cell.sections) == sections
    made = bare(cell, every(40))
    assert made.area[made.area > 0] == pytest.approx(area, abs=1e-3)


def test_a_parent_that_no_line_has_begins_a_tree(tmp_path):
    text = SOMA + "5 3 100 0 0 1 4\n6 3 100 50 0 1 5\n"
    with pytest.warns(HalfbrainWarning) as caught:
        cell = read(written(tmp_path, text))
    lacking, tree = (str(w.message) for w in caught)
    assert lacking.endswith(":4: parent 4 of point 5 is in no line; it begins a further tree")
    assert ":4: a further tree begins; joined to the middle of the first section" in tree
    # As NEURON 9.0.2 has it, with Import3d.
    area = bare(cell, every(40)).area
    assert area[area > 0] == pytest.approx([314.159, *[94.248] * 3, *[104.720] * 3], abs=1e-3)


def test_a_point_without_width_parts_the_cell(tmp_path):
    """NEURON's ``ri`` is 3.13e15 Mohm across it; 1e15 of them are no way at all."""
    text = SOMA.replace("50 0 1", "50 0 0") + "4 3 0 90 0 1 3\n"
    with pytest.warns(HalfbrainWarning, match="radius of 0"):
        made = bare(read(written(tmp_path, text)), every(40), resistivity=123.0)
    assert 1 / made.coupling[1:] == pytest.approx([4.10, 18.9, 276, 3.13e15, 23.3], rel=4e-3)


def test_where_all_points_have_no_width_there_is_no_membrane(tmp_path):
    """NEURON computes NaN in the whole cell."""
    text = SOMA + "4 3 30 50 0 0 3\n5 3 99 50 0 0 4\n6 3 -30 50 0 1 3\n"
    with pytest.warns(HalfbrainWarning, match="2 points have a radius of 0"):
        cell = bare(read(written(tmp_path, text)), every(40))
    assert (cell.area[cell.section == 2] > 0).sum() == 2
    for dtype in ("float64", "float32"):
        simulation = CableSimulation([cell], dt=0.025, threads=1, dtype=dtype)
        simulation.current_clamp(0, 0, 0.0, 1.0, 0.01)
        tip = simulation.record(0, len(cell.area) - 1)
        simulation.run(1.0)
        assert np.isfinite(simulation.recorded(tip)).all()


def test_distances_are_from_the_soma_wherever_it_is(tmp_path):
    """A dendrite of 5 um at the root, then a soma of 15 um, then a dendrite of 20 um."""
    rows = ["1 3 0 0 0 1 -1", "2 3 0 5 0 1 1", "3 1 0 10 0 5 2", "4 1 0 20 0 5 3"]
    text = "\n".join([*rows, "5 3 0 30 0 1 4", "6 3 0 40 0 1 5\n"])
    with pytest.warns(HalfbrainWarning, match="the soma begins in line 3"):
        made = bare(read(written(tmp_path, text)), every(40))
    assert made.distance[made.area > 0] == pytest.approx([10, 0, 17.5])  # NEURON's distance()
