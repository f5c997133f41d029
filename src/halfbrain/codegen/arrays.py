"""A program as a function of whole arrays, by NumPy or JAX."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from halfbrain.codegen.kernel import scalar_function
from halfbrain.errors import ModelError
from halfbrain.program.instructions import Program

_FORMS = {
    "select": "where({0}, {1}, {2})",
    "absolute": "absolute({0})",
    "minimum": "minimum({0}, {1})",
    "maximum": "maximum({0}, {1})",
}
_CALLED = ("exp", "expm1", "log", "sqrt", "sin", "cos", "tanh", "where", "absolute", "minimum")


def array_function(program: Program, module: ModuleType) -> Callable[..., tuple[Any, ...]]:
    """The program as a function of arrays, one for each input, in order; returns its outputs.

    ``module`` is ``numpy`` or ``jax.numpy``; with the latter the function can be differentiated.
    Both sides of a choice are worked out.

    Raises
    ------
    ModelError
        for a program with random numbers, which need an engine's seed and counter.
    """
    if program.draws:
        raise ModelError("random numbers in an equation need an engine to draw them")
    functions = {name: getattr(module, name) for name in (*_CALLED, "maximum")}
    return scalar_function(program, functions, forms=_FORMS)
