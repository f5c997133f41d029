"""The mode in which a test that skips fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
NOT_HERE = "import pytest\npytest.importorskip('no_such_package')\ndef test_a(): pass\n"
SOME = """
import pytest

def test_good():
    pass

@pytest.mark.xfail
def test_known():
    assert False

@pytest.mark.skipif(True, reason="there is no GPU")
def test_on_a_gpu():
    pass
"""
SKIPPED = (
    SOME
    + """
def test_program():
    pytest.skip("there is no such program")

@pytest.fixture
def data():
    pytest.skip("there is no such data")

def test_data(data):
    pass
"""
)


@pytest.mark.parametrize(
    ("texts", "options", "code", "counts"),
    [
        ([SKIPPED, NOT_HERE], [], 0, "1 passed, 4 skipped, 1 xfailed"),
        ([SOME], ["--no-skips"], 0, "1 passed, 1 skipped, 1 xfailed"),
        ([SKIPPED, NOT_HERE], ["--no-skips"], 1, "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 err"),
    ],
)
def test_a_skip_fails_where_none_may_be(tmp_path, texts, options, code, counts):
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = unit")
    folder = tmp_path / "unit"
    folder.mkdir()
    for k, text in enumerate(texts):
        (folder / f"test_{k}.py").write_text(text)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "unit", *options],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == code, ran.stdout
    assert counts in ran.stdout
    for what in ("program", "data") if code else ():
        assert f"with --no-skips, this may not skip: Skipped: there is no such {what}" in ran.stdout
