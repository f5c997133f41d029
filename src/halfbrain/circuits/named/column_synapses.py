"""The column's synapses: of what kind, how strong, where, by the classes of cells at both ends.

Classes are excitatory cells (E), Martinotti cells (M) and other interneurons (I).
"""

from __future__ import annotations

import numpy as np

from halfbrain.circuits.detailed.circuit import Receptor, Scaled, Values
from halfbrain.connectivity.value import LogNormal, Normal, Value
from halfbrain.facts.table import Item, facts
from halfbrain.morphology.biophysics import Library
from halfbrain.morphology.places import Place

PLACES = {
    "E": Place(("basal", "apical")),
    # Baskets, the most of them, reach the soma and what is near it; Martinotti cells far dendrites.
    "I": Place(("soma", "basal", "apical"), farthest="100 um"),
    "M": Place(("basal", "apical"), nearest="100 um"),
}


def item(key: str) -> Item:
    """An item of the facts about the column."""
    return facts().item("column", key)


def number(key: str, name: str) -> float:
    """A figure of such an item, in the unit that it is in."""
    return item(key).figure(name).magnitude()


def pathway(
    source: str, target: str, receptors: dict[str, Receptor]
) -> tuple[float, Value, str, Value]:
    """Connections onto a neuron, contacts of one, receptor, weight."""
    onto = f"onto-{target.lower()}"
    connections = number(onto, f"from_{source.lower()}")
    contacts = number(onto, f"contacts_{source.lower()}")
    spread = number("microcircuit-contacts", "spread")
    name = f"{source[-1]} to {target[-1]}"
    mechanism = receptors[name].mechanism.name
    weight: Value = 1.0 if mechanism == "GluSynapse" else _spread(_key(name), "conductance")
    return connections, _log_normal(contacts, spread * contacts), name, weight


def _key(name: str) -> str:
    source, target = name.split(" to ")
    return f"synapses-{source.lower()}-{target.lower()}"


def _spread(item: str, figure: str) -> LogNormal:
    return _log_normal(number(item, figure), number(item, f"{figure}_std"))


def _log_normal(mean: float, std: float) -> LogNormal:
    """That of a mean and a standard deviation: what they are distributed around is above zero."""
    sigma2 = float(np.log1p((std / mean) ** 2))
    return LogNormal(float(mean * np.exp(-sigma2 / 2)), sigma2**0.5)


def receptors_of(library: Library, plasticity: bool) -> dict[str, Receptor]:
    """The column's kinds of synapses, by the classes of cells at their two ends."""
    excite, inhibit = (library(f"Prob{kind}_EMS") for kind in ("AMPANMDA", "GABAAB"))
    out = {}
    for source in "EIM":
        for target in "EIM":
            name = f"{source} to {target}"
            if name == "E to E" and plasticity:
                out[name] = Receptor(name, library("GluSynapse"), _plastic())
                continue
            figures = _key(name)
            values: dict[str, Value | Scaled] = {
                "Use": Normal(number(figures, "use"), number(figures, "use_std"), 0.01, 0.99),
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
        return number(learning, name)

    threshold = item(learning).figure("theta_d").interval
    assert threshold is not None
    return {
        "Use0_TM": Normal(number(figures, "use"), number(figures, "use_std"), 0.01, 0.99),
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
