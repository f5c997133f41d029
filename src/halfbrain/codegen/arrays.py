"""A program as a function of whole arrays, by NumPy or JAX."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from halfbrain.codegen.kernel import scalar_function
from halfbrain.errors import ModelError
from halfbrain.program.instructions import Program
from halfbrain.program.operations import OPERATIONS, Missing

_FORMS = {
    name: one.array
    for name, one in OPERATIONS.items()
    if one.array and not isinstance(one.array, Missing)
}
# The functions of such a module that a program may call.
_CALLED = (
    *(name for name, one in OPERATIONS.items() if one.calls),
    *(form.partition("(")[0] for form in _FORMS.values()),
)


def array_function(program: Program, module: ModuleType) -> Callable[..., tuple[Any, ...]]:
    """The program as a function of arrays, one for each input, in order; returns its outputs.

    ``module`` is ``numpy`` or ``jax.numpy``; with the latter the function can be differentiated.
    Both sides of a choice are worked out.

    Raises
    ------
    ModelError
        for a program with random numbers, which need an engine's seed and counter.
    """
    if any(isinstance(OPERATIONS[s.operation].array, Missing) for s in program.instructions):
        raise ModelError("random numbers in an equation need an engine to draw them")
    functions = {name: getattr(module, name) for name in _CALLED}
    return scalar_function(program, functions, forms=_FORMS)
