"""Currents and conductances that change, beside NEURON's Vector.play."""

import numpy as np
import pytest

from halfbrain.circuits.detailed.circuit import (
    DetailedCircuit,
    DetailedPopulation,
    Wave,
    Waveform,
)
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import CircuitError
from hand_mechanisms import everywhere, hh, tree

BRANCHES = ((-1, 5, 200.0, 2.0),)
TIMES = np.array([1.0, 4.0, 6.3, 20.0])
CURRENTS, CONDUCTANCES = np.array([0.0, 0.4, -0.1, 0.3]), np.array([1e-4, 2e-2, 5e-3, 1e-3])


def in_neuron(kind):
    h = pytest.importorskip("neuron", reason="NEURON is not installed").h
    h.load_file("stdrun.hoc")
    h.usetable_hh, h.secondorder, h.dt, h.celsius = 0, 0, 0.025, 6.3
    h.cvode_active(0)
    section = h.Section(name="s")
    section.L, section.diam, section.nseg, section.Ra = 200.0, 2.0, 5, 100.0
    section.insert("hh")
    if kind == "conductance":
        clamp = h.SEClamp(section(0.5))
        clamp.dur1, clamp.amp1 = TIMES[-1], 0.0
        # NEURON's plays 1/g; so that g changes steadily, in fine steps.
        fine = np.arange(0.0, TIMES[-1] + 0.0125, 0.0125)
        g = np.where(fine < TIMES[0], 0.0, np.interp(fine, TIMES, CONDUCTANCES))
        values, times = h.Vector(1 / np.maximum(g, 1e-9)), h.Vector(fine)
        values.play(clamp._ref_rs, times, 1)
    else:
        clamp = h.IClamp(section(0.5))
        clamp.delay, clamp.dur = TIMES[0], TIMES[-1] - TIMES[0]
        values, times = h.Vector(CURRENTS), h.Vector(TIMES)
        values.play(clamp._ref_amp, times, 1 if kind == "steady" else 0)
    found = h.Vector().record(section(0.1)._ref_v)
    h.finitialize(-65.0)
    h.continuerun(30.0)
    return np.array(found)


@pytest.mark.parametrize("kind", ["steady", "held", "conductance"])
def test_what_changes_is_as_in_neuron(kind):
    there = in_neuron(kind)
    simulation = CableSimulation([tree(BRANCHES, [everywhere(hh(), BRANCHES)])])
    if kind == "conductance":
        simulation.wave(0, 2, Wave(TIMES, CONDUCTANCES), 0.0)
    else:
        simulation.wave(0, 2, Wave(TIMES, CURRENTS, held=kind == "held"))
    record = simulation.record(0, 0)
    simulation.run(30.0)
    assert there.max() > -45
    assert abs(there[:1201] - simulation.recorded(record)).max() < 2e-3


def test_a_circuits_waves_go_where_they_are_to_and_in_pieces_are_the_same():
    cell = tree(BRANCHES, [everywhere(hh(), BRANCHES)])

    def built(at):
        waves = (Wave(TIMES, CURRENTS), Wave(TIMES, 2 * CURRENTS))
        form = Waveform("cells", np.array([1, 2]), waves, **at)
        population = DetailedPopulation("cells", (cell,), 3)
        circuit = DetailedCircuit("c", (population,), waveforms=(form,))
        return CableGroup(circuit, record={"cells": [0, 1, 2]}, threads=1)

    def voltages(one, *seconds):
        for some in seconds:
            one.run(some)
        return one.voltages(2.5e-5)[0].data

    def alone(compartment):
        simulation = CableSimulation([cell])
        simulation.wave(0, compartment, Wave(TIMES, CURRENTS))
        record = simulation.record(0, 2)
        simulation.run(20.0)
        return simulation.recorded(record)[1:]

    end = {"sections": np.zeros(2, int), "positions": np.array([0.9, 0.9])}
    whole = voltages(built({}), 0.02)
    assert np.array_equal(whole, voltages(built({}), 0.013, 0.007))
    assert whole[:, 1] == pytest.approx(alone(2), abs=1e-5)
    assert voltages(built(end), 0.02)[:, 1] == pytest.approx(alone(4), abs=1e-5)
    assert np.ptp(whole[:, 0]) < 3  # the first has none
    assert whole[:, 2].max() > whole[:, 1].max()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"neurons": np.array([3])}, "a neuron is none of the 3"),
        ({"waves": (Wave(TIMES, CURRENTS),) * 3}, "3 waves for 2 neurons"),
        ({"waves": (Wave(TIMES[::-1], CURRENTS),)}, "its times do not rise"),
        ({"waves": (Wave(TIMES, CURRENTS * np.nan),)}, "two finite times and values"),
        ({"positions": np.zeros(1)}, "1 places for 2 neurons"),
    ],
)
def test_a_wave_that_does_not_fit_is_one_line(given, said):
    cell = tree(BRANCHES, [everywhere(hh(), BRANCHES)])
    whole = {"neurons": np.array([0, 1]), "waves": (Wave(TIMES, CURRENTS),)} | given
    with pytest.raises(CircuitError, match=said):
        DetailedCircuit(
            "c",
            (DetailedPopulation("cells", (cell,), 3),),
            waveforms=(Waveform("cells", **whole),),
        )
