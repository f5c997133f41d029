"""A function traced over the arrays among its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax


def traced(function: Callable[..., Any], args: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The closed jaxpr of ``function(*args)``, and the arrays that it takes.

    What is no array, in arguments or results, is not traced; ``jax.ShapeDtypeStruct`` counts as
    one.
    """
    leaves, tree = jax.tree.flatten(tuple(args))
    arrays = [leaf for leaf in leaves if _is_array(leaf)]

    def of(*arrays: Any) -> Any:  # noqa: ANN401
        given = iter(arrays)
        full = [next(given) if _is_array(leaf) else leaf for leaf in leaves]
        result = function(*jax.tree.unflatten(tree, full))
        return [leaf for leaf in jax.tree.leaves(result) if _is_array(leaf)]

    return jax.make_jaxpr(of)(*arrays), arrays


def _is_array(leaf: object) -> bool:
    return hasattr(leaf, "shape") and hasattr(leaf, "dtype")
