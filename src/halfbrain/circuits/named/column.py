"""A cortical column of detailed cells, after the rat microcircuit of Markram et al. 2015."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from halfbrain.cells.detailed.human import Membrane
from halfbrain.cells.detailed.human import human as with_human_membrane
from halfbrain.cells.detailed.installed import installed_cells, recipe
from halfbrain.circuits.detailed.circuit import (
    Clamp,
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    PoissonInput,
    Receptor,
)
from halfbrain.circuits.detailed.synapses import kind_of
from halfbrain.circuits.named.column_synapses import (
    PLACES,
    item,
    number,
    pathway,
    receptors_of,
)
from halfbrain.circuits.named.size import share, whole
from halfbrain.connectivity.draw import Floats, Stream
from halfbrain.connectivity.rule import ByDistance
from halfbrain.connectivity.value import Normal
from halfbrain.errors import MissingError
from halfbrain.facts.table import facts
from halfbrain.morphology.compartments import Compartments

POPULATIONS = (
    "L1I",
    *(f"{layer}{kind}" for layer in ("L23", "L4", "L5", "L6") for kind in "EIM"),
)
FULL = 31_279  # neurons of the whole microcircuit, as its populations add up
LEAST = 10
# No installed cell is of another layer than the fourth, or an interneuron other than Pvalb: these
# are the nearest. Larger ones stand for deeper layers' cells.
_SMALL, _LARGE = "synplas-cADpyr_L4TPC", "sscx-cADpyr_L4UPC"
_STAND_INS = {
    "L23E": (_SMALL,),
    "L4E": (_LARGE, "allen-473863510", "allen-473863035"),
    "L5E": (_LARGE,),
    "L6E": (_SMALL, "allen-472363762"),
}
_INTERNEURONS = ("allen-472912177", "allen-473862421")
_LAYERS = ("L1", "L23", "L4", "L5", "L6")


def column(
    neurons: int = 100,
    *,
    plasticity: bool = False,
    synapses: float = 1.0,
    human: bool = False,
) -> DetailedCircuit:
    """A column of ``neurons`` cells, or all of the microcircuit's 31,279.

    Populations are by layer: excitatory cells, Martinotti cells, other interneurons, in the
    microcircuit's proportions; a smaller column is a narrower one of the same density. Numbers of
    connections and contacts, use, depression, facilitation and conductances are means of the
    portal's pathways (Ramaswamy et al. 2015; ``halfbrain facts column``). A neuron has as many
    synapses as in the whole: those whose sources a smaller column lacks are driven from outside,
    each connection by its own Poisson spikes, at 1 Hz from excitatory cells and 6 Hz from
    interneurons; a steady current into each soma, below its rheobase, stands for all other input,
    as in the paper. Cells are stand-ins: Blue Brain's and the Allen Institute's layer 4 pyramidal
    cells and Pvalb interneurons.

    Parameters
    ----------
    plasticity
        calcium-based plasticity (GluSynapse; Chindemi et al. 2022) between excitatory cells.
    synapses
        share of the connections from outside; their rate is higher by one over it.
    human
        excitatory cells with the membrane of human ones (Eyal et al. 2016), and more connections
        from outside, as many times as a human neuron has more synapses.

    Raises
    ------
    CircuitError
        for less than 10 neurons or more than the whole, or no share.
    MissingError
        one line, where the packages that bring the cells are not installed.
    """
    n = whole("column", "neurons", neurons, LEAST)
    whole("column", "neurons less", FULL - n, 0)
    kept = share("column", "share of synapses", synapses, 1.0)
    sizes = _sizes(n)
    populations = tuple(
        DetailedPopulation(name, _kinds(name, human), size, _positions(name, size, n))
        for name, size in sizes.items()
        if size
    )
    present = [p.name for p in populations]
    receptors = receptors_of(recipe(_SMALL).library, plasticity)
    radius = number("microcircuit", "radius") * (n / FULL) ** 0.5
    more = number("column-human", "synapses") - 1 if human else 0.0
    projections, inputs = [], []
    for target in present:
        for source in POPULATIONS:
            if f"from_{source.lower()}" not in item(f"onto-{target.lower()}").figures:
                continue
            if source in present:
                projections.append(_inside(source, target, receptors))
            others = sizes[source] - (source == target)
            inputs.append(_outside(source, target, others, radius, more, kept, receptors))
    return DetailedCircuit(
        name="human-column" if human else "column",
        populations=populations,
        receptors=tuple(receptors.values()),
        projections=tuple(projections),
        inputs=tuple(given for given in inputs if given is not None),
        clamps=tuple(_current(population, human) for population in populations),
        source="Markram et al. 2015, doi 10.1016/j.cell.2015.09.029; Ramaswamy et al. 2015, "
        "doi 10.3389/fncir.2015.00044",
    )


def _sizes(n: int) -> dict[str, int]:
    """Neurons of each population, by largest remainders."""
    full = np.array([number("microcircuit-neurons", p.lower()) for p in POPULATIONS])
    exact = n * full / full.sum()
    sizes = np.floor(exact).astype(int)
    order = np.argsort(sizes - exact, kind="stable")
    sizes[order[: n - int(sizes.sum())]] += 1
    return dict(zip(POPULATIONS, sizes.tolist(), strict=True))


def _cells(population: str) -> tuple[str, ...]:
    names = _STAND_INS.get(population, _INTERNEURONS)
    known = installed_cells()
    for name in names:
        if name not in known:
            raise MissingError(
                f"circuit 'column' needs the cell {name}; pip install 'halfbrain[cells]'"
            )
    return names


def _kinds(population: str, human: bool) -> tuple[str | Compartments, ...]:
    names = _cells(population)
    return tuple(map(_human, names)) if human and population.endswith("E") else names


@lru_cache(maxsize=16)
def _human(name: str) -> Compartments:
    of = facts().item("contenders", "eyal-2016").figure
    membrane = Membrane(
        of("membrane_capacitance").magnitude(),
        of("membrane_resistance").magnitude(),
        of("axial_resistivity").magnitude(),
        of("spine_factor").magnitude(),
    )
    return with_human_membrane(recipe(name), membrane)


def _positions(population: str, size: int, n: int) -> Floats:
    """Uniform in the layer's part of a cylinder that holds ``n`` neurons, um."""
    heights = [number("microcircuit", f"height_{layer.lower()}") for layer in _LAYERS]
    at = _LAYERS.index(population[:-1])
    above, own = sum(heights[:at]), heights[at]
    stream = Stream(0, f"column {population}")
    each = np.arange(size)
    radius = number("microcircuit", "radius") * np.sqrt(n / FULL * stream.uniforms("radius", each))
    angle = 2 * np.pi * stream.uniforms("angle", each)
    depth = -(above + own * stream.uniforms("depth", each))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), depth], axis=1)


