"""Reversal potentials compartment by compartment: set, Nernst's, or a mechanism's own.

The voltages are NEURON 9.0.2's, of the same two sections with the same files.
"""

import numpy as np
import pytest

from halfbrain.cells.detailed.passive import PAS
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.morphology.biophysics import Biophysics, Setting, build
from halfbrain.morphology.compartments import Placed
from halfbrain.morphology.frusta import every
from halfbrain.morphology.ions import nernst
from halfbrain.morphology.morphology import Morphology, Section
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder

FILES = {
    # Channels that read a reversal potential.
    "opens": """NEURON { SUFFIX opens USEION ca READ eca WRITE ica RANGE gb }
PARAMETER { gb=1e-4 (S/cm2) } ASSIGNED { v (mV) eca (mV) ica (mA/cm2) } STATE { q }
INITIAL { q = 1/(1+exp(-(v+35)/6)) }
BREAKPOINT { SOLVE s METHOD cnexp ica = gb*q*q*(v-eca) }
DERIVATIVE s { q' = (1/(1+exp(-(v+35)/6))-q)/2 }""",
    "leaves": """NEURON { SUFFIX leaves USEION k READ ek WRITE ik RANGE gb }
PARAMETER { gb=4e-4 (S/cm2) } ASSIGNED { v (mV) ek (mV) ik (mA/cm2) } STATE { q }
INITIAL { q = 1/(1+exp(-(v+30)/9)) }
BREAKPOINT { SOLVE s METHOD cnexp ik = gb*q*(v-ek) }
DERIVATIVE s { q' = (1/(1+exp(-(v+30)/9))-q)/4 }""",
    "leaks": """NEURON { SUFFIX leaks USEION k READ ek WRITE ik }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) } BREAKPOINT { ik = 1e-4*(v-ek) }""",
    # What moves, or only takes, a concentration.
    "pool": """NEURON { SUFFIX pool USEION ca READ ica WRITE cai RANGE d }
PARAMETER { d=0.3 (um) tau=30 (ms) } ASSIGNED { ica (mA/cm2) } STATE { cai (mM) }
INITIAL { cai=1e-4 } BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { cai' = -(1e4)*ica/(2*96485*d) - (cai-1e-4)/tau }""",
    "empty": """NEURON { SUFFIX empty USEION ca READ ica WRITE cai RANGE d }
PARAMETER { d=0.3 } ASSIGNED { ica (mA/cm2) } STATE { cai (mM) }
INITIAL { cai=0 } BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { cai' = -(1e4)*ica/(2*96485*d) - cai/30 }""",
    "kpool": """NEURON { SUFFIX kpool USEION k READ ik WRITE ki }
ASSIGNED { ik (mA/cm2) } STATE { ki (mM) } INITIAL { ki = 60 }
BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { ki' = -ik*10 - (ki-60)/20 }""",
    "takes": """NEURON { SUFFIX takes USEION k READ ki RANGE seen }
ASSIGNED { ki (mM) seen } BREAKPOINT { seen = ki }""",
    # What sets a reversal potential: as it moves on, and with its current.
    "sets": """NEURON { SUFFIX sets USEION k WRITE ek }
ASSIGNED { v (mV) ek (mV) } STATE { x } INITIAL { x=-77 ek=x }
BREAKPOINT { SOLVE s METHOD cnexp ek = x } DERIVATIVE s { x' = (-60-x)/20 }""",
    "follows": """NEURON { SUFFIX follows USEION k READ ki WRITE ek, ik }
ASSIGNED { v (mV) ek (mV) ki (mM) ik (mA/cm2) } INITIAL { ek = -80 }
BREAKPOINT { ek = -70 - 0.1*ki ik = 1e-5*(v-ek) }""",
}
MECHANISMS = {name: read_mechanism(text) for name, text in FILES.items()} | {"pas": PAS}
SOMA, DENDRITE = frozenset(("soma",)), frozenset(("basal",))
BOTH = SOMA | DENDRITE
SHAPE = Morphology(
    (
        Section("soma", -1, 0.0, np.array([[0, 0, 0, 20], [20, 0, 0, 20]], np.float32)),
        Section("basal", 0, 1.0, np.array([[20, 0, 0, 2], [220, 0, 0, 2]], np.float32)),
    ),
    "two cylinders",
)
SETTINGS = (
    Setting(BOTH, "Ra", 100.0),
    Setting(BOTH, "g_pas", 1e-4),
    Setting(BOTH, "e_pas", -70.0),
    Setting(DENDRITE, "eca", 120.0),
    Setting(DENDRITE, "ek", -90.0),
)


