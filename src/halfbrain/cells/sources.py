"""Neurons that only fire: no input, no membrane."""

from __future__ import annotations

from halfbrain.cells.neuron import Neuron

POISSON = Neuron(
    name="poisson",
    equations="rate : Hz",
    threshold="rand() < rate*dt",
    source="a spike in a step with probability rate*dt, which is a Poisson process as dt goes to 0",
)

NEURONS = (POISSON,)
