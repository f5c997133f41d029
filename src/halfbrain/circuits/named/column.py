"""A cortical column of detailed cells, after the rat microcircuit of Markram et al. 2015."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from halfbrain.cells.detailed.installed import installed_cells, recipe
from halfbrain.circuits.detailed.circuit import (
    ByDistance,
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    Place,
    PoissonInput,
    Receptor,
    Scaled,
    Values,
)
from halfbrain.circuits.detailed.draw import Floats, Stream
from halfbrain.circuits.named.size import share, whole
from halfbrain.circuits.value import LogNormal, Normal, Value
from halfbrain.errors import MissingError
from halfbrain.facts.table import Item, facts

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
# Rates of what is outside, Hz.
OUTSIDE = {"E": 1.0, "I": 4.0, "M": 4.0}
_LAYERS = ("L1", "L23", "L4", "L5", "L6")
_PLACES = {
    "E": Place(("basal", "apical")),
    # Baskets, the most of them, reach the soma and what is near it; Martinotti cells far dendrites.
    "I": Place(("soma", "basal", "apical"), farthest=100.0),
    "M": Place(("basal", "apical"), nearest=100.0),
}


@dataclass(frozen=True)
class _Figures:
    """Items of the table of facts, by key."""

    def item(self, key: str) -> Item:
        return facts().item("column", key)

    def number(self, key: str, name: str, unit: str = "") -> float:
        figure = self.item(key).figure(name)
        return figure.to(unit).magnitude(unit) if unit else figure.magnitude()


_OF = _Figures()


def column(
    neurons: int = 100, *, plasticity: bool = False, synapses: float = 1.0
) -> DetailedCircuit:
    """A column of ``neurons`` cells, or all of the microcircuit's 31,279.

    Populations are by layer: excitatory cells, Martinotti cells, other interneurons, in the
    microcircuit's proportions; a smaller column is a narrower one of the same density. Numbers of
    connections and contacts, use, depression, facilitation and conductances are means of the
    portal's pathways (Ramaswamy et al. 2015; ``halfbrain facts column``). A neuron has as many
    synapses as in the whole: those whose sources a smaller column lacks are driven from outside,
    each connection by its own Poisson spikes, at 1 Hz from excitatory cells and 4 Hz from
    interneurons. Cells are stand-ins: Blue Brain's and the Allen Institute's layer 4 pyramidal
    cells and Pvalb interneurons.

    Parameters
    ----------
    plasticity
        calcium-based plasticity (GluSynapse; Chindemi et al. 2022) between excitatory cells.
    synapses
        share of the connections from outside; their rate is higher by one over it.

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
        DetailedPopulation(name, _cells(name), size, _positions(name, size, n))
        for name, size in sizes.items()
        if size
    )
    present = [p.name for p in populations]
    receptors = _receptors(plasticity)
    radius = _OF.number("microcircuit", "radius") * (n / FULL) ** 0.5
    projections, inputs = [], []
    for target in present:
        for source in POPULATIONS:
            if f"from_{source.lower()}" not in _OF.item(f"onto-{target.lower()}").figures:
                continue
            if source in present:
                projections.append(_inside(source, target, receptors))
            others = sizes[source] - (source == target)
            inputs.append(_outside(source, target, others, radius, kept, receptors))
    return DetailedCircuit(
        name="column",
        populations=populations,
        receptors=tuple(receptors.values()),
        projections=tuple(projections),
        inputs=tuple(given for given in inputs if given is not None),
        source="Markram et al. 2015, doi 10.1016/j.cell.2015.09.029; Ramaswamy et al. 2015, "
        "doi 10.3389/fncir.2015.00044",
    )


def _sizes(n: int) -> dict[str, int]:
    """Neurons of each population, by largest remainders."""
    full = np.array([_OF.number("microcircuit-neurons", p.lower()) for p in POPULATIONS])
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


def _positions(population: str, size: int, n: int) -> Floats:
    """Uniform in the layer's part of a cylinder that holds ``n`` neurons, um."""
    heights = [_OF.number("microcircuit", f"height_{layer.lower()}") for layer in _LAYERS]
    at = _LAYERS.index(population[:-1])
    above, own = sum(heights[:at]), heights[at]
    stream = Stream(0, f"column {population}")
    number = np.arange(size)
    radius = _OF.number("microcircuit", "radius") * np.sqrt(
        n / FULL * stream.uniforms("radius", number)
    )
    angle = 2 * np.pi * stream.uniforms("angle", number)
    depth = -(above + own * stream.uniforms("depth", number))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), depth], axis=1)


def _inside(source: str, target: str, receptors: dict[str, Receptor]) -> DetailedProjection:
    connections, contacts, receptor, weight = _pathway(source, target, receptors)
    return DetailedProjection(
        source,
        target,
        receptor,
        ByDistance(_nearest(source, connections), _OF.number("microcircuit", "fall_off")),
        weight,
        _OF.number("microcircuit", "synaptic_delay"),
        contacts,
        _PLACES[source[-1]],
        _OF.number("microcircuit", "axonal_velocity"),
    )


