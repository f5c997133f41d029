"""Settings without a bearing on the answer: a value that is set outright hides what it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from halfbrain.contenders.left_out import SWITCHES
from halfbrain.contenders.model import Contender, Input
from halfbrain.contenders.question import LEARNING
from halfbrain.contenders.registry import contender as named
from halfbrain.contenders.registry import rows
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.assumption import PRECISION, UTILISATION, assumptions
from halfbrain.forecast.formula import COUNTINGS, Counting, counting_of, is_zero, names_used

_RESULTS = {"flop": "FLOP", "memory": "memory", "bytes_moved": "bytes moved"}


def unheard(given: Collection[str], counting: Counting) -> dict[str, str]:
    """What to say of each setting that would change a result, but does not; by its name.

    Parameters
    ----------
    given
        the names that a scenario sets.
    counting
        its way of counting.
    """
    lost: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    told: dict[str, set[str]] = {}
    for contender in rows().values():
        way = counting_of(contender, counting)
        for result, words in _RESULTS.items():
            heard = names_used(contender, way, f"{contender.name}.{result}", given)
            for name in sorted((_could(contender.name, result) & set(given)) - heard):
                if contender.under in told.get(name, ()):
                    continue  # an alternative goes without saying
                told.setdefault(name, set()).add(contender.name)
                hiding = [
                    other
                    for other in sorted(heard & set(given))
                    if name in names_used(contender, way, other)
                ]
                outright = (
                    f"{' and '.join(hiding)} {'is' if len(hiding) == 1 else 'are'} set outright"
                )
                cause = outright if hiding else f"the scenario counts {way}"
                results, names = lost.setdefault((name, cause), ([], []))
                results += [words] if words not in results else []
                names += [contender.name] if contender.name not in names else []
    said: dict[str, list[str]] = {}
    for (name, cause), (results, names) in lost.items():
        where = f"the {' and '.join(results)} of {', '.join(names)}"
        said.setdefault(name, []).append(f"does not change {where}, as {cause}")
    return {name: f"{name} {'; it '.join(why)}" for name, why in said.items()}


def bears_on(name: str, contender: Contender) -> bool:
    """Whether a setting can change anything of a contender."""
    of_bills = f"{contender.name}.{UTILISATION}", f"{contender.name}.{PRECISION}"
    if name in assumptions():
        return name in of_bills or name.startswith(("machine.", "plan."))
    return any(name in _could(contender.name, result) for result in _RESULTS)


def switched_off(
    name: str, inputs: Mapping[str, Quantity], shown: Iterable[Contender]
) -> list[str]:
    """The switches at zero that keep a setting from changing anything of some contenders."""
    formulas = [f for row in shown for f in (row.operations, row.traffic, row.memory)]
    off = [s for s in (LEARNING, *SWITCHES) if s.name != name and is_zero(inputs[s.name])]

    def heard(but: Collection[Input]) -> bool:
        zero = {switch.symbol: 0 for switch in but}
        return any(name in {x.name for x in f.subs(zero).free_symbols} for f in formulas)

    if heard(off) or not heard(()):
        return []
    return [switch.name for switch in off if heard([other for other in off if other != switch])]


@lru_cache(maxsize=64)
def _could(contender: str, result: str) -> frozenset[str]:
    """The names that a contender's result can rest on, by either way of counting."""
    full = f"{contender}.{result}"
    return frozenset().union(*(names_used(named(contender), way, full) for way in COUNTINGS))
