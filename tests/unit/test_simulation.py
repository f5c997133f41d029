"""The one simulation: both kinds of neurons in one circuit, held against plain NumPy."""

from dataclasses import replace

import numpy as np
import pytest

from halfbrain.cells.detailed.classic import CLASSIC, EXP_SYN
from halfbrain.cells.detailed.passive import PAS
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.circuits.detailed.circuit import (
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    PoissonInput,
    Receptor,
)
from halfbrain.connectivity.rule import Explicit
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.simulation import Simulation, load
from halfbrain.errors import HalfbrainError
from halfbrain.io.sonata_file import read
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.morphology.places import Place
from halfbrain.nmodl import read_mechanism
from halfbrain.report.plot import plot

DT = 25e-6
AREA = 500.0  # um2
TO_BALLS = (np.array([0, 1, 2, 0]), np.array([0, 1, 2, 1]))
TO_POINTS = (np.array([0, 1, 2, 2]), np.array([3, 4, 3, 0]))
LIF = Neuron(
    """
    dv/dt = (-65*mV - v + g + R*I)/(20*ms) : volt (unless refractory)
    dg/dt = -g/(5*ms) : volt
    I : amp""",
    constants={"R": "100 Mohm"},
    threshold="v > -50*mV",
    reset="v = -60*mV",
    refractory="2 ms",
    receptors={"exc": "g"},
    name="lif",
)
CURRENTS = np.array([2.0, 2.5, 3.0, 0.0, 0.0]) * 1e-10


def ball():
    one = np.ones(1)
    placed = (Placed(CLASSIC["hh"], np.zeros(1, np.int64), {}),)
    return Compartments(
        np.array([-1]), AREA * one, 0 * one, one, one, 0 * one, np.zeros(1, int), 0.5 * one,
        ("soma",), placed, {"ena": 50.0, "ek": -77.0}, (), 6.3, -65.0,
    )  # fmt: skip


def both(back=True):
    """Five leaky neurons, of which three drive three balls of Hodgkin and Huxley, and back."""
    to_points = Projection(
        "balls",
        "points",
        "exc",
        Explicit(*TO_POINTS),
        weight=20e-3,
        delay=np.array([0.1, 1.2, 0.7, 3.0]) * 1e-3,
    )
    points = Circuit(
        (
            Population("balls", SpikeList(np.zeros(0), np.zeros(0, int)), 3),
            Population("points", LIF, 5, {"v": -65e-3, "I": CURRENTS}),
        ),
        (to_points,) if back else (),
        dt="25 us",
        name="both",
    )
    cells = DetailedCircuit(
        "both",
        (
            DetailedPopulation("balls", (ball(),), 3, threshold=0.0),
            DetailedPopulation("points", SpikeList(np.zeros(0), np.zeros(0, int)), 5),
        ),
        (Receptor("syn", EXP_SYN, {"tau": 2.0}),),
        (
            DetailedProjection(
                "points", "balls", "syn", Explicit(*TO_BALLS), 0.01,
                np.array([0.05, 1.5, 1.0, 2.0]), place=Place(("soma",)),
            ),
        ),
        dt=0.025,
    )  # fmt: skip
    return points, cells


def apart():
    """The same, each ball a population of its own."""
    points, cells = both()
    names = ["b0", "b1", "b2"]
    (to_points,), (to_balls,), ball_ = points.projections, cells.projections, cells.populations[0]
    onto, out = (np.array(TO_BALLS[1]), np.array(TO_POINTS[0]))
    none = np.zeros(0), np.zeros(0, int)
    return (
        replace(
            points,
            populations=(
                *(Population(n, SpikeList(*none), 1) for n in names),
                points.populations[1],
            ),
            projections=tuple(
                replace(
                    to_points,
                    source=name,
                    rule=Explicit(0 * TO_POINTS[0][out == k], TO_POINTS[1][out == k]),
                    delay=to_points.delay[out == k],
                )
                for k, name in enumerate(names)
            ),
        ),
        replace(
            cells,
            populations=(*(replace(ball_, name=n, size=1) for n in names), cells.populations[1]),
            projections=tuple(
                replace(
                    to_balls,
                    target=name,
                    rule=Explicit(TO_BALLS[0][onto == k], 0 * TO_BALLS[1][onto == k]),
                    delay=to_balls.delay[onto == k],
                )
                for k, name in enumerate(names)
            ),
        ),
    )


