"""The variables that a statement sees, and their values so far."""

from __future__ import annotations

from halfbrain.errors import ModelError
from halfbrain.program.instructions import Operand


class Scope:
    """``held`` are the mechanism's variables as set so far, ``frame`` those of the block that runs.

    A variable that is declared and not set yet is an input, by its own name.
    """

    def __init__(
        self, declared: set[str], lengths: dict[str, int], fixed: dict[str, float]
    ) -> None:
        self.declared = declared
        self.lengths = lengths
        self.fixed = fixed
        self.held: dict[str, Operand] = {}
        self.frame: dict[str, Operand] = {}

    def read(self, key: str, place: str) -> Operand:
        """The value of a variable now."""
        if key in self.frame:
            return self.frame[key]
        if key in self.held:
            return self.held[key]
        if key in self.fixed:
            return self.fixed[key]
        if key in self.declared:
            return key
        if key in self.lengths:
            raise ModelError(f"{place}: {key!r} is an array; name an element, as {key}[0]")
        ions = [ion for ion in ("na", "k", "ca", "cl") if key in (f"e{ion}", f"{ion}i", f"{ion}o")]
        raise ModelError(
            f"{place}: nothing is declared by the name {key!r}; "
            + (f"write USEION {ions[0]} READ {key}, and " if ions else "")
            + "name it in PARAMETER, ASSIGNED, STATE or LOCAL"
        )

    def write(self, key: str, value: Operand, place: str) -> None:
        """Set a variable."""
        if key in self.frame:
            self.frame[key] = value
        elif key in self.declared:
            self.held[key] = value
        elif key in self.fixed:
            raise ModelError(f"{place}: {key!r} is a constant and cannot be set")
        else:
            self.read(key, place)
