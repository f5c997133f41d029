"""The laboratory: budgets, resuming, divergence, verdicts, and what is printed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("equinox")
pytest.importorskip("optax")
pytest.importorskip("sklearn")

from halfbrain.cli import app, laboratory
from halfbrain.errors import HalfbrainError, RunError
from halfbrain.learning import job as jobs
from halfbrain.learning import protocol
from halfbrain.learning.comparison import common_level, document, orders
from halfbrain.learning.hypotheses import CLAIMS, Claim, judge, plans, verdicts
from halfbrain.learning.job import Point, Run
from halfbrain.learning.laboratory import Experiment, Plan, choose, experiment, score
from halfbrain.learning.tasks.catalogue import load_task
from halfbrain.learning.tasks.task import Examples
from halfbrain.report.laboratory_page import write_page

SEED_TEXT = Path(__file__).parents[3] / "shared/seed/compute-estimates-for-brain-emulation.txt"
TINY = Plan("digits", ("mlp",), 2, 2000, 384, tests=60)


def made_up(learner, seed, accuracies, flop=1000.0, forgotten=(), diverged=None, plan=TINY):
    """A run with given accuracies at 100, 1,000, 10,000 ... samples."""
    points = tuple(
        Point(100 * 10**k, 100 * 10**k * flop, None, (right,)) for k, right in enumerate(accuracies)
    )
    ends = forgotten or ((accuracies[-1],),)
    return Run(plan.job(learner, 1e-3, seed), points, ends, 1000, 1.0, diverged, 0.1)


def made_up_experiment(runs, learners=("mlp", "spiking")):
    plan = replace(TINY, learners=learners)
    return Experiment(plan, (), dict.fromkeys(learners, 1e-3), tuple(runs))


def test_samples_are_shared_by_the_parts_in_whole_batches():
    job = TINY.job("mlp", 1e-3, 0)
    assert protocol.samples_of_part(replace(job, samples=1000), 3) == 320
    with pytest.raises(RunError, match="less than one batch of 32 for each of 5 parts"):
        protocol.samples_of_part(replace(job, samples=150), 5)


def test_tests_are_at_whole_chunks_and_at_the_end():
    at = sorted(protocol.tested_after(5000, 32))
    assert at[0] == 128
    assert at[-1] == 5000
    assert all(x % 128 == 0 for x in at[:-1])
    assert protocol.tested_after(64, 32) == {64}


def test_every_epoch_shows_each_example_once_however_it_is_cut():
    whole = protocol.which(10, 3, 0, 0, 30)
    for epoch in range(3):
        assert sorted(whole[10 * epoch : 10 * epoch + 10]) == list(range(10))
    pieces = [protocol.which(10, 3, 0, first, 6) for first in range(0, 30, 6)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert (protocol.which(10, 3, 1, 0, 30) != whole).any()


def test_few_examples_are_as_many_of_each_class():
    y = np.array([0] * 50 + [1] * 30 + [2] * 3)
    examples = Examples(np.zeros((83, 1), np.float32), y)
    assert np.bincount(protocol.some(examples, 30, 1, 0).y).tolist() == [14, 13, 3]
    assert protocol.some(examples, None, 1, 0) is examples
    with pytest.raises(RunError, match="there are 1 to 83"):
        protocol.some(examples, 84, 1, 0)


def test_a_budget_of_flop_ends_learning_at_the_first_chunk_beyond_it():
    free = protocol.run(replace(TINY, samples=2560).job("mlp", 1e-3, 0), None)
    each = free.points[-1].flop / 2560
    run = protocol.run(replace(TINY, samples=2560, flop=1000 * each).job("mlp", 1e-3, 0), None)
    assert run.points[-1].samples == 1024
    assert run.accuracy == run.points[-1].accuracy


def test_a_run_is_the_same_again_and_outlives_a_file(tmp_path):
    job = TINY.job("mlp", 1e-3, 0)
    run, again = protocol.run(job, None), protocol.run(job, None)
    assert replace(run, wall_seconds=0) == replace(again, wall_seconds=0)
    assert jobs.kept(tmp_path, job) is None
    jobs.keep(tmp_path, run)
    assert jobs.kept(tmp_path, job) == run
    assert [p.name for p in tmp_path.iterdir()] == [f"{job.key}.json"]
    jobs.place(tmp_path, job).write_text("{", "utf-8")
    with pytest.raises(RunError, match="is damaged; remove it"):
        jobs.kept(tmp_path, job)


def test_jobs_that_differ_have_names_that_differ():
    job = TINY.job("mlp", 1e-3, 0)
    others = [replace(job, knob=1e-2), replace(job, tests=None), replace(job, tuning=True)]
    assert len({job.key, *(other.key for other in others)}) == 4


def test_a_loss_that_is_no_number_is_kept_as_diverged():
    run = protocol.run(TINY.job("mlp", float("nan"), 0), None)
    assert run.diverged == 128
    assert score(run) == 0.0


def test_what_is_tuned_is_never_tested_on_the_tests():
    task, held = load_task("digits"), load_task("digits").held_out()
    tests = {row.tobytes() for row in task.parts[0].test.x}
    tuned = [row.tobytes() for part in held.parts for row in (*part.train.x, *part.test.x)]
    # A few of scikit-learn's digits are there twice.
    assert sum(row in tests for row in tuned) < 5


def test_the_setting_that_learns_soonest_is_chosen():
    def tried(knob, accuracies, diverged=None):
        run = made_up("mlp", 9, accuracies, diverged=diverged)
        return replace(run, job=replace(run.job, knob=knob))

    runs = [tried(3e-4, [0.1, 0.5]), tried(1e-3, [0.4, 0.5]), tried(3e-3, [0.9, 0.9], 500)]
    assert choose(runs) == {"mlp": 1e-3}


def test_orders_of_magnitude_between_learners_are_paired_by_seed():
    mlp = [made_up("mlp", s, [0.2, 0.6, 0.9], flop=10.0 * (s + 1)) for s in range(3)]
    spiking = [made_up("spiking", s, [0.2, 0.6, 0.9], flop=1000.0 * (s + 1)) for s in range(3)]
    found = orders(spiking, mlp, "flop", 0.6)
    assert found.difference.mean == pytest.approx(2)
    assert orders(spiking, mlp, "samples", 0.6).difference.mean == pytest.approx(0)
    assert common_level(mlp, spiking) == 0.9
    assert common_level(mlp, [*spiking, made_up("spiking", 3, [0.1, 0.2])]) is None


def test_a_claim_is_supported_where_the_whole_interval_says_so():
    claim = Claim("x", "", 1, "", "p", "spiking", "mlp", "flop", 1.0)

    def tried(times):
        mlp = [made_up("mlp", s, [0.2, 0.6, 0.9]) for s in range(5)]
        other = [made_up("spiking", s, [0.2, 0.6, 0.9], flop=1000 * f) for s, f in enumerate(times)]
        return judge(claim, made_up_experiment([*mlp, *other])).verdict

    assert tried([30, 40, 30, 35, 32]) == "supported"
    assert tried([2, 3, 2, 3, 2]) == "not supported"
    assert tried([2, 100, 5, 60, 9]) == "undecided"


def test_runs_that_diverged_are_told_of_and_left_out():
    runs = [made_up("mlp", s, [0.2, 0.6]) for s in range(3)]
    runs += [made_up("spiking", s, [0.2, 0.6], diverged=900 if s == 1 else None) for s in range(3)]
    found = document(made_up_experiment(runs), "t")
    assert found["learners"]["spiking"]["diverged"] == [1]
    assert found["learners"]["spiking"]["accuracy"]["n"] == 2
    assert found["pairs"][0]["seeds"] == 2
    lost = [replace(run, diverged=1) for run in runs]
    assert "fewer than two" in judge(CLAIMS[0], made_up_experiment(lost)).why
    json.dumps(document(made_up_experiment(lost), "t"), allow_nan=False)


def test_forgetting_is_what_was_lost_since_a_parts_own_end():
    run = made_up("mlp", 0, [0.5], forgotten=((0.9,), (0.7, 0.8), (0.6, 0.7, 0.8)))
    assert run.forgotten == pytest.approx((0.3 + 0.1) / 2)
    assert run.accuracy == pytest.approx(0.7)


@pytest.mark.skipif(not SEED_TEXT.is_file(), reason="no shared/seed beside the repository")
def test_claims_are_quoted_from_the_text_with_their_line():
    lines = SEED_TEXT.read_text("utf-8").splitlines()
    for claim in CLAIMS:
        assert claim.quote in lines[claim.line - 1]


@pytest.mark.parametrize("quick", [True, False])
def test_every_claim_has_a_plan_with_its_learners(quick):
    made = plans(quick, 5)
    for claim in CLAIMS:
        assert {claim.a, claim.b} <= set(made[claim.plan].learners)


def untimed(found):
    return [replace(run, wall_seconds=0) for run in (*found.tuning, *found.final)]


def test_killed_and_gone_on_with_is_the_same_as_uninterrupted(tmp_path):
    """A process is killed amid its runs; what goes on redoes none of the finished ones."""
    whole = experiment([TINY], tmp_path / "whole", laboratory._no_simulation, processes=1)[0]
    assert len(list((tmp_path / "whole").iterdir())) == 5 + 2
    cut = tmp_path / "cut"
    code = (
        "from halfbrain.learning.laboratory import *\nfrom pathlib import Path\n"
        "from halfbrain.cli.laboratory import _no_simulation\n"
        "if __name__ == '__main__':\n"
        f"    experiment([{TINY!r}], Path({str(cut)!r}), _no_simulation, processes=1)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code, "utf-8")
    process = subprocess.Popen([sys.executable, str(script)], start_new_session=True)
    for _ in range(600):
        if cut.is_dir() and list(cut.glob("*.json")):
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = {path: path.stat().st_mtime_ns for path in cut.glob("*.json")}
    assert finished
    again = experiment([TINY], cut, laboratory._no_simulation, processes=1)[0]
    assert untimed(again) == untimed(whole)
    assert all(path.stat().st_mtime_ns == at for path, at in finished.items())


def printed(capsys, *arguments):
    capsys.readouterr()
    app([*arguments], standalone_mode=False)
    return capsys.readouterr().out


def test_learners_are_compared_in_80_columns_as_json_and_as_a_page(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    command = (
        *("learn", "permuted_digits:2", "--learners", "mlp,sparse", "--seeds", "2"),
        *("--parameters", "3000", "--budget-samples", "512", "--tests", "60"),
    )
    text = printed(capsys, *command, "--report", "r.html", "--out", "r.json")
    assert max(map(len, text.splitlines())) <= 80
    assert "digits, 8 x 8, 2 permutations" in text
    found = json.loads(printed(capsys, *command, "--json"))  # from the runs that are kept
    assert found == json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert list(found["learners"]) == ["mlp", "sparse"]
    assert found["learners"]["mlp"]["tuning_flop"] > 0
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org/", "")


def test_verdicts_are_printed_in_80_columns_and_nothing_leaves_its_place(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def fake(plans, folder, processes, again):
        def runs(plan):
            return [
                made_up(name, seed, [0.2, 0.5 + 0.01 * seed, 0.9], flop=10.0**k + seed, plan=plan)
                for k, name in enumerate(plan.learners)
                for seed in range(3)
            ]

        return [Experiment(p, (), dict.fromkeys(p.learners, 1e-3), tuple(runs(p))) for p in plans]

    monkeypatch.setattr(laboratory, "run_plans", fake)
    text = printed(capsys, "hypotheses", "--quick", "--seeds", "3", "--report", "r.html")
    assert max(map(len, text.splitlines())) <= 80
    for claim in CLAIMS:
        assert claim.says in " ".join(text.split())
    found = json.loads(printed(capsys, "hypotheses", "--quick", "--seeds", "3", "--json"))
    assert len(found["verdicts"]) == len(CLAIMS)
    title = "</h1><script>alert(1)</script>"
    write_page(tmp_path / "x.html", title, found["experiments"], found)
    assert "<script>" not in (tmp_path / "x.html").read_text("utf-8")


def test_p_values_of_all_claims_are_adjusted_together():
    made = plans(True, 3)
    found = {}
    for key, plan in made.items():
        runs = [
            made_up(name, seed, [0.2, 0.5, 0.9], flop=(k + 1) * (10 + seed % 2), plan=plan)
            for k, name in enumerate(plan.learners)
            for seed in range(3)
        ]
        found[key] = Experiment(plan, (), {}, tuple(runs))
    judged = verdicts(found)
    assert [v.claim for v in judged] == list(CLAIMS)
    assert all(v.holm_p is not None and 0 <= v.holm_p <= 1 for v in judged if v.found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("learn", "digits", "--learners", "hopfield"), "no learner 'hopfield'; there are mlp"),
        (("learn", "digits", "--learners", ","), "--learners: name at least one"),
        (("learn", "digits", "--neurons", "9"), "--neurons is for diehl-cook, not for tasks"),
        (("learn", "digits", "--resume"), "--resume is for diehl-cook"),
        (("learn", "diehl-cook", "--units", "9"), "--units is for tasks, not for diehl-cook"),
        (("learn", "digits", "--budget-flop", "nan"), "--budget-flop nan: must be above 0"),
        (("learn", "digits", "--out", "no/x"), "there is no folder no"),
        (("learn", "mnist-1d", "--learners", "stdp"), "leave it out for this task"),
        (("hypotheses", "--report", "no/x"), "there is no folder no"),
    ],
)
def test_a_mistake_is_one_line(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    if "mnist-1d" in arguments:
        pytest.importorskip("mnist1d")
        monkeypatch.setattr(laboratory, "_meter", lambda plans: laboratory._no_simulation)
    with pytest.raises(HalfbrainError) as caught:
        printed(capsys, *arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
