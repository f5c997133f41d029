"""Imports go one way: nothing upstream imports anything downstream (DESIGN.md)."""

import ast
from pathlib import Path

import halfbrain

ROOT = Path(halfbrain.__file__).parent
# Each room with the rooms that it may import; itself always.
UPSTREAM = {
    "errors": set(),
    "written": {"errors"},
    "version": set(),
    "reading": set(),
    "facts": {"errors", "reading"},
    "dynamics": {"errors", "reading", "written"},
    "cells": {"errors", "reading", "dynamics"},
    "circuits": {"errors", "facts", "reading", "dynamics", "cells"},
    "engine": {"errors", "written", "version", "dynamics", "cells", "circuits"},
    "peers": {"errors", "dynamics", "cells", "circuits", "engine", "version"},
    "networks": {"errors", "dynamics", "cells"},
    "learning": {"errors", "written", "dynamics", "cells", "circuits", "engine", "networks"},
    "metering": {"errors", "written", "dynamics", "engine"},
    "contenders": {
        "errors",
        "facts",
        "written",
        "dynamics",
        "cells",
        "circuits",
        "engine",
        "metering",
    }
    | {"version", "networks", "learning"},
    "forecast": {"errors", "facts", "contenders"},
    "report": {"errors", "cells", "facts", "contenders", "forecast", "engine", "metering", "peers"}
    | {"version", "learning", "written"},
    "cli": {
        "errors",
        "version",
        "facts",
        "dynamics",
        "cells",
        "circuits",
        "engine",
        "metering",
        "contenders",
        "peers",
    }
    | {"forecast", "report", "learning", "written"},
    "__main__": {"cli"},
    "__init__": {"version"},
}


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [node.module]
            if node.module == "halfbrain":
                names = [f"halfbrain.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("halfbrain."))


def test_every_room_imports_only_what_is_upstream():
    wrong = [
        f"{path.relative_to(ROOT)} imports {room}"
        for path in ROOT.rglob("*.py")
        for room in imports_of(path)
        if room not in UPSTREAM[room_of(path)] | {room_of(path)}
    ]
    assert not wrong


def test_every_room_is_known():
    rooms = {room_of(path) for path in ROOT.rglob("*.py")}
    assert rooms == set(UPSTREAM)


def test_files_stay_small_enough_to_hold_in_the_head():
    long = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > 320
    ]
    assert not long
