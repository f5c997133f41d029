"""Our grammar of NMODL against the official parser, which NEURON's wheel brings."""

import json
from collections import Counter
from pathlib import Path

import pytest

from halfbrain.errors import ModelError
from halfbrain.nmodl.cursor import Cursor
from halfbrain.nmodl.names import all_statements
from halfbrain.nmodl.parser import parse
from halfbrain.nmodl.tokens import tokens
from halfbrain.nmodl.tree import (
    Assign,
    Binary,
    Call,
    LeftOut,
    Number,
    Rate,
    Text,
    Unary,
    Variable,
)
from mutated import installed
from nmodl_texts import ALL


@pytest.fixture(scope="module")
def official():
    pytest.importorskip("neuron.nmodl", reason="NEURON brings the official parser")
    from neuron.nmodl import dsl

    return lambda text: json.loads(dsl.to_json(dsl.NmodlDriver().parse_string(text), True, True))


def ours(node):
    """An expression of ours as nested tuples."""
    match node:
        case Number(value):
            return float(value)
        case Text(text):
            return text.strip('"')
        case Variable(name, index):
            return name if index is None else (name, ours(index))
        case Unary(sign, operand):
            return (sign, ours(operand))
        case Binary(sign, left, right):
            return (sign, ours(left), ours(right))
        case Call(name, arguments):
            return (name, "()", *map(ours, arguments))
    raise AssertionError(node)


LEAVES = ("Name", "VarName", "WrappedExpression", "ParenExpression", "PrimeName", "DoubleUnit")


def theirs(node, defined):
    """The same of the official parser's tree."""
    kind, below = node["name"], node.get("children", [])
    if kind in ("Integer", "Double", "Float"):
        if below and below[0]["name"] in ("Name", "String"):  # a macro's name
            return theirs(below[0], defined)
        return float((below[0] if below else node)["name"])
    if kind == "String":
        name = below[0]["name"].strip('"')
        return defined.get(name, name)
    if kind in LEAVES:
        return theirs(below[0], defined)
    if kind == "IndexedName":
        return (theirs(below[0], defined), theirs(below[1], defined))
    if kind == "UnaryExpression":
        return (below[0]["children"][0]["name"], theirs(below[1], defined))
    if kind == "BinaryExpression":
        left, sign, right = below
        sign = sign["children"][0]["name"]
        return (sign, theirs(left, defined), theirs(right, defined))
    if kind == "FunctionCall":
        return (theirs(below[0], defined), "()", *(theirs(b, defined) for b in below[1:]))
    raise AssertionError(kind)


def every(node, kind):
    if node["name"] == kind:
        yield node
    for below in node.get("children", []):
        yield from every(below, kind)


def assigned(model):
    """Targets and values of all that is assigned, and whether C was left out."""
    bodies = [model.initial, model.breakpoint, *(b.body for b in model.blocks.values())]
    if model.receive is not None:
        bodies.append(model.receive.body)
    statements = [s for body in bodies for s in all_statements(body)]
    found = Counter(
        (ours(s.target), ours(s.value)) for s in statements if isinstance(s, Assign | Rate)
    )
    return found, any(isinstance(s, LeftOut) for s in statements)


def compare(text, file, folder, tree):
    model = parse(text, file, folder)
    defined = {
        d["children"][0]["children"][0]["children"][0]["name"]: theirs(d["children"][1], {})
        for d in every(tree, "Define")
    }
    found, left_out = assigned(model)
    expected: Counter = Counter()
    for statement in every(tree, "BinaryExpression"):
        left, sign, right = statement["children"]
        if sign["children"][0]["name"] == "=":
            expected[theirs(left, defined), theirs(right, defined)] += 1
    assert not found - expected, file
    if not left_out:
        assert not expected - found, file

    def names(kind):
        return {theirs(n["children"][0], defined) for n in every(tree, kind)}

    assert names("ParamAssign") == set(model.parameters), file
    ions = {theirs(n["children"][0], {}) for n in every(tree, "Useion")}
    assert ions == {ion.name for ion in model.ions}, file
    reads = {theirs(n["children"][0], {}) for n in every(tree, "ReadIonVar")}
    assert reads == {name for ion in model.ions for name in ion.reads}, file
    blocks = {
        theirs(n["children"][0], {})
        for kind in ("Procedure", "Function", "Derivative", "Kinetic", "Linear")
        for n in every(tree, f"{kind}Block")
    }
    assert blocks == set(model.blocks), file
    return sum(found.values())


def test_texts_of_ours_are_read_as_the_official_parser_reads_them(official):
    assert sum(compare(text, "text", None, official(text)) for text in ALL) > 70


@pytest.mark.parametrize(
    "text",
    ["-K^2*3 - -2^K", "2^3^2/4/2", "!a && b || c > 3 + 1 == 0", "-a/b*-c", "(a - b) - c*(d^-2)"],
)
def test_operators_bind_as_there(official, text):
    tree = official(f"NEURON {{ SUFFIX S }}\nINITIAL {{ x = {text} }}\n")
    assign = next(every(tree, "ExpressionStatement"))["children"][0]
    expected = theirs(assign["children"][2], {})
    assert ours(Cursor(tokens(text, "text")).expression()) == expected


def test_published_mechanisms_are_read_as_the_official_parser_reads_them(official):
    files = installed(".mod")
    compared, refused = 0, []
    for file in files:
        text = Path(file).read_text("utf-8", errors="replace")
        try:
            parse(text, file.name, file.parent)
        except ModelError:
            continue
        try:
            tree = official(text)
        except RuntimeError:
            refused.append(file.name)
            continue
        compared += compare(text, file.name, file.parent, tree) > 0
    assert compared > 0.8 * len(files), (compared, refused)
