"""Shapes of neurons, cut into compartments, and the membranes on them."""
