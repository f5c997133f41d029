"""A detailed cell as it is built: what may be said of it, and what is refused."""

import doctest

import numpy as np
import pytest

from halfbrain.cells.detailed import cell as cells
from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
from halfbrain.cells.detailed.cell import Cell, formula
from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.errors import DataError, HalfbrainWarning, ModelError
from halfbrain.morphology import places
from halfbrain.morphology.places import Place

LEAK = "NEURON { SUFFIX hh NONSPECIFIC_CURRENT i } ASSIGNED { i v } BREAKPOINT { i = v }"


def same(one, other):
    for name in ("parent", "area", "coupling", "capacitance", "diameter", "distance", "section"):
        assert (getattr(one, name) == getattr(other, name)).all(), name
    assert one.ions == other.ions
    assert (one.celsius, one.v_init, one.nernst) == (other.celsius, other.v_init, other.nernst)
    assert [p.mechanism.name for p in one.placed] == [p.mechanism.name for p in other.placed]
    for a, b in zip(one.placed, other.placed, strict=True):
        assert (a.where == b.where).all()
        assert set(a.parameters) == set(b.parameters)
        for name, value in a.parameters.items():
            assert np.array_equal(value, b.parameters[name])


def test_it_is_what_was_built_before():
    cell = (
        Cell.ball_and_stick(cut="40 um")
        .insert("hh", "soma")
        .insert("pas", "basal", g="1 mS/cm2", e="-65 mV")
        .set(Ra="100 ohm cm", cm="1 uF/cm2")
        .set("soma", ena=0.05, ek="-77 mV")
    )
    same(cell.compartments(), ball_and_stick(40.0))
    assert cell.compartments() is cell.compartments()


def test_a_cell_never_changes():
    bare = Cell.ball_and_stick()
    more = bare.insert("hh", "soma", gnabar="0.2 S/cm2").set(cm="2 uF/cm2", celsius=20)
    assert not bare.compartments().placed
    assert bare.compartments().celsius == 6.3
    assert more.compartments().celsius == 20
    assert more.compartments().placed[0].parameters == {"gnabar": 0.2}
    assert set(more.compartments().capacitance) == {2.0}
    again = more.set("soma", gnabar_hh="0.3 S/cm2")
    assert again.compartments().placed[0].parameters == {"gnabar": 0.3}
    assert repr(more) == "<Cell ball and stick: 2 sections; hh>"


@pytest.mark.parametrize(
    ("cut", "count"), [("40 um", 11), (5, 5), ("d_lambda", 7), ("d_lambda 0.02", 37), ("1 mm", 1)]
)
def test_how_it_is_cut(cut, count):
    made = Cell.ball_and_stick(cut=cut).set(Ra="100 ohm cm").compartments()
    assert ((made.section == 1) & (made.area > 0)).sum() == count


def test_a_formula_has_units_and_an_origin():
    cell = Cell.ball_and_stick(cut="20 um")
    given = formula("low + (high - low)*distance/length", origin=("basal", 1), low="0.1 mS/cm2",
                    high=3e-4, length="0.2 mm")  # fmt: skip
    made = cell.insert("pas", "basal", g=given).compartments()
    placed = made.placed[0]
    expected = 1e-4 + 2e-4 * (1 - made.position[placed.where])
    assert placed.parameters["g"] == pytest.approx(expected, rel=1e-6)


def test_a_point_process_is_put_at_a_place():
    cell = Cell.ball_and_stick().insert("ExpSyn", ("basal", 0.5), tau="2 ms", e="-80 mV")
    placed = cell.compartments().placed[0]
    assert placed.mechanism.name == "ExpSyn"
    assert placed.parameters == {"tau": 2.0, "e": -80.0}
    assert list(placed.where) == [cell.place(("basal", 0.5)).compartment]
    assert cell.place(("basal", 0.5)).distance == pytest.approx(106.3e-6, rel=1e-3)
    assert "ExpSyn: tau 2 ms, e -80 mV" in cell.show()