def rates(v):
    """Steady state and time constant (ms) of m, h and n at some mV, after Hodgkin and Huxley."""
    alpha = (
        0.1 * -(v + 40) / (np.exp(-(v + 40) / 10) - 1),
        0.07 * np.exp(-(v + 65) / 20),
        0.01 * -(v + 55) / (np.exp(-(v + 55) / 10) - 1),
    )
    beta = (
        4 * np.exp(-(v + 65) / 18),
        1 / (np.exp(-(v + 35) / 10) + 1),
        0.125 * np.exp(-(v + 65) / 80),
    )
    return [(a / (a + b), 1 / (a + b)) for a, b in zip(alpha, beta, strict=True)]


def naive(steps, back=True):
    """Spikes (step, name, neuron) and voltages of all, in SI, neuron by neuron in NumPy."""
    dt = 0.025
    v, g = np.full(5, -65e-3), np.zeros(5)
    last, reset = np.full(5, -1000), np.zeros(5, bool)
    u, s = np.full(3, -65.0), np.zeros(3)
    gates = [np.full(3, rates(-65.0)[k][0]) for k in range(3)]
    above, new = np.zeros(3, bool), np.zeros(3, bool)
    onto_points, onto_balls = {}, {}
    delays = np.array([0.1, 1.2, 0.7, 3.0]), np.array([0.05, 1.5, 1.0, 2.0])
    spikes, volts, membrane = [], [], []
    for step in range(steps):
        for n in np.flatnonzero(new):  # whose spike is at the time at which this step starts
            spikes.append((step, "balls", int(n)))
            for k in np.flatnonzero(TO_POINTS[0] == n) if back else ():
                due = step + round(delays[0][k] / dt)
                onto_points.setdefault(due, []).append(TO_POINTS[1][k])
        for n in onto_balls.pop(step, []):
            s[n] += 0.01
        for n in onto_points.pop(step, []):
            g[n] += 20e-3
        v = np.where(reset, -60e-3, v)
        # The exact solution of two linear equations, v held while it rests.
        rests = step - last < round(2e-3 / DT)
        to = -65e-3 + 100e6 * CURRENTS
        e20, e5 = np.exp(-DT / 20e-3), np.exp(-DT / 5e-3)
        moved = to + (v - to) * e20 + g * 5 / (20 - 5) * (e20 - e5)
        v = np.where(rests, v, moved)
        g = g * e5
        reset = (v > -50e-3) & (step - last >= round(2e-3 / DT))
        last = np.where(reset, step, last)
        for n in np.flatnonzero(reset):
            spikes.append((step, "points", int(n)))
            for k in np.flatnonzero(TO_BALLS[0] == n):
                due = step + 1 + round(delays[1][k] / dt)
                onto_balls.setdefault(due, []).append(TO_BALLS[1][k])
        volts.append(v)
        m, h, n_ = gates
        parts = (
            (0.12 * m**3 * h, 50.0),
            (0.036 * n_**4, -77.0),
            (0.0003, -54.3),
            (s * 100 / AREA, 0.0),
        )
        current = sum(own * (u - at) for own, at in parts)
        u = u - current / (1e-3 / dt + sum(own for own, _ in parts))
        gates = [
            inf + (gate - inf) * np.exp(-dt / tau)
            for gate, (inf, tau) in zip(gates, rates(u), strict=True)
        ]
        s = s * np.exp(-dt / 2.0)
        new = (u > 0) & ~above
        above = u > 0
        membrane.append(u * 1e-3)
    spikes += [(steps, "balls", int(n)) for n in np.flatnonzero(new)]
    return sorted(spikes), np.array(volts), np.array(membrane)


def made(threads=1, back=True, **how):
    record = {("points", "v"): range(5), ("balls", "v"): range(3), ("balls", "hh.m"): [1]}
    return Simulation(both(back), threads=threads, dtype="float64", record=record, **how)


