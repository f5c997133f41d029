"""Numenta's networks: active dendrites and sparse weights, trained by gradients.

Feed-forward and dendritic synapses alike are weights (Iyer et al. 2022, arXiv 2201.00042): a pass
multiplies and adds once at each that is not skipped, and learning adds the backward pass and the
optimiser. What a pass stands for in seconds of life is an assumption, and a wide one.
"""

from __future__ import annotations

from halfbrain.contenders.model import Contender, CostTerm, Derived, Input
from halfbrain.contenders.question import LEARNING, SYNAPSES, learnt_or_run

_FACTS = "contenders.active-dendrites-neuron"


def _input(name: str, unit: str, about: str, why: str = "") -> Input:
    return Input(f"numenta.{name}", unit, about, f"{_FACTS}.{name}", why=why)


_SAMPLES = _input(
    "samples_per_second", "sample/bio_second", "passes that stand for a second of life"
)
_EPOCHS = _input("epochs", "", "times that each sample is seen")
_PARAMETERS = Input(
    "numenta.parameters_per_synapse",
    "parameter/synapse",
    "weights that stand for a synapse",
    "contenders.transformer.parameters_per_synapse",  # one judgement, so one draw
)
_DENSITY = Input(
    "numenta.effective_density",
    "",
    "share of the products that are not skipped as zero",
    f"{_FACTS}.effective_density",
    "share",
    "products without a zero in the network as it learns, whose layers have 5 % of their units on; "
    "the most stands for machines that skip none",
)
_FLOP = _input(
    "flop_per_parameter",
    "FLOP/parameter/sample",
    "a multiply and an add",
    "where a batch shares a context, as a task does in the paper, segments are worked out once for "
    "all its samples; where each has its own, choosing the winners comes on top",
)
_BACKWARD = _input(
    "backward_ratio",
    "",
    "cost of a backward pass, in forward passes",
    "of a neuron's segments only the one that was chosen has a gradient",
)
_OPTIMISER = _input(
    "optimiser_flop_per_parameter",
    "FLOP/parameter",
    "one step of Adam",
    "Adam, and the masks of sparse weights",
)
_BATCH = _input("batch", "sample", "samples to a step of the optimiser")
_WEIGHT_BYTES = _input(
    "bytes_per_weight",
    "byte/parameter",
    "a weight and its place",
    "single precision, and a byte of the mask for each weight of a layer",
)
_BYTES = _input(
    "bytes_per_parameter",
    "byte/parameter",
    "weight, gradient and Adam's two moments",
    "the same with a gradient and two moments, in single precision",
)

_PASSES = Derived(
    "numenta.passes_per_second",
    "sample/bio_second",
    "passes in a second, repeats counted while learning",
    _SAMPLES.symbol * (1 + LEARNING.symbol * (_EPOCHS.symbol - 1)),
)
_WEIGHTS = Derived(
    "numenta.parameters_per_neuron",
    "parameter/neuron",
    "weights of a neuron",
    SYNAPSES.symbol * _PARAMETERS.symbol,
)
_PRODUCTS = _PASSES.symbol * _WEIGHTS.symbol * _DENSITY.symbol


CONTENDER = Contender(
    name="numenta",
    title="Numenta",
    detail=1,
    about="Sparse networks with active dendrites, trained by gradients",
    peak="peak_fp16",
    utilisation="training",
    inputs=(
        _SAMPLES,
        _EPOCHS,
        _PARAMETERS,
        _DENSITY,
        _FLOP,
        _BACKWARD,
        _OPTIMISER,
        _BATCH,
        _WEIGHT_BYTES,
        _BYTES,
    ),
    derived=(_PASSES, _WEIGHTS),
    terms=(
        CostTerm(
            "forward passes",
            "each weight that is not skipped",
            _PRODUCTS,
            _FLOP.symbol,
            _WEIGHT_BYTES.symbol / _BATCH.symbol,
        ),
        CostTerm(
            "backward passes",
            "gradients of activations and of weights",
            _PRODUCTS * LEARNING.symbol,
            _FLOP.symbol * _BACKWARD.symbol,
            _WEIGHT_BYTES.symbol / _BATCH.symbol,
        ),
        CostTerm(
            "optimiser",
            "each weight, once a batch",
            _PASSES.symbol / _BATCH.symbol * _WEIGHTS.symbol * LEARNING.symbol,
            _OPTIMISER.symbol,
            2 * _BYTES.symbol,
        ),
    ),
    memory=_WEIGHTS.symbol * learnt_or_run(_WEIGHT_BYTES, _BYTES),
)
