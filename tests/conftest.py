"""Markers by folder; a mode in which no test may skip; the page in Chromium, opened once."""

from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips", action="store_true", help="a test that skips fails, unless it wants a GPU"
    )


def pytest_configure(config):
    if config.getoption("--no-skips"):  # a file that skips as a whole keeps no other from running
        config.option.continue_on_collection_errors = True


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent != Path(__file__).parent:
            item.add_marker(item.path.parent.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return unless_skipped((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return unless_skipped((yield), collector.config)


def unless_skipped(report, config):
    """A report of a skip made one of a failure, if that is asked for."""
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if config.getoption("--no-skips") and skipped and "GPU" not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"with --no-skips, this may not skip: {report.longrepr[2]}"
    return report


@pytest.fixture(scope="session")
def html():
    from chromium import SEED
    from halfbrain.contenders.registry import contenders
    from halfbrain.forecast.scenario import load_scenario
    from halfbrain.report import page

    return page.render(load_scenario(), contenders(), 20_000, SEED)


@pytest.fixture(scope="session")
def address(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "halfbrain-report.html"
    path.write_text(html, "utf-8")
    return path.as_uri()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    from chromium import start

    found = start(tmp_path_factory.mktemp("profile"))
    yield found
    found.quit()
