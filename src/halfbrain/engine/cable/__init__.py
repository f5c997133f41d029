"""Neurons with dendrites: the cable equation of each cell, solved implicitly."""
