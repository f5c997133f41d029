"""Circuits of detailed cells, and of NEST's point neurons, from SONATA files.

SONATA is the Allen Institute's and Blue Brain's format for networks (Dai et al. 2020, doi
10.1371/journal.pcbi.1007696): HDF5 tables of nodes and edges, CSV tables of their types, JSON for
the rest. libsonata reads neither the tables of types nor populations of several groups, which
BMTK's builder writes, so the tables are read here.
"""

from __future__ import annotations

from halfbrain.circuits.detailed.wanted import Wanted
from halfbrain.io.sonata.read import Loaded, LoadedPoints, read_sonata

__all__ = ["Loaded", "LoadedPoints", "Wanted", "read_sonata"]
