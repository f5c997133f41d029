"""Which of the ions' variables change during a run, and in which compartments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.compartments import Compartments
from halfbrain.program.evaluate import evaluate
from halfbrain.program.instructions import Instruction, Program
from halfbrain.program.mechanism import Mechanism

_GAS, _FARADAY, _ZERO_CELSIUS = 8.31446261815324, 96485.33212331001, 273.15  # CODATA 2018
_EMPTY = 1e6  # mV: NEURON's where there is nothing inside
_VALENCE = {"na": 1, "k": 1, "ca": 2, "cl": -1}


class Ions:
    """An ion variable is kept if a mechanism may change it, where mechanisms use one that is kept.

    ``currents`` are the sums that some mechanism reads; ``written`` the concentrations, and the
    reversal potentials, that one sets; ``reversal`` gives, for each reversal potential that follows
    the concentrations, its compartments.
    ``kept`` are those that need arrays, of the compartments ``where`` (all, if few would be left
    out and many synapses would have to know their place in them).
    As in NEURON, a reversal potential follows the concentrations where a mechanism of the
    compartment uses one of them and none sets the potential, and is a constant elsewhere.
    """

    def __init__(self, cell: Compartments) -> None:
        self.cell = cell
        self.currents: set[str] = set()
        self.written: set[str] = set()
        self.valence = dict(_VALENCE)
        n = len(cell.parent)
        follows = {name: np.zeros(n, bool) for name in cell.nernst}
        is_set = {name: np.zeros(n, bool) for name in cell.nernst}
        for placed in cell.placed:
            for ion in placed.mechanism.ions:
                name = ion.name
                if ion.valence is not None:
                    self.valence[name] = ion.valence
                self.currents |= {f"i{name}"} & set(ion.reads)
                self.written |= set(ion.writes) - {f"i{name}"}
                if (own := f"e{name}") not in follows:
                    continue
                if {f"{name}i", f"{name}o"} & {*ion.reads, *ion.writes}:
                    follows[own][placed.where] = True
                if own in ion.writes:
                    is_set[own][placed.where] = True
        self.reversal = {
            name: at for name in follows if len(at := np.flatnonzero(follows[name] & ~is_set[name]))
        }
        self.kept = self._kept()
        self.where = self._where()

    def rest(self, name: str) -> NDArray[np.float64]:
        """A variable at the start, shape (n,).

        Raises
        ------
        ModelError
            if the cell does not give it.
        """
        n = len(self.cell.parent)
        if name not in self.cell.ions:
            raise ModelError(f"a mechanism reads {name}, which the cell gives no value for")
        value = np.array(np.broadcast_to(self.cell.ions[name], n), np.float64)
        if name in self.reversal:
            ion, at = name[1:], self.reversal[name]
            inside, outside = self.rest(f"{ion}i"), self.rest(f"{ion}o")
            program = nernst(self.factor(ion))
            value[at] = evaluate(program, {"outside": outside[at], "inside": inside[at]})[
                "reversal"
            ]
        return value

    def factor(self, ion: str) -> float:
        """RT / zF in mV."""
        if not self.valence.get(ion):
            raise ModelError(f"the valence of the ion {ion} is not known")
        kelvin = self.cell.celsius + _ZERO_CELSIUS
        return 1000 * _GAS * kelvin / (_FARADAY * self.valence[ion])

    def used(self, mechanism: Mechanism) -> list[str]:
        """The variables that are kept and that a mechanism reads or writes."""
        taken = {name for ion in mechanism.ions for name in (*ion.reads, *ion.writes)}
        return [name for name in self.kept if name in taken]

    def numbers(self) -> NDArray[np.int64]:
        """The number of each compartment among those that have ions, or -1."""
        number = np.full(len(self.cell.parent), -1)
        number[self.where] = np.arange(len(self.where))
        return number

    def _where(self) -> NDArray[np.int64]:
        n, lists = len(self.cell.parent), 0
        has = np.zeros(n, bool)
        for placed in self.cell.placed:
            if self.used(placed.mechanism):
                has[placed.where] = True
                lists += len(placed.where) if placed.mechanism.kind == "point" else 0
        where = np.flatnonzero(has)
        return where if len(self.kept) * (n - len(where)) > lists else np.arange(n)

    def _kept(self) -> list[str]:
        moving = {name for name in self.reversal if {f"{name[1:]}i", f"{name[1:]}o"} & self.written}
        sides = {f"{name[1:]}{side}" for name in moving for side in "io"}
        return sorted(self.currents | self.written | moving | sides)


def nernst(factor: float) -> Program:
    """The reversal potential from the concentrations outside and inside.

    As NEURON has it, plus or minus a million where a side is empty.
    """
    steps = (
        Instruction("_0", "divide", ("outside", "inside")),
        Instruction("_1", "log", ("_0",)),
        Instruction("_2", "multiply", ("_1", factor)),
        Instruction("_3", "greater", ("outside", 0.0)),
        Instruction("_4", "select", ("_3", "_2", -_EMPTY)),
        Instruction("_5", "greater", ("inside", 0.0)),
        Instruction("_6", "select", ("_5", "_4", _EMPTY)),
    )
    return Program(("outside", "inside"), steps, {"reversal": "_6"})
