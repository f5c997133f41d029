"""The same detailed cells on Arbor, compartment by compartment.

Areas, capacitances and axial resistances are the cell's own (:mod:`halfbrain.compare.arbor_cell`).
Channels come from a catalogue of Arbor's that has all of them by the names of their .mod files, or
from one that is compiled from such files.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from halfbrain.compare.arbor_cell import Layout, layout
from halfbrain.compare.cable_job import CableJob, CableResult, most_memory
from halfbrain.compare.installed import missing
from halfbrain.errors import RunError

_SHORT = 1.0  # ms, a first run to find out what beginning takes
_ZERO_CELSIUS = 273.15


def available() -> str | None:
    """None, or why it cannot run here."""
    return missing("arbor")


def run(asked: CableJob) -> CableResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        if Arbor is not installed, or lacks a channel.
    """
    if reason := available():
        raise RunError(reason)
    import arbor
    from arbor import units

    catalogue = _catalogue(asked)
    before = most_memory()
    laid = layout(asked.geometry)
    decor, cuts = _decor(asked, laid, catalogue), arbor.cv_policy_explicit(laid.boundaries)

    # Of an ion that Arbor does not know, but a channel: its valence is for Nernst's equation alone.
    nothing = {
        "valence": 1,
        "int_con": 0 * units.mM,
        "ext_con": 0 * units.mM,
        "rev_pot": 0 * units.mV,
    }

    class Recipe(arbor.recipe):  # type: ignore[misc]
        """Copies of the cell, of which the first is watched."""

        def num_cells(self) -> int:
            return asked.copies

        def cell_kind(self, gid: int) -> Any:
            return arbor.cell_kind.cable

        def cell_description(self, gid: int) -> Any:
            return arbor.cable_cell(laid.tree, decor, arbor.label_dict(), cuts)

        def global_properties(self, kind: Any) -> Any:
            properties = arbor.neuron_cable_properties()
            properties.catalogue = catalogue
            for mechanism in asked.inserted:
                for ion in catalogue[mechanism.name].ions:
                    if ion not in properties.ions:
                        properties.set_ion(ion, **nothing)
            return properties

        def probes(self, gid: int) -> list[Any]:
            if gid:
                return []
            return [
                arbor.cable_probe_membrane_voltage(laid.middles[k], f"v{n}")
                for n, k in enumerate(asked.records)
            ]

    recipe = Recipe()
    context = arbor.context(threads=asked.threads)
    hint = {arbor.cell_kind.cable: arbor.partition_hint(cpu_group_size=asked.together)}
    spread = arbor.partition_load_balance(recipe, context, hint)
    simulation = arbor.simulation(recipe, context, spread)
    simulation.record(arbor.spike_recording.local)
    every = arbor.regular_schedule(asked.dt * units.ms)
    records = [simulation.sample((0, f"v{n}"), every) for n in range(len(asked.records))]
    built = most_memory()
    begun = time.perf_counter()
    simulation.run(_SHORT * units.ms, asked.dt * units.ms)
    short = time.perf_counter() - begun
    simulation.run(asked.milliseconds * units.ms, asked.dt * units.ms)
    long = time.perf_counter() - begun - short
    spikes = simulation.spikes()
    cells = np.array([s["source"]["gid"] for s in spikes], np.int64)
    times = np.array([s["time"] for s in spikes], float)
    return CableResult(
        np.sort(times[cells == 0]),
        len(times),
        tuple(np.array(simulation.samples(r)[0][0])[:, 1] for r in records),
        (long - short) / (asked.milliseconds - 2 * _SHORT),
        built - before,
        most_memory() - built,
        arbor.cv_data(recipe.cell_description(0)).num_cv,
    )


