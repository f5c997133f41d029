"""A cell's and a rule's text as Brian2 takes it.

The equations are handed on as they were written, so that Brian2 reads them with its own parser: an
error of ours in reading or integrating them shows as other spikes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.equations.dimensions import Dimensions, unit_or_none
from halfbrain.equations.equations import Equations, constant, lines_of
from halfbrain.equations.expression import Typed
from halfbrain.equations.integrate import integrate
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import ModelError, RunError
from halfbrain.program.point import rest_of

_BASES = {
    "[length]": "metre",
    "[mass]": "kilogram",
    "[time]": "second",
    "[current]": "amp",
    "[temperature]": "kelvin",
    "[substance]": "mole",
    "[luminosity]": "candela",
}
_METHODS = {
    "exact": "exact",
    "exponential-euler": "exponential_euler",
    "rk4": "rk4",
    "euler": "euler",
}
WEIGHT = "w_synapse"  # what Brian2 knows w by: it refuses a name that a neuron's variable has too
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


@dataclass(frozen=True)
class SynapseText:
    """The parts of a Brian2 synapse."""

    model: str
    on_pre: str
    on_post: str


def base_unit(dimensions: Dimensions) -> str:
    """Dimensions as the product of base units that Brian2 wants behind an equation's colon."""
    parts = {_BASES[name]: power for name, power in dimensions.items() if power}
    # Brian2 takes kilogram**1 for a quantity, not a unit.
    spelt = [base if power == 1 else f"{base}**{power:g}" for base, power in parts.items()]
    return " * ".join(spelt) or "1"


def cell_equations(cell: Neuron, model: Equations) -> str:
    """The equations, with units that Brian2 takes."""
    out = []
    for line in lines_of(cell.equations):
        body, _, tail = line.rpartition(":")
        found = re.match(r"\s*d?\s*([A-Za-z_]\w*)", body)
        name = found[1] if found else ""
        if name not in model.variables:  # the d of dv/dt was taken for a name's first letter
            name = re.sub(r"\s", "", body.split("/")[0])[1:]
        variable = model.variables[name]
        text, flags = zeros_with_units(body.strip()), re.search(r"\(.*\)", tail)
        if variable.held_while_refractory and name in cell.receptors.values():
            # Brian2 lets no synapse change a variable that is flagged; a factor leaves it open.
            left, _, rate = text.partition("=")
            text, flags = f"{left}= ({rate.strip()})*int(not_refractory)", None
        out.append(f"{text} : {base_unit(variable.dimensions)} {flags[0] if flags else ''}")
    return "\n".join(out)


def integrator(cell: Neuron, model: Equations, dt: float) -> str:
    """Brian2's name for the integrator that the cell asks for, or that its form allows."""
    if cell.method is not None:
        return _METHODS[cell.method]
    for method in ("exact", "exponential-euler"):
        try:
            integrate(model, dt, method)
        except ModelError:
            continue
        return _METHODS[method]
    return "rk4"


def names_outside(
    texts: Iterable[str], constants: Mapping[str, str], known: Iterable[str]
) -> dict[str, Typed]:
    """Constants, and units that the texts name, which Brian2 may call otherwise."""
    out = {name: constant(name, value) for name, value in constants.items()}
    for name in {name for text in texts for name in _NAME.findall(text)} - set(known) - set(out):
        if (found := unit_or_none(name)) is not None:
            out[name] = constant("size", f"1 {name}")
            assert found[1] == out[name].dimensions
    return out


def spaced(text: str) -> str:
    """``20 ms`` as ``20*ms``."""
    return re.sub(r"(?<=[\d.])\s+(?=[^\W\d_])", "*", text.strip())


def statements(text: str) -> str:
    """Assignments, one a line."""
    lines = (line.split("#")[0].strip() for line in re.split(r"[;\n]", text))
    return "\n".join(zeros_with_units(line) for line in lines if line)


def heard(cell: Neuron, dt: float, suffix: str) -> str:
    """A factor for what arrives at a deaf cell: 0 unless the next step is no longer refractory."""
    if not cell.deaf:
        return ""
    seconds = rest_of(cell.refractory)
    if seconds is None:
        raise RunError(
            f"Brian2: cell {cell.name!r} is deaf while a condition holds, not for a time"
        )
    # The last spike was at least so long ago; half a step keeps clear of rounding.
    silence = float((nearest_step(seconds, dt) - 1.5) * dt)
    return f"*int(t - lastspike{suffix} > {silence!r}*second)" if silence > 0 else ""


def plastic_synapse(
    rule: Plasticity, variable: str, dimensions: Dimensions, heard: str = ""
) -> SynapseText:
    """A rule as event-driven equations.

    ``variable`` is what a spike adds to in the target, ``heard`` a factor for what it adds.
    """
    traces = {**rule.pre, **rule.post}

    def own(text: str) -> str:
        """The names that the rule's own have in Brian2, put in."""
        names = {x: trace(x) for x in traces} | {"w": WEIGHT}
        return _NAME.sub(lambda match: names.get(match[0], match[0]), text)

    model = [f"{WEIGHT} : {base_unit(dimensions)}"]
    model += [
        f"d{trace(x)}/dt = -{trace(x)}/({spaced(tau)}) : 1 (event-driven)"
        for x, tau in traces.items()
    ]
    mark = "= 1" if rule.nearest else "+= 1"
    deliver = f"{variable}_post += ({own(zeros_with_units(rule.deliver))}){heard}"
    source = own(statements(rule.on_source)) or "\n".join(f"{trace(x)} {mark}" for x in rule.pre)
    on_post = (own(statements(rule.on_post)), *(f"{trace(x)} {mark}" for x in rule.post))
    return SynapseText(
        "\n".join(model),
        "\n".join(filter(None, (deliver, own(statements(rule.on_pre)), source))),
        "\n".join(filter(None, on_post)),
    )


def trace(name: str) -> str:
    """What a rule's trace is called in Brian2, whose synapses have a pre and a post themselves."""
    return f"{name}_trace"  # behind it, as Brian2 keeps names that end in _pre and _post


def zeros_with_units(text: str) -> str:
    """``clip(x, 0, top)`` as ``clip(x, 0*(top), top)``: Brian2's zero there has no unit."""
    if "clip" not in text:
        return text
    left, equals, right = text.rpartition("=")
    tree = ast.parse(right.strip(), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "clip":
            for end, other in ((1, 2), (2, 1)):
                bound = node.args[end]
                if isinstance(bound, ast.Constant) and bound.value == 0:
                    node.args[end] = ast.BinOp(bound, ast.Mult(), node.args[other])
                    break
    return f"{left}{equals} {ast.unparse(tree)}".strip()
