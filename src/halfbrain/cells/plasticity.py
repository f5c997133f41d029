"""Rules by which a synapse's weight changes with the spikes on its two sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plasticity:
    """A rule in terms of the weight ``w`` and of traces of spikes.

    ``pre`` and ``post`` name traces of the spikes of the source and of the target, with their time
    constants: a trace decays exponentially, and 1 is added to it at each spike (``nearest``: it is
    set to 1). ``on_pre`` runs when a spike arrives and may use ``w`` and all traces; ``on_post``
    when the target fires, likewise; both see the traces as they are just before the spike's own
    addition. ``on_source``, where given, replaces that addition for the ``pre`` traces: assignments
    to them, run once for each spike (short-term plasticity). ``deliver`` is what arrives, over
    ``w`` and the ``pre`` traces, worked out before ``on_pre`` and ``on_source``. All is seen at the
    synapse, where the source's spikes arrive after the delay and the target's at once; of two in
    one step the target's is first, unless ``source_first``: then the source's, as in Brian2.

    Examples
    --------
    >>> import halfbrain as hb
    >>> grow = "w = clip(w + 0.01*mV*x, 0*mV, 1*mV)"
    >>> hebb = hb.Plasticity("hebb", pre={"x": "20 ms"}, on_post=grow)
    >>> _ = hb.Projection("E", "E", "exc", hb.all_to_all(), weight="0.5 mV", plasticity=hebb)
    """

    name: str
    pre: Mapping[str, str] = field(default_factory=dict)
    post: Mapping[str, str] = field(default_factory=dict)
    on_source: str = ""
    on_pre: str = ""
    on_post: str = ""
    deliver: str = "w"
    constants: Mapping[str, str] = field(default_factory=dict)
    nearest: bool = False
    source_first: bool = False
    source: str = ""
