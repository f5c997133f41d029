"""A circuit from a TOML file.

    name = "pair"
    dt = "0.1 ms"

    [populations.E]                      # a cell of the library, some constants changed
    size = 100
    cell = "lif_current_exp"
    constants = { tau_m = "15 ms" }
    values = { v = { uniform = ["-65 mV", "-50 mV"] }, I_e = "0.4 nA" }

    [populations.I]                      # or one of its own
    size = 25
    equations = '''
    dv/dt = (E_L - v)/(10*ms) + g/(5*ms) : volt (unless refractory)
    dg/dt = -g/(5*ms) : volt
    '''
    constants = { E_L = "-65 mV" }
    threshold = "v > -50*mV"
    reset = "v = E_L"
    refractory = "2 ms"
    receptors = { ex = "g" }

    [[projections]]
    source = "E"
    target = "I"
    receptor = "ex"
    rule = { name = "bernoulli", p = 0.1 }
    weight = { normal = "2 mV", std = "0.2 mV", low = "0 mV" }
    delay = "1.5 ms"
    plasticity = { name = "pair_stdp", w_max = "4 mV" }

    [[drives]]
    target = "E"
    receptor = "ex"
    rate = "800 Hz"
    weight = "50 pA"

docs/circuits.md says what each entry can be. Text is data: equations are parsed, nothing is run.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from halfbrain.circuits.check import check
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection
from halfbrain.circuits.toml_parts import OWN_CELL, cell_of, plasticity_of, rule_of, value_of
from halfbrain.circuits.toml_table import Table
from halfbrain.errors import CircuitError, HalfbrainError, ModelError
from halfbrain.reading import file_text

_NAME = re.compile(r"[A-Za-z_][\w.+-]{0,39}")
_PROJECTION = ("source", "target", "receptor", "rule", "weight", "delay", "plasticity")


def circuit_from_toml(path: str | Path) -> Circuit:
    """Read and check a circuit; its synapses are drawn later, by the engine.

    Raises
    ------
    CircuitError, ModelError
        one line that names the file, the table and what is wrong in it.
    """
    path = Path(path)
    try:
        entries = tomllib.loads(file_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise CircuitError(f"{path}: cannot be read ({_one_line(error)})") from None
    except (ValueError, RecursionError) as error:
        raise CircuitError(f"{path}: is not TOML: {_one_line(error)}") from None
    try:
        circuit = _circuit(entries, path.stem)
        check(circuit)
    except ModelError as error:
        raise ModelError(f"{path}: {_one_line(error)}") from None
    except HalfbrainError as error:
        raise CircuitError(f"{path}: {_one_line(error)}") from None
    return circuit


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _circuit(entries: dict[str, object], stem: str) -> Circuit:
    top = Table(entries, "top", ("name", "dt", "source", "populations", "projections", "drives"))
    populations = entries.get("populations", {})
    if not isinstance(populations, dict) or not populations:
        raise CircuitError("[populations]: there must be one, as in [populations.E]")
    return Circuit(
        name=top.text("name", stem),
        populations=tuple(_population(name, table) for name, table in populations.items()),
        projections=tuple(
            _projection(i, table) for i, table in enumerate(top.items("projections"), 1)
        ),
        drives=tuple(_drive(i, table) for i, table in enumerate(top.items("drives"), 1)),
        dt=top.number("dt") if "dt" in top else "0.1 ms",
        source=top.text("source", ""),
    )


def _population(name: str, entries: object) -> Population:
    place = f"[populations.{name[:40]}]"
    if not _NAME.fullmatch(name):
        raise CircuitError(f"{place}: a name is a letter, then at most 39 letters, digits or _.+-")
    table = Table(entries, place, ("size", "cell", "spikes", "values", *OWN_CELL))
    try:
        cell = cell_of(table, name)
    except ModelError as error:
        raise ModelError(f"{place}: {error}") from None
    given = table.entries.get("values", {})
    if not isinstance(given, dict):
        raise table.fail("values", "must be a table such as { v = '-60 mV' }")
    values = Table(given, f"{place}: values", tuple(given))
    return Population(
        name, cell, table.whole("size"), {key: value_of(values, key) for key in given}
    )


def _projection(number: int, entries: object) -> Projection:
    place = f"[[projections]] number {number}"
    table = Table(entries, place, _PROJECTION)
    try:
        plasticity = plasticity_of(table)
    except ModelError as error:
        raise ModelError(f"{place}: {error}") from None
    return Projection(
        table.text("source"),
        table.text("target"),
        table.text("receptor"),
        rule_of(table),
        weight=value_of(table, "weight"),
        delay=value_of(table, "delay") if "delay" in table else 0.0,
        plasticity=plasticity,
    )


def _drive(number: int, entries: object) -> PoissonDrive:
    table = Table(entries, f"[[drives]] number {number}", ("target", "receptor", "rate", "weight"))
    return PoissonDrive(
        table.text("target"), table.text("receptor"), table.number("rate"), table.number("weight")
    )
