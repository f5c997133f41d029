"""Machine code is that of the code that runs, whichever of our files was changed."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import halfbrain
from halfbrain.codegen import machine_code

ROOT = Path(halfbrain.__file__).parent
TEXTS = {path: path.read_text("utf-8") for path in ROOT.rglob("*.py")}

OWN = """
from halfbrain.codegen.machine_code import kept
from halfbrain.equations.steps import SLACK

@kept()
def slack():
    return SLACK
"""
CODE = """
from halfbrain.codegen.compiled import module
from halfbrain.codegen.own import slack
made = module(
    "import numba\\nfrom halfbrain.equations.steps import SLACK\\n\\n"
    "@numba.njit(cache=True)\\ndef generated():\\n    return SLACK\\n"
)
print(slack(), made.generated())
print(*(sum(f.stats.cache_hits.values()) for f in (slack, made.generated)))
"""


def test_a_constant_of_another_file_that_changes_in_place_is_compiled_anew(tmp_path):
    package = tmp_path / "source" / "halfbrain"
    shutil.copytree(ROOT, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    (package / "codegen" / "own.py").write_text(OWN, "utf-8")
    cache = tmp_path / "cache"
    surroundings = {"HALFBRAIN_CACHE": str(cache), "PYTHONPATH": str(package.parent)}

    def run():
        found = subprocess.run(
            [sys.executable, "-c", CODE],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | surroundings,
        )
        assert found.returncode == 0, found.stderr
        return found.stdout.splitlines()

    assert run() == ["1e-06 1e-06", "0 0"]
    assert run() == ["1e-06 1e-06", "1 1"]
    path = package / "equations" / "steps.py"
    path.write_text(path.read_text("utf-8").replace("SLACK = 1e-6", "SLACK = 2e-6"))
    assert run() == ["2e-06 2e-06", "0 0"]
    assert not list(package.rglob("*.nb?"))
    assert len(list((cache / "kernels").iterdir())) == 2


def test_folders_of_old_code_do_not_pile_up(tmp_path, monkeypatch):
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path))
    for i in range(20):
        monkeypatch.setattr(machine_code, "code", lambda i=i: f"{i:02}")
        (machine_code.folder() / "kernel.py").touch()
        os.utime(machine_code.folder(), (i, i))
    monkeypatch.setattr(machine_code, "code", lambda: "now")
    machine_code.folder()
    assert sorted(path.name for path in (tmp_path / "kernels").iterdir()) == [
        *(f"{i}" for i in range(13, 20)),
        "now",
    ]


def test_all_that_is_kept_is_kept_by_code():
    at = [path for path, text in TEXTS.items() if "cache=True" in text]
    names = {"lanes.py", "loop.py", "machine_code.py", "plastic.py", "update.py"}
    assert {path.name for path in at} == names


def foreign_names(tree):
    return {
        (alias.asname or alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("halfbrain")
        for alias in node.names
    }


def test_a_compiled_constant_is_written_out_in_the_file_that_it_is_imported_from():
    """So the files that a compiled one imports from are all that it is made of."""
    compiled = {p for p, text in TEXTS.items() if any(x in text for x in machine_code._COMPILES)}
    seen = 0
    for path in compiled:
        text = TEXTS[path]
        for file in set(machine_code._imported(text)) - compiled:
            tree = ast.parse(TEXTS[file])
            taken = foreign_names(ast.parse(text)) | set(re.findall(rf"\b{file.stem}\.(\w+)", text))
            for node in tree.body:
                if not isinstance(node, ast.Assign):
                    continue
                names = {name.id for target in node.targets for name in ast.walk(target)
                         if isinstance(name, ast.Name)}  # fmt: skip
                used = {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
                if names & taken:
                    seen += 1
                    assert not used & foreign_names(tree), f"{path}: {file}, line {node.lineno}"
    assert seen > 5