def cell(*inserted):
    membrane = Biophysics((("pas", BOTH), *inserted), SETTINGS, 34.0, -65.0)
    return build(SHAPE, every(120), membrane, MECHANISMS.__getitem__)


@pytest.mark.parametrize(
    ("inserted", "volts", "within"),
    [
        # A set potential holds where nobody uses a concentration.
        ([("opens", BOTH), ("pool", SOMA)], (-61.819591061927156, -61.81963403455829), 1e-9),
        ([("leaves", BOTH), ("takes", SOMA)], (-65.7814862163115, -65.79946367924566), 1e-9),
        # What a mechanism sets holds in its compartments.
        ([("leaves", BOTH), ("sets", SOMA)], (-64.87419314532792, -64.93738511179706), 1e-9),
        # ... also before Nernst's.
        (
            [("leaves", BOTH), ("kpool", BOTH), ("sets", DENDRITE)],
            (-64.61657056501522, -64.56506411191613),
            1e-9,
        ),
        (
            [("leaves", BOTH), ("kpool", DENDRITE), ("follows", DENDRITE)],
            (-65.3068776358244, -65.32504840153213),
            1e-5,
        ),
        # NEURON takes what a later mechanism sets a step later.
        (
            [("leaks", BOTH), ("kpool", SOMA), ("follows", SOMA)],
            (-74.51014587964988, -74.77687410371595),
            1e-5,
        ),
        ([("opens", BOTH), ("empty", SOMA)], (-61.80847618191362, -61.80857777547549), 1e-9),
    ],
)
def test_reversal_potentials_are_those_of_the_compartment(inserted, volts, within):
    made = cell(*inserted)
    for copies, dtype, error in ((1, "float64", within), (9, "float32", 1e-4)):
        simulation = CableSimulation([made] * copies, dtype=dtype, threads=1)
        simulation.current_clamp(copies - 1, 0, 2.0, 20.0, 0.05)
        records = [simulation.record(copies - 1, k) for k in (0, len(made.parent) - 1)]
        simulation.run(30.0)
        ends = [simulation.recorded(record)[-1] for record in records]
        assert ends == pytest.approx(volts, abs=error), (copies, dtype)


def test_a_cell_says_the_reversal_potentials_it_begins_with():
    made = cell(("opens", BOTH), ("pool", SOMA))
    assert made.ions["eca"][[0, -1]] == pytest.approx([nernst(5e-5, 2.0, 2, 34.0), 120.0])
    assert made.nernst == ("eca",)
    assert cell(("leaves", BOTH), ("sets", SOMA)).ions["ek"][[0, -1]].tolist() == [-77.0, -90.0]


def test_an_empty_side_has_the_potential_that_neuron_gives_it():
    assert nernst(0.0, 2.0, 2, 34.0) == 1e6
    assert nernst(5e-5, 0.0, 2, 34.0) == -1e6
    made = CableSimulation([cell(("opens", BOTH), ("empty", SOMA))], threads=1)
    cai, eca = (made.record(0, 0, name) for name in ("cai", "eca"))
    made.run(0.075)
    assert made.recorded(cai)[0] == 0.0
    assert made.recorded(eca)[1] == 1e6
    assert 100 < made.recorded(eca)[2] < 200


def test_a_concentration_that_a_point_process_sets_is_no_current():
    text = """NEURON { POINT_PROCESS Fills USEION ca WRITE cai NONSPECIFIC_CURRENT i }
    ASSIGNED { v (mV) cai (mM) i (nA) } BREAKPOINT { cai = 3e-3 i = 0 }"""
    placed = [Placed(PAS, np.array([0]), {}), Placed(read_mechanism(text), np.array([0]), {})]
    ions = {"cai": 5e-5, "cao": 2.0, "eca": 132.0}
    made = CableSimulation([cylinder(1, 20.0, 20.0, 100.0, placed, ions=ions)], threads=1)
    cai = made.record(0, 0, "cai")
    made.run(1.0)
    assert made.recorded(cai)[-1] == 3e-3
