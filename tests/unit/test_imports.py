"""Imports go one way: nothing upstream imports anything downstream (DESIGN.md)."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import halfbrain

ROOT = Path(halfbrain.__file__).parent
# A room imports itself and what stands before it.
ORDER = [
    "errors",
    "written",
    "version",
    "reading",
    "processes",
    "random",
    "facts",
    "equations",
    "program",
    "codegen",
    "nmodl",
    "morphology",
    "cells",
    "connectivity",
    "circuits",
    "recording",
    "io",
    "engine",
    "compare",
    "networks",
    "learning",
    "metering",
    "contenders",
    "forecast",
    "report",
    "cli",
    "__main__",
    "__init__",
]
FILES = {
    ".".join(("halfbrain", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in ROOT.rglob("*.py")
}


def imports_of(path):
    """The modules of halfbrain that a file imports, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else node.module for name in within]
        else:
            continue
        yield from (name for name in names if name in FILES and name != "halfbrain")


def room_of(module):
    return module.split(".")[1] if "." in module else "__init__"


def test_every_room_imports_only_what_is_upstream():
    wrong = [
        f"{module} imports {other}"
        for module, path in FILES.items()
        for other in imports_of(path)
        if ORDER.index(room_of(other)) > ORDER.index(room_of(module))
    ]
    assert not wrong


def test_no_two_files_import_each_other():
    imports = {module: {*imports_of(path)} - {module} for module, path in FILES.items()}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


def test_every_room_is_known():
    assert {room_of(module) for module in FILES} == {*ORDER}
