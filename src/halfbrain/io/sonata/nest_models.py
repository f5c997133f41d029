"""NEST's integrate-and-fire models that are read: their parameters, by the names of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError, warn
from halfbrain.io.sonata.config import Config, read_json
from halfbrain.io.sonata.tables import Floats, Ints, Table, Texts

PREFIX = "nest:"
Form = Literal["delta", "exp", "alpha", "cond_exp", "cond_alpha"]


@dataclass(frozen=True)
class Model:
    """A model of NEST's: the form of its synapses, and its parameters' first values.

    They are in NEST's units: mV, ms, pF, nS, pA. ``lists`` are parameters of several numbers.
    ``ports`` are named by edges (``receptor_type``); else a weight's sign says where it goes.
    """

    form: Form
    defaults: Mapping[str, float]
    lists: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def ports(self) -> bool:
        """Whether edges name a port."""
        return "tau_syn" in self.lists


_LEAK = {"C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0,
         "t_ref": 2.0, "I_e": 0.0, "V_m": -70.0}  # fmt: skip
_TWO = {"tau_syn_ex": 2.0, "tau_syn_in": 2.0}
_OPEN = {"C_m": 250.0, "g_L": 16.6667, "E_L": -70.0, "V_th": -55.0, "V_reset": -60.0,
         "t_ref": 2.0, "I_e": 0.0, "V_m": -70.0, "E_ex": 0.0, "E_in": -85.0,
         "tau_syn_ex": 0.2, "tau_syn_in": 2.0}  # fmt: skip
_GLIF = {"C_m": 58.72, "g": 9.43, "E_L": -78.85, "V_th": -51.68, "V_reset": -78.85,
         "t_ref": 3.75, "V_m": -78.85, "spike_dependent_threshold": 0.0,
         "after_spike_currents": 0.0, "adapting_threshold": 0.0, "th_spike_add": 0.37,
         "th_spike_decay": 0.009, "voltage_reset_fraction": 0.2, "voltage_reset_add": 18.51,
         "th_voltage_index": 0.005, "th_voltage_decay": 0.09}  # fmt: skip

MODELS: Mapping[str, Model] = {
    "iaf_psc_delta": Model("delta", _LEAK),
    "iaf_psc_exp": Model("exp", _LEAK | _TWO),
    "iaf_psc_alpha": Model("alpha", _LEAK | _TWO),
    "iaf_cond_exp": Model("cond_exp", _OPEN),
    "iaf_cond_alpha": Model("cond_alpha", _OPEN),
    "glif_psc": Model("alpha", _GLIF, {
        "tau_syn": (2.0,), "asc_init": (0.0, 0.0), "asc_decay": (0.003, 0.1),
        "asc_amps": (-9.18, -198.94), "asc_r": (1.0, 1.0)}),
}  # fmt: skip
_POSITIVE = ("C_m", "tau_m", "g_L", "g", "tau_syn", "tau_syn_ex", "tau_syn_in", "asc_decay",
             "th_spike_decay", "th_voltage_decay")  # fmt: skip
# Allen's fits name a glif_psc by the mechanisms that it has.
_ALLEN = {"glif_lif_psc": "", "glif_lif_r_psc": "r", "glif_lif_asc_psc": "c",
          "glif_lif_r_asc_psc": "rc", "glif_lif_r_asc_a_psc": "rca"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Neurons:
    """The models of a population's neurons, by name, their form, and their parameters.

    Parameters are in NEST's units, NaN where a model has none of that name; the numbers of a list
    are ``NAME.1`` and so on. ``by_port`` are those onto which edges name a port, and
    ``most_ports`` how many each has.
    """

    names: Texts
    form: Form
    parameters: dict[str, Floats]

    @property
    def by_port(self) -> NDArray[np.bool_]:
        """Which of them have edges that name a port."""
        return np.array([_model(name).ports for name in self.names], bool)

    @property
    def most_ports(self) -> Ints:
        """How many ports each has."""
        most = np.zeros(len(self.names), np.int64)
        for key, column in self.parameters.items():
            if key.startswith("tau_syn."):
                most += ~np.isnan(column)
        return most


def _model(name: str) -> Model:
    return MODELS["glif_psc" if name in _ALLEN else name]


def read_neurons(config: Config, table: Table) -> Neurons:
    """The neurons of a population.

    Raises
    ------
    DataError
        one line that names the file, and the template or parameter that is not read.
    """
    if not table.size:
        raise DataError(f"{table.place}: has no node")
    templates = table.texts("model_template").astype(str)
    for template in np.unique(templates):
        if template.removeprefix(PREFIX) not in {**MODELS, **_ALLEN}:
            raise DataError(
                f"{table.place}: model_template {template[:40]!r} is not read; "
                f"{PREFIX}{', '.join(MODELS)} are"
            )
    names = np.array([str(t).removeprefix(PREFIX) for t in templates], object)
    forms = list(dict.fromkeys(_model(name).form for name in names))
    if len(forms) != 1:
        raise DataError(
            f"{table.place}: {' and '.join(sorted(set(names)))[:80]} are in one population; "
            "only iaf_psc_alpha and glif_psc may be"
        )
    for processing in np.unique(table.texts("model_processing").astype(str)):
        if processing:
            raise DataError(f"{table.place}: model_processing {processing[:40]!r} is not read")
    found = _parameters(config, table, names)
    if early := int((found["V_m"] >= found["V_th"]).sum()):
        warn(f"{table.place}: {early} neurons begin above V_th; they fire a step before NEST's")
    rests = np.unique(found["t_ref"])
    if forms[0] == "delta" and len(rests) > 1:
        raise DataError(
            f"{table.place}: t_ref is {rests[0]:g} and {rests[1]:g}; iaf_psc_delta of one "
            "population share it"
        )
    return Neurons(names, forms[0], found)


def _parameters(config: Config, table: Table, names: Texts) -> dict[str, Floats]:
    out: dict[str, Floats] = {}

    def put(key: str, value: float | Floats, rows: Any) -> None:  # noqa: ANN401
        out.setdefault(key, np.full(table.size, np.nan))[rows] = value

    def put_list(key: str, values: tuple[float, ...], rows: Any) -> None:  # noqa: ANN401
        for number, value in enumerate(values, 1):
            put(f"{key}.{number}", value, rows)

    files = table.texts("dynamics_params").astype(str)
    for name, file in sorted(set(zip(names.tolist(), files.tolist(), strict=True))):
        rows = (names == name) & (files == file)
        model = _model(name)
        given = _file(config, file)
        if name in _ALLEN:
            given = allen_glif(given, _ALLEN[name])
        _check_known(given, model)
        for key, default in model.defaults.items():
            on = given.document.get(key)
            put(key, float(on) if isinstance(on, bool) else given.number(key, default), rows)
        for key, defaults in model.lists.items():
            put_list(key, given.numbers(key) if key in given.document else defaults, rows)
        if model.ports:
            sizes = {len(given.document.get(key, model.lists[key]))
                     for key in model.lists if key != "tau_syn"}  # fmt: skip
            if len(sizes) > 1:
                raise given.fail("asc_init, asc_decay, asc_amps and asc_r are of one length")
    for key in table.parameters:
        if key not in out:
            raise DataError(f"{table.place}: dynamics_params/{key} is not read")
        own = table.own(key)
        out[key] = np.where(np.isfinite(own), own, out[key])
    _check_positive(out, table.place)
    for number, key in enumerate(("tau_syn_ex", "tau_syn_in"), 1):
        own = out.pop(key, np.full(table.size, np.nan))
        put(f"tau_syn.{number}", own[~np.isnan(own)], ~np.isnan(own))
    if "g" in out:
        glif = ~np.isnan(out["g"])
        put("tau_m", out["C_m"][glif] / out["g"][glif], glif)
    return out


def _check_known(given: Config, model: Model) -> None:
    known = [*model.defaults, *model.lists]
    for key in given.document:
        if key not in known:
            raise given.fail(f"is no parameter that is read; {', '.join(known)} are", key)


def _check_positive(parameters: Mapping[str, Floats], place: str) -> None:
    for key, column in parameters.items():
        low = (column < 0) if key == "t_ref" else (column <= 0) & (key.split(".")[0] in _POSITIVE)
        if low.any():
            raise DataError(f"{place}: {key} must not be {column[low][0]:g}")


def _file(config: Config, name: str) -> Config:
    components = config.part("components")
    if not name:
        return Config(config.file, {})
    folder = components.path("point_neuron_models_dir")
    if folder is None:
        raise components.fail("is missing", "point_neuron_models_dir")
    document = read_json(folder / name)
    if not isinstance(document, dict):
        raise DataError(f"{folder / name}: must be an object {{...}}")
    return Config(folder / name, document)


def allen_glif(fit: Config, mechanisms: str) -> Config:
    """The parameters of a glif_psc from a fit of the Allen Cell Types Database (SI units).

    ``mechanisms``: ``r`` a reset that depends on the voltage, and a threshold on spikes; ``c``
    currents after spikes; ``a`` a threshold that follows the voltage. Four ports have the time
    constants that BMTK gives them.

    Raises
    ------
    DataError
        one line that names what is missing.
    """
    if fit.document.get("type") != "GLIF":
        return fit
    scale = fit.part("coeffs")
    rest = fit.number("El_reference") * 1e3
    out: dict[str, Any] = {
        "V_m": fit.number("El") * 1e3 + rest,
        "E_L": fit.number("El") * 1e3 + rest,
        "V_reset": rest,
        "V_th": scale.number("th_inf") * fit.number("th_inf") * 1e3 + rest,
        "g": scale.number("G") / fit.number("R_input") * 1e9,
        "C_m": scale.number("C") * fit.number("C") * 1e12,
        "t_ref": fit.number("spike_cut_length") * fit.number("dt") * 1e3,
        "tau_syn": [5.5, 8.5, 2.8, 5.8],
    }
    threshold = fit.part("threshold_dynamics_method").part("params")
    reset = fit.part("voltage_reset_method").part("params")
    if "r" in mechanisms:
        out |= {
            "spike_dependent_threshold": True,
            "th_spike_add": threshold.number("a_spike") * 1e3,
            "th_spike_decay": threshold.number("b_spike") * 1e-3,
            "voltage_reset_fraction": reset.number("a"),
            "voltage_reset_add": reset.number("b") * 1e3,
        }
        del out["V_reset"]
    if "c" in mechanisms:
        taus, amps = fit.numbers("asc_tau_array"), fit.numbers("asc_amp_array")
        scales = scale.numbers("asc_amp_array")
        if not len(taus) == len(amps) == len(scales) or not all(taus):
            raise fit.fail("is as long as asc_amp_array and its coeffs, and not 0", "asc_tau_array")
        out |= {
            "after_spike_currents": True,
            "asc_init": [value * 1e12 for value in fit.numbers("init_AScurrents")],
            "asc_decay": [1e-3 / tau for tau in taus],
            "asc_amps": [a * b * 1e12 for a, b in zip(amps, scales, strict=True)],
            "asc_r": [1.0] * len(taus),
        }
    if "a" in mechanisms:
        out |= {
            "adapting_threshold": True,
            "th_voltage_index": threshold.number("a_voltage") * scale.number("a") * 1e-3,
            "th_voltage_decay": threshold.number("b_voltage") * scale.number("b") * 1e-3,
        }
    return Config(fit.file, out)
