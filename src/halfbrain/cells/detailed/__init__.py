"""Detailed cells: a reconstructed morphology, cut into compartments, with channels in them."""
