"""The cost model as JavaScript, printed from the formulas that Python evaluates."""

from __future__ import annotations

import json

import sympy
from sympy.printing.jscode import JavascriptCodePrinter

from halfbrain.contenders.registry import contenders
from halfbrain.forecast.formula import COUNTINGS, Assignment, program


class _Printer(JavascriptCodePrinter):  # type: ignore[misc]
    """Names hold dots and dashes, so a symbol is an entry of the object ``v``."""

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return f"v[{json.dumps(expr.name)}]"


def javascript(steps: list[Assignment]) -> str:
    """A function body that fills in ``v``, leaving alone what is set there already."""
    printer = _Printer()
    return "".join(f"if (v[{json.dumps(step.name)}] === undefined) "
                   f"v[{json.dumps(step.name)}] = {printer.doprint(step.formula)};\n"
                   for step in steps)


def model_source() -> str:
    """``MODEL[contender][counting](v)``: all contenders and both ways of counting."""
    entries = []
    for name, contender in contenders().items():
        ways = ",\n".join(f"{json.dumps(way)}: function (v) {{\n{javascript(program(contender, way))}"
                          "return v;\n}" for way in COUNTINGS)
        entries.append(f"{json.dumps(name)}: {{\n{ways}\n}}")
    return "const MODEL = {\n" + ",\n".join(entries) + "\n};\n"
