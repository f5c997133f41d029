"""What is shown to a learner, how long and how bright."""

from __future__ import annotations

import math
from dataclasses import dataclass

from halfbrain.errors import RunError


@dataclass(frozen=True)
class Schedule:
    """A schedule of learning.

    Published, for 400 neurons: the 60,000 images several times over, each for 350 ms of biological
    time at no more than 63.75 Hz, and again brighter if fewer than five spikes came of it; then
    150 ms of rest; labels from all training images. Here each is shown once for 250 ms, as
    BindsNET's example does, from rest, without a second showing, and 10,000 give the labels.

    Parameters
    ----------
    neurons
        excitatory neurons.
    seed
        of the first weights, of the order and of the input's spikes.
    images
        shown to learn from; more than there are begin again in another order.
    label_images
        training images shown after learning, to label the neurons.
    test_images
        images shown to be named.
    milliseconds
        of biological time for each.
    rate_hz
        spikes a second of a pixel as bright as can be.
    inhibition
        of an inhibitory spike, mV, as in BindsNET's example.

    Raises
    ------
    RunError
        one line, for what cannot be.
    """

    neurons: int = 400
    seed: int = 0
    images: int = 60_000
    label_images: int = 10_000
    test_images: int = 10_000
    milliseconds: int = 250
    rate_hz: float = 63.75
    inhibition: float = 120.0

    def __post_init__(self) -> None:
        if self.neurons < 2:
            raise RunError(
                f"diehl-cook: there are 2 excitatory neurons at least, not {self.neurons}"
            )
        most = {"images": 10**7, "label_images": 60_000, "test_images": 10_000, "milliseconds": 500}
        for name, limit in most.items():
            if not 1 <= getattr(self, name) <= limit:
                raise RunError(
                    f"diehl-cook: {name.replace('_', ' ')} are 1 to {limit:,}, "
                    f"not {getattr(self, name):,}"
                )
        if self.images * self.milliseconds > 2**30:
            raise RunError("diehl-cook: images for over 2**30 ms cannot be counted; show fewer")
        if not (math.isfinite(self.rate_hz) and 0 < self.rate_hz <= 1000):
            raise RunError(f"diehl-cook: a rate is above 0 to 1000 Hz, not {self.rate_hz:g}")
        if not (math.isfinite(self.inhibition) and 0 <= self.inhibition <= 1e4):
            raise RunError(f"diehl-cook: inhibition is 0 to 1e4 mV, not {self.inhibition:g}")
