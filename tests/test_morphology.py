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

from halfbrain.cells.detailed.build import bare
from halfbrain.cells.detailed.frusta import d_lambda, every, slices
from halfbrain.cells.detailed.morphology import Section, read
from halfbrain.errors import DataError, ModelError

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
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 0 1\n", ":2: radius 0 is not above zero"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 -1 1\n", ":2: radius -1 is not above zero"),
        ("1 1 0 0 0 5 -1\n2 3 0 x 0 1 1\n", ":2: y 'x' is not a number"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 1 9\n", ":2: parent 9 of point 2 is in no line"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 1 3\n3 3 0 9 0 1 2\n", ":2: point 2 is on a loop"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 1 3\n3 3 0 9 0 1 1\n", "before its parent 3"),
        ("1 1 0 0 0 5 -1\n1 3 0 5 0 1 1\n", ":2: point 1 is already in line 1"),
        ("1 1 0 0 0 5 -1\n2 3 0 5 0 1 -1\n", ":2: a second tree begins here"),
        ("1 3 0 0 0 5 -1\n2 3 0 5 0 1 1\n", ":1: the tree's first point is of type 3"),
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


@pytest.mark.parametrize("name", ["cell.asc", "cell.h5"])
def test_what_morphio_cannot_read(tmp_path, name):
    pytest.importorskip("morphio")
    with pytest.raises(DataError) as caught:
        read(written(tmp_path, '("CellBody" (1 2', name))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


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


def test_hdf5_holds_the_same_cell_as_asc(tmp_path):
    morphio = pytest.importorskip("morphio")
    asc = written(tmp_path, ASC, "cell.asc")
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
        (NEURITES, "no soma"),
        (LINE + NEURITES, "the soma's outline has no width"),
        (ASC.replace("(0 -80 0 0.5)", "(0 -80 0 0)"), ":9: axon section 4: a diameter is not"),
        (ASC.replace("(Axon)", "(Axon"), "MorphIO cannot read it: line 9"),
    ],
)
def test_an_asc_file_is_checked_too(tmp_path, text, said):
    pytest.importorskip("morphio")
    file = written(tmp_path, text, "cell.asc")
    with pytest.raises(DataError) as caught:
        read(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


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


NAMES = {"soma": "soma", "axon": "axon", "basal": "dend", "apical": "apic"}

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
    if file.suffix == ".asc":
        pytest.importorskip("morphio")
    compare(h, file, every(40) if rule == "every" else d_lambda(), rule)


def compare(h, file: Path, cut, rule: str):
    """Segment by segment."""
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
    h.distance(0, pairs[0](0.5))
    # NEURON rounds an ASC file's numbers twice, to eight digits and to single precision; and those
    # of an SWC file that has sixteen digits, of which points of ours keep single precision.
    tolerance = {".asc": 1e-5}.get(file.suffix, 1e-5 if file.name == "bc.swc" else 1e-12)
    for i, section in enumerate(pairs):
        where = np.flatnonzero((made.section == i) & (made.area > 0))
        assert len(where) == section.nseg
        assert cell.sections[i].length == pytest.approx(section.L, rel=tolerance)
        inside = list(section)
        for ours, his in (
            (made.area, [segment.area() for segment in inside]),
            (made.diameter, [segment.diam for segment in inside]),
            (made.distance, [h.distance(segment) for segment in inside]),
        ):
            assert ours[where] == pytest.approx(his, rel=tolerance, abs=1e-9)
        joined = where[made.parent[where] >= 0]
        ri = [segment.ri() for segment in inside][len(where) - len(joined) :]
        assert 1 / made.coupling[joined] == pytest.approx(ri, rel=tolerance)


@st.composite
def trees(draw):
    """SWC text: a soma of one to four points, then branches anywhere."""
    n = draw(st.integers(3, 14))
    size = draw(st.integers(1, 4))
    rows = []
    for i in range(1, n + 1):
        if i == 1:
            kind, parent = 1, -1
        elif i <= size:
            kind, parent = 1, draw(st.sampled_from([1, i - 1]))
        else:
            parent = draw(st.integers(1, i - 1) | st.just(i - 1))
            above = rows[parent - 1][1]
            kind = draw(st.sampled_from([2, 3, 4])) if above == 1 else above
        x, y, z = (draw(st.integers(-60, 60)) for _ in range(3))
        rows.append((i, kind, x, y, z, draw(st.sampled_from([0.5, 1, 2.25, 6])), parent))
    return "\n".join(" ".join(map(str, row)) for row in rows) + "\n"


BALL = "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 1\n4 3 0 30 0 1 1\n5 3 9 90 0 1 4\n"
MIDDLE = "1 1 0 0 0 5 -1\n2 1 0 5 0 5 1\n3 1 0 9 0 3 2\n4 3 20 5 0 1 2\n5 3 90 5 0 1 4\n"
AT_START = "1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n3 3 0 50 0 1 2\n4 3 30 5 0 1 2\n5 3 80 5 0 1 4\n"


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
