"""Nothing that ran before is lost, and no two circuits are mixed in one file."""

import numpy as np
import pytest

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.connectivity.rule import Bernoulli, Explicit, OneToOne
from halfbrain.connectivity.value import Uniform
from halfbrain.engine import checkpoint
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.fingerprint import differences, fingerprints
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.session import Session, checkpoint_of
from halfbrain.errors import RunError
from halfbrain.io import sonata_file as sonata

NOISY = Neuron("dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0",
             receptors={"in": "v"}, name="noisy")  # fmt: skip


def circuit(rate=300.0):
    return Circuit(
        (Population("p", NOISY, 20),),
        (Projection("p", "p", "in", Bernoulli(0.1), weight=0.1, delay="1 ms"),),
        (PoissonDrive("p", "in", rate, 0.4),),
        name="noisy",
    )


def built(rate=300.0, **options):
    return PointGroup(circuit(rate), seed=1, threads=1, record={("p", "v"): [0]}, **options)


def whole(tmp_path):
    Session(built(), tmp_path / "whole.h5", {}).run(0.1)
    return (tmp_path / "whole.h5").read_bytes()


@pytest.mark.parametrize("what", [KeyboardInterrupt(), RunError("cannot write: disk is full")])
def test_the_final_write_can_fail_and_be_made_up(tmp_path, monkeypatch, what):
    out, wanted = tmp_path / "run.h5", whole(tmp_path)

    def fail(*_):
        raise what

    session = Session(built(), out, {})
    with monkeypatch.context() as patch:
        patch.setattr(sonata, "write", fail)
        with pytest.raises(type(what)) as caught:
            session.run(0.1)
    assert not out.exists()
    told = f"--resume {out} goes on from 0.1 s, and writes that file"
    assert session.kept.told == told
    if isinstance(what, RunError):
        assert str(caught.value) == f"cannot write: disk is full; {told}"
    again = Session(built(), out, {}, checkpoint.load(checkpoint_of(out)))
    again.run(0.1)
    assert out.read_bytes() == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.h5", "whole.h5"]
    with pytest.raises(RunError, match=r"already at 0\.1 s"):
        again.run(0.1)


