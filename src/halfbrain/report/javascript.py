"""The cost model as JavaScript, printed from the formulas that Python evaluates."""

from __future__ import annotations

import json

import sympy
from sympy.printing.jscode import JavascriptCodePrinter

from halfbrain.contenders.model import Derived
from halfbrain.contenders.registry import rows
from halfbrain.forecast.formula import COUNTINGS, program


class _Printer(JavascriptCodePrinter):  # type: ignore[misc]
    """Names hold dots and dashes, so each becomes a short local variable."""

    def __init__(self, local: dict[str, str]) -> None:
        super().__init__()
        self._local = local

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return self._local[expr.name]


def javascript(steps: list[Derived]) -> str:
    """The body of ``function (x, n, out)``: n draws of every assignment.

    ``x[name]`` holds the draws of an input, or one number for all of them; ``out[name]``, where
    there is one, is filled. A name that stands in ``x`` is set outright and is not worked out.
    """
    assigned = {step.name: f"t{i}" for i, step in enumerate(steps)}
    leaves = sorted(
        {symbol.name for step in steps for symbol in step.formula.free_symbols} - set(assigned)
    )
    local = assigned | {name: f"a{i}" for i, name in enumerate(leaves)}
    printer = _Printer(local)
    head, body = [], []
    for name in leaves:
        head.append(
            f"const {local[name]}x = x[{json.dumps(name)}], "
            f"{local[name]}m = {local[name]}x.length > 1 ? -1 : 0;"
        )
        body.append(f"const {local[name]} = {local[name]}x[i & {local[name]}m];")
    for step in steps:
        it, key = local[step.name], json.dumps(step.name)
        head.append(
            f"const {it}x = x[{key}], {it}m = {it}x && {it}x.length > 1 ? -1 : 0, "
            f"{it}o = out[{key}];"
        )
        body.append(f"const {it} = {it}x ? {it}x[i & {it}m] : {printer.doprint(step.formula)};")
        body.append(f"if ({it}o) {it}o[i] = {it};")
    return "\n".join([*head, "for (let i = 0; i < n; i++) {", *body, "}"])


def model_source() -> str:
    """``MODEL[name][counting](x, n, out)``: contenders, alternatives, both ways of counting."""
    entries = []
    for name, contender in rows().items():
        ways = ",\n".join(
            f"{json.dumps(way)}: function (x, n, out) {{\n{javascript(program(contender, way))}\n}}"
            for way in COUNTINGS
        )
        entries.append(f"{json.dumps(name)}: {{\n{ways}\n}}")
    return "const MODEL = {\n" + ",\n".join(entries) + "\n};\n"
