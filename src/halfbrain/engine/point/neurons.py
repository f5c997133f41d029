"""The state of a circuit's neurons in memory, and their compiled updates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population
from halfbrain.codegen.kernel import BLOCK
from halfbrain.connectivity.value import drawn
from halfbrain.connectivity.values import number_of, values_of
from halfbrain.engine.finite import not_finite
from halfbrain.engine.point import update
from halfbrain.engine.point.doubts import tell_clock
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.update import Update, compile_update, often_passed, poisson_table
from halfbrain.equations.dimensions import NONE, TIME
from halfbrain.equations.si import Numbers, si
from halfbrain.errors import CircuitError, ModelError, RunError
from halfbrain.program.fits import check_values
from halfbrain.program.point import LONG_AGO, SINCE, PointModel, quantum_of
from halfbrain.random.philox import key_of

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Neurons:
    """A population in memory.

    ``state`` has an array (blocks, rows, BLOCK) for each part, ``uniforms`` what is the same for
    all, ``arguments`` the arguments of the update for each part.
    """

    population: Population
    model: PointModel
    update: Update
    state: list[Array]
    uniforms: Array
    arguments: NDArray[np.int64]
    tables: list[Array]

    def read(self, name: str) -> NDArray[np.float64]:
        """A state or parameter of every neuron, SI."""
        if name in self.update.uniforms:
            value = float(self.uniforms[self.update.uniforms.index(name)])
            return np.full(self.population.size, value)
        row = self.row(name)
        flat = np.concatenate([part[:, row].reshape(-1) for part in self.state])
        return flat[: self.population.size].astype(np.float64)

    def si(self, name: str, values: Numbers) -> NDArray[np.float64]:
        """What a user sets a variable to, in SI; a text has its unit."""
        if (variable := self.model.model.variables.get(name)) is None:
            self.row(name)
        place = f"population {self.population.name!r}: {name[:40]!r}"
        return np.asarray(si(values, variable.dimensions if variable else NONE, place))

    def write(self, name: str, values: ArrayLike) -> None:
        """Set a state or parameter of every neuron, SI; a number sets all."""
        size = self.population.size
        if np.shape(values) not in ((), (size,)) or not np.isfinite(values).all():
            raise CircuitError(
                f"population {self.population.name!r}: {name[:40]!r} must be set to one finite "
                f"number for each of its {size} neurons"
            )
        place = f"population {self.population.name!r}: {name!r}"
        dtype, parameter = self.uniforms.dtype.type, name in self.model.parameters
        check_values(values, dtype, place, small=parameter)
        if name in self.update.uniforms:
            if np.ndim(values):
                raise CircuitError(
                    f"population {self.population.name!r}: {name!r} began as one number for all; "
                    f"begin with an array to set it for each neuron"
                )
            self.uniforms[self.update.uniforms.index(name)] = values
            return
        row, at = self.row(name), 0
        full = np.broadcast_to(values, self.population.size)
        for part in self.state:
            here = full[at : at + part.shape[0] * BLOCK]
            # Beyond the last neuron are copies of it, which stay numbers where neurons do.
            flat = np.pad(here, (0, part.shape[0] * BLOCK - len(here)), "edge")
            part[:, row] = flat.reshape(-1, BLOCK)
            at += flat.size

    def take(self, other: Neurons) -> None:
        """Set all that the same neurons had under another update, by name."""
        for row, name in enumerate(self.update.rows):
            if name in other.update.rows:
                theirs = other.update.rows.index(name)
                for own, part in zip(self.state, other.state, strict=True):
                    own[:, row] = part[:, theirs]
            elif name in other.update.uniforms:
                for own in self.state:
                    own[:, row] = other.uniforms[other.update.uniforms.index(name)]
        for k, name in enumerate(self.update.uniforms):
            if name in other.update.uniforms:
                self.uniforms[k] = other.uniforms[other.update.uniforms.index(name)]

    def not_finite(self, first: int, end: int, dt: float) -> RunError | None:
        """What to stop with if a state is NaN or infinite at step ``end`` and was not before."""
        for name in self.update.rows:
            wrong = np.flatnonzero(~np.isfinite(values := self.read(name)))
            if len(wrong):
                others = f" and {len(wrong) - 1} others" if len(wrong) > 1 else ""
                where = f"population {self.population.name!r}, neuron {wrong[0]}{others}"
                return not_finite(where, name, values[wrong[0]], first, end, dt)
        return None

    def address(self, part: int, row: int, place: int) -> int:
        """Where one neuron's number is, by its place in the part's slice."""
        state = self.state[part]
        element = (place // BLOCK * state.shape[1] + row) * BLOCK + place % BLOCK
        return int(state.ctypes.data + element * state.itemsize)

    def row(self, name: str) -> int:
        """Where a variable is among the rows of a block."""
        if name in self.update.uniforms:
            raise CircuitError(
                f"population {self.population.name!r}: {name!r} is one number for all, which does "
                f"not change"
            )
        if name not in self.update.rows:
            known = (*self.model.states, *self.model.parameters)
            raise CircuitError(
                f"population {self.population.name!r}: no variable {name[:40]!r}; "
                f"there are {', '.join(known) or 'none'}"
            )
        return self.update.rows.index(name)


def make_neurons(
    circuit: Circuit,
    index: int,
    layout: Layout,
    dt: float,
    quanta: dict[str, float],
    dtype: type[np.floating[Any]],
    wide: bool,
    seed: int,
    varying: Collection[str] = (),
) -> Neurons:
    """Compile a population's update and set its first state.

    Parameters that are ``varying`` have a number for each neuron, though they begin as one for all.

    Raises
    ------
    CircuitError, ModelError
        one line that names what is wrong.
    """
    population = circuit.populations[index]
    cell = population.model
    assert isinstance(cell, Neuron)
    model = cell.model(dt)
    place = f"population {population.name!r}"
    for name in population.values:
        if name not in (*model.states, *model.parameters):
            raise CircuitError(
                f"{place}: {cell.name} has no variable {name[:40]!r}; "
                f"it has {', '.join((*model.states, *model.parameters)) or 'none'}"
            )
    first, uniforms = {}, []
    for name in (*model.states, *model.parameters):
        value = population.values.get(name, 0)
        dimensions = model.model.variables[name].dimensions
        # One number for all stays one, unless a reset or what arrives changes it.
        still = name in model.parameters and name not in {*model.program.outputs, *varying}
        if still and drawn(value, dimensions, f"{place}: {name}").constant:
            uniforms.append(name)
        try:
            first[name] = values_of(value, dimensions, population.size, seed, index, name)
        except CircuitError as error:
            raise CircuitError(f"{place}: {error}") from None
        check_values(first[name], dtype, f"{place}: {name!r}", small=name in model.parameters)
        tell_clock(population, name, first[name], dt)
    drives = [_drive(d, cell, quanta, dt) for d in circuit.drives if d.target == population.name]
    often = [(receptor, often_passed(table)) for receptor, table, _ in drives]
    try:
        compiled = compile_update(model, uniforms, often, dtype, wide)
    except ModelError as error:
        raise ModelError(f"{place}: {error}") from None
    slices = layout.slices[index]
    state = [np.zeros((int(b - a), max(len(compiled.rows), 1), BLOCK), dtype) for a, b in slices]
    same = {name: first[name][0] for name in uniforms}
    same |= {quantum_of(receptor): quanta[receptor] for receptor in model.receptors}
    shared = np.array([same[name] for name in compiled.uniforms] or [0], dtype)
    tables: list[Array] = []
    arguments = np.zeros(
        (layout.parts, update.DRIVES + update.DRIVE * max(len(drives), 1)), np.int64
    )
    made = Neurons(population, model, compiled, state, shared, arguments, tables)
    for name in compiled.rows:
        made.write(name, LONG_AGO if name == SINCE else first[name])
    for part, (begin, end) in enumerate(slices):
        work = np.zeros(compiled.work_rows * BLOCK, np.float64)
        tables.append(work)
        a = arguments[part]
        a[update.BLOCKS] = end - begin
        a[update.STATE] = state[part].ctypes.data
        a[update.UNIFORMS] = shared.ctypes.data
        a[update.FIRST] = layout.first[index] + begin * BLOCK
        a[update.LIMIT] = layout.first[index + 1]
        a[update.KEY] = np.uint64(key_of(seed, f"population {index}")).astype(np.int64)
        a[update.AT] = begin
        a[update.WORK] = work.ctypes.data
    for d, (_, table, weight) in enumerate(drives):
        tables.append(table)
        begin = update.DRIVES + update.DRIVE * d
        arguments[:, begin] = table.ctypes.data
        arguments[:, begin + 1] = len(table)
        arguments[:, begin + 2] = weight
    return made


def _drive(
    drive: PoissonDrive, cell: Neuron, quanta: dict[str, float], dt: float
) -> tuple[str, NDArray[np.uint32], int]:
    """Receptor, table and weight (in quanta) of a drive."""
    at = f"drive of {drive.target}"
    rate = number_of(drive.rate, NONE / TIME, f"{at}: rate")
    if not 0 <= rate * dt <= 1e5:
        raise CircuitError(f"{at}: {rate:g} Hz is not between 0 and 1e5 spikes a step")
    dimensions = cell.variable_dimensions(cell.receptors[drive.receptor])
    weight = number_of(drive.weight, dimensions, f"{at}: weight")
    return drive.receptor, poisson_table(rate * dt), round(weight / quanta[drive.receptor])