def _outside(
    source: str,
    target: str,
    others: int,
    radius: float,
    kept: float,
    receptors: dict[str, Receptor],
) -> PoissonInput | None:
    """What is not from one of the ``others`` of the column, whose radius is in um."""
    connections, contacts, receptor, weight = _pathway(source, target, receptors)
    rest = connections - others * _nearest(source, connections) * _nearness(radius)
    if rest <= 0:
        return None
    return PoissonInput(
        source,
        target,
        receptor,
        rest * kept,
        OUTSIDE[source[-1]] / kept,
        weight,
        contacts,
        _PLACES[source[-1]],
    )


def _nearest(source: str, connections: float) -> float:
    """The probability that two cells in one place are connected.

    Over all pairs of the microcircuit its mean gives the number of connections of a neuron.
    """
    mean = connections / _OF.number("microcircuit-neurons", source.lower())
    return mean / _nearness(_OF.number("microcircuit", "radius"))


def _nearness(radius: float) -> float:
    """The mean over pairs in a disc of the normal curve that probabilities fall with.

    Distances of two points in a disc are distributed as in Solomon 1978, Geometric probability.
    """
    half = (np.arange(2000) + 0.5) / 2000  # the distance over the diameter
    density = 16 / np.pi * half * (np.arccos(half) - half * np.sqrt(1 - half**2))
    curve = np.exp(-((2 * radius * half / _OF.number("microcircuit", "fall_off")) ** 2) / 2)
    return float((density * curve).mean())


def _pathway(
    source: str, target: str, receptors: dict[str, Receptor]
) -> tuple[float, Value, str, Value]:
    """Connections onto a neuron, contacts of one, receptor, weight."""
    onto = f"onto-{target.lower()}"
    connections = _OF.number(onto, f"from_{source.lower()}")
    contacts = _OF.number(onto, f"contacts_{source.lower()}")
    spread = _OF.number("microcircuit-contacts", "spread") * contacts
    name = f"{source[-1]} to {target[-1]}"
    mechanism = receptors[name].mechanism.name
    weight: Value = 1.0 if mechanism == "GluSynapse" else _spread(_key(name), "conductance")
    return connections, Normal(contacts, spread, low=1.0), name, weight


def _key(name: str) -> str:
    source, target = name.split(" to ")
    return f"synapses-{source.lower()}-{target.lower()}"


def _spread(item: str, figure: str) -> LogNormal:
    """A log-normal of that mean and standard deviation."""
    mean, std = _OF.number(item, figure), _OF.number(item, f"{figure}_std")
    sigma2 = float(np.log1p((std / mean) ** 2))
    return LogNormal(float(mean * np.exp(-sigma2 / 2)), sigma2**0.5)


def _receptors(plasticity: bool) -> dict[str, Receptor]:
    excite, inhibit = (recipe(_SMALL).library(f"Prob{kind}_EMS") for kind in ("AMPANMDA", "GABAAB"))
    out = {}
    for source in "EIM":
        for target in "EIM":
            name = f"{source} to {target}"
            if name == "E to E" and plasticity:
                out[name] = Receptor(name, recipe(_SMALL).library("GluSynapse"), _plastic())
                continue
            figures = _key(name)
            values: dict[str, Value | Scaled] = {
                "Use": Normal(
                    _OF.number(figures, "use"), _OF.number(figures, "use_std"), 0.01, 0.99
                ),
                "Dep": _spread(figures, "depression"),
                "Fac": _spread(figures, "facilitation"),
            }
            decay = "decay_ampa" if source == "E" else f"decay_gaba_{source.lower()}"
            values["tau_d_AMPA" if source == "E" else "tau_d_GABAA"] = _spread(
                "column-synapses", decay
            )
            out[name] = Receptor(name, excite if source == "E" else inhibit, values)
    return out


def _plastic() -> Values:
    """GluSynapse between excitatory cells, depressed at the start."""
    figures, learning = "synapses-e-e", "column-plasticity"

    def constant(name: str) -> float:
        return _OF.number(learning, name)

    threshold = _OF.item(learning).figure("theta_d").interval
    assert threshold is not None
    return {
        "Use0_TM": Normal(_OF.number(figures, "use"), _OF.number(figures, "use_std"), 0.01, 0.99),
        "Use_d_TM": Scaled("Use0_TM"),
        "Use_p_TM": Scaled("Use0_TM", power=constant("potentiated_use_power")),
        "Dep_TM": _spread(figures, "depression"),
        "Fac_TM": _spread(figures, "facilitation"),
        "tau_d_AMPA": _spread("column-synapses", "decay_ampa"),
        "gmax0_AMPA": _spread(figures, "conductance"),
        "gmax_d_AMPA": Scaled("gmax0_AMPA"),
        "gmax_p_AMPA": Scaled("gmax0_AMPA", constant("potentiated_conductance")),
        "gmax_NMDA": Scaled("gmax0_AMPA", constant("nmda_conductance")),
        "theta_d_GB": LogNormal(
            threshold.median, float(np.log(threshold.high / threshold.low)) / (2 * 1.645)
        ),
        "theta_p_GB": Scaled("theta_d_GB", constant("theta_ratio")),
        "volume_CR": constant("spine_volume"),
        "tau_effca_GB": constant("tau_effca"),
        "gamma_d_GB": constant("gamma_d"),
        "gamma_p_GB": constant("gamma_p"),
    }
