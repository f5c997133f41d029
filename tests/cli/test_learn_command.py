"""The command that learns: one document, one line for a mistake; it goes on where it was cut."""

import json
import os
import signal
from dataclasses import asdict

import numpy as np
import pytest

from bars import bars
from halfbrain.cli import app
from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.learning import diehl_cook, mnist
from halfbrain.learning.diehl_cook import learn, saved_schedule
from halfbrain.learning.schedule import Schedule

SHORT = ("--images", "30", "--label-images", "20", "--test-images", "20")
SCHEDULE = Schedule(20, seed=3, images=30, label_images=20, test_images=20)


@pytest.fixture(autouse=True)
def digits(tmp_path, monkeypatch):
    """Bars in place of MNIST, and a folder to work in."""
    found = mnist.Digits(*bars(200, 1), *bars(100, 2))
    monkeypatch.setattr(mnist, "load_mnist", lambda told: found)
    monkeypatch.chdir(tmp_path)
    return found


def printed(capsys, *arguments):
    capsys.readouterr()
    app([*arguments], standalone_mode=False)
    return capsys.readouterr().out


def untimed(document):
    """Of a document what does not depend on the machine."""
    whole = {k: v for k, v in document.items() if k not in ("wall_seconds", "phases", "machine")}
    for stage in whole["stages"].values():
        del stage["wall_seconds"]
    return whole


def test_it_prints_a_table_or_json_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    command = ("learn", "diehl_cook", "--neurons", "20", "--seed", "3", *SHORT)
    document = json.loads(printed(capsys, *command, "--json"))
    assert document["schedule"] == asdict(SCHEDULE)
    assert np.sum(document["confusion"]) == 20
    assert document["learning_flop"] > 1e6
    table = printed(capsys, *command)
    assert f"{document['accuracy']:.2%} of 20 test images" in table
    assert max(map(len, table.splitlines())) <= 80
    assert not list(tmp_path.iterdir())


def test_what_was_cut_short_goes_on(tmp_path, capsys, monkeypatch):
    command = ("learn", "diehl-cook", "--neurons", "20", "--seed", "3", *SHORT, "--json")
    whole = json.loads(printed(capsys, *command))

    def interrupted(*given, progress, **more):
        def press(name, done, total, note):
            progress(name, done, total, note)
            if (name, done) == ("learning", 20):
                os.kill(os.getpid(), signal.SIGINT)

        return learn(*given, progress=press, **more)

    with monkeypatch.context() as patch:
        patch.setattr(diehl_cook, "learn", interrupted)
        assert app([*command], standalone_mode=False) == 130
    assert "halfbrain learn diehl-cook --resume goes on" in capsys.readouterr().err
    kept = tmp_path / "diehl-cook.checkpoint"
    assert saved_schedule(kept) == SCHEDULE
    with pytest.raises(HalfbrainError, match="or remove it"):
        printed(capsys, *command)
    with pytest.raises(HalfbrainError, match="its seed is 3, not 4"):
        printed(capsys, "learn", "diehl-cook", "--resume", "--seed", "4")
    resumed = json.loads(printed(capsys, "learn", "diehl-cook", "--resume", "--json"))
    assert untimed(resumed) == untimed(whole)
    assert not kept.exists()


def test_ctrl_c_while_the_machine_is_measured_loses_nothing(tmp_path, capsys, monkeypatch):
    command = ("learn", "diehl-cook", "--neurons", "20", "--seed", "3", *SHORT, "--json")

    def pressed(threads):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("halfbrain.metering.known.ceilings", pressed)
        assert app([*command], standalone_mode=False) == 130
    assert "stopped after the testing; what was learnt is in" in capsys.readouterr().err
    learnt = json.loads(printed(capsys, "learn", "diehl-cook", "--resume", "--json"))
    assert learnt["stages"]["testing"]["images"] == 20
    assert untimed(learnt) == untimed(json.loads(printed(capsys, *command)))
    assert not list(tmp_path.iterdir())


def test_run_is_a_plain_run_and_says_what_learns(capsys):
    with pytest.warns(HalfbrainWarning, match="`halfbrain learn diehl-cook` teaches it digits"):
        found = printed(
            capsys, "run", "diehl_cook", "--neurons", "20", "--seconds", "0.05", "--json"
        )
    assert json.loads(found)["bio_seconds"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("learn", "perceptron"), "no task 'perceptron'; there are digits"),
        (("learn", "diehl-cook", "--minutes", "nan"), "--minutes nan: must be above 0"),
        (("learn", "diehl-cook", "--resume"), "no such checkpoint"),
        (("learn", "diehl-cook", "--images", "90000000"), "images are 1 to 10,000,000"),
        (("learn", "diehl-cook", "--checkpoint", "no/c", "--images", "9"), "there is no folder no"),
    ],
)
def test_a_mistake_is_one_line(capsys, arguments, message):
    with pytest.raises(HalfbrainError) as caught:
        printed(capsys, *arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
