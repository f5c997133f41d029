"""Circuits of detailed cells: where on a neuron its synapses are, and of what kind."""