def test_a_number_that_is_hardly_meant_is_told():
    cell = Cell.ball_and_stick()
    with pytest.warns(HalfbrainWarning, match="cm is 100 uF/cm2; .* SI: write '1 uF/cm2'"):
        assert set(cell.set(cm=1).compartments().capacitance) == {100.0}
    with pytest.warns(HalfbrainWarning, match="v_init is -70000 mV"):
        cell.set(v_init=-70)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            lambda c: c.insert("hh", "axon"),
            "hh: the cell has no 'axon'; its regions are",
        ),
        (lambda c: c.insert("hh", gna="1 S/cm2"), "'gna' is no parameter of hh; there are gnabar"),
        (
            lambda c: c.insert("hh", gnabar="1 mV"),
            "'1 mV' is in volt, but must be in S/cm2",
        ),
        (lambda c: c.insert("hh", gnabar=[1, 2]), "gnabar is one number in a region"),
        (lambda c: c.insert("nothing"), "'nothing': built in are pas, hh"),
        (lambda c: c.insert("no.mod"), "no.mod: cannot be read"),
        (lambda c: c.insert("hh", ("soma", 0.5)), "is for whole sections"),
        (lambda c: c.insert("hh", Place("soma")), "is for whole sections"),
        (lambda c: c.insert("ExpSyn", "soma"), "is a point process; put it at a place"),
        (lambda c: c.insert("ExpSyn", ("soma", 2)), "from 0 to 1, not 2"),
        (lambda c: c.insert("ExpSyn", ("soma", 0), tau=formula("distance")), "not a formula"),
        (lambda c: c.set(cm="1 mV"), "cm: '1 mV' is in volt, but must be in uF/cm2"),
        (lambda c: c.set(cm=formula("distance")), "cm: is one number in a region, not a formula"),
        (
            lambda c: c.set(gnabar_hh=1),
            "gnabar_hh: is none of cm, Ra, e.*, nor a parameter of any of no",
        ),
        (lambda c: c.set("soma", celsius=3), "are of the whole cell"),
        (lambda c: c.insert("hh", gl=formula("x")).compartments(), "'x' is unknown; known: value"),
        (lambda c: c.insert("hh", gl=formula("1/0*distance")).compartments(), "is not finite"),
        (lambda c: c.insert("hh", gl=formula("x", x="2 s")), "gl: x: '2 s' is in second"),
        (lambda c: c.insert("hh", gl=formula("2", distance=1)), "has a meaning of its own"),
        (lambda c: c.insert("hh", gl=lambda x: x[:1, None]).compartments(), "no number for each"),
        (lambda c: c.place(("apical", 0.5)), "the cell has no 'apical'; it has 1 soma, 1 basal"),
        (lambda c: c.insert("pas", g=1).plot("pas.x"), "there are pas.g, pas.e"),
        (lambda c: c.plot("size"), "'size': is none of region, distance, diameter"),
        (lambda c: Cell.ball_and_stick(cut="d_lambda 0"), "a share of the length constant"),
        (lambda c: Cell.ball_and_stick(cut=0), "cut 0 is neither"),
        (lambda c: Cell.ball_and_stick(cut="40 ms"), "cut: '40 ms' is in second"),
    ],
)
def test_a_mistake_is_one_line(wrong, said):
    with pytest.raises(ModelError, match=said) as caught:
        wrong(Cell.ball_and_stick())
    assert "\n" not in str(caught.value)


def test_two_mechanisms_of_one_name_are_refused(tmp_path):
    file = tmp_path / "other.mod"
    file.write_text(LEAK)
    cell = Cell.ball_and_stick().insert("hh", "soma")
    with pytest.raises(ModelError, match="another hh is in it already"):
        cell.insert(file, "basal")


def test_files(tmp_path):
    file = tmp_path / "cell.swc"
    file.write_text(
        "1 1 0 0 0 8 -1\n2 2 8 0 0 0.5 1\n3 2 150 0 0 0.3 2\n4 3 0 8 0 1 1\n5 3 0 90 0 1 4\n"
    )
    cell = Cell.read(file, axon="stub", v_init="-70 mV")
    assert cell.sections == ("soma[0]", "dend[0]", "axon[0]", "axon[1]")
    assert cell.place(("axon", 1, 0.5)).distance == pytest.approx(45e-6)
    assert Cell.read(file, axon="remove").regions == ("soma", "basal")
    assert Cell.read(file).regions == ("soma", "axon", "basal")
    assert len(cell.plot("distance").axes) == 2
    with pytest.raises(ModelError, match="axon 'none' is none of keep, remove, stub"):
        Cell.read(file, axon="none")
    with pytest.raises(DataError, match="is no detailed cell"):
        Cell.read("nobody")


def test_concentrations_at_rest_may_be_set(tmp_path):
    file = tmp_path / "Ca.mod"
    file.write_text(
        "NEURON { SUFFIX Ca USEION ca READ eca, cai WRITE ica RANGE g } PARAMETER { g = 1 }\n"
        "BREAKPOINT { ica = g*cai*(v - eca) } ASSIGNED { v eca cai ica }"
    )
    cell = Cell.ball_and_stick().insert(file).set(celsius=20).set("basal", cao="1 mM", cai=1e-4)
    made = cell.compartments()
    basal = (made.section == 1) & (made.area > 0)
    volts = 8.31446261815324 * 293.15 / (2 * 96485.33212331001)
    assert set(made.ions["cao"][basal]) == {1.0}
    assert made.ions["eca"][basal] == pytest.approx(1e3 * volts * np.log(1e4))
    assert made.ions["eca"][0] == pytest.approx(1e3 * volts * np.log(2 / 5e-5))


def test_a_picture_by_a_parameter():
    cell = Cell.ball_and_stick().insert("pas", "basal", g=formula("1e-4*distance"))
    figure = cell.plot("pas.g")
    lines = next(c for c in figure.axes[0].collections if c.get_array() is not None)
    placed = cell.compartments().placed[0]
    assert set(np.asarray(lines.get_array())) == set(placed.parameters["g"])
    assert figure.axes[1].get_ylabel() == "pas.g"
    assert len(Cell.ball_and_stick().insert("pas", "soma").plot("pas.g").axes) == 2


def test_the_examples_of_its_methods_run():
    assert not doctest.testmod(cells).failed
    assert not doctest.testmod(places).failed


def test_an_installed_cell_is_read_and_changed():
    names = [name for name in installed_cells() if name.startswith("allen")]
    if not names:
        pytest.skip("bmtk is not installed")
    cell = Cell.read(names[0])
    same(cell.compartments(), detailed_cell(names[0]))
    name = next(p.mechanism.name for p in cell.compartments().placed if "gbar" in p.parameters)
    changed = cell.set("soma", **{f"gbar_{name}": "1 uS/cm2"}).compartments()
    placed = next(p for p in changed.placed if p.mechanism.name == name)
    assert placed.parameters["gbar"] == pytest.approx(1e-6)
    assert len(Cell.read(names[0], cut=1).compartments().area) < len(changed.area)
