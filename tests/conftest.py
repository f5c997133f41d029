"""Markers by folder; a mode in which no test may skip; the page in Chromium, opened once."""

import gc
import os
from pathlib import Path

import pytest
from platformdirs import user_cache_path

# Compiling takes most of the tests' time. What JAX compiled once is read by all processes, as in
# the laboratory; NEURON's mechanisms are compiled soon, not well; and Numba makes millions of
# objects that need no search for cycles each time there are 700 more.
CACHE = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "jax"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
os.environ.setdefault("CXXFLAGS", "-O1")
gc.set_threshold(50_000, 20, 100)
# Threads of BLAS wait by turning round: beside other tests they take six times as long.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")


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
