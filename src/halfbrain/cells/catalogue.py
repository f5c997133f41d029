"""Cells and plasticity rules by name, with changed values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from halfbrain.cells import hodgkin_huxley, integrate_and_fire, rules, sources
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.errors import ModelError

NEURONS: Mapping[str, Neuron] = {
    cell.name: cell
    for room in (integrate_and_fire, hodgkin_huxley, sources)
    for cell in room.NEURONS
}
RULES: Mapping[str, Plasticity] = {rule.name: rule for rule in rules.RULES}


def named_neuron(name: str, **constants: str) -> Neuron:
    """A cell of the library, with these constants instead of its own.

    Parameters
    ----------
    name
        one of ``NEURONS``.
    constants
        such as ``tau_m="15 ms"``.

    Raises
    ------
    ModelError
        one line, for a name or a constant that is not known.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.neuron("adex", tau_w="100 ms").constants["tau_w"]
    '100 ms'
    """
    if name not in NEURONS:
        raise _unknown("cell", name, NEURONS)
    cell = NEURONS[name]
    for key in constants.keys() - cell.constants.keys():
        raise _unknown(f"constant of cell {name!r}:", key, cell.constants)
    return replace(cell, constants={**cell.constants, **constants})


def named_rule(name: str, *, source_first: bool = False, **changes: str) -> Plasticity:
    """A plasticity rule of the library, with these values instead of its own.

    Parameters
    ----------
    name
        one of ``RULES``.
    source_first
        whether of two spikes in one step the source's is first, as in Brian2.
    changes
        constants such as ``w_max="2 nS"``, or a trace's name with its time constant.

    Raises
    ------
    ModelError
        one line, for a name, constant or trace that is not known.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.rule("pair_stdp", w_max="4 mV").constants["w_max"]
    '4 mV'
    """
    if name not in RULES:
        raise _unknown("plasticity rule", name, RULES)
    rule = RULES[name]
    known = (*rule.constants, *rule.pre, *rule.post)
    for key in changes.keys() - set(known):
        raise _unknown(f"value of rule {name!r}:", key, known)

    def changed(own: Mapping[str, str]) -> dict[str, str]:
        return {key: changes.get(key, value) for key, value in own.items()}

    return replace(
        rule,
        constants=changed(rule.constants),
        pre=changed(rule.pre),
        post=changed(rule.post),
        source_first=source_first,
    )


def _unknown(what: str, name: str, known: Iterable[str]) -> ModelError:
    return ModelError(f"no {what} {name[:40]!r}; known are {', '.join(known)}")
