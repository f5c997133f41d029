"""What a .mod file says, as a tree: expressions, statements, blocks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Number:
    """A number; its unit is not kept."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text, as printf takes."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or with an index one element of an array."""

    name: str
    index: Expression | None
    place: str


@dataclass(frozen=True, slots=True)
class Unary:
    """``-a`` or ``!a``."""

    sign: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """``a sign b``."""

    sign: str
    left: Expression
    right: Expression
    place: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function or procedure with its arguments."""

    name: str
    arguments: tuple[Expression, ...]
    place: str


Expression = Number | Text | Variable | Unary | Binary | Call


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = value``."""

    target: Variable
    value: Expression


@dataclass(frozen=True, slots=True)
class Rate:
    """``target' = value``."""

    target: Variable
    value: Expression


@dataclass(frozen=True, slots=True)
class Equation:
    """``~ left = right``, of a LINEAR or NONLINEAR block."""

    left: Expression
    right: Expression
    place: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """``~ left <-> right (forward, backward)``; ``->`` has no right side, ``<<`` is a flux in."""

    sign: str
    left: tuple[tuple[float, Variable], ...]
    right: tuple[tuple[float, Variable], ...]
    forward: Expression
    backward: Expression | None
    place: str


@dataclass(frozen=True, slots=True)
class Conserve:
    """``CONSERVE terms = total``."""

    terms: tuple[tuple[float, Variable], ...]
    total: Expression
    place: str


@dataclass(frozen=True, slots=True)
class Compartment:
    """``COMPARTMENT index, volume { names }``."""

    index: str | None
    volume: Expression
    names: tuple[Variable, ...]
    place: str


@dataclass(frozen=True, slots=True)
class If:
    """``if (condition) { then } else { otherwise }``."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    place: str


@dataclass(frozen=True, slots=True)
class From:
    """``FROM counter = first TO last BY step { body }``."""

    counter: str
    first: Expression
    last: Expression
    by: Expression
    body: tuple[Statement, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Local:
    """``LOCAL a, b[3]``: names and, for arrays, lengths."""

    names: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Solve:
    """``SOLVE block METHOD method``, or at the start ``STEADYSTATE method``."""

    block: str
    method: str | None
    steady: bool
    place: str


@dataclass(frozen=True, slots=True)
class Table:
    """``TABLE names FROM first TO last WITH count``; what it depends on is not kept."""

    names: tuple[str, ...]
    first: Expression
    last: Expression
    count: Expression
    place: str


@dataclass(frozen=True, slots=True)
class Watch:
    """``WATCH (condition) flag``."""

    condition: Expression
    flag: Expression
    place: str


@dataclass(frozen=True, slots=True)
class While:
    """``while (condition) { body }``."""

    condition: Expression
    body: tuple[Statement, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Conductance:
    """``CONDUCTANCE name USEION ion``: the slope of a current, as the file has it."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Return:
    """The block ends here (a C ``return``)."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """C text."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was left out here, for the user to know."""

    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Initial:
    """``INITIAL { body }`` inside NET_RECEIVE."""

    body: tuple[Statement, ...]


Statement = (
    Assign
    | Rate
    | Equation
    | Reaction
    | Conserve
    | Compartment
    | If
    | From
    | Local
    | Solve
    | Table
    | Watch
    | While
    | Conductance
    | Return
    | Verbatim
    | LeftOut
    | Initial
    | Call
)
Statements = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A named block: a procedure, a function, or what SOLVE names."""

    kind: str
    name: str
    parameters: tuple[str, ...]
    body: Statements
    place: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable as declared: its default, unit and, for an array, length."""

    name: str
    default: float | None
    unit: str
    length: int | None
    place: str


@dataclass(frozen=True, slots=True)
class UseIon:
    """``USEION name READ ... WRITE ... VALENCE n``."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    valence: int | None
    place: str


@dataclass
class Model:
    """A whole file."""

    file: str
    name: str = ""
    kind: str = ""
    place: str = ""
    ions: list[UseIon] = field(default_factory=list)
    nonspecific: list[str] = field(default_factory=list)
    electrode: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    pointers: dict[str, str] = field(default_factory=dict)  # where each is named
    streams: list[str] = field(default_factory=list)
    constants: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, Declared] = field(default_factory=dict)
    states: dict[str, Declared] = field(default_factory=dict)
    assigned: dict[str, Declared] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    initial: Statements = ()
    breakpoint: Statements = ()
    has_breakpoint: bool = False
    has_neuron: bool = False
    receive: Block | None = None
    weights: dict[str, str] = field(default_factory=dict)  # NET_RECEIVE's arguments, their units
    moments: dict[str, Statements] = field(default_factory=dict)