def _catalogue(asked: CableJob) -> Any:
    """One that has all of the cell's channels.

    Raises
    ------
    RunError
        naming what none has.
    """
    import arbor

    if asked.library:
        kinds = [arbor.load_catalogue(asked.library)]
    else:
        kinds = [arbor.allen_catalogue(), arbor.bbp_catalogue(), arbor.catalogue()]
    names = {mechanism.name for mechanism in asked.inserted}
    missing = set(names)
    for kind in kinds:
        whole = arbor.default_catalogue()
        whole.extend(kind, "")
        lacks = names - set(whole)
        if not lacks:
            return whole
        missing = min(missing, lacks, key=len)
    raise RunError(f"no catalogue of Arbor's has {', '.join(sorted(missing))}")


def _decor(asked: CableJob, laid: Layout, catalogue: Any) -> Any:
    """What is painted on the cell and placed in it."""
    import arbor
    from arbor import units

    decor = arbor.decor()
    decor.set_property(
        Vm=asked.v_init * units.mV, tempK=(asked.celsius + _ZERO_CELSIUS) * units.Kelvin
    )
    used = {ion for mechanism in asked.inserted for ion in catalogue[mechanism.name].ions}
    _ions(decor, asked, {"ca", "k", "na"} | used)
    for segment, value in enumerate(laid.resistivity):
        decor.paint(f"(segment {segment})", rL=float(value) * units.Ohm * units.cm)
    geometry = asked.geometry
    membrane = np.flatnonzero(geometry["area"] > 0)
    capacitance = geometry["capacitance"]
    for value in np.unique(capacitance[membrane]):
        where = membrane[capacitance[membrane] == value]
        decor.paint(_tags(where), cm=float(value) * 0.01 * units.F / units.m2)
    for mechanism in asked.inserted:
        known = catalogue[mechanism.name]
        here = mechanism.where[geometry["area"][mechanism.where] > 0]
        if len(here) < len(mechanism.where):
            raise RunError(f"{mechanism.name} is in a point without membrane")
        names = sorted(mechanism.values)
        table = np.array([mechanism.values[name] for name in names], float)
        table = table.reshape(len(names), len(here))
        kinds, of = np.unique(table, axis=1, return_inverse=True)
        for k, values in enumerate(kinds.T):
            own = dict(zip(names, map(float, values), strict=True))
            wide = {**mechanism.shared, **{n: x for n, x in own.items() if n in known.globals}}
            text = ",".join(f"{name}={value:.17g}" for name, value in wide.items())
            density = arbor.density(
                f"{mechanism.name}/{text}" if text else mechanism.name,
                {n: x for n, x in own.items() if n not in wide},
            )
            decor.paint(_tags(here[of.reshape(-1) == k]), density)
    for compartment, delay, duration, amplitude in asked.clamps:
        clamp = arbor.i_clamp(delay * units.ms, duration * units.ms, amplitude * units.nA)
        decor.place(laid.middles[compartment], clamp)
    detector = arbor.threshold_detector(asked.threshold * units.mV)
    decor.place(laid.middles[asked.detector], detector, "detector")
    return decor


def _ions(decor: Any, asked: CableJob, known: set[str]) -> None:
    """Concentrations and reversal potentials; Nernst's where they follow the concentrations.

    ``known`` are the ions that Arbor's channels know.
    """
    from arbor import units

    given: dict[str, dict[str, Any]] = {}
    for name, values in asked.ions.items():
        if name.startswith("e"):
            ion, what, value = name[1:], "rev_pot", float(values[0]) * units.mV
        else:
            ion, value = name[:-1], float(values[0]) * units.mM
            what = "int_con" if name.endswith("i") else "ext_con"
        if (values != values[0]).any():
            raise RunError(f"{name} is not the same in all compartments")
        given.setdefault(ion, {})[what] = value
    for ion in sorted(known & set(given)):
        if f"e{ion}" in asked.nernst:
            given[ion]["method"] = f"nernst/{ion}"
        decor.set_ion(ion, **given[ion])


def _tags(compartments: Any) -> str:
    return f"(join {' '.join(f'(tag {int(i)})' for i in compartments)} (region-nil))"
