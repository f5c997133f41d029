"""SONATA's currents into cells: BMTK's clamps and tables, and the patterns of Blue Brain's."""

from __future__ import annotations

import numpy as np

from halfbrain.circuits.detailed.drive import Clamp, Wave, Waveform
from halfbrain.connectivity.draw import Stream
from halfbrain.errors import warn
from halfbrain.io.sonata import waves
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.node_sets import NodeSets
from halfbrain.io.sonata.patterns import PATTERNS, RANDOM, Given, Into
from halfbrain.io.sonata.stimulus_files import steps_of, sweep_of

KINDS = ("current_clamp", "conductance", "voltage_clamp", "csv", "file", "nwb", "allen")
_COMMON = {
    "input_type", "module", "node_set", "compartment_set", "delay", "duration", "enabled",
    "represents_physical_electrode", "section_name", "section_index", "section_dist", "name",
}  # fmt: skip


def read_currents(name: str, part: Config, sets: NodeSets, run: Config) -> list[Clamp | Waveform]:
    """What an input puts into neurons.

    Raises
    ------
    DataError
        one line with the file, the input, and what is wrong with it.
    """
    seed = int(abs(part.number("random_seed", run.number("random_seed", 1.0)))) & 0xFFFFFFFF
    until = run.number("tstop", 1e9)
    given = Given(name, part, until, Stream(seed, f"SONATA input {name}"))
    kind, module = part.text("input_type"), part.text("module", "IClamp")
    into = _into(part, sets)
    if not into:
        warn(str(part.fail("no neuron of this set takes its current", "node_set")))
    if kind == "voltage_clamp":
        if module.lower() != "seclamp":
            raise part.fail(f"{module[:40]!r} is not read; seclamp is", "module")
        return _told(part, "voltage duration_levels voltage_levels series_resistance", [
            form for k, own in enumerate(into) for form in _held_voltage(given, own, k)
        ])  # fmt: skip
    if kind in ("nwb", "allen") and module == "IClamp":
        wave = sweep_of(part)
        return _told(part, "file sweep_id downsample sweep_window", [
            _form(given, own, k, (wave,)) for k, own in enumerate(into)
        ])  # fmt: skip
    if kind in ("csv", "file") and module == "IClamp":
        columns = steps_of(part)
        keys = "file separator timestamps_column amplitudes_column"
        return _told(part, keys, [
            one for own in into for one in _steps(given, own, columns)
        ])  # fmt: skip
    amplitude = "amp" if module == "IClamp" else "amp_start"
    level = part.document.get("amp_end", part.document.get("amp_start"))
    if kind == "current_clamp" and (
        module == "IClamp" or (module == "linear" and level == part.document.get("amp_start"))
    ):
        columns = tuple(part.numbers(key) for key in (amplitude, "delay", "duration"))
        if len({len(column) for column in columns}) != 1:
            raise part.fail("amp, delay and duration are lists of one length")
        return _told(part, "amp amp_start amp_end", [
            one for own in into for one in _steps(given, own, columns)
        ])  # fmt: skip
    if kind not in ("current_clamp", "conductance") or module not in PATTERNS:
        raise part.fail(
            f"{module[:40]!r} is not read of {kind}; IClamp, {', '.join(PATTERNS)} are", "module"
        )
    pattern, keys = PATTERNS[module]
    if module in RANDOM:
        warn(
            f"{part.file}: {part.where}: random, of our own stream (random_seed {seed}): alike "
            "another simulator's in law, not in number"
        )
    reversal = part.number("reversal", 0.0) if kind == "conductance" else None
    if reversal is not None and module not in RANDOM[1:]:
        raise part.fail(f"{module} is no conductance that is read", "input_type")
    return _told(part, f"{keys} reversal random_seed", [
        _form(given, own, k, pattern(given, own), reversal) for k, own in enumerate(into)
    ])  # fmt: skip


def _told(part: Config, keys: str, drives: list[Clamp | Waveform]) -> list[Clamp | Waveform]:
    """Say of each key that nothing reads."""
    for key in part.document.keys() - _COMMON - set(keys.split()):
        warn(str(part.fail("is not read", key)))
    return drives


def _into(part: Config, sets: NodeSets) -> list[Into]:
    if "compartment_set" in part.document:
        return [
            Into(sets.nodes[name], *places)
            for name, places in sets.compartments(part.text("compartment_set")).items()
        ]
    where = part.document.get("section_name", "soma")
    if where not in ("soma", "somatic") or part.document.get("section_index", 0) != 0:
        raise part.fail(f"currents go into the soma only, not {where!r:.40}", "section_name")
    if part.number("section_dist", 0.5) != 0.5:
        raise part.fail("currents go into the soma's middle only", "section_dist")
    out = []
    for name, ids in sets.chosen(part.document.get("node_set")).items():
        nodes = sets.nodes[name]
        ids = ids[~nodes.point[ids]] if not nodes.point.all() else ids
        if not nodes.virtual and len(ids):
            out.append(Into(nodes, ids))
    return out


def _form(
    given: Given, into: Into, k: int, forms: tuple[Wave, ...], reversal: float | None = None
) -> Waveform:
    return Waveform(
        into.nodes.name, into.ids, forms, reversal, into.sections, into.positions,
        f"{given.name}[{k}]",
    )  # fmt: skip


def _steps(
    given: Given, into: Into, columns: tuple[tuple[float, ...], ...]
) -> list[Clamp | Waveform]:
    """Currents that are level, each from some time for some time."""
    out: list[Clamp | Waveform] = []
    for j, (amplitude, delay, duration) in enumerate(zip(*columns, strict=True)):
        if into.sections is not None:
            wave = waves.held([amplitude], [delay, delay + duration])
            out.append(_form(given, into, j, (wave,)))
            continue
        currents = np.zeros(into.nodes.table.size)
        currents[into.ids] = amplitude
        out.append(Clamp(into.nodes.name, currents, delay, duration, f"{given.name}[{j}]"))
    return out


def _held_voltage(given: Given, into: Into, k: int) -> list[Waveform]:
    """A voltage behind a resistance: a conductance to it, one level after the other."""
    part = given.part
    open_ = 1 / given.positive("series_resistance", 0.01)
    levels = [part.number("voltage")]
    ends = [given.delay + given.duration]
    if "voltage_levels" in part.document or "duration_levels" in part.document:
        levels = [*levels, *part.numbers("voltage_levels")]
        lengths = part.numbers("duration_levels")
        if len(lengths) != len(levels):
            raise part.fail("has one length for each level", "duration_levels")
        ends = (given.delay + np.cumsum(lengths)).tolist()
    begins = [given.delay, *ends[:-1]]
    return [
        _form(given, into, len(levels) * k + j, (waves.held([open_], [begin, end]),), level)
        for j, (level, begin, end) in enumerate(zip(levels, begins, ends, strict=True))
        if end > begin
    ]
