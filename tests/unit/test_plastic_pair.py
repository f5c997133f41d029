"""Pairing of spikes at the plastic synapses of a whole cell."""

import numpy as np
import pytest

from halfbrain.cells.detailed.plastic_pair import SEED, plastic_pair
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import DataError

CURRENT, WIDTH, LATENCY = 1.0, 3.0, 2.2  # nA, ms, ms from the current to the spike


@pytest.fixture(scope="module")
def pair():
    try:
        return plastic_pair()
    except DataError as error:
        pytest.skip(str(error))


def paired(pair, trials, until):
    """Synapses' integrated calcium and efficacy, for each (events, currents)."""
    simulation = CableSimulation([pair.cell] * len(trials), seed=SEED)
    last, places = len(pair.cell.placed) - 1, range(len(pair.synapses.where))
    records = []
    for k, (events, currents) in enumerate(trials):
        for start in currents:
            simulation.current_clamp(k, 0, start, WIDTH, CURRENT)
        source = simulation.play(events)
        for place in places:
            simulation.connect(source, k, last, place, 0.0, 1.0)
        records.append([[simulation.record(k, place, name, last) for place in places]
                        for name in ("effcai_GB", "rho_GB")])  # fmt: skip
    simulation.run(until)
    return [[[simulation.recorded(r) for r in of] for of in one] for one in records]


def test_calcium_after_one_spike_is_what_the_package_says(pair):
    """Chindemi et al. 2022: peaks after a release, and after a spike of the cell alone."""
    (pre, _), (post, _) = paired(pair.with_release(1.0), [([300.0], []), ([], [300.0])], 700.0)
    for a, b, said in zip(pre, post, pair.peaks, strict=True):
        assert a.max() == pytest.approx(said[0], rel=0.05)
        assert b.max() == pytest.approx(said[1], rel=0.1)


def test_pairings_change_synapses_by_their_order_and_rate(pair):
    """At 1 Hz a strong synapse is weakened if its event comes first, and only then; at 50 Hz weak
    ones grow, in both orders, and more if the event comes first."""
    trials = []
    for hertz in (1, 50):
        currents = 200 + 1000 / hertz * np.arange(2 if hertz == 1 else 5)
        trials += [(currents + LATENCY - delay, currents) for delay in (10, -10)]
    found = paired(pair, trials, 1600.0)
    slow_first, slow_after, fast_first, fast_after = (
        [rho[-1] - rho[0] for rho in of] for _, of in found
    )
    assert slow_first[2] < -0.1
    assert max(map(abs, slow_after)) < 1e-3
    for first, after in zip(fast_first[:2], fast_after[:2], strict=True):
        assert first > after > 0.2
    for one, other in ((0, 1), (2, 3)):
        for first, after in zip(found[one][0], found[other][0], strict=True):
            assert first.max() > after.max()
