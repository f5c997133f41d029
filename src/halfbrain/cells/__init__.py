"""Neurons, synapses and plasticity rules, described by their equations."""
