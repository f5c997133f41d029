"""Formulas, settings, ions and stubs of detailed cells."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfbrain.cells.detailed import allen, blue_brain
from halfbrain.cells.detailed.library import in_folder, only_passive
from halfbrain.cells.detailed.passive import PAS
from halfbrain.errors import DataError, ModelError
from halfbrain.morphology import axon
from halfbrain.morphology.biophysics import Biophysics, Setting, build
from halfbrain.morphology.formula import evaluate
from halfbrain.morphology.frusta import every, slices
from halfbrain.morphology.morphology import Morphology, Section
from halfbrain.morphology.reader import read
from halfbrain.program.instructions import Program
from halfbrain.program.mechanism import Ion, Mechanism

ALL = frozenset(("soma", "axon", "basal", "apical"))


def channel(name: str, *ions: Ion) -> Mechanism:
    return Mechanism(
        name, "density", {"gbar": 0.0}, {}, (), ions, Program((), (), {}), None, lambda dt: None
    )


MECHANISMS = {
    "pas": PAS,
    "kd": channel("kd", Ion("k", ("ek",), ("ik",))),
    "cahva": channel("cahva", Ion("ca", ("eca",), ("ica",))),
    "pump": channel("pump", Ion("ca", ("ica",), ("cai",))),
}


@pytest.fixture
def cell(tmp_path) -> Morphology:
    file = tmp_path / "cell.swc"
    file.write_text(
        "1 1 0 0 0 10 -1\n2 3 0 10 0 1 1\n3 3 0 410 0 1 2\n"
        "4 2 0 -10 0 1 1\n5 2 0 -50 0 0.8 4\n6 2 0 -150 0 0.4 5\n"
    )
    return read(file)


def test_a_formula_is_what_it_says():
    distance = np.array([0.0, 100.0, 300.0])
    text = "(-0.8696 + 2.087*math.exp(({distance})*0.0031))*{value}"
    expected = (-0.8696 + 2.087 * np.exp(distance * 0.0031)) * 0.5
    assert evaluate(text, {"distance": distance, "value": 0.5}) == pytest.approx(expected)
    assert evaluate("{value}*-2**2/4", {"value": 3.0}) == -3.0


def test_a_formula_may_have_steps():
    distance = np.array([0.0, 685.0, 700.0, 885.0, 900.0])
    expected = [0.02, 0.02, 2.0, 0.02, 0.02]
    for text in (
        "value if 685 < distance < 885 else 0.01*value",
        "value*(0.01 + 0.99*int(({distance} > 685) & ({distance} < 885)))",
        "value*(1 if distance > 685 and 885 > distance else 0.01)",
        "value*(0.01 if distance <= 685 or distance >= 885 else 1)",
    ):
        assert evaluate(text, {"distance": distance, "value": 2.0}) == pytest.approx(expected)
    assert evaluate("1 < value", {"value": 2.0}) == 1.0
    assert evaluate("abs(-value)*exp(0)", {"value": 2.0}) == 2.0


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "math.__class__",
        "value.__class__",
        "(lambda: 1)()",
        "[1][0]",
        "'a'*9",
        "unknown*2",
        "not value",
        "value == 1",
        "value in 1",
        "1 < unknown",
        "value & 1.5 if x else 2",
        "int",
        "math.exp(1, 2)",
        "True",
        "1j",
        "9.0**9**9",
        "(" * 150 + "1" + ")" * 150,
        "-" * 299 + "1 +",
        "1/0",
        "",
        "1" * 301,
        "math.log(-value)",
    ],
)
def test_a_formula_holds_nothing_else(text):
    with pytest.raises(ModelError) as caught:
        evaluate(text, {"value": 1.0})
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="0123456789.+-*/()xe{}mathvlu ,", max_size=40))
def test_no_text_makes_a_traceback(text):
    try:
        value = evaluate(text, {"value": 2.0})
    except ModelError:
        return
    assert np.isfinite(value).all()


def test_settings_go_by_region_and_distance(cell):
    membrane = Biophysics(
        (("pas", ALL), ("kd", frozenset(("soma", "basal")))),
        (
            Setting(ALL, "Ra", 150.0),
            Setting(ALL, "cm", 1.0),
            Setting(frozenset(("basal",)), "cm", 2.0),
            Setting(ALL, "g_pas", 3e-5),
            Setting(frozenset(("soma",)), "gbar_kd", 0.1),
            Setting(
                frozenset(("basal",)),
                "gbar_kd",
                0.01,
                "{value}*(1 + {slope}*{distance})",
                {"slope": 0.1},
            ),
            Setting(frozenset(("basal",)), "ek", -90.0),
        ),
        celsius=34.0,
        v_init=-80.0,
    )
    made = build(cell, every(40), membrane, MECHANISMS.__getitem__)
    region = np.array(made.regions)[made.section]
    assert set(made.capacitance[region == "basal"]) == {2.0}
    assert set(made.capacitance[region != "basal"]) == {1.0}
    by_name = {placed.mechanism.name: placed for placed in made.placed}
    assert by_name["pas"].parameters == {"g": 3e-5}
    where, gbar = by_name["kd"].where, by_name["kd"].parameters["gbar"]
    assert (region[where] != "axon").all()
    expected = np.where(region == "soma", 0.1, 0.01 * (1 + 0.1 * made.distance))[where]
    assert gbar == pytest.approx(expected)
    ek = made.ions["ek"]
    assert set(ek[region == "basal"]) == {-90.0}
    assert set(ek[region == "soma"]) == {-77.0}
    assert made.nernst == ()


def test_calcium_follows_nernst_where_its_concentration_changes(cell):
    membrane = Biophysics((("cahva", ALL), ("pump", ALL)), (), celsius=34.0, v_init=-80.0)
    made = build(cell, every(40), membrane, MECHANISMS.__getitem__)
    assert made.nernst == ("eca",)
    assert made.ions["cai"] == 5e-5
    assert made.ions["cao"] == 2.0
    expected = 1000 * 8.314462618 * 307.15 / (2 * 96485.33212) * math.log(2 / 5e-5)
    assert made.ions["eca"] == pytest.approx(expected, rel=1e-9)
    fixed = Biophysics((("cahva", ALL),), (), celsius=34.0, v_init=-80.0)
    alone = build(cell, every(40), fixed, MECHANISMS.__getitem__)
    assert alone.nernst == ()
    assert alone.ions == {"eca": 132.4579341637009}


@pytest.mark.parametrize(
    ("inserted", "setting", "said"),
    [
        ((("pas", ALL),), Setting(ALL, "gbar_kd", 1.0), "gbar_kd: is no parameter"),
        (
            (("pas", frozenset(("soma",))),),
            Setting(frozenset(("basal",)), "g_pas", 1.0),
            "insert it",
        ),
        ((("pas", ALL),), Setting(ALL, "cm", 0.0), "cm must be one number above zero"),
        ((("none", ALL),), Setting(ALL, "cm", 1.0), "none"),
    ],
)
def test_a_setting_without_its_mechanism_is_refused(cell, inserted, setting, said):
    membrane = Biophysics(inserted, (setting,), 34.0, -70.0)
    library = only_passive if inserted[0][0] == "none" else MECHANISMS.__getitem__
    with pytest.raises(ModelError, match=said):
        build(cell, every(40), membrane, library)


def test_the_allen_stubs(cell):
    stub = allen.with_stub(cell, all_active=False).sections[-2:]
    assert [(s.region, s.at, s.length, s.cylinders) for s in stub] == [
        ("axon", 0.5, pytest.approx(30), (1.0,)),
        ("axon", 1.0, pytest.approx(30), (1.0,)),
    ]
    first = next(s for s in cell.sections if s.region == "axon")
    stub = allen.with_stub(cell, all_active=True).sections[-2:]
    mean = slices(first, 1, 1.0).diameter[0]
    assert stub[0].at == 1.0
    assert stub[0].cylinders == stub[1].cylinders == (pytest.approx(mean),)


def test_the_blue_brain_stub_keeps_the_taper(cell):
    made = axon.blue_brain(cell)
    first, second, myelin = made.sections[-3:]
    assert (first.at, second.at, myelin.at) == (1.0, 1.0, 1.0)
    assert len(first.cylinders) == len(second.cylinders) == len(myelin.cylinders) == 5
    diameters = first.cylinders + second.cylinders
    assert all(a >= b for a, b in pairwise(diameters))
    assert set(myelin.cylinders) == {diameters[-1]}
    assert myelin.length == pytest.approx(1000, rel=1e-5)
    assert len(axon.blue_brain(cell, myelin=False).sections) == len(made.sections) - 1
    short = Section("axon", 0, 0.5, np.array([[0, 0, 0, 1], [0, 20, 0, 1]], np.float32))
    bald = Morphology((cell.sections[0], short), "short")
    with pytest.raises(ModelError, match="too short"):
        axon.blue_brain(bald)
    assert axon.blue_brain(bald, pad=True, myelin=False).sections[-1].cylinders == (1.0,) * 5


def test_an_axon_that_carries_a_dendrite_is_not_replaced(cell):
    sections = cell.sections
    number = next(i for i, s in enumerate(sections) if s.region == "axon")
    grown = Section("basal", number, 1.0, sections[1].points)
    with pytest.raises(ModelError, match="grows from the axon"):
        axon.allen_perisomatic(Morphology((*sections, grown), "odd"))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"passive": [{}]}', "[" * 100000, '{"passive": 3}']
)
def test_a_broken_fit_is_one_line(tmp_path, text):
    file = tmp_path / "broken_fit.json"
    file.write_text(text)
    with pytest.raises(DataError) as caught:
        allen.read_fit(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fitted_values_replace_bounds_only(tmp_path):
    definitions = {
        "mechanisms": {"all": {"mech": ["pas"]}},
        "distributions": {"decay": {"fun": "math.exp({distance}*{constant})*{value}"}},
        "parameters": {
            "__comment": "none",
            "global": [{"name": "v_init", "val": -80}],
            "distribution_decay": [{"name": "constant", "val": [-1, 0]}],
            "all": [
                {"name": "g_pas", "val": [0, 1], "dist": "decay"},
                {"name": "e_pas", "val": -75},
            ],
        },
    }
    (tmp_path / "pyr.json").write_text(json.dumps(definitions))
    fitted = {"x": {"params": {"g_pas.all": 0.5, "constant.distribution_decay": -0.25}}}
    (tmp_path / "final.json").write_text(json.dumps(fitted))
    entry = blue_brain.Entry(
        "x", "sscx", tmp_path, tmp_path / "pyr.json", tmp_path / "final.json", None, 34.0, -80.0
    )
    membrane = blue_brain.read_membrane(entry)
    g, e = membrane.settings
    assert (g.value, g.formula, g.constants) == (
        0.5,
        "math.exp({distance}*{constant})*{value}",
        {"constant": -0.25},
    )
    assert (e.value, e.formula) == (-75.0, "")
    assert "myelin" in membrane.inserted[0][1]
    (tmp_path / "final.json").write_text(json.dumps({"x": {"params": {}}}))
    with pytest.raises(DataError, match=r"g_pas\.all|constant"):
        blue_brain.read_membrane(entry)


def test_a_folder_without_the_mechanism(tmp_path):
    with pytest.raises(ModelError, match=r"no \.mod file in it defines the mechanism 'nax'"):
        in_folder(tmp_path)("nax")
    assert in_folder(tmp_path)("pas") is PAS
