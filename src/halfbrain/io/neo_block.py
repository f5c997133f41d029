"""Spikes and recorded states as a Neo block, for Elephant and everything else that reads Neo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from halfbrain.errors import RunError
from halfbrain.recording.recorded import Report
from halfbrain.recording.spikes import Spikes

if TYPE_CHECKING:
    import neo


def to_neo(spikes: Spikes, reports: Sequence[Report] = ()) -> neo.Block:
    """A block of one segment, with a spike train for each neuron and a signal for each report.

    Trains are annotated with ``population`` and ``neuron`` (from 0 in the population), and grouped
    by population. Signals are annotated with ``population``, ``variable``, ``unit`` and
    ``neurons``; one whose unit is not a plain unit that quantities knows is dimensionless.

    Raises
    ------
    RunError
        if Neo is not installed.
    """
    try:
        import neo
        import quantities
    except ImportError:
        raise RunError("Neo is not installed; pip install 'halfbrain[neo]'") from None

    segment = neo.Segment(name="run", dt=spikes.dt)
    block = neo.Block(name="halfbrain")
    block.segments.append(segment)
    for name, own in spikes.populations.items():
        times, neurons = spikes.of(name)
        order = np.argsort(neurons, kind="stable")
        ends = np.searchsorted(neurons[order], np.arange(1, len(own)))
        group = neo.Group(name=name, allowed_types=[neo.SpikeTrain], size=len(own))
        block.groups.append(group)
        # A spike may come at the very end, which is a step after the last.
        stop = max(spikes.seconds, times.max(initial=0.0))
        for neuron, train in enumerate(np.split(times[order], ends)[: len(own)]):
            found = neo.SpikeTrain(
                train, units="s", t_start=0.0, t_stop=stop, population=name, neuron=neuron
            )
            segment.spiketrains.append(found)
            group.spiketrains.append(found)
    for report in reports:
        signal = neo.AnalogSignal(
            report.data,
            units=_unit(quantities, report.unit),
            t_start=report.start * quantities.s,
            sampling_period=report.step * quantities.s,
            name=f"{report.population} {report.variable}",
            population=report.population,
            variable=report.variable,
            unit=report.unit,
        )
        signal.array_annotate(neurons=report.neurons)
        segment.analogsignals.append(signal)
    return block


def _unit(quantities: Any, text: str) -> Any:  # noqa: ANN401
    """The unit of that name. Looked up, since quantities would evaluate the text as Python."""
    found = getattr(quantities, text, None) if text.isidentifier() else None
    return found if isinstance(found, quantities.UnitQuantity) else quantities.dimensionless
