"""KINETIC blocks: reactions as rates of change of their states."""

from __future__ import annotations

from halfbrain.errors import ModelError
from halfbrain.nmodl.execution import Execution
from halfbrain.nmodl.names import mentions
from halfbrain.nmodl.tree import (
    Compartment,
    Conserve,
    Reaction,
    Statement,
    Variable,
)
from halfbrain.program.evaluate import evaluate
from halfbrain.program.instructions import Operand


class Scheme:
    """Gathers the reactions of a block while it is run.

    Each state's flux is held under ``~state``, so that reactions in a branch are selected as all
    else is.
    """

    def __init__(self, run: Execution, states: list[str]) -> None:
        self.run = run
        self.states = states
        self.volumes: dict[str, Operand] = {}
        self.kept: list[tuple[list[tuple[float, str]], Operand, str]] = []
        run.declared |= {"f_flux", "b_flux"}

    def special(self, statement: Statement) -> bool:
        """Run a statement that only KINETIC blocks have."""
        match statement:
            case Reaction():
                self._react(statement)
            case Compartment():
                self._compartment(statement)
            case Conserve(terms, total, place):
                keys = [(many, self._own(variable)) for many, variable in terms]
                self.kept.append((keys, self.run.number(total), place))
            case _:
                return False
        return True

    def _own(self, variable: Variable) -> str:
        key = self.run.key(variable)
        if key not in self.states:
            raise ModelError(f"{variable.place}: {key!r} is no STATE; declare it there")
        return key

    def _react(self, reaction: Reaction) -> None:
        values = self.run.values
        if reaction.sign == "<<":
            self._flow(reaction.left, self.run.number(reaction.forward), into=True)
            return
        forward = self._speed(reaction.left, self.run.number(reaction.forward))
        backward: Operand = 0.0
        if reaction.backward is not None:
            backward = self._speed(reaction.right, self.run.number(reaction.backward))
        self.run.held |= {"f_flux": forward, "b_flux": backward}
        net = values.emit("subtract", forward, backward)
        self._flow(reaction.left, net, into=False)
        self._flow(reaction.right, net, into=True)

    def _speed(self, terms: tuple[tuple[float, Variable], ...], factor: Operand) -> Operand:
        values = self.run.values
        for many, variable in terms:
            amount = self.run.read(self.run.key(variable), variable.place)
            factor = values.emit("multiply", factor, values.power(amount, many))
        return factor

    def _flow(self, terms: tuple[tuple[float, Variable], ...], net: Operand, into: bool) -> None:
        values = self.run.values
        for many, variable in terms:
            key = self.run.key(variable)
            self.run.read(key, variable.place)
            if key not in self.states:
                continue  # a parameter, whose amount does not change
            part = values.emit("multiply", many, net)
            total = self.run.held.get(f"~{key}", 0.0)
            self.run.held[f"~{key}"] = values.emit("add" if into else "subtract", total, part)

    def _compartment(self, statement: Compartment) -> None:
        run = self.run
        index = statement.index
        for variable in statement.names:
            length = run.lengths.get(variable.name) if variable.index is None else None
            if length is None:
                # NEURON lets one name what is no state here, too; it has no rate to divide.
                if index is not None and mentions(statement.volume, index):
                    raise ModelError(
                        f"{statement.place}: {variable.name!r} is no array, but its COMPARTMENT is "
                        f"one with an index {index}; write it in a COMPARTMENT of its own"
                    )
                self.volumes[run.key(variable)] = run.number(statement.volume)
                continue
            for i in range(length):
                if index is not None:
                    run.frame[index] = float(i)
                self.volumes[f"{variable.name}[{i}]"] = run.number(statement.volume)
            if index is not None:
                del run.frame[index]

    def rates(self) -> dict[str, Operand]:
        """The rates of change of the states that react."""
        run, found = self.run, {}
        for key in self.states:
            if f"~{key}" in run.held:
                flux = run.held.pop(f"~{key}")
                found[key] = run.values.emit("divide", flux, self.volumes.get(key, 1.0))
        run.held.pop("f_flux", None)
        run.held.pop("b_flux", None)
        return found

    def conserved(self) -> dict[str, Operand]:
        """What CONSERVE says is zero, each in the place of one of its states' equations.

        That is the state in the largest volume, and of several the last: from a sum of large
        amounts a small one would not follow in single precision.
        """
        values, found = self.run.values, {}
        for terms, total, _ in self.kept:
            gap: Operand = values.emit("negate", total)
            for many, key in terms:
                amount = values.emit("multiply", self.volumes.get(key, 1.0), f"{key}@")
                gap = values.emit("add", gap, values.emit("multiply", many, amount))
            free = [key for _, key in terms if key not in found]
            if free:
                found[max(reversed(free), key=self._size)] = gap
        return found

    def _size(self, key: str) -> float:
        """A state's volume where all parameters are as the file has them; 0 if others have part."""
        program = self.run.values.program({"volume": self.volumes.get(key, 1.0)})
        if not set(program.inputs) <= self.run.typical.keys():
            return 0.0
        return abs(float(evaluate(program, self.run.typical)["volume"]))
