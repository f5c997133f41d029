"""Synaptic Intelligence: what a weight did for past tasks is how hard it is to move.

Zenke, Poole and Ganguli 2017, arXiv 1703.04200, eqs 3 to 5.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax


class Intelligent(NamedTuple):
    """The state: an optimiser's own, and for each weight what it did and was.

    ``path`` is the loss that its moves have saved in this task so far (omega), ``importance`` what
    they did in tasks before (Omega), ``anchor`` the weight when this task began.
    """

    inner: Any
    path: Any
    importance: Any
    anchor: Any


def synaptic_intelligence(
    optimiser: optax.GradientTransformation, c: float = 0.1
) -> optax.GradientTransformation:
    """The optimiser with a pull, ``c`` strong, to where important weights were (eq. 4).

    Use :func:`consolidate` at the end of a task.
    """

    def init(weights: Any) -> Intelligent:  # noqa: ANN401
        nothing = jax.tree.map(jnp.zeros_like, weights)
        anchor = jax.tree.map(jnp.copy, weights)
        # Each its own zeros: training gives up the arrays of a state one by one.
        return Intelligent(
            optimiser.init(weights), nothing, jax.tree.map(jnp.zeros_like, weights), anchor
        )

    def update(gradient: Any, state: Intelligent, weights: Any = None) -> Any:  # noqa: ANN401
        pulled = jax.tree.map(
            lambda g, w, omega, at: g + 2 * c * omega * (w - at),
            gradient,
            weights,
            state.importance,
            state.anchor,
        )
        change, inner = optimiser.update(pulled, state.inner, weights)
        path = jax.tree.map(lambda p, g, d: p - g * d, state.path, gradient, change)
        return change, Intelligent(inner, path, state.importance, state.anchor)

    return optax.GradientTransformation(init, update)


def consolidate(state: Intelligent, weights: Any, damping: float = 0.1) -> Intelligent:  # noqa: ANN401
    """The state for the next task, with what this one taught about its weights (eq. 5).

    ``weights`` are those that learn (:func:`halfbrain.networks.parts.split`) at the task's end.
    """
    importance = jax.tree.map(
        lambda omega, path, w, at: omega + jnp.maximum(path, 0.0) / ((w - at) ** 2 + damping),
        state.importance,
        state.path,
        weights,
        state.anchor,
    )
    nothing = jax.tree.map(jnp.zeros_like, state.path)
    return Intelligent(state.inner, nothing, importance, jax.tree.map(jnp.copy, weights))