def listed(simulation):
    spikes = simulation.spikes
    return sorted(
        (round(t / DT), name, int(n))
        for name in spikes.populations
        for t, n in zip(spikes[name].times, spikes[name].neurons, strict=True)
    )


@pytest.fixture(scope="module")
def reference():
    return naive(8000)


@pytest.mark.parametrize("back", [True, False])
def test_points_drive_cells_and_back_as_in_numpy(reference, back):
    spikes, volts, membrane = reference if back else naive(8000, back)
    simulation = made(back=back)
    simulation.run("200 ms")
    assert simulation.seconds == pytest.approx(0.2)
    of = {name: sum(name == other for _, other, _ in spikes) for name in ("points", "balls")}
    assert min(of.values()) > 10
    assert any(n > 2 for _, name, n in spikes if name == "points") == back
    assert listed(simulation) == spikes
    assert simulation.recorded["points", "v"].values == pytest.approx(volts, abs=1e-9)
    trace = simulation.recorded["balls", "v"]
    assert trace.values == pytest.approx(membrane, abs=1e-6)
    assert trace.unit == "volt"
    assert trace.times[:2] == pytest.approx([DT, 2 * DT])
    assert 0 < simulation.recorded["balls", "hh.m"].values.min() < 0.1


def test_it_is_the_same_with_two_threads_and_in_pieces(reference):
    simulation = made(threads=2)
    for _ in range(10):
        simulation.run(0.0133)
    simulation.run(0.2 - 0.133)
    whole = made()
    whole.run(0.2)
    assert listed(simulation) == listed(whole) == reference[0]
    for key, trace in whole.recorded.items():
        assert np.array_equal(trace.values, simulation.recorded[key].values)


def test_several_populations_cross(reference):
    simulation = Simulation(apart(), threads=1, dtype="float64")
    simulation.run("200 ms")
    found = [
        (step, *(("balls", int(name[1])) if name[0] == "b" else (name, n)))
        for step, name, n in listed(simulation)
    ]
    assert sorted(found) == reference[0]


def test_all_of_it_is_saved_and_goes_on_bit_for_bit(tmp_path, reference):
    whole, first = made(), made(threads=2)
    for simulation in (whole, first):
        simulation.run(0.05)
        simulation.clamp("balls", [1], current="0.05 nA", start="60 ms", duration="30 ms")
        simulation.input("points", [3], [0, 2e-10, 1e-10], every="20 ms", into="I")
        simulation.set("points", [4], I="0.22 nA")
        simulation.set("points", R="120 Mohm")
        simulation.set("balls", [2], values={"hh.gkbar": "0.03 S/cm2"})
        simulation.run(0.03)
    first.save(tmp_path / "saved")
    second = load(tmp_path / "saved", threads=1)
    assert second.seconds == whole.seconds
    for simulation in (whole, second):
        simulation.run(0.05)
    assert listed(second) == listed(whole)
    assert listed(whole) != [s for s in reference[0] if s[0] < 5200]
    for key, trace in whole.recorded.items():
        assert np.array_equal(trace.values, second.recorded[key].values)
        assert np.array_equal(trace.times, second.recorded[key].times)


def test_values_are_set_and_got_in_si():
    simulation = made()
    simulation.set("balls", v="-60 mV")
    assert simulation.get("balls", "v") == pytest.approx([-60e-3] * 3)
    simulation.set("balls", [1], values={"hh.gnabar": "130 mS/cm2", "hh.m": 0.25})
    assert simulation.get("balls", "hh.gnabar") == pytest.approx([1200.0, 1300.0, 1200.0])
    assert simulation.get("balls", "hh.m")[1] == 0.25
    simulation.set("points", v="-55 mV")
    assert simulation.get("points", "v") == pytest.approx([-55e-3] * 5)
    simulation.run("1 ms")
    assert simulation.recorded["balls", "hh.m"].values.shape == (40, 1)


