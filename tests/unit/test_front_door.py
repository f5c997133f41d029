"""``import halfbrain``: its names, that each is documented, and that each example runs."""

import ast
import doctest
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import halfbrain

NAMES = [name for name in halfbrain.__all__ if name != "__version__"]
SLOW = {"numba", "numpy", "scipy", "sympy", "pint", "jax", "matplotlib", "h5py", "rich", "typer"}


def imported(program):
    """The modules that are loaded after a program."""
    code = f"{program}\nimport sys\nprint(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(found.stdout.splitlines()[-1].split())


def test_the_import_loads_nothing_slow():
    assert not imported("import halfbrain, halfbrain.errors") & SLOW


def test_an_estimate_loads_no_engine():
    program = "import halfbrain as hb\nhb.estimate('spiking', samples=100)['spiking'].flop"
    assert not imported(program) & {"numba", "jax", "matplotlib", "llvmlite", "h5py"}


def test_names_are_in_order_and_hide_no_module():
    assert halfbrain.__all__ == sorted(halfbrain.__all__)
    # A module, once it is imported, would take the place of a name such as its own.
    assert not {module.name for module in pkgutil.iter_modules(halfbrain.__path__)} & {*NAMES}
    assert {*NAMES} <= {*dir(halfbrain)}


def test_what_type_checkers_see_is_what_is_loaded():
    tree = ast.parse(Path(halfbrain.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == halfbrain._PLACE_OF
    assert {*seen} == {*NAMES}


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = halfbrain.nothing


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_documented_and_its_example_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = getattr(halfbrain, name)
    text = inspect.getdoc(found)
    assert text
    assert not text.startswith(f"{name}(")  # what a dataclass writes where nobody did
    if inspect.isclass(found) and issubclass(found, Exception | Warning):
        return
    example = doctest.DocTestParser().get_doctest(text, {found.__name__: found}, name, None, None)
    assert example.examples, f"{name} has no example"
    told = []
    runner = doctest.DocTestRunner(
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS, verbose=False
    )
    assert not runner.run(example, out=told.append).failed, "".join(told)
