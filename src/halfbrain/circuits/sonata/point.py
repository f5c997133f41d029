"""SONATA's point neurons: NEST's models of the integrate-and-fire family, as BMTK's PointNet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from halfbrain.cells.cell import Cell
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.circuits.rule import Explicit
from halfbrain.circuits.sonata.config import Config, read_json
from halfbrain.circuits.sonata.edges import contacts, edges_of, finite, weights_of
from halfbrain.circuits.sonata.nodes import Nodes
from halfbrain.circuits.sonata.tables import Floats, Table
from halfbrain.errors import DataError, warn

PREFIX = "nest:"
_DELAY = 1.0  # ms: NEST's


@dataclass(frozen=True)
class _Model:
    """A model of NEST's: equations, its parameters' first values, and where its weights go."""

    equations: str
    defaults: Mapping[str, float]
    excites: str
    inhibits: str
    unit: float  # of a weight, in SI units
    absolute: bool = False  # whether what inhibits has weights above 0
    deaf: bool = False


_UNITS = {"m": ("volt", 1e-3), "t": ("second", 1e-3), "p": ("amp", 1e-12),
          "c": ("farad", 1e-12), "g": ("siemens", 1e-9)}  # fmt: skip
# Dimensions of parameters by their first letters.
_KINDS = {"C_m": "c", "tau_m": "t", "E_L": "m", "V_th": "m", "V_reset": "m", "t_ref": "t",
          "I_e": "p", "V_m": "m", "tau_syn_ex": "t", "tau_syn_in": "t", "g_L": "g",
          "E_ex": "m", "E_in": "m"}  # fmt: skip
_LEAK = {"C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0,
         "t_ref": 2.0, "I_e": 0.0, "V_m": -70.0}  # fmt: skip
_TWO = {"tau_syn_ex": 2.0, "tau_syn_in": 2.0}
_OPEN = {"C_m": 250.0, "g_L": 16.6667, "E_L": -70.0, "V_th": -55.0, "V_reset": -60.0,
         "t_ref": 2.0, "I_e": 0.0, "V_m": -70.0, "E_ex": 0.0, "E_in": -85.0,
         "tau_syn_ex": 0.2, "tau_syn_in": 2.0}  # fmt: skip
_CURRENTS = "dv/dt = (E_L - v)/tau_m + (x_ex + x_in + I_e)/C_m : volt (unless refractory)\n"
_CONDUCTANCES = (
    "dv/dt = (g_L*(E_L - v) + x_ex*(E_ex - v) + x_in*(E_in - v) + I_e)/C_m"
    " : volt (unless refractory)\n"
)


def _exponential(unit: str) -> str:
    return "".join(f"dx_{s}/dt = -x_{s}/tau_syn_{s} : {unit}\n" for s in ("ex", "in"))


def _alpha(unit: str) -> str:
    return "".join(
        f"dx_{s}/dt = (exp(1)*y_{s} - x_{s})/tau_syn_{s} : {unit}\n"
        f"dy_{s}/dt = -y_{s}/tau_syn_{s} : {unit}\n"
        for s in ("ex", "in")
    )


_MODELS = {
    "iaf_psc_delta": _Model(
        "dv/dt = (E_L - v)/tau_m + I_e/C_m : volt (unless refractory)\n",
        _LEAK, "v", "v", 1e-3, deaf=True,
    ),
    "iaf_psc_exp": _Model(
        _CURRENTS + _exponential("amp"), _LEAK | _TWO, "x_ex", "x_in", 1e-12
    ),
    "iaf_psc_alpha": _Model(
        _CURRENTS + _alpha("amp"), _LEAK | _TWO, "y_ex", "y_in", 1e-12
    ),
    "iaf_cond_exp": _Model(
        _CONDUCTANCES + _exponential("siemens"), _OPEN, "x_ex", "x_in", 1e-9, absolute=True
    ),
    "iaf_cond_alpha": _Model(
        _CONDUCTANCES + _alpha("siemens"), _OPEN, "y_ex", "y_in", 1e-9, absolute=True
    ),
}  # fmt: skip


def point_circuit(
    config: Config, nodes: Mapping[str, Nodes], trains: Mapping[str, SpikeList], dt: float
) -> Circuit:
    """A circuit whose neurons are all NEST's; ``dt`` in ms.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    models: dict[str, _Model] = {}
    leaks: dict[str, Floats] = {}
    populations = []
    for own in nodes.values():
        if own.virtual:
            populations.append(Population(own.name, _train(trains, own, dt), own.table.size))
        else:
            models[own.name], leaks[own.name], population = _population(config, own, dt)
            populations.append(population)
    projections = []
    for _, source, sources, target, targets, table in edges_of(config, nodes):
        model = models[target.name]
        _check_synapses(config, table)
        weights = weights_of(table, source, target, sources, targets) * contacts(table)
        if "delay" in table:
            delays = finite(table, "delay")
        else:
            delays = np.full(table.size, _DELAY)
            warn(f"{table.place}: names no delay; NEST's {_DELAY:g} ms is taken")
        if model.deaf:
            # NEST's jump is at the end of a step, ours at the start of one, after which it leaks.
            weights = weights * np.exp(dt / leaks[target.name][targets])
            delays = delays - dt
        if len(delays) and delays.min() < dt - 1e-6:
            steps = 2 if model.deaf else 1
            raise DataError(f"{table.place}: delays are {steps} steps of {dt:g} ms at least")
        for receptor, rows in (
            ("ex", np.flatnonzero(weights >= 0)),
            ("in", np.flatnonzero(weights < 0)),
        ):
            if not len(rows):
                continue
            size = np.abs(weights[rows]) if model.absolute else weights[rows]
            projections.append(
                Projection(
                    source.name,
                    target.name,
                    receptor,
                    Explicit(sources[rows], targets[rows]),
                    size * model.unit,
                    delays[rows] * 1e-3,
                )
            )
    return Circuit(
        name=config.file.stem,
        populations=tuple(populations),
        projections=tuple(projections),
        dt=dt * 1e-3,
        source=str(config.file),
    )


