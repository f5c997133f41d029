"""What each primitive of a JAX program costs: operations by kind, from the shapes alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from halfbrain.errors import ModelError
from halfbrain.program.operations import Kind

# For each number of the result: how many operations of each kind. Whole numbers cost no arithmetic.
_EACH: Mapping[str, Mapping[Kind, int]] = {
    "add": {"add": 1},
    "add_any": {"add": 1},
    "sub": {"add": 1},
    "neg": {"add": 1},
    "mul": {"multiply": 1},
    "square": {"multiply": 1},
    "div": {"divide": 1},
    "rem": {"divide": 1},
    "exp": {"exp": 1},
    "exp2": {"exp": 1},
    "expm1": {"exp": 1},
    "log": {"log": 1},
    "log1p": {"log": 1},
    "sqrt": {"root": 1},
    "rsqrt": {"root": 1, "divide": 1},
    "cbrt": {"root": 1},
    "pow": {"power": 1},
    "logistic": {"exp": 1, "add": 2, "divide": 1},
    "tanh": {"trigonometric": 1},
    "sin": {"trigonometric": 1},
    "cos": {"trigonometric": 1},
    # Polynomials of some ten terms, with an exponential: counted as the one function they are.
    "erf": {"exp": 1},
    "erfc": {"exp": 1},
    "erf_inv": {"log": 1},
    "max": {"compare": 1},
    "min": {"compare": 1},
    "abs": {"compare": 1},
    "sign": {"compare": 1},
    "floor": {"compare": 1},
    "ceil": {"compare": 1},
    "round": {"compare": 1},
    "clamp": {"compare": 2},
    "is_finite": {"compare": 1},
    "gt": {"compare": 1},
    "ge": {"compare": 1},
    "lt": {"compare": 1},
    "le": {"compare": 1},
    "eq": {"compare": 1},
    "ne": {"compare": 1},
    "and": {"compare": 1},
    "or": {"compare": 1},
    "xor": {"compare": 1},
    "not": {"compare": 1},
    "select_n": {"select": 1},
    "random_bits": {"random": 1},
    "threefry2x32": {"random": 1},
}
# For each number that goes in beyond those that come out.
_FOLDS: Mapping[str, Kind] = {
    "reduce_sum": "add",
    "reduce_prod": "multiply",
    "reduce_max": "compare",
    "reduce_min": "compare",
    "reduce_and": "compare",
    "reduce_or": "compare",
    "argmax": "compare",
    "argmin": "compare",
}
_RUNNING: Mapping[str, Kind] = {
    "cumsum": "add",
    "cumprod": "multiply",
    "cummax": "compare",
    "cummin": "compare",
}
_SCATTERS: Mapping[str, Kind] = {
    "scatter-add": "add",
    "scatter_add": "add",
    "scatter-mul": "multiply",
    "scatter_mul": "multiply",
    "scatter-max": "compare",
    "scatter_max": "compare",
    "scatter-min": "compare",
    "scatter_min": "compare",
}
# Arithmetic on numbers only: on whole numbers and bits the same primitives cost none.
_COUNTED_ON_WHOLE: frozenset[Kind] = frozenset({"compare", "select", "random"})
MOVES = frozenset(
    {
        "bitcast_convert_type",
        "broadcast_in_dim",
        "concatenate",
        "convert_element_type",
        "copy",
        "device_put",
        "dynamic_slice",
        "dynamic_update_slice",
        "expand_dims",
        "gather",
        "imag",
        "iota",
        "optimization_barrier",
        "pad",
        "population_count",
        "random_fold_in",
        "random_seed",
        "random_unwrap",
        "random_wrap",
        "real",
        "reduce_precision",
        "reshape",
        "rev",
        "scatter",
        "shift_left",
        "shift_right_arithmetic",
        "shift_right_logical",
        "slice",
        "split",
        "squeeze",
        "stop_gradient",
        "tile",
        "transpose",
    }
)
PRODUCTS = frozenset({"dot_general", "conv_general_dilated"})


def cost_of(equation: Any) -> Counter[Kind]:  # noqa: ANN401
    """Operations of one equation of a jaxpr that holds no jaxpr of its own.

    Raises
    ------
    ModelError
        for a primitive whose cost is not known.
    """
    name = equation.primitive.name
    out = equation.outvars[0].aval
    size = math.prod(out.shape)
    if name in MOVES:
        return Counter()
    if name in PRODUCTS:
        return Counter({"fused": size * terms(equation)})
    if name == "integer_pow":
        return _real({"multiply": size * _squarings(equation.params["y"])}, out)
    if name in _FOLDS:
        given = math.prod(equation.invars[0].aval.shape)
        return _real({_FOLDS[name]: given - size}, out)
    if name in _RUNNING:
        length = out.shape[equation.params["axis"]]
        return _real({_RUNNING[name]: size - size // max(1, length)}, out)
    if name in _SCATTERS:
        return _real({_SCATTERS[name]: math.prod(equation.invars[2].aval.shape)}, out)
    if name in ("sort", "top_k"):
        shape = equation.invars[0].aval.shape
        length = shape[equation.params.get("dimension", -1)] if shape else 1
        return Counter({"compare": math.prod(shape) * math.ceil(math.log2(max(1, length)))})
    if name in _EACH:
        return _real({kind: n * size for kind, n in _EACH[name].items()}, out)
    raise ModelError(f"what the JAX primitive {name!r} costs is not known; add it to {__name__}")


def terms(equation: Any) -> int:  # noqa: ANN401
    """How many products are summed for each number of a product's result."""
    if equation.primitive.name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        shape = equation.invars[0].aval.shape
        return math.prod(shape[axis] for axis in contracted)
    kernel = equation.invars[1].aval.shape
    _, inputs, *window = equation.params["dimension_numbers"].rhs_spec
    return int(kernel[inputs] * math.prod(kernel[axis] for axis in window))


def bytes_of(equation: Any) -> int:  # noqa: ANN401
    """Size of all operands and results."""
    return sum(
        math.prod(v.aval.shape) * _itemsize(v.aval) for v in (*equation.invars, *equation.outvars)
    )


def inner(equation: Any) -> list[tuple[Any, int | None]]:  # noqa: ANN401
    """The jaxprs inside an equation, each with how often it runs; None: unknown until it runs."""
    name, params = equation.primitive.name, equation.params
    if name == "scan":
        return [(params["jaxpr"], params["length"])]
    if name == "while":
        return [(params["cond_jaxpr"], None), (params["body_jaxpr"], None)]
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if key in params:
            return [(params[key], 1)]
    return []


def _itemsize(aval: Any) -> int:  # noqa: ANN401
    dtype = getattr(aval, "dtype", None)
    return int(getattr(dtype, "itemsize", 0) or 0)


def _real(counts: Mapping[Kind, int], out: Any) -> Counter[Kind]:  # noqa: ANN401
    real = _is_real(out.dtype)
    return Counter({k: n for k, n in counts.items() if n and (real or k in _COUNTED_ON_WHOLE)})


def _is_real(dtype: Any) -> bool:  # noqa: ANN401
    return bool(jnp.issubdtype(dtype, np.inexact))


def _squarings(power: int) -> int:
    """Products in a whole power by repeated squaring."""
    size = abs(power)
    return max(0, size.bit_length() - 1 + size.bit_count() - 1)
