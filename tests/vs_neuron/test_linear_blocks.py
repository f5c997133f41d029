"""LINEAR blocks written out: the same mechanism, for simulators that do not take such blocks."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
from halfbrain.circuits.detailed.circuit import Clamp, DetailedCircuit, DetailedPopulation
from halfbrain.codegen.kernel import scalar_function
from halfbrain.compare.detailed import compare_detailed
from halfbrain.compare.linear_blocks import without_linear
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism

# A chain of five states, begun at what a LINEAR block solves, and stepped by a KINETIC one.
CHAIN = """
TITLE a chain (LINEAR in a title is no block)
NEURON { SUFFIX chain USEION k READ ek WRITE ik RANGE gbar, power }
PARAMETER { gbar = 0.02 (S/cm2)  power = 0.6 (/ms) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) up (/ms) down (/ms) }
STATE { c1 c2 c3 c4 o }
BREAKPOINT { SOLVE moving METHOD sparse
  ik = gbar * o * (v - ek) }
INITIAL { rates(v) SOLVE still } : SOLVE still, in a comment
KINETIC moving { rates(v)
  ~ c1 <-> c2 (4*up, down)
  ~ c2 <-> c3 (3*up, 2*down)
  ~ c3 <-> c4 (2*up, 3*down)
  ~ c4 <-> o (up, 4*down)
  CONSERVE c1 + c2 + c3 + c4 + o = 1 }
LINEAR still { LOCAL twice
  twice = 2*down
  ~ c2*down - c1*4*up = 0
  ~ c1*4*up + c3*twice - c2*(3*up + down) = 0
  ~ c2*3*up + c4*3*down = c3*(2*up + twice)
  ~ c3*2*up - c4*(3*down + up) + o*4*down = 0
  ~ c1 + c2 + c3 + c4 + o = 1 }
PROCEDURE rates(v (mV)) { up = power * exp(v/40)  down = 0.1 * exp(-v/30) }
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "chain.mod"
    path.write_text(CHAIN)
    return path


def test_what_is_written_out_is_the_solution(file):
    new = without_linear(CHAIN, file)
    assert "SOLVE still }" not in new
    assert new.split("PROCEDURE still")[0] == (
        CHAIN.split("LINEAR still")[0].replace("SOLVE still }", "still() }")
    )
    assert new.endswith(CHAIN[CHAIN.index("\nPROCEDURE rates") :])
    program = read_mechanism(new).initial
    step = scalar_function(program, {"exp": np.exp}, np.float64)
    for v in (-90.0, -40.0, 20.0):
        given = {"v": v, "power": 0.6}
        found = dict(zip(program.outputs, step(*(given[n] for n in program.inputs)), strict=True))
        up, down = 0.6 * np.exp(v / 40), 0.1 * np.exp(-v / 30)
        matrix = np.diag(np.arange(1, 5) * down, 1) + np.diag(np.arange(4, 0, -1) * up, -1)
        matrix -= np.diag(matrix.sum(axis=0))
        matrix[-1] = 1
        expected = np.linalg.solve(matrix, [0, 0, 0, 0, 1])
        assert np.allclose([found[s] for s in ("c1", "c2", "c3", "c4", "o")], expected, rtol=1e-12)


def test_a_text_without_such_a_block_stays_as_it_is(file):
    text = CHAIN.replace("SOLVE still }", "}")
    text = text[: text.index("LINEAR still")] + text[text.index("PROCEDURE rates") :]
    assert without_linear(text, file) == text


@pytest.mark.skipif(shutil.which("g++") is None, reason="nrnivmodl needs a compiler")
def test_coreneuron_runs_such_a_channel_as_neuron_does_the_file_as_it_is(file):
    pytest.importorskip("neuron", reason="NEURON is not installed")
    cell = ball_and_stick()
    channel = Placed(read_mechanism(file), np.flatnonzero(cell.area > 0), {"gbar": 0.01})
    cell = replace(cell, placed=(*cell.placed, channel))
    circuit = DetailedCircuit(
        "chains", (DetailedPopulation("P", (cell,), 3),), (), (), (), (Clamp("P", 0.3),)
    )
    document = compare_detailed(
        circuit, ["neuron", "coreneuron"], seconds=0.05, threads=2, dtype="float64", seed=1
    )
    for run in document["runs"][1:]:
        assert run["failed"] is None, run["failed"]
        assert run["same_spikes"]
        assert run["populations"][0]["rate"] > 30