def _train(trains: Mapping[str, SpikeList], own: Nodes, dt: float) -> SpikeList:
    """Given spikes, at the first step not before each, as NEST delivers them."""
    given = trains.get(own.name, SpikeList(np.empty(0), np.empty(0, np.int64)))
    steps = np.ceil(given.times * 1e3 / dt - 1e-6)
    return SpikeList(steps * dt * 1e-3, given.neurons)


def _population(config: Config, own: Nodes, dt: float) -> tuple[_Model, Floats, Population]:
    table = own.table
    template = _only(table, "model_template", table.texts("model_template").tolist())
    name = template.removeprefix(PREFIX)
    if name not in _MODELS:
        raise DataError(
            f"{table.place}: model_template {template[:40]!r} is not read; "
            f"{PREFIX}{', '.join(_MODELS)} are"
        )
    for processing in np.unique(table.texts("model_processing").astype(str)):
        if processing:
            raise DataError(f"{table.place}: model_processing {processing[:40]!r} is not read")
    model = _MODELS[name]
    given = _parameters(config, table, model)
    refractory = _only(table, "t_ref", np.unique(given["t_ref"]).tolist())
    constants, declared, values = {}, "", dict[str, Floats]()
    for key in model.defaults:
        if key in ("t_ref", "V_m"):
            continue
        unit, scale = _UNITS[_KINDS[key]]
        column = given[key] * scale
        if key != "I_e" and (column == column[0]).all():
            constants[key] = f"{float(column[0])!r} {unit}"
        else:
            declared += f"{key} : {unit}\n"
            values[key] = column
    values["v"] = given["V_m"] * 1e-3
    cell = Cell(
        name=f"{own.name}.{name}",
        equations=model.equations + declared,
        constants=constants,
        threshold="v >= V_th",
        reset="v = V_reset",
        # NEST rests for t_ref after the step of the spike, which we count.
        refractory=f"{float(refractory) + dt!r} ms",
        receptors={"ex": model.excites, "in": model.inhibits},
        deaf=model.deaf,
        method="rk4" if model.absolute else None,
        source=f"NEST's {name}",
    )
    leak = given.get("tau_m", np.empty(0))
    return model, leak, Population(own.name, cell, table.size, values)


def _parameters(config: Config, table: Table, model: _Model) -> dict[str, Floats]:
    """Each parameter of each node, in NEST's units."""
    out = {key: np.full(table.size, value) for key, value in model.defaults.items()}
    files = table.texts("dynamics_params").astype(str)
    components = config.part("components")
    for name in np.unique(files):
        if not name:
            continue
        folder = components.path("point_neuron_models_dir")
        if folder is None:
            raise components.fail("is missing", "point_neuron_models_dir")
        part = Config(folder / name, read_json(folder / name))
        for key in part.document:
            if key not in out:
                raise part.fail(f"is no parameter that is read; {', '.join(out)} are", key)
            out[key][files == name] = part.number(key)
    for key in table.parameters:
        if key not in out:
            raise DataError(f"{table.place}: dynamics_params/{key} is not read")
        own = table.own(key)
        out[key] = np.where(np.isfinite(own), own, out[key])
    return out


def _check_synapses(config: Config, table: Table) -> None:
    for template in np.unique(table.texts("model_template").astype(str)):
        if template not in ("", "static_synapse"):
            raise DataError(
                f"{table.place}: model_template {template[:40]!r} is not read onto point neurons; "
                "static_synapse is"
            )
    folder = config.part("components").path("synaptic_models_dir")
    for name in np.unique(table.texts("dynamics_params").astype(str)):
        if name and folder is not None:
            part = Config(folder / name, read_json(folder / name))
            for key in part.document:
                if key not in ("level_of_detail", "sign"):
                    raise part.fail("is not read of a synapse onto a point neuron", key)


def _only(table: Table, what: str, values: list[object]) -> str:
    found = list(dict.fromkeys(str(value) for value in values))
    if len(found) != 1:
        raise DataError(
            f"{table.place}: {what} is {' and '.join(found)[:80]}; point neurons of one population "
            "share it"
        )
    return found[0]
