"""The documentation: every page builds, every link leads somewhere, all of it is its own."""

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

spec = importlib.util.spec_from_file_location("documentation", ROOT / "scripts/documentation.py")
documentation = importlib.util.module_from_spec(spec)
spec.loader.exec_module(documentation)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly, without pictures."""
    if not importlib.util.find_spec("zensical"):
        pytest.skip("needs Zensical (pip install 'halfbrain[docs]')")
    root = tmp_path_factory.mktemp("site")
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    for name in ("src", "scripts"):
        (root / name).symlink_to(ROOT / name)
    documentation.assemble(root / "build" / "docs", root / "none")
    done = documentation.build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stderr
    return root / "build" / "site"


def test_a_broken_link_is_an_error(tmp_path):
    if not importlib.util.find_spec("zensical"):
        pytest.skip("needs Zensical (pip install 'halfbrain[docs]')")
    (tmp_path / "build" / "docs").mkdir(parents=True)
    text = (ROOT / "mkdocs.yml").read_text("utf-8").partition("nav:")[0]
    (tmp_path / "mkdocs.yml").write_text(text, "utf-8")
    for name in ("src", "scripts"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "build" / "docs" / "site.css").write_text("")
    (tmp_path / "build" / "docs" / "index.md").write_text("# Here\n\n[There](there.md)\n")
    done = documentation.build(tmp_path)
    assert done.returncode != 0
    assert "page does not exist" in done.stdout + done.stderr


def test_no_page_asks_for_anything_from_elsewhere(site):
    pages = sorted(site.glob("*.html"))
    assert len(pages) > 20
    asked = [
        (page.name, tag)
        for page in pages
        for tag in re.findall(r"<(?:script|link|img|iframe)[^>]*https?://[^>]*>", page.read_text())
    ]
    assert asked == []


def test_the_navigation_has_every_page(site):
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    written = {
        path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")
    } | set(documentation.PAGES.values())
    assert written <= listed
    assert {page for page in listed if not (site / page).with_suffix(".html").exists()} == set()


def test_the_table_of_the_answer_is_on_the_first_page(site):
    text = (site / "index.html").read_text("utf-8")
    assert re.findall(r"<td>(transformer|numenta|spiking|blue-brain)</td>", text) == [
        "transformer",
        "numenta",
        "spiking",
        "blue-brain",
    ]


def test_links_to_what_lies_elsewhere_lead_to_its_page():
    text = "[a](../../benchmarks/RESULTS.md#speed) [b](../facts.md) [c](https://x.org/y.md)"
    assert documentation.moved(text, "docs/start/here.md", "start/here.md") == (
        "[a](../results.md#speed) [b](../facts.md) [c](https://x.org/y.md)"
    )
