"""Channels in the part of NMODL that Arbor's translator reads: the same equations."""

from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.codegen.kernel import scalar_function
from halfbrain.compare import arbor_catalogue
from halfbrain.compare.arbor_mechanism import modcc_text
from halfbrain.compare.cable_job import files_of
from halfbrain.errors import ModelError, RunError
from halfbrain.nmodl import read_mechanism
from nmodl_texts import POOL, SCHEME, SODIUM, SYNAPSE

FUNCTIONS = {n: getattr(np, n) for n in ("exp", "log", "sqrt", "sin", "cos", "tanh")}
# What modcc does not take: v moved by a procedure, a constant of UNITS, a row that INITIAL sets, a
# variable of the rates that the current reads, a total that is called as a state is.
MOVED = """
NEURON { SUFFIX moved NONSPECIFIC_CURRENT i USEION ca READ ica, cai RANGE gbar, g }
UNITS { FARADAY = (faraday) (coulombs) }
PARAMETER { gbar = 0.01 (S/cm2) v (mV) shift = 3 (mV) }
ASSIGNED { ica (mA/cm2) cai (mM) i (mA/cm2) g diam (um) inf tau depth }
STATE { m s }
INITIAL { depth = 4/diam  rates()  m = inf  s = 0.5 }
BREAKPOINT { SOLVE states METHOD cnexp
  g = gbar*m*s*inf
  i = g*(v + 80) }
DERIVATIVE states { rates()
  m' = (inf - m)/tau
  s' = -1e4*ica*depth/(2*FARADAY) - s/50 }
PROCEDURE rates() {
  if (v == -40) { v = v + 0.0001 }
  v = v + shift
  inf = 1/(1 + exp(-v/9))
  tau = (v + 40)/(exp((v + 40)/5) - 1) + 1
  if (cai > 1e-4 && v < 20) { tau = 2*tau  inf = 0.9*inf } else { tau = 3*tau }
  v = v - shift }
"""


def compare(file):
    """The mechanism as it is, and as our reader reads what is written."""
    old, new = read_mechanism(file), read_mechanism(modcc_text(file))
    assert (new.parameters, new.shared) == (dict(old.parameters), old.shared)
    assert set(new.rows) == set(old.rows)
    random = np.random.default_rng(1)
    outputs = 0
    for name in ("initial", "current", "step"):
        programs = [getattr(m, name) for m in (old, new)]
        if name == "step":
            programs = [step(0.025) for step in programs]
        if programs[0] is None:
            continue
        for v in (-80.0, -40.0, -17.3, 11.0):
            given = {"v": v, "celsius": 30.0, "diam": 2.0, **old.parameters, **old.shared}
            wanted = {n for p in programs for n in p.inputs}
            given |= {n: random.uniform(0.2, 0.8) for n in sorted(wanted - given.keys())}
            a, b = (
                dict(
                    zip(
                        p.outputs,
                        scalar_function(p, FUNCTIONS, np.float64)(*(given[n] for n in p.inputs)),
                        strict=True,
                    )
                )
                for p in programs
            )
            assert a.keys() <= b.keys()
            for key in a:
                assert b[key] == pytest.approx(a[key], rel=1e-9), (name, key)
                outputs += 1
    assert outputs


@pytest.mark.parametrize("text", [MOVED, SODIUM, POOL], ids=["moved", "sodium", "pool"])
def test_what_is_written_is_the_same_mechanism(text, tmp_path):
    (tmp_path / "it.mod").write_text(text)
    compare(tmp_path / "it.mod")


def test_blue_brain_s_channels_are_written_as_they_are():
    name = "sscx-cADpyr_L4UPC"
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    files = files_of(detailed_cell(name))
    assert len(files) > 8
    for file in files:
        compare(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SCHEME, "arrays are not written"),
        (MOVED.replace("cnexp", "derivimplicit"), "SOLVE states is not by cnexp"),
        (SYNAPSE, "no point processes"),
        (MOVED.replace("i = g*(v + 80)", "if (v > 0) { i = g*v } else { i = 0 }"), "a choice by v"),
        (MOVED.replace("m = inf", "m = t"), "reads dt, t or area"),
    ],
    ids=["array", "method", "synapse", "choice", "time"],
)
def test_what_cannot_be_written_is_named(text, says, tmp_path):
    (tmp_path / "it.mod").write_text(text)
    with pytest.raises(ModelError, match=says) as raised:
        modcc_text(tmp_path / "it.mod")
    assert "it.mod" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_tool_is_named(tmp_path, monkeypatch):
    pytest.importorskip("arbor", reason="Arbor is not installed")
    (tmp_path / "it.mod").write_text(MOVED)
    monkeypatch.setattr(arbor_catalogue, "user_cache_path", lambda name: Path(tmp_path))
    monkeypatch.setattr(arbor_catalogue.shutil, "which", lambda tool: None)
    with pytest.raises(RunError, match="with cmake, make, c"):
        arbor_catalogue.compile_catalogue([tmp_path / "it.mod"])
    monkeypatch.setattr("halfbrain.compare.installed.find_spec", lambda name: None)
    with pytest.raises(RunError, match="Arbor is not installed; pip install"):
        arbor_catalogue.compile_catalogue([tmp_path / "it.mod"])