def test_cells_with_spikes_from_outside_are_what_their_group_alone_is():
    noise = PoissonInput("noise", "balls", "syn", 5, 200.0, 0.01, place=Place(("soma",)))
    circuit = DetailedCircuit(
        "outside",
        (DetailedPopulation("balls", (ball(),), 3, threshold=0.0),),
        (Receptor("syn", EXP_SYN, {"tau": 2.0}),),
        inputs=(noise,),
    )
    simulation = Simulation(circuit, seed=3, threads=1)
    simulation.run("0.1 s")
    alone = CableGroup(circuit, seed=3, threads=1)
    alone.run(0.1)
    times, who = alone.spikes.of("balls")
    assert len(times) > 3
    np.testing.assert_array_equal(simulation.spikes["balls"].times, times)
    np.testing.assert_array_equal(simulation.spikes["balls"].neurons, who)


def test_a_cell_with_a_mechanism_of_a_file_goes_on_from_where_it_was_saved(tmp_path):
    text = """NEURON { SUFFIX slow NONSPECIFIC_CURRENT i RANGE g }
    PARAMETER { g = 1e-4 (S/cm2) }  ASSIGNED { v (mV) i (mA/cm2) }  STATE { m }
    BREAKPOINT { SOLVE states METHOD cnexp  i = g*m*(v + 70) }
    INITIAL { m = 0 }  DERIVATIVE states { m' = (1 - m)/5 }"""
    placed = Placed(read_mechanism(text), np.zeros(1, np.int64), {})
    cell = replace(ball(), placed=(*ball().placed, placed))
    circuit = DetailedCircuit("kept", (DetailedPopulation("cell", (cell,), 1),))
    simulation = Simulation(circuit, threads=1)
    simulation.run("2 ms")
    simulation.save(tmp_path / "run.checkpoint")
    other = load(tmp_path / "run.checkpoint")
    for each in (simulation, other):
        each.run("2 ms")
    assert list(simulation.spikes) == ["cell"]
    for variable in ("v", "slow.m"):
        assert simulation.get("cell", variable) == other.get("cell", variable) != 0


def test_currents_into_a_cell_are_those_of_numpy():
    """A ball with a leak alone, into which a current of steps goes, against its own equation."""
    cell = replace(ball(), placed=(Placed(PAS, np.zeros(1, np.int64), {"g": 1e-4, "e": -70.0}),))
    people = DetailedPopulation("cell", (cell,), 1)
    simulation = Simulation(
        DetailedCircuit("leak", (people,)), record={("cell", "v"): [0], ("cell", "pas.i"): [0]}
    )
    simulation.input("cell", [0], ["1 pA", "3 pA"], every="2 ms")
    simulation.clamp("cell", [0], current=2e-12, start=1e-3, duration="1.5 ms")
    simulation.run("6 ms")
    v, found, currents = -65.0, [], []
    for step in range(240):
        middle = (step + 0.5) * 0.025
        given = (1e-3 if middle < 2 else 3e-3) + 2e-3 * (1 < middle < 2.5)
        i = 1e-4 * (v + 70) - given * 100 / AREA
        v -= i / (1e-3 / 0.025 + 1e-4)
        found.append(v)
        currents.append(1e-4 * (v + 70) * 10)
    assert simulation.recorded["cell", "v"].values[:, 0] == pytest.approx(1e-3 * np.array(found))
    trace = simulation.recorded["cell", "pas.i"]
    assert trace.values[:, 0] == pytest.approx(currents)
    assert trace.unit == "amp/metre^2" or "amp" in trace.unit


