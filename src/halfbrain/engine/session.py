"""A run that keeps what it records: in files beside its output, until it ends.

``FILE.h5.spikes`` and ``FILE.h5.frames`` are appended to; ``FILE.h5.checkpoint`` says how much of
them belongs to the state that it holds. After a crash the run goes on from there, and what the
files have more is written again, bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine import checkpoint, sonata
from halfbrain.engine.recorded import Report
from halfbrain.engine.simulation import Simulation
from halfbrain.engine.spike_log import SpikeLog
from halfbrain.engine.spikes import mean_rates
from halfbrain.errors import RunError

CHECKPOINT_SECONDS = 30.0  # wall time between checkpoints


def checkpoint_of(out: Path) -> Path:
    """Where the checkpoint of a run with this output is."""
    return out.with_name(out.name + ".checkpoint")


def seconds_left(until: float, now: float, dt: float) -> float:
    """What a run has before it; all in seconds.

    Raises
    ------
    RunError
        if that is less than half a step.
    """
    if until - now < dt / 2:
        raise RunError(
            f"the run is already at {now:g} s of biological time; give more --seconds than that"
        )
    return until - now


class Session:
    """Runs a simulation to an end, whatever interrupts it.

    Parameters
    ----------
    simulation
        newly built.
    out
        the SONATA file to write; None keeps only the number of spikes of each neuron.
    recipe
        any JSON from which the simulation can be built again; it is kept in the checkpoint.
    saved
        a checkpoint to go on from.
    between
        wall seconds between checkpoints.
    """

    def __init__(
        self,
        simulation: Simulation,
        out: Path | None,
        recipe: Mapping[str, Any],
        saved: checkpoint.Checkpoint | None = None,
        between: float = CHECKPOINT_SECONDS,
    ) -> None:
        self.simulation, self.out, self.recipe, self.between = simulation, out, recipe, between
        self.counts = np.zeros(int(simulation.layout.first[-1]), np.int64)
        self._log: SpikeLog | None = None
        if saved:
            saved.restore(simulation)
            self.counts[:] = saved.arrays["counts"]
        if out:
            self._log = SpikeLog(out.with_name(out.name + ".spikes"))
            self._log.truncate(saved.notes["spikes"] if saved else 0)
            self._frames = out.with_name(out.name + ".frames")
            with self._frames.open("ab") as file:
                file.truncate(saved.notes["frames"] if saved else 0)
        simulation.on_spikes = self._take

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population so far, hertz."""
        return mean_rates(self.counts, self.simulation.populations, self.simulation.seconds)

    def run(self, until: float, progress: Callable[[float], object] | None = None) -> None:
        """Run until a biological time; interrupted or not, what was recorded is written.

        Raises
        ------
        RunError
            if that time has passed, or the run cannot go on, as where a state is no number.
        KeyboardInterrupt
            once all is written.
        """
        left = seconds_left(until, self.simulation.seconds, self.simulation.dt)
        begun, saved_at = self.simulation.step, time.monotonic()

        def between(seconds: float) -> None:
            nonlocal saved_at
            if progress:
                progress(seconds)
            if self.out and time.monotonic() - saved_at > self.between:
                self.save()
                saved_at = time.monotonic()

        try:
            self.simulation.run(left, between)
        except KeyboardInterrupt:
            self.save()
            self._write()
            raise
        except RunError as error:
            if not self.out or self.simulation.step == begun:
                raise
            self.save()
            self._write()
            raise RunError(f"{error}; {self.out} holds the run until then") from None
        self._write()
        self._clear()

    def save(self) -> None:
        """Write a checkpoint now, if there is an output to keep it beside."""
        if self.out is None or self._log is None:
            return
        self._append_frames()
        notes = dict(self.recipe) | {
            "spikes": self._log.position,
            "frames": self._frames.stat().st_size,
        }
        checkpoint.save(checkpoint_of(self.out), self.simulation, notes, {"counts": self.counts})

    def _take(self, steps: NDArray[np.int64], neurons: NDArray[np.int64]) -> None:
        self.counts += np.bincount(neurons, minlength=len(self.counts))
        if self._log is not None:
            self._log.append(steps, neurons)

    def _append_frames(self) -> None:
        values = self.simulation.take_recorded()
        if values.size:
            with self._frames.open("ab") as file:
                file.write(values.astype("<f4").tobytes())

    def _write(self) -> None:
        """The SONATA file, from what the logs hold."""
        if self.out is None or self._log is None:
            return
        self._append_frames()
        simulation = self.simulation
        sonata.write(
            self.out,
            self._log,
            simulation.populations,
            simulation.dt,
            simulation.seconds,
            self._reports(),
            {
                "circuit": simulation.circuit.name,
                "seed": simulation.seed,
                "dtype": simulation.dtype,
                "source": simulation.circuit.source,
            },
        )

    def _reports(self) -> list[Report]:
        simulation, at, out = self.simulation, 0, []
        width = sum(len(chosen) for chosen in simulation.watched.values())
        if not width or not self._frames.stat().st_size:
            return []
        frames = np.memmap(self._frames, np.dtype("<f4"), "r").reshape(-1, width)
        step = simulation.every * simulation.dt
        for (population, variable), chosen in simulation.watched.items():
            cell = simulation.neurons_of[simulation.index_of(population)]
            unit = cell.model.model.variables[variable].unit
            data = frames[:, at : at + len(chosen)]
            out.append(Report(population, variable, unit, chosen, step, step, data))
            at += len(chosen)
        return out

    def _clear(self) -> None:
        """Remove what only an unfinished run needs."""
        if self.out is None or self._log is None:
            return
        self._log.close()
        for path in (self._log.path, self._frames):
            path.unlink(missing_ok=True)
        checkpoint.remove(checkpoint_of(self.out))
