"""What a network that learns trial by trial has cost so far."""

from __future__ import annotations

from halfbrain.engine.point.group import PointGroup
from halfbrain.metering.ceilings import Ceilings
from halfbrain.metering.trials import between_trials
from halfbrain.program.cost import Cost


def learning_flop(
    simulation: PointGroup, trials: int, *, projection: int, ceilings: Ceilings
) -> int:
    """Floating-point operations of all trials, weights scaled before each and at the end.

    Parameters
    ----------
    simulation
        of the network that learns.
    trials
        that it was shown.
    projection
        whose weights are scaled.
    ceilings
        of this machine, which bear on bytes alone.
    """
    run = sum((phase.cost for phase in simulation.cost(ceilings.cache_bytes)), Cost())
    return run.flop + between_trials(simulation, projection, trials + 1, 0.0).cost.flop