def test_what_a_synapse_does_is_recorded_by_its_receptor():
    points, cells = both()
    record = {("balls", "syn.g"): [1], ("balls", "syn.i"): [1], ("balls", "v"): [1]}
    simulation = Simulation((points, cells), record=record, threads=1)
    simulation.run("60 ms")
    g, i, v = (simulation.recorded[key] for key in record)
    assert g.values.shape == (2400, 2)  # two synapses are on it
    assert g.values.max() > 9e-9
    assert i.values == pytest.approx(g.values * v.values)
    assert (g.unit, i.unit, v.unit) == ("siemens", "amp", "volt")
    assert simulation.weights("points", "balls").delays == pytest.approx([5e-5, 1.5e-3, 1e-3, 2e-3])
    assert simulation.weights("balls", "points").weights == pytest.approx([20e-3] * 4)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (lambda s: s.set("balls", values={"hh.gx": 1.0}), "gx"),
        (lambda s: s.set("balls", v="3 nA"), "must be in volt"),
        (lambda s: s.set("nobody", v=0.0), "no population 'nobody'; there are points, balls"),
        (lambda s: s.set("points", w=0.0), "no variable 'w'"),
        (lambda s: s.set("points", [1], R="1 Mohm"), "make it a parameter"),
        (lambda s: s.set("points", [7], v=0.0), "neurons 0 to 4"),
        (lambda s: s.clamp("balls", 0, current=1e-9, duration=1, at="axon"), "0 compartments"),
        (lambda s: s.input("points", [0, 1], np.zeros((3, 3)), into="I"), "have shape"),
        (lambda s: s.get("balls", "pas.g"), "no mechanism or receptor 'pas'"),
        (lambda s: s.weights("balls", "balls"), "no receptor"),
        (lambda s: s.recorded["balls", "u"], "nothing was recorded as"),
        (lambda s: s.spikes["X"], "no population 'X'"),
        (lambda s: s.run("1 mV"), "must be in second"),
    ],
)
def test_mistakes_are_one_line(wrong, line):
    with pytest.raises(HalfbrainError, match=line) as found:
        wrong(made())
    assert "\n" not in str(found.value)


def test_spikes_are_tables_trains_and_files(tmp_path):
    simulation = made()
    simulation.run("60 ms")
    spikes = simulation.spikes
    own = spikes["points"]
    assert own.size == 5
    assert [len(train) for train in own.trains()] == np.bincount(own.neurons, minlength=5).tolist()
    assert own.rate == pytest.approx(len(own) / 5 / 0.06)
    assert spikes.rates()["points"] == pytest.approx(own.rate)
    table = spikes.to_pandas()
    assert len(table) == len(spikes.steps)
    mine = table[table.population == "balls"]
    assert mine.time.tolist() == spikes["balls"].times.tolist()
    assert mine.neuron.tolist() == spikes["balls"].neurons.tolist()
    frame = simulation.recorded["points", "v"].to_pandas()
    assert frame.shape == (2400, 5)
    spikes.to_sonata(tmp_path / "spikes.h5")
    again = read(tmp_path / "spikes.h5").spikes
    assert again.steps.tolist() == spikes.steps.tolist()


def test_a_run_that_is_cut_short_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    out = tmp_path / "run.h5"
    whole = made()
    whole.run(0.06)
    first = made(out=out)
    first.run(0.02)
    assert read(out).spikes.seconds == pytest.approx(0.02)
    assert not (tmp_path / "run.h5.checkpoint").exists()  # what ran is in the file

    def pressed(seconds):
        if seconds > 0.03:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.run(0.04, pressed)
    with pytest.raises(HalfbrainError, match="a run that was cut short is kept there"):
        made(out=out)
    second = load(tmp_path / "run.h5.checkpoint", threads=2)
    assert 0.03 < second.seconds < 0.035
    second.run(0.06 - second.seconds)
    assert listed(second) == listed(whole)
    written = read(out)
    assert written.spikes.steps.tolist() == whole.spikes.steps.tolist()
    names = {(report.population, report.variable) for report in written.reports}
    assert names == {("points", "v"), ("balls", "v"), ("balls", "hh.m")}
    assert not (tmp_path / "run.h5.checkpoint").exists()


def test_groups_tell_what_a_run_cost():
    simulation = made()
    simulation.run(0.02)
    cost = simulation.cost()
    assert {phase.name for phase in simulation.phases()} >= {"update", "solve", "currents"}
    assert cost.flop == sum(phase.cost.flop for phase in simulation.phases()) > 0
    update = next(p.cost for p in simulation.phases() if p.name == "update")
    assert update.flop % (5 * 800) == 0  # of each neuron and step


def test_a_picture_of_it_has_its_spikes_and_traces(tmp_path):
    simulation = made()
    simulation.run(0.06)
    figure = plot(simulation, tmp_path / "run.png", stop="60 ms")
    assert (tmp_path / "run.png").stat().st_size > 10_000
    assert len(figure.axes) == 7  # raster, rates, three traces, two histograms
    simulation.to_sonata(tmp_path / "run.h5")
    assert len(plot(tmp_path / "run.h5").axes) == 7
    with pytest.raises(HalfbrainError, match="is no simulation, recording or file"):
        plot(3)
