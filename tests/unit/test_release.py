"""The release script: it refuses what is not in order, and what it builds is whole."""

import datetime
import importlib.util
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import halfbrain

ROOT = Path(__file__).parents[2]
DAY = datetime.date(2026, 12, 1)

spec = importlib.util.spec_from_file_location("release", ROOT / "scripts" / "release.py")
release = importlib.util.module_from_spec(spec)
spec.loader.exec_module(release)


@pytest.fixture
def checkout(tmp_path):
    """A repository in which all is in order for version 1.2.3 on that day."""
    (tmp_path / "src" / "halfbrain").mkdir(parents=True)
    (tmp_path / "src" / "halfbrain" / "version.py").write_text('VERSION = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (2026-12-01)\n\n- News.\n")
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\nversion: 1.2.3\n")
    release.git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def commit(root):
    release.git(root, "add", "--all")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    release.git(root, *who, "commit", "--quiet", "--message", "All")


def change(root, name, old, new):
    path = root / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    commit(root)


def test_nothing_speaks_against_what_is_in_order(checkout):
    assert release.problems(checkout, DAY) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("CHANGELOG.md", "2026-12-01", "unreleased", "1.2.3 is dated unreleased, not 2026-12-01"),
        ("CHANGELOG.md", "2026-12-01", "2026-11-30", "1.2.3 is dated 2026-11-30, not 2026-12-01"),
        ("CHANGELOG.md", "1.2.3", "1.2.2", "the newest heading is of 1.2.2, not of 1.2.3"),
        ("CHANGELOG.md", "## 1.2.3", "1.2.3", "no heading"),
        ("CITATION.cff", "1.2.3", "1.2.2", "the version is 1.2.2"),
        ("src/halfbrain/version.py", "1.2.3", "next", "no line like"),
    ],
)
def test_each_place_must_name_the_same_version_and_today(checkout, name, old, new, said):
    change(checkout, name, old, new)
    assert any(line.startswith(name) and said in line for line in release.problems(checkout, DAY))


def test_a_tree_with_changes_is_no_release(checkout):
    (checkout / "new.txt").write_text("new")
    assert [line for line in release.problems(checkout, DAY) if "not clean" in line]


def test_a_version_is_tagged_once(checkout):
    release.git(checkout, "tag", "v1.2.3")
    assert [line for line in release.problems(checkout, DAY) if "tagged already" in line]


def test_the_package_says_its_version_in_one_place():
    assert halfbrain.__version__ == release.version_of(ROOT)
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert not re.search(r"^version =", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    cited = release.CITED.search((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited[1] == halfbrain.__version__


def test_the_changelog_begins_with_this_version():
    heading = release.HEADING.search((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert heading[1] == halfbrain.__version__
    if heading[2] != "unreleased":
        datetime.date.fromisoformat(heading[2])


def test_no_output_of_a_run_is_in_the_tree():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    known = release.git(ROOT, "ls-files").splitlines()
    assert [name for name in known if name.startswith("halfbrain-")] == []


def test_what_is_built_has_every_file_of_the_package(tmp_path):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    try:
        version("hatchling")
    except PackageNotFoundError:
        pytest.skip("needs hatchling (pip install 'halfbrain[release]')")
    command = [sys.executable, "-m", "hatchling", "build", "-d", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True)
    assert release.missing(ROOT, tmp_path) == []
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.split("-")[1] == halfbrain.__version__
