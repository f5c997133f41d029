"""Makes the README's picture: the page of a real run, as a headless browser shows it.

python docs/picture.py    (needs chromium and chromedriver)
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver

from halfbrain.contenders.registry import contenders
from halfbrain.facts.draws import Draws
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report import page

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --window-size=1120,1400"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        draws = Draws()
        page.write(load_scenario(), list(contenders()), draws.n, draws.seed, path)
        options = webdriver.ChromeOptions()
        for flag in [*FLAGS.split(), f"--user-data-dir={folder}/profile"]:
            options.add_argument(flag)
        browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        browser.get(path.as_uri())
        time.sleep(3)
        browser.execute_script("document.querySelector('header').remove()")
        ladder = browser.find_element("id", "ladder")
        ladder.screenshot(str(Path(__file__).parent / "ladder.png"))
        browser.quit()


if __name__ == "__main__":
    main()