def test_a_full_disk_under_the_checkpoint_does_not_cost_the_file(tmp_path, monkeypatch):
    out, wanted = tmp_path / "run.h5", whole(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", lambda *_: (_ for _ in ()).throw(RunError("full")))
        Session(built(), out, {}).run(0.1)
    assert out.read_bytes() == wanted


def test_a_second_ctrl_c_finds_the_checkpoint(tmp_path, monkeypatch):
    out, wanted = tmp_path / "run.h5", whole(tmp_path)
    session = Session(built(), out, {})

    def press(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sonata, "write", press)
        with pytest.raises(KeyboardInterrupt):
            session.run(0.1, lambda at: press() if at > 0.02 else None)
    at = session.simulation.seconds
    assert session.kept.told == f"--resume {out} goes on from {at:.9g} s, and writes that file"
    Session(built(), out, {}, checkpoint.load(checkpoint_of(out))).run(0.1)
    assert out.read_bytes() == wanted


def test_frames_that_do_not_fit_are_written_later(tmp_path, monkeypatch):
    out, wanted = tmp_path / "run.h5", whole(tmp_path)
    session = Session(built(), out, {})
    session.simulation.run(0.05)
    frames = session._frames
    with monkeypatch.context() as patch:
        patch.setattr(type(frames), "open", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(RunError, match="full"):
            session.save()
    session.run(0.1)
    assert out.read_bytes() == wanted


def test_a_run_that_fails_keeps_what_it_recorded(tmp_path):
    out = tmp_path / "run.h5"
    session = Session(built(), out, {})

    def fail(at):
        if at > 0.02:
            raise RunError("it fails")

    with pytest.raises(RunError, match=f"it fails; what was recorded is in {out}"):
        session.run(0.1, fail)
    assert len(sonata.read(out).spikes.steps) > 10


def test_an_edited_circuit_is_not_gone_on_with(tmp_path):
    out = tmp_path / "run.h5"
    session = Session(built(), out, {})
    session.simulation.run(0.05)
    session.save()
    saved = checkpoint.load(checkpoint_of(out))
    with pytest.raises(RunError, match="is of another run: drives changed"):
        Session(built(600.0), out, {}, saved)
    with pytest.raises(RunError, match="records other states"):
        Session(built(record_every=1e-3), out, {}, saved)
    saved.notes["_is"]["version of halfbrain"] = "0.0.1"
    with pytest.raises(RunError, match=r"it was saved by halfbrain 0\.0\.1, and this is"):
        Session(built(), out, {}, saved)


def _changed():
    spikes = SpikeList(np.array([1e-3]), np.array([0]))
    plastic = Plasticity("p", {"a": "20 ms"}, {}, "", "w", "w", "w", {}, False)
    pairs = Explicit(np.array([0]), np.array([1]))

    def of(size=20, cell=NOISY, values=None, rule=None, weight=0.1, delay="1 ms", rate=300.0,
           given=spikes, rules=None, dt="0.1 ms"):  # fmt: skip
        people = Population("p", cell, size, values or {}), Population("g", given, 20)
        synapses = Projection(
            "p", "p", "in", rule or Bernoulli(0.1), weight=weight, delay=delay, plasticity=rules
        )
        return Circuit(people, (synapses,), (PoissonDrive("p", "in", rate, 0.4),), dt=dt, name="c")

    text = Neuron("dv/dt = -v/(11*ms) : 1", threshold="v > 1", reset="v = 0",
                receptors={"in": "v"}, name="noisy")  # fmt: skip
    yield of(), of(dt="0.2 ms"), "dt changed"
    for other in ({"size": 21}, {"cell": text}, {"values": {"v": Uniform(0.0, 0.1)}},
                  {"given": SpikeList(np.array([2e-3]), np.array([0]))}):  # fmt: skip
        yield of(), of(**other), "populations changed"
    for other in ({"rule": Bernoulli(0.2)}, {"rule": OneToOne()}, {"weight": 0.2},
                  {"rules": plastic},
                  {"delay": np.array([1e-3])}, {"rule": pairs}):  # fmt: skip
        yield of(), of(**other), "projections changed"
    yield of(), of(rate=301.0), "drives changed"
    yield of(values={"v": 0.1}), of(values={"v": np.full(20, 0.1)}), "populations changed"
    yield of(rule=pairs), of(rule=Explicit(np.array([0]), np.array([2]))), "projections changed"


@pytest.mark.parametrize(("one", "other", "told"), list(_changed()))
def test_every_part_of_a_circuit_counts(one, other, told):
    assert differences(fingerprints(one), fingerprints(other)) == told
    assert differences(fingerprints(one), dict(fingerprints(one))) == ""


def test_two_circuits_made_alike_are_the_same():
    for (one, *_), (other, *_) in zip(_changed(), _changed(), strict=True):
        assert fingerprints(one) == fingerprints(other)


def test_an_edited_clamp_mechanism_or_shape_is_not_gone_on_with(tmp_path):
    from halfbrain.circuits.detailed.circuit import Clamp, DetailedCircuit, DetailedPopulation
    from halfbrain.morphology.compartments import Compartments, Placed
    from halfbrain.nmodl import read_mechanism

    text = """
NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 1e-4 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
STATE { m }
INITIAL { m = 0 }
BREAKPOINT { SOLVE s METHOD cnexp i = g * (v + 70) }
DERIVATIVE s { m' = (1 - m) / 10 }
"""

    def made(text=text, amplitude=0.1, area=1000.0):
        file = tmp_path / "leak.mod"
        file.write_text(text)
        one = np.ones(1)
        cell = Compartments(
            np.array([-1]), area * one, 0 * one, one, one, 0 * one, np.zeros(1, int), 0.5 * one,
            ("soma",), (Placed(read_mechanism(file), np.zeros(1, np.int64), {}),), {}, (), 6.3,
            -65.0,
        )  # fmt: skip
        people = DetailedPopulation("p", (cell,), 1)
        clamps = (Clamp("p", amplitude, 1.0, 20.0),)
        return CableGroup(DetailedCircuit("c", (people,), clamps=clamps), threads=1)

    path = tmp_path / "c"
    first = made()
    first.run(0.005)
    checkpoint.save(path, first)
    checkpoint.load(path).restore(made())
    for other, told in (
        ({"amplitude": 0.2}, "clamps changed"),
        ({"area": 999.0}, "populations changed"),
        ({"text": text.replace("v + 70", "v + 71")}, "populations changed"),
        ({"text": text.replace("/ 10", "/ 11")}, "cells changed"),
    ):
        with pytest.raises(RunError, match=told):
            checkpoint.load(path).restore(made(**other))