def _inside(source: str, target: str, receptors: dict[str, Receptor]) -> DetailedProjection:
    connections, contacts, receptor, weight = pathway(source, target, receptors)
    return DetailedProjection(
        source,
        target,
        receptor,
        ByDistance(_nearest(source, connections), number("microcircuit", "fall_off")),
        weight,
        number("microcircuit", "synaptic_delay"),
        contacts,
        PLACES[source[-1]],
        number("microcircuit", "axonal_velocity"),
    )


def _outside(
    source: str,
    target: str,
    others: int,
    radius: float,
    more: float,
    kept: float,
    receptors: dict[str, Receptor],
) -> PoissonInput | None:
    """What is not from one of the ``others`` of the column, whose radius is in um.

    And ``more`` times all connections besides.
    """
    connections, contacts, receptor, weight = pathway(source, target, receptors)
    rest = (1 + more) * connections - others * _nearest(source, connections) * _nearness(radius)
    if rest <= 0:
        return None
    return PoissonInput(
        source,
        target,
        receptor,
        rest * kept,
        number("column-drive", f"rate_{_sort(source)}") / kept,
        weight,
        contacts,
        number("microcircuit", "synaptic_delay"),
        PLACES[source[-1]],
    )


def _sort(population: str) -> str:
    return "e" if population.endswith("E") else "i"


def _current(population: DetailedPopulation, human: bool) -> Clamp:
    """A steady current into each cell, by its kind's rheobase."""
    share_ = number("column-drive", f"current_{_sort(population.name)}")
    spread = Normal(1.0, number("column-drive", "current_spread"))
    each = Stream(0, f"column {population.name}").numbers(
        "current", spread, np.arange(population.size)
    )
    names = [str(cell) for cell in _cells(population.name)]
    kind = "column-rheobase-human" if human and population.name.endswith("E") else "column-rheobase"
    least = np.array([number(kind, name.replace("-", "_").lower()) for name in names])
    return Clamp(population.name, share_ * each * least[kind_of(population)])


def _nearest(source: str, connections: float) -> float:
    """The probability that two cells in one place are connected.

    Over all pairs of the microcircuit its mean gives the number of connections of a neuron.
    """
    mean = connections / number("microcircuit-neurons", source.lower())
    return mean / _nearness(number("microcircuit", "radius"))


def _nearness(radius: float) -> float:
    """The mean over pairs in a disc of the normal curve that probabilities fall with.

    Distances of two points in a disc are distributed as in Solomon 1978, Geometric probability.
    """
    half = (np.arange(2000) + 0.5) / 2000  # the distance over the diameter
    density = 16 / np.pi * half * (np.arccos(half) - half * np.sqrt(1 - half**2))
    curve = np.exp(-((2 * radius * half / number("microcircuit", "fall_off")) ** 2) / 2)
    return float((density * curve).mean())
