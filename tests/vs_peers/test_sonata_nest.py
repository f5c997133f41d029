"""SONATA's point neurons beside NEST 3.10: unlike neurons in one population, and Allen's GLIF."""

import json

import numpy as np
import pytest

from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io.sonata import read_sonata
from sonata_points import build, driven

MANY = [
    5.0,
    6.03,
    7.0,
    20.0,
    20.04,
    22.0,
    30.51,
    31.17,
    33.0,
    45.4,
    46.0,
    47.2,
    61.0,
    62.3,
    63.05,
    64.0,
    80.0,
    80.5,
    81.2,
]
FEW = [12.0, 26.33, 50.0, 66.6, 67.0, 90.0]
FIT = {
    "type": "GLIF",
    "El": 0.0,
    "El_reference": -0.0714,
    "C": 8.6e-11,
    "R_input": 3.4e8,
    "th_inf": 0.023,
    "dt": 5e-5,
    "spike_cut_length": 60,
    "init_AScurrents": [0.0, 0.0],
    "asc_tau_array": [0.0333, 0.00333],
    "asc_amp_array": [-7.4e-11, -4.5e-10],
    "coeffs": {"a": 1.0, "b": 1.0, "C": 1.0, "G": 1.0, "th_inf": 0.78, "asc_amp_array": [1.0, 0.5]},
    "threshold_dynamics_method": {
        "params": {"a_spike": 0.0019, "b_spike": 103.0, "a_voltage": 9.2, "b_voltage": 34.3}
    },
    "voltage_reset_method": {"params": {"a": 0.4, "b": 0.00406}},
}
BODY = {"C_m": 200.0, "E_L": -72.0, "V_th": -55.0, "V_reset": -68.0}
CASES = {
    "unlike": {
        "dt": 0.1,
        "stop": 100.0,
        "neurons": [
            [
                "iaf_psc_exp",
                BODY
                | {"tau_m": 15.0, "tau_syn_ex": 1.0, "tau_syn_in": 3.0, "t_ref": 2.0, "I_e": 50.0},
            ],
            [
                "iaf_psc_exp",
                BODY
                | {"tau_m": 9.0, "tau_syn_ex": 2.5, "tau_syn_in": 2.5, "t_ref": 3.54, "V_m": -60.0},
            ],
            ["iaf_psc_exp", {"C_m": 120.0, "tau_m": 22.0, "t_ref": 0.5}],
        ],
        "given": [MANY, FEW],
        "outer": [
            [0, 0, 1400.0, 1.5],
            [0, 1, 900.0, 1.2],
            [0, 2, 350.0, 2.04],
            [1, 0, -300.0, 1.0],
            [1, 2, -250.0, 1.3],
        ],
        "inner": [[0, 1, 400.0, 1.0], [1, 2, 500.0, 2.2], [2, 0, -200.0, 0.1]],
        "current": [[200.0, -100.0, 400.0], [40.0, 60.0, 70.0, 95.0]],
    },
    "mixed": {
        "dt": 0.1,
        "stop": 100.0,
        "neurons": [
            [
                "iaf_psc_alpha",
                BODY | {"tau_m": 15.0, "tau_syn_ex": 1.0, "tau_syn_in": 3.0, "t_ref": 2.0},
            ],
            [
                "glif_psc",
                {
                    "C_m": 60.0,
                    "g": 6.0,
                    "E_L": -73.0,
                    "V_th": -48.0,
                    "V_reset": -70.0,
                    "V_m": -71.0,
                    "t_ref": 2.4,
                    "tau_syn": [5.5, 8.5],
                    "after_spike_currents": True,
                    "asc_init": [0.0, 0.0],
                    "asc_decay": [0.003, 0.1],
                    "asc_amps": [-9.0, -150.0],
                    "asc_r": [1.0, 0.8],
                },
            ],
            [
                "glif_psc",
                {
                    "C_m": 70.0,
                    "g": 5.0,
                    "E_L": -74.0,
                    "V_th": -50.0,
                    "V_m": -74.0,
                    "t_ref": 1.5,
                    "tau_syn": [2.8],
                    "spike_dependent_threshold": True,
                    "th_spike_add": 2.0,
                    "th_spike_decay": 0.03,
                },
            ],
            ["glif_lif_r_asc_a_psc", FIT],
            ["glif_lif_psc", FIT],
        ],
        "given": [MANY, FEW],
        "outer": [
            [0, 0, 900.0, 1.5],
            [0, 1, 60.0, 1.2, {"receptor_type": 1}],
            [0, 2, 150.0, 2.0, {"receptor_type": 1}],
            [0, 3, 120.0, 1.7, {"receptor_type": 3}],
            [0, 4, 80.0, 1.1, {"receptor_type": 4}],
            [1, 0, -300.0, 1.0],
            [1, 1, -40.0, 1.3, {"receptor_type": 2}],
        ],
        "inner": [
            [0, 1, 50.0, 1.0, {"receptor_type": 2}],
            [1, 2, -70.0, 2.2, {"receptor_type": 1}],
            [2, 0, 400.0, 0.1],
        ],
        "current": [[200.0, -100.0, 400.0], [40.0, 60.0, 70.0, 95.0]],
    },
    "often": {
        "dt": 0.1,
        "stop": 100.0,
        "neurons": [
            ["iaf_psc_delta", BODY | {"tau_m": 15.0}],
            ["iaf_psc_delta", BODY | {"tau_m": 9.0, "V_m": -65.0}],
        ],
        "given": [[5.0, 5.01, 5.02, 20.0, 20.0, 33.31, 33.39, 33.4, 60.0, 60.04]],
        "outer": [[0, 0, 7.0, 1.5], [0, 1, 6.0, 0.26]],
        "inner": [[0, 1, 9.0, 2.0]],
    },
}
# Milliseconds of each neuron's spikes. BMTK 1.2 made the parameters of the fit into NEST's.
NEST = {
    "unlike": {
        0: [9.2, 25.3, 47.4, 64.9, 81.9],
        1: [8.7, 23.6, 34.1, 49.0, 65.2, 83.3],
        2: [11.6, 26.1, 36.5, 50.0, 66.1, 84.6],
    },
    "mixed": {
        0: [9.3, 24.1, 34.5, 45.0, 48.9, 65.1, 82.4, 86.6],
        1: [26.8, 47.6, 67.9],
        2: [13.7, 24.0, 26.4, 34.3, 37.2, 43.1, 51.3, 66.7, 69.4, 85.9, 90.4],
        3: [13.9, 33.5, 54.0, 86.0],
        4: [16.3, 26.9, 35.8, 44.7, 53.3, 65.1, 72.8, 84.6, 94.8],
    },
    "often": {0: [6.6, 34.9], 1: [5.4, 33.7]},
}


