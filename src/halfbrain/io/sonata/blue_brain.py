"""Blue Brain's edges: synapses with release of vesicles, whose parameters are columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from halfbrain.cells.detailed.library import in_folder
from halfbrain.circuits.detailed.circuit import DetailedProjection, Receptor
from halfbrain.circuits.detailed.place import At
from halfbrain.connectivity.draw import Stream
from halfbrain.connectivity.rule import Explicit
from halfbrain.connectivity.value import Normal
from halfbrain.errors import DataError, warn
from halfbrain.io.sonata.cells import modfiles
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.tables import Floats, Ints, Table
from halfbrain.program.mechanism import Mechanism

# By whether they excite: the mechanism, and its names of what decays and of the second part.
_KINDS = {True: ("ProbAMPANMDA_EMS", "tau_d_AMPA", "NMDA_ratio"),
          False: ("ProbGABAAB_EMS", "tau_d_GABAA", "GABAB_ratio")}  # fmt: skip
_EXCITES = 100  # syn_type_id from which on synapses do
_PLASTIC = "gmax_d_AMPA"
_NEEDED = ("conductance", "delay", "decay_time", "u_syn", "depression_time", "facilitation_time",
           "syn_type_id", "afferent_section_id", "afferent_section_pos")  # fmt: skip


def is_blue_brains(table: Table) -> bool:
    """Whether edges are such synapses: they have their columns, and no template."""
    return "syn_weight" not in table and "syn_type_id" in table and "u_syn" in table


def synapses(
    config: Config, name: str, source: Nodes, sources: Ints, target: Nodes, targets: Ints,
    table: Table,
) -> Iterator[tuple[Receptor, DetailedProjection]]:  # fmt: skip
    """The synapses of a population of edges, as Neurodamus and BlueCelluLab make them.

    Raises
    ------
    DataError, ModelError
        one line that names what is missing.
    """
    if _PLASTIC in table:
        raise DataError(f"{table.place}: plastic synapses (GluSynapse) are not read")
    columns = {column: table.numbers(column) for column in _NEEDED}
    for column, numbers in columns.items():
        if not np.isfinite(numbers).all():
            raise DataError(f"{table.place}: has edges without {column}")
    excites = columns["syn_type_id"] >= _EXCITES
    for kind, (template, decay, ratio) in _KINDS.items():
        rows = np.flatnonzero(excites == kind)
        if not len(rows):
            continue
        mechanism = in_folder(_mechanisms(config, target.name, table.place))(template)
        values: dict[str, Floats] = {
            decay: columns["decay_time"][rows],
            "Use": np.abs(columns["u_syn"] * _scale(config, table))[rows],
            "Dep": np.abs(columns["depression_time"])[rows],
            "Fac": np.abs(columns["facilitation_time"])[rows],
        }
        for column, own in (("conductance_scale_factor", ratio), ("n_rrp_vesicles", "Nrrp")):
            if column in table:
                values[own] = table.numbers(column)[rows]
        if not kind and config.part("conditions").document.get("randomize_gaba_rise_time"):
            values["tau_r_GABAA"] = _rise_times(f"{table.place}/rise", rows)
        receptor = Receptor(f"{name}.{template}", mechanism, _shared(config, mechanism))
        yield receptor, DetailedProjection(
            source=source.name,
            target=target.name,
            receptor=receptor.name,
            rule=Explicit(sources[rows], targets[rows]),
            weight=columns["conductance"][rows],
            delay=columns["delay"][rows],
            place=At(columns["afferent_section_id"][rows].astype(np.int64),
                     np.clip(columns["afferent_section_pos"][rows], 0, 1)),
            values=values,
        )  # fmt: skip


def _mechanisms(config: Config, population: str, place: str) -> Path:
    folders = [config.part("components").path("mechanisms_dir")]
    for part in config.part("networks").parts("nodes"):
        folders.append(part.part("populations").part(population).path("mechanisms_dir"))
    found = [folder for folder in folders if folder is not None and folder.is_dir()]
    if not found:
        where = "components.mechanisms_dir, or --mechanisms, must name the folder"
        what = f"{_KINDS[True][0]}.mod and {_KINDS[False][0]}.mod"
        raise DataError(f"{place}: are Blue Brain's synapses; {where} of {what}")
    return modfiles(found[-1])


def _scale(config: Config, table: Table) -> Floats:
    """How the calcium outside changes the release (Markram et al. 2015), by a Hill curve."""
    calcium = config.part("conditions").document.get("extracellular_calcium")
    if calcium is None or "u_hill_coefficient" not in table:
        return np.ones(table.size)
    outside = config.part("conditions").number("extracellular_calcium") ** 4
    half = np.nan_to_num(table.numbers("u_hill_coefficient"), nan=0.0) ** 4
    return np.where(half > 0, (half + 16) / 16 * outside / (half + outside), 1.0)


def _rise_times(name: str, rows: Ints) -> Floats:
    """Lognormal rise times of mean 0.2 ms and variance 0.1, as NEURON's lognormal(0.2, 0.1)."""
    warn(f"{name}: random, of our own stream: alike another simulator's in law, not in number")
    spread = np.log(1 + 0.1 / 0.2**2)
    normal = Stream(1, name).numbers("rise", Normal(0.0, 1.0), rows)
    return np.asarray(np.exp(np.log(0.2) - spread / 2 + np.sqrt(spread) * normal), np.float64)


def _shared(config: Config, mechanism: Mechanism) -> dict[str, float]:
    """What the conditions set of a mechanism; a line for what it has not."""
    part = config.part("conditions").part("mechanisms").part(mechanism.name)
    out = {}
    for key, value in part.document.items():
        if key in mechanism.shared and isinstance(value, bool | int | float):
            out[key] = float(value)
        else:
            warn(str(part.fail(f"is no number that all {mechanism.name} share; left out", key)))
    return out
