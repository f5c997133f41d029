"""Numenta's row, which the text gave up on."""

from __future__ import annotations

from halfbrain.forecast.audit.rows import neurons_and_seconds
from halfbrain.forecast.audit.step import Step, names

_TOPS, _PER_FLOP, _TERA = names(
    "seed.numenta.int8_tops", "seed.numenta.int8_per_flop", "seed.numenta.tera_flops"
)

STEPS = (
    Step(
        "numenta-tops",
        "numenta",
        "Alveo U250 datasheet says it gets 33.3 INT8 TOPs at peak",
        "seed.numenta.int8_tops",
        names("hardware.alveo-u250.peak_int8")[0],
        why="input, against the data sheet",
    ),
    Step(
        "numenta-tops-formula",
        "numenta",
        "TOPS = (number of MAC units) x (frequency of MAC operations) x 2",
        why="units: without a division by 1e12 this gives operations, not tera-operations, a second; "
        "no numbers are put in",
    ),
    Step(
        "numenta-int8",
        "numenta",
        "On average, maybe 4 FP-8bit-OPs per single precision FLOP?",
        "seed.numenta.int8_per_flop",
        why="a guess, marked as one",
    ),
    Step(
        "numenta-quarter",
        "numenta",
        "divide TOPs by 4 [...] = 8.325 pseudo-terraFLOPs",
        "seed.numenta.tera_flops",
        _TOPS / _PER_FLOP,
        digits=4,
    ),
    Step(
        "numenta-tera",
        "numenta",
        "8.325 pseudo-terraFLOPs = 8.325e9 psuedoFLOPs / second",
        "seed.numenta.flops",
        _TERA,
        digits=4,
        why="tera is 1e12, not 1e9",
    ),
    *neurons_and_seconds("numenta"),
    Step(
        "numenta-type",
        "numenta",
        "1.3e9 neurons of the Cortex+Plasticity simulation type",
        why="a label: copied from Blue Brain's row, it has no meaning in this one",
    ),
    Step(
        "numenta-total",
        "numenta",
        "flp/n/s * 4.78e8 bio_seconds * 1.3e9 neurons = flops",
        why="the rate is left open, so there is no total",
    ),
    Step(
        "numenta-between",
        "numenta",
        "somewhere between the other two, closer to the Spiking Neural Nets",
        why="a guess, marked as one",
    ),
    Step(
        "numenta-epochs",
        "numenta",
        "maybe 10x more epochs over the same dataset",
        "seed.numenta.epochs",
        why="an impression; no run is cited",
    ),
)
