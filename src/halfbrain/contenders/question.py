"""The question's own inputs, which all contenders share: how large a brain, and for how long."""

from __future__ import annotations

import sympy

from halfbrain.contenders.model import Derived, Input

CORTEX_NEURONS = Input(
    "cortex_neurons",
    "neuron",
    "neurons of the whole cortex, both halves",
    "seed.text.neocortex_neurons",
)
CORTEX_SYNAPSES = Input(
    "cortex_synapses",
    "synapse",
    "synapses of the whole cortex of an adult, both halves",
    "brains.human.neocortical_synapses",
)
SHARE = Input(
    "emulated_share",
    "",
    "share of the cortex that is emulated",
    "brains.human-half.share",
    "share",
)
CHILDHOOD = Input(
    "childhood_density",
    "",
    "synapses of a cortex that learns, over an adult's",
    "question.scenario.childhood_density",
)
RATE = Input(
    "firing_rate",
    "1/bio_second",
    "mean spikes of a neuron in a second",
    "brains.human.firing_rate",
    "zero or more",
)
YEARS = Input("years", "bio_year", "years of biological time to learn from", "seed.text.years")
YEAR = Input(
    "seconds_per_year", "bio_second/bio_year", "seconds in a year", "brains.human.seconds_per_year"
)
AWAKE = Input(
    "awake_share",
    "",
    "share of those years that is simulated; sleep may be left out",
    "question.scenario.awake_share",
    "share",
)
LEARNING = Input(
    "learning",
    "",
    "1 to learn while running, 0 to run only",
    "question.scenario.learning",
    "at most one",
)

RUNS = Input(
    "runs",
    "",
    "times that it is done from the start: runs that fail, tuning, a curriculum",
    "question.scenario.runs",
)

NEURONS = Derived(
    "neurons",
    "neuron",
    "neurons in the emulated cortex",
    CORTEX_NEURONS.symbol * SHARE.symbol,
)
# Both halves have the synapses that were estimated, however many neurons share them.
SYNAPSES = Derived(
    "synapses_per_neuron",
    "synapse/neuron",
    "synapses onto each neuron",
    CORTEX_SYNAPSES.symbol / CORTEX_NEURONS.symbol * CHILDHOOD.symbol,
)
TRAINING = Derived(
    "training_seconds",
    "bio_second",
    "biological time to learn or run through",
    YEARS.symbol * YEAR.symbol * AWAKE.symbol,
)

QUESTION: tuple[Input, ...] = (
    CORTEX_NEURONS,
    SHARE,
    CORTEX_SYNAPSES,
    CHILDHOOD,
    RATE,
    YEARS,
    YEAR,
    AWAKE,
    LEARNING,
    RUNS,
)
WORKED_OUT: tuple[Derived, ...] = (NEURONS, SYNAPSES, TRAINING)
"""What is worked out from the question's inputs, if it is not set."""


def learnt_or_run(run: Input, learnt: Input) -> sympy.Expr:
    """What is held for a weight: ``learnt`` while learning, ``run`` where nothing is learnt."""
    return (1 - LEARNING.symbol) * run.symbol + LEARNING.symbol * learnt.symbol