def spikes_of(simulation):
    times, neurons = simulation.spikes.of("cells")
    return {n: np.round(times[neurons == n] * 1e3, 3).tolist() for n in np.unique(neurons).tolist()}


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
@pytest.mark.parametrize("name", NEST)
def test_spikes_are_those_of_nest(tmp_path, name):
    loaded = read_sonata(build(tmp_path, CASES[name]))
    simulation = driven(loaded, dtype="float64", threads=1)
    simulation.run(loaded.seconds)
    assert spikes_of(simulation) == NEST[name]


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
def test_voltages_are_those_of_nest(tmp_path):
    case = CASES["unlike"] | {"stop": 2.0}
    loaded = read_sonata(build(tmp_path, case))
    simulation = driven(loaded, dtype="float64", threads=1,
        record={("cells", "v"): [0, 1]}, record_every=1e-4,
    )  # fmt: skip
    simulation.run(2e-3)
    (recorded,) = simulation.recorded
    # NEST's at 1 ms is ours of the step that begins then, which ends at 1.1 ms.
    assert recorded.values[10] * 1e3 == pytest.approx([-69.887137, -61.261928], abs=1e-6)


def test_what_is_not_as_it_looks_is_said(tmp_path):
    with pytest.warns(HalfbrainWarning, match="are in pA, as BMTK has them, not in nA"):
        read_sonata(build(tmp_path, CASES["unlike"]))
    case = {"neurons": [["iaf_psc_exp", {"V_m": -50.0}]], "dt": 0.1, "stop": 9.0}
    with pytest.warns(HalfbrainWarning, match="1 neurons begin above V_th"):
        read_sonata(build(tmp_path, case))


@pytest.mark.parametrize(
    ("neuron", "edge", "line"),
    [
        (["glif_psc", {}], {}, "receptor_type 0 is none of its target, which has 1 to 1"),
        (["glif_psc", {}], {"receptor_type": 2}, "receptor_type 2 is none of its target"),
        (["iaf_psc_exp", {}], {"receptor_type": 1}, "receptor_type 1 is none .* which has none"),
        (["glif_psc", {"asc_amps": [1.0]}], {}, "cell1.json: asc_init, asc_decay, .* one length"),
        (["glif_psc", {"tau_syn": [2.0, 0.0]}], {}, "tau_syn.2 must not be 0"),
        (["glif_lif_psc", {"type": "GLIF", "El_reference": -0.07}], {}, "El: is missing"),
        (["iaf_psc_delta", {"t_ref": 3.0}], {}, "t_ref is 2 and 3; iaf_psc_delta of one"),
        (["iaf_cond_exp", {}], {}, "iaf_cond_exp and iaf_psc_alpha are in one population"),
    ],
)
def test_the_mistakes_are_one_line(tmp_path, neuron, edge, line):
    # The first neuron has a form that only GLIF's can be beside.
    other = neuron[0] if neuron[0].startswith("iaf_psc") else "iaf_psc_alpha"
    case = {
        "neurons": [[other, {}], neuron], "dt": 0.1, "stop": 9.0, "given": [[1.0]],
        "outer": [[0, 1, 1.0, 1.0, edge]],
    }  # fmt: skip
    with pytest.raises(HalfbrainError, match=line):
        read_sonata(build(tmp_path, json.loads(json.dumps(case))))
