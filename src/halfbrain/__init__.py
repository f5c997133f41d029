"""halfbrain: how much compute would it take to train half a human neocortex?

``import halfbrain as hb`` has all that most programs need; each name loads what it needs when it is
first used. ``help(hb.NAME)`` has an example of each.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from halfbrain.version import VERSION as __version__

if TYPE_CHECKING:  # for editors and type checkers; a test holds it to the table below
    from halfbrain.cells.catalogue import named_neuron as neuron
    from halfbrain.cells.catalogue import named_rule as rule
    from halfbrain.cells.detailed.cell import Cell, formula
    from halfbrain.cells.detailed.classic import classic as mechanism
    from halfbrain.cells.neuron import Neuron
    from halfbrain.cells.plasticity import Plasticity
    from halfbrain.circuits.circuit import (
        Circuit,
        GapJunctions,
        PoissonDrive,
        Population,
        Projection,
        SpikeList,
        Synapse,
    )
    from halfbrain.circuits.input import Input
    from halfbrain.circuits.named.by_name import circuit
    from halfbrain.compare.beside import compare_with
    from halfbrain.connectivity.distance import by_distance
    from halfbrain.connectivity.rule import AllToAll as all_to_all
    from halfbrain.connectivity.rule import Bernoulli as bernoulli
    from halfbrain.connectivity.rule import Explicit as pairs
    from halfbrain.connectivity.rule import FixedIn as fixed_in
    from halfbrain.connectivity.rule import FixedOut as fixed_out
    from halfbrain.connectivity.rule import FixedTotal as fixed_total
    from halfbrain.connectivity.rule import OneToOne as one_to_one
    from halfbrain.connectivity.value import LogNormal as lognormal
    from halfbrain.connectivity.value import Mixture as mixture
    from halfbrain.connectivity.value import Normal as normal
    from halfbrain.connectivity.value import Uniform as uniform
    from halfbrain.engine.simulation import Simulation, load
    from halfbrain.errors import HalfbrainError, HalfbrainWarning
    from halfbrain.io.read import read
    from halfbrain.metering.known import machine
    from halfbrain.morphology.places import Place
    from halfbrain.nmodl import read_mechanism as read_mod
    from halfbrain.report.answers import (
        audit,
        backcast,
        estimate,
        explain,
        fact,
        find_facts,
        odds,
        plan,
        when,
    )
    from halfbrain.report.plot import plot

__all__ = [
    "Cell",
    "Circuit",
    "GapJunctions",
    "HalfbrainError",
    "HalfbrainWarning",
    "Input",
    "Neuron",
    "Place",
    "Plasticity",
    "PoissonDrive",
    "Population",
    "Projection",
    "Simulation",
    "SpikeList",
    "Synapse",
    "__version__",
    "all_to_all",
    "audit",
    "backcast",
    "bernoulli",
    "by_distance",
    "circuit",
    "compare_with",
    "estimate",
    "explain",
    "fact",
    "find_facts",
    "fixed_in",
    "fixed_out",
    "fixed_total",
    "formula",
    "load",
    "lognormal",
    "machine",
    "mechanism",
    "mixture",
    "neuron",
    "normal",
    "odds",
    "one_to_one",
    "pairs",
    "plan",
    "plot",
    "read",
    "read_mod",
    "rule",
    "uniform",
    "when",
]

# Names by the module, after ``halfbrain.``, that has them; there under another name after ``=``.
_NAMES = {
    "cells.catalogue": "neuron=named_neuron rule=named_rule",
    "cells.detailed.cell": "Cell formula",
    "cells.detailed.classic": "mechanism=classic",
    "cells.neuron": "Neuron",
    "cells.plasticity": "Plasticity",
    "circuits.circuit": (
        "Circuit GapJunctions PoissonDrive Population Projection SpikeList Synapse"
    ),
    "circuits.named.by_name": "circuit",
    "circuits.input": "Input",
    "compare.beside": "compare_with",
    "connectivity.distance": "by_distance",
    "connectivity.rule": (
        "all_to_all=AllToAll bernoulli=Bernoulli fixed_in=FixedIn fixed_out=FixedOut "
        "fixed_total=FixedTotal one_to_one=OneToOne pairs=Explicit"
    ),
    "connectivity.value": "lognormal=LogNormal mixture=Mixture normal=Normal uniform=Uniform",
    "engine.simulation": "Simulation load",
    "errors": "HalfbrainError HalfbrainWarning",
    "io.read": "read",
    "metering.known": "machine",
    "morphology.places": "Place",
    "nmodl": "read_mod=read_mechanism",
    "report.answers": "audit backcast estimate explain fact find_facts odds plan when",
    "report.plot": "plot",
}
_PLACE_OF = {
    shown: (f"halfbrain.{module}", own or shown)
    for module, names in _NAMES.items()
    for shown, _, own in (name.partition("=") for name in names.split())
}


def __getattr__(name: str) -> object:
    if name not in _PLACE_OF:
        raise AttributeError(f"module 'halfbrain' has no attribute {name!r}")
    module, own = _PLACE_OF[name]
    found: object = getattr(import_module(module), own)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
