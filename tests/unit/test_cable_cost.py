"""What stepping detailed cells is said to cost."""

import numpy as np
import pytest

from halfbrain.engine.cable.cost import cable_phases, cable_terms
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.solve import BACKWARD, solver
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from halfbrain.program.cost import Cost
from halfbrain.program.instructions import Program
from halfbrain.program.lean import lean
from hand_mechanisms import everywhere, expsyn, hh, tree

BRANCHES = ((-1, 1, 20.0, 20.0), (0, 7, 200.0, 3.0), (0, 5, 150.0, 1.5))


@pytest.fixture
def simulation():
    placed = [everywhere(hh(), BRANCHES), Placed(expsyn(), np.array([4]), {"tau": 2.0})]
    made = CableSimulation([tree(BRANCHES, placed)] * 9)
    made.event(1.0, 3, 1, 0, 0.01)
    made.event(2.0, 3, 1, 0, 0.01)
    made.run(5.0)
    return made


def test_elimination_is_nine_operations_a_compartment_and_one_at_a_root(simulation):
    """Hines 1984: 8 (n - roots) + roots, beside what sets up the rows and moves v.

    Here one more, as two divisions by one number are a reciprocal and two products.
    """
    n, roots = 16, 1
    back, root, forth = (x.program.count() for x in solver(8, np.float64, "implicit", one=False))
    assert back["divide"] == root["divide"] == 1
    rows = 1  # the sum on the diagonal
    axial = 1 + 2 + 1  # the difference of voltages; what it adds to both rows
    move = 1
    elimination = (n - roots) * (Cost(back).flop - rows - axial) + roots * (
        Cost(root).flop - rows - move
    )
    elimination += (n - roots) * (Cost(forth).flop - move)
    assert elimination == 9 * (n - roots) + roots
    # As the programs have them, of nine cells.
    counted = sum(Cost(call.operations).flop for unit in simulation.units for call in unit.solve)
    whole = (n - roots) * (Cost(back).flop + Cost(forth).flop) + roots * Cost(root).flop
    assert counted == 9 * whole
    assert isinstance(BACKWARD, Program)


def test_phases_count_every_step_of_every_cell(simulation):
    phases = {phase.name: phase.cost for phase in cable_phases(simulation)}
    stepped = lean(hh().step(0.025), {"celsius", "dt"})
    assert exponentials(stepped) == 5  # of nine: four have exponents that are multiples of others
    assert phases["states"].operations["exp"] == 200 * 9 * 13 * exponentials(stepped)
    assert phases["currents"].operations["exp"] == 0
    assert phases["deliver"].events == 2
    assert phases["deliver"].operations["add"] == 2
    assert sum(cost.seconds for cost in phases.values()) == pytest.approx(simulation.wall_seconds)


def test_terms_are_those_of_a_compartment_an_event_and_a_cell(simulation):
    terms = cable_terms(simulation)
    assert terms.events == {"ExpSyn": 1.0}
    assert terms.mechanisms["hh"] > 40
    # exp(-dt / tau) is worked out once: i, g and their scaling, the fading of g.
    assert terms.mechanisms["ExpSyn"] <= 8
    assert terms.bytes > 16 * 8 * 6


def exponentials(program):
    return program.count()["exp"]


RELEASING = """
NEURON { POINT_PROCESS Releasing RANGE sites, g NONSPECIFIC_CURRENT i }
PARAMETER { sites = 3 }
ASSIGNED { rng v i }
STATE { g }
INITIAL { g = 0 }
BREAKPOINT { SOLVE fade METHOD cnexp i = g*v }
DERIVATIVE fade { g' = -g/5 }
NET_RECEIVE(w) { FROM k = 0 TO sites - 1 { if (urand() < 0.5) { g = g + w } } }
FUNCTION urand() {
VERBATIM
    _lurand = nrnran123_dblpick((nrnran123_State*)_p_rng);
ENDVERBATIM
}
"""


def test_an_events_random_numbers_are_those_that_it_drew():
    """Two or three sites, of eight that the loop over them is unrolled to."""
    sites = {"sites": np.array([2.0, 3.0, 2.0])}
    releasing = Placed(read_mechanism(RELEASING), np.array([4, 4, 6]), sites)
    made = CableSimulation([tree(BRANCHES, [everywhere(hh(), BRANCHES), releasing])] * 9)
    before = cable_terms(made).events["Releasing"]
    for cell in range(9):
        for place in range(3):
            made.event(1.0, cell, 1, place, 0.01)
    made.run(2.0)
    (deliver,) = (p.cost for p in cable_phases(made) if p.name == "deliver")
    assert deliver.events == 27
    assert deliver.operations["random"] == 9 * 7
    assert before - cable_terms(made).events["Releasing"] == pytest.approx(8 - 7 / 3)
    # The current, its slope and its scaling; the fading, whose factor is a number.
    assert cable_terms(made).mechanisms["Releasing"] <= 6


def test_bytes_are_those_of_the_rows_that_a_step_touches(simulation):
    hh_rows, fading = 3 * 13 * 8, 1 * 16  # 9 cells: a vector of 8, and two of places of the ninth
    (states,) = (p.cost for p in cable_phases(simulation) if p.name == "states")
    wide = [unit.width for unit in simulation.units]
    assert wide == [8, 1]
    expected = 8 * (hh_rows + 3 * 16 + fading)
    assert states.cached_bytes == 200 * expected
