"""What was measured on this machine, as plain data."""

from __future__ import annotations

from typing import Any

from halfbrain.contenders.measured import Measured
from halfbrain.facts.units import unit_text
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario

_AS_WRITTEN, _MENDED = "seed-2022", "seed-mended"  # the scenarios of the text of 2022


def measurements(measured: Measured, estimated: float) -> dict[str, Any]:
    """The runs and figures of a contender, beside the text of 2022 (docs/json.md).

    ``estimated`` is the estimate's median FLOP for each neuron and second of biological time.
    """
    written, mended = (
        forecast(measured.contender, load_scenario(name)).quantity("flop_per_neuron_second")
        for name in (_AS_WRITTEN, _MENDED)
    )
    seed, meant = (q.magnitude("FLOP/neuron/bio_second") for q in (written, mended))
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
                "ratio_to_seed": counted / seed,
                "machine_time_ratio_to_seed": machine_time / seed,
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
        "seed_flop_per_neuron_bio_second": seed,
        "seed_mended_flop_per_neuron_bio_second": meant,
        "ratio_to_seed": estimated / seed,
        "ratio_to_seed_mended": estimated / meant,
    }
