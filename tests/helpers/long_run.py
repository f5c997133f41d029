"""A circuit with all that a checkpoint holds, run until somebody kills it: ``long_run.py OUT``."""

import sys
from pathlib import Path

import numpy as np

from halfbrain.cells.catalogue import named_neuron, named_rule
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll, Bernoulli
from halfbrain.connectivity.value import Uniform
from halfbrain.engine import checkpoint
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.session import Session, checkpoint_of


def built(threads):
    given = np.arange(1, 20_000) * 1.7e-3
    circuit = Circuit(
        (
            Population("E", named_neuron("cuba"), 150, {"v": Uniform("-60 mV", "-50 mV")}),
            Population("I", named_neuron("cuba"), 40, {"v": Uniform("-60 mV", "-50 mV")}),
            Population("input", SpikeList(given, np.arange(len(given)) % 3), 3),
        ),
        (
            Projection(
                "E", "E", "ex", Bernoulli(0.1), weight=Uniform("0.2 mV", "2 mV"),
                delay=Uniform("0 ms", "4 ms"), plasticity=named_rule("pair_stdp", w_max="2 mV"),
            ),
            Projection("E", "I", "ex", Bernoulli(0.1), weight="1.6 mV", delay="1.5 ms"),
            Projection(
                "I", "E", "in", Bernoulli(0.2), weight="-9 mV", delay=Uniform("0 ms", "1 ms")
            ),
            Projection(
                "input", "E", "ex", AllToAll(), weight="1 mV", delay="0.3 ms",
                plasticity=named_rule("tsodyks_markram"),
            ),
        ),
        (PoissonDrive("E", "ex", "300 Hz", "1 mV"),), name="long"
    )  # fmt: skip
    record = {("E", "v"): [0, 149], ("I", "gi"): [7]}
    return PointGroup(circuit, seed=11, threads=threads, record=record, record_every=7e-4)


def main(out):
    path = checkpoint_of(out)
    saved = checkpoint.load(path) if path.exists() else None
    Session(built(2), out, {}, saved, between=0.0).run(1000.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
