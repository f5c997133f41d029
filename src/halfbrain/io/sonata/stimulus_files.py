"""Currents of files: tables in CSV, and sweeps of the Allen Cell Types Database in NWB."""

from __future__ import annotations

import numpy as np

from halfbrain.circuits.detailed.drive import Wave
from halfbrain.errors import DataError, warn
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.tables import dataset, opened
from halfbrain.io.sonata.trains import needed, rows_of


def steps_of(part: Config) -> tuple[tuple[float, ...], ...]:
    """Amplitudes (nA), delays and durations (ms) of a table of times and amplitudes.

    Each holds to the next time, and the last as long as the one before it.

    Raises
    ------
    DataError
        one line with the file and line.
    """
    file = needed(part, "file")
    separator = part.text("separator", " ")
    if len(separator) != 1:
        raise part.fail("is one character", "separator")
    header, rows = rows_of(file, separator)
    names = [
        part.text("timestamps_column", "timestamps"),
        part.text("amplitudes_column", "amps"),
    ]
    if missing := [name for name in names if name not in header]:
        raise DataError(f"{file}:1: has no column {missing[0][:40]!r}")
    found: list[list[float]] = []
    for line, row in rows:
        try:
            words = dict(zip(header, row, strict=True))
            found.append([float(words[name]) for name in names])
        except ValueError as error:
            raise DataError(f"{file}:{line}: is no time and current: {error}"[:200]) from None
    if len(found) < 2 or not np.isfinite(found).all():
        raise DataError(f"{file}: has less than two times and currents, or some not finite")
    times, amplitudes = np.array(found).T
    if (np.diff(times) <= 0).any():
        raise DataError(f"{file}: its times do not rise")
    durations = np.append(np.diff(times), times[-1] - times[-2])
    if amplitudes[-1] != 0:
        end = times[-1] + durations[-1]
        warn(f"{file}: does not end with 0; its last current ends at {end:g} ms, as BMTK's")
    return tuple(amplitudes.tolist()), tuple(times.tolist()), tuple(durations.tolist())


def sweep_of(part: Config) -> Wave:
    """The current of a sweep, from the start of the run on, as BMTK's BioNet plays it.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    file = needed(part, "file")
    if part.number("delay", 0.0) != 0:
        raise part.fail("a sweep that begins later is not read", "delay")
    sweep = str(part.document.get("sweep_id", ""))
    sweep = f"Sweep_{int(sweep)}" if sweep.isdigit() else sweep
    with opened(file, "epochs") as epochs:
        if not sweep or sweep not in epochs:
            raise DataError(f"{file}: has no sweep {sweep[:40]!r}")
        series, place = epochs[sweep]["stimulus/timeseries"], f"{file}: /epochs/{sweep}"
        rate = float(np.asarray(series["starting_time"].attrs["rate"]))
        values = dataset(series, "data", "fiu", place).astype(np.float64) * 1e9
    if not 0 < rate < 1e9:
        raise DataError(f"{place}: its rate is {rate} Hz")
    step = 1000.0 / rate
    times = np.arange(len(values), dtype=np.float64) * step
    if (coarse := part.number("downsample", step)) > step:
        stride = round(coarse / step)
        values, times, step = values[::stride], times[::stride], coarse
    if "sweep_window" in part.document:
        window = part.numbers("sweep_window")
        if len(window) != 2 or not 0 <= window[0] < window[1]:
            raise part.fail("is two times in ms, the second later", "sweep_window")
        values = values[(times >= window[0]) & (times <= window[1])]
    if not len(values) or not np.isfinite(values).all():
        raise DataError(f"{place}: has no numbers there, or some that are not finite")
    times = np.arange(len(values) + 1, dtype=np.float64) * step
    return Wave(times, np.append(values, 0.0), held=True)
