"""The variables of a mechanism, by what becomes of each."""

from __future__ import annotations

from halfbrain.errors import ModelError, warn
from halfbrain.nmodl.names import keys_of, targets
from halfbrain.nmodl.tree import Model

VALENCES = {"na": 1, "k": 1, "ca": 2, "cl": -1}  # of the ions that NEURON knows, and chloride
OUTSIDE = ("v", "celsius", "dt", "t", "diam", "area")


class Variables:
    """``settable`` are the user's, ``kept`` what statements set; both with their defaults.

    Raises
    ------
    ModelError
        if a current is set that no ion writes, or never set.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.lengths = {
            d.name: d.length
            for group in (model.parameters, model.states, model.assigned)
            for d in group.values()
            if d.length is not None
        }
        self.ion_names = {n for ion in model.ions for n in (*ion.reads, *ion.writes)}
        self.states = keys_of(model.states.values())
        self.set = set(targets(model))
        own = {*self.ion_names, *OUTSIDE, *model.pointers}
        self.currents = [
            *model.nonspecific,
            *model.electrode,
            *(f"i{ion.name}" for ion in model.ions if f"i{ion.name}" in ion.writes),
        ]
        # A current that it writes is its own, and not the sum of all, unless it reads that too.
        self.own = {
            f"i{ion.name}": f"own_i{ion.name}"
            for ion in model.ions
            if f"i{ion.name}" in ion.writes and f"i{ion.name}" not in ion.reads
        }
        # An ion's current that is written and not read is, where it is taken, the mechanism's own.
        self.own_currents = {
            f"i{ion.name}" for ion in model.ions if f"i{ion.name}" in {*ion.writes} - {*ion.reads}
        }
        # Assigned variables that nothing sets are the user's to set, as parameters are.
        free = [d for d in model.assigned.values() if d.name not in self.set]
        self.settable = {
            key: (d.default or 0.0)
            for d in (*model.parameters.values(), *free)
            if d.name not in own
            and d.name not in self.set
            and d.name not in model.states
            and d.name not in model.streams
            for key in keys_of([d])
        }
        self.kept = {
            key: (d.default or 0.0)
            for d in (*model.parameters.values(), *model.assigned.values())
            if d.name not in own and d.name in self.set and d.name not in model.states
            for key in keys_of([d])
        } | dict.fromkeys(self.own.values(), 0.0)
        # Parameters that the file sets itself: INITIAL may read what the user has set.
        self.begun_with = {
            k: v for k, v in self.kept.items() if k.split("[")[0] in model.parameters
        }
        self.declared = {
            *own, *self.states, *self.settable, *self.kept, *self.currents, *model.streams,
        }  # fmt: skip
        self._check()

    def check_read(self, inputs: set[str]) -> None:
        """Refuse an ion's variable that is read without USEION: NEURON would take it as 0."""
        model = self.model
        for ion in VALENCES:
            for name in (f"e{ion}", f"{ion}i", f"{ion}o", f"i{ion}"):
                declared = model.assigned.get(name)
                shown = name in model.ranges or name in model.globals
                if declared and name in inputs and name in self.settable and not shown:
                    raise ModelError(
                        f"{declared.place}: {name} is read, but never set; "
                        f"write USEION {ion} READ {name}"
                    )

    def _check(self) -> None:
        model = self.model
        named = {ion.name for ion in model.ions}
        for ion_name in VALENCES:
            declared = None if ion_name in named else model.assigned.get(f"i{ion_name}")
            if declared and declared.name in self.set and declared.name not in self.currents:
                warn(
                    f"{declared.place}: {declared.name} is set, but flows nowhere: there is no "
                    f"USEION {ion_name} WRITE {declared.name}"
                )
        for ion in model.ions:
            name = f"i{ion.name}"
            used = (*ion.reads, *ion.writes, *model.nonspecific)
            if name in self.set and name not in used:
                warn(
                    f"{ion.place}: {name} is set, but flows nowhere: USEION {ion.name} does not "
                    f"say WRITE {name}"
                )
        for name in self.currents:
            if not model.has_breakpoint:
                raise ModelError(
                    f"{model.place}: the current {name} is named, but there is no BREAKPOINT to "
                    "set it; is the file truncated?"
                )
            if name not in self.set:
                warn(f"{model.place}: the current {name} is never set: it is 0")
