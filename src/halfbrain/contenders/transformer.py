"""The yardstick: a dense transformer with a weight for each synapse, fed with one life of tokens.

Two operations for each parameter and token forward, and twice that backward (Kaplan et al. 2020,
arXiv 2001.08361, section 2.1): the 6 N D rule. Attention's products of activations come on top, for
L layers of width d over contexts of T tokens 4 L T d forward a token (Kaplan's table 1; Chowdhery
et al. 2022, arXiv 2204.02311, appendix B), which is 4 L T d / N for a parameter. With and without
it GPT-3's and PaLM's published sizes give their published totals, within 5 % (a test).
"""

from __future__ import annotations

from halfbrain.contenders.model import Contender, CostTerm, Derived, Input
from halfbrain.contenders.question import LEARNING, SYNAPSES, learnt_or_run

_FACTS = "contenders.transformer"


def _input(name: str, unit: str, about: str) -> Input:
    return Input(f"transformer.{name}", unit, about, f"{_FACTS}.{name}")


TOKENS = _input("tokens_per_second", "token/bio_second", "tokens that stand for a second of life")
PARAMETERS = _input(
    "parameters_per_synapse", "parameter/synapse", "weights that stand for a synapse"
)
_FLOP = _input("flop_per_parameter", "FLOP/parameter/token", "a multiply and an add")
_ATTENTION = Input(
    "transformer.attention_flop_per_parameter",
    "FLOP/parameter/token",
    "attention over the context, shared out to the parameters",
    f"{_FACTS}.attention_flop_per_parameter",
    "zero or more",
)
_BACKWARD = _input("backward_ratio", "", "cost of a backward pass, in forward passes")
_BATCH = _input("batch", "token", "tokens to a step of the optimiser")
_WEIGHT_BYTES = _input("bytes_per_weight", "byte/parameter", "a weight in half precision")
_BYTES = _input("bytes_per_parameter", "byte/parameter", "weight, gradient and Adam's two moments")

_WEIGHTS = Derived(
    "transformer.parameters_per_neuron",
    "parameter/neuron",
    "weights of a neuron",
    SYNAPSES.symbol * PARAMETERS.symbol,
)
_FORWARD = _FLOP.symbol + _ATTENTION.symbol
_PRODUCTS = TOKENS.symbol * _WEIGHTS.symbol

CONTENDER = Contender(
    name="transformer",
    title="Transformer",
    detail=0,
    about="The yardstick: a dense model, a weight for each synapse, one life of tokens; "
    "no claim of what it could do",
    peak="peak_fp16",
    utilisation="training",
    inputs=(TOKENS, PARAMETERS, _FLOP, _ATTENTION, _BACKWARD, _BATCH, _WEIGHT_BYTES, _BYTES),
    derived=(_WEIGHTS,),
    terms=(
        CostTerm(
            "forward passes",
            "each parameter, each token",
            _PRODUCTS,
            _FORWARD,
            _WEIGHT_BYTES.symbol / _BATCH.symbol,
        ),
        CostTerm(
            "backward passes",
            "gradients of activations and of weights",
            _PRODUCTS * LEARNING.symbol,
            _FORWARD * _BACKWARD.symbol,
            (_WEIGHT_BYTES.symbol + 2 * _BYTES.symbol) / _BATCH.symbol,
        ),
    ),
    memory=_WEIGHTS.symbol * learnt_or_run(_WEIGHT_BYTES, _BYTES),
)
