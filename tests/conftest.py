"""The page in Chromium, made and opened once for all tests of it."""

import pytest


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
