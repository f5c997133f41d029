"""What was measured on this machine, as plain data."""

from __future__ import annotations

from typing import Any

from halfbrain.contenders.measured import Measured, differing
from halfbrain.contenders.registry import contender
from halfbrain.facts.units import unit_text
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario

_AS_WRITTEN, _MENDED = "seed-2022", "seed-mended"  # the scenarios of the text of 2022


def measurements(measured: Measured, estimated: float) -> dict[str, Any]:
    """The runs and figures of a contender, beside the text of 2022 (docs/json.md).

    ``estimated`` is the estimate's median FLOP for each neuron and second of biological time.
    """
    seed, meant = (_of_the_text(measured.contender, name) for name in (_AS_WRITTEN, _MENDED))
    runs = []
    for run in measured.runs:
        counted = run.flop_per_neuron_bio_second
        machine_time = run.machine_time(measured.peak)
        runs.append(
            {
                "circuit": run.circuit,
                "neurons": run.neurons,
                "synapses": run.synapses,
                "bio_seconds": run.bio_seconds,
                "steps": run.steps,
                "spikes": run.spikes,
                "events": run.events,
                "plastic_events": run.plastic_events,
                "flop": run.flop,
                "bytes": run.bytes,
                "wall_seconds": run.wall_seconds,
                "share_of_peak": run.share_of(measured.peak),
                "flop_per_neuron_bio_second": counted,
                "machine_time_flop_per_neuron_bio_second": machine_time,
                "ratio": machine_time / counted,
                "ratio_to_seed": _over(counted, seed),
                "machine_time_ratio_to_seed": _over(machine_time, seed),
            }
        )
    return {
        "machine": measured.machine,
        "threads": measured.threads,
        "precision": measured.precision,
        "seed": measured.seed,
        "version": measured.version,
        "peak_flop_per_second": measured.peak,
        "runs": runs,
        "figures": [
            {
                "name": name,
                "unit": unit_text(figure.unit),
                "values": {
                    run.circuit: run.figures[name] for run in measured.runs if name in run.figures
                },
            }
            for name, figure in measured.inputs.items()
        ],
        "utilisation_measured": measured.utilisation is not None,
        "speed": _speed(measured),
        "seed_flop_per_neuron_bio_second": seed,
        "seed_mended_flop_per_neuron_bio_second": meant,
        "ratio_to_seed": _over(estimated, seed),
        "ratio_to_seed_mended": _over(estimated, meant),
    }


def _speed(measured: Measured) -> dict[str, Any] | None:
    """The fit over several sizes, its runs, and which counts are others at another size."""
    fit = measured.speed
    if fit is None:
        return None
    return {
        "nanoseconds": {kind: 1e9 * seconds for kind, seconds in fit.seconds.items()},
        "largest_residual": fit.largest,
        "holds_beyond": fit.holds,
        "runs": [
            {
                "circuit": run.circuit,
                "neurons": run.neurons,
                "synapses": run.synapses,
                "wall_seconds": run.wall_seconds,
                "share_of_peak": run.share_of(measured.peak),
                "residual": residual,
            }
            for run, residual in zip(measured.sizes, fit.residuals, strict=True)
        ],
        "differing": [
            {"name": name, "circuit": circuit, "least": low, "most": high}
            for (name, circuit), (low, high) in differing(measured.sizes).items()
        ],
    }


def _of_the_text(name: str, scenario: str) -> float | None:
    """FLOP for each neuron and second in the text of 2022, where it has a run to count from."""
    if contender(name).machine_time is None:
        return None
    found = forecast(name, load_scenario(scenario)).quantity("flop_per_neuron_second")
    return found.magnitude("FLOP/neuron/bio_second")


def _over(value: float, other: float | None) -> float | None:
    return None if other is None else value / other
