"""A dendritic layer while it learns in one context, with only the segments that this context calls.

A segment that was never the strongest has no gradient yet, so Adam's moments are zero and it stands
still; its response to the one context stands still too. So only the segments that were ever chosen
since the optimiser was new need a place among the weights that it steps over: a few a unit, where
the layer may have a hundred. The steps are those of the whole layer.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.dendrites import ActiveDendrites, Dendritic
from halfbrain.networks.linear import Linear
from halfbrain.networks.parts import Fixed
from halfbrain.networks.winners import k_winners


class OneContext(eqx.Module):
    """A :class:`Dendritic` layer in one context.

    Attributes
    ----------
    places
        the weights of the segments that learn: (places, context size).
    owner
        the segment that each place is of, as unit x segments + segment; all there are for none
        yet: (places,).
    place
        the place of each segment, as many as there are for none: (units x segments,).
    chosen
        the place of each unit's strongest segment: (units,).
    called
        how many segments have called for a place. Where it is more than there are places, what was
        learnt since is not what the whole layer learns.
    segments, responses
        all segments as they were, and their responses to the context: (units, segments).
    """

    linear: Linear
    places: Array
    owner: Array
    place: Array
    chosen: Array
    called: Array
    segments: Fixed
    responses: Fixed
    context: Fixed
    winners: int = eqx.field(static=True)

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """The layer's outputs for a batch in the context."""
        gate = jax.nn.sigmoid((self.places @ self.context.value)[self.chosen])
        return k_winners(self.linear(x) * gate, self.winners)

    def settled(self) -> OneContext:
        """With each unit's strongest segment chosen, and in a place."""
        units, segments = self.responses.value.shape
        room = len(self.owner)
        now = self.responses.value.reshape(-1)
        now = now.at[self.owner].set(self.places @ self.context.value, mode="drop")
        strongest = jnp.argmax(jnp.abs(now.reshape(units, segments)), axis=1)
        best = jnp.arange(units) * segments + strongest.astype(self.owner.dtype)
        comes = self.place[best] == room
        into = jnp.where(comes, self.called + jnp.cumsum(comes) - 1, room)

        def take(places: Array) -> Array:
            whole = self.segments.value.reshape(units * segments, -1)
            return places.at[into].set(whole[best], mode="drop")

        place = self.place.at[best].min(into)
        return OneContext(
            self.linear.settled(),
            jax.lax.cond(jnp.any(comes), take, lambda places: places, self.places),
            self.owner.at[into].set(best, mode="drop"),
            place,
            place[best],
            self.called + jnp.sum(comes),
            self.segments,
            self.responses,
            self.context,
            self.winners,
        )

    def closed(self) -> Dendritic:
        """The whole layer again, with what was learnt."""
        shape = self.segments.value.shape
        whole = self.segments.value.reshape(-1, shape[-1])
        whole = whole.at[self.owner].set(self.places, mode="drop")
        return Dendritic(self.linear, whole.reshape(shape), self.winners)


@eqx.filter_jit
def opened(network: ActiveDendrites, context: Array, places: float) -> ActiveDendrites:
    """The network in one context, with room for ``places`` segments a unit, on average, to learn.

    ``context`` has the shape (size,). Arrays that learn are copies, so that training, which gives
    up its arrays, leaves the network as it was.
    """

    def of(layer: Dendritic) -> OneContext:
        units, segments, size = layer.segments.shape
        room = units * segments if places >= segments else int(units * places)
        return OneContext(
            jax.tree.map(jnp.copy, layer.linear),
            jnp.zeros((room, size)),
            jnp.full(room, units * segments),
            jnp.full(units * segments, room),
            jnp.zeros(units, int),
            jnp.zeros((), int),
            Fixed(layer.segments),
            Fixed(layer.segments @ context),
            Fixed(context),
            layer.winners,
        ).settled()

    top = jax.tree.map(jnp.copy, network.top)
    return ActiveDendrites(tuple(map(of, network.layers)), top)  # type: ignore[arg-type]


@eqx.filter_jit
def closed(network: ActiveDendrites) -> ActiveDendrites:
    """The whole network again."""
    return ActiveDendrites(tuple(layer.closed() for layer in network.layers), network.top)  # type: ignore[attr-defined]


def is_full(network: ActiveDendrites) -> bool:
    """Whether a layer had too few places, so that the work is to be done again with more."""
    return any(int(layer.called) > len(layer.owner) for layer in network.layers)  # type: ignore[attr-defined]
