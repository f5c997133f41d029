"""Efficiency of simulators: fitted on half of the published studies, tested on the other half."""

import math

import pytest
from scipy.stats import t as student

from halfbrain.errors import HalfbrainError
from halfbrain.facts.table import facts
from halfbrain.forecast.calibration import SIMULATORS, Run, both_ways, calibrate


def run(name, simulator, published, bound=1.0):
    return Run(name, name, simulator, "read", published, bound)


def test_the_fit_is_students_t_about_the_mean_of_the_studies():
    """Against the closed form: three studies of one class are fitted, one run is tested."""
    fitted = [run("a-2001", "gpu", 2.0), run("c-2003", "gpu", 8.0), run("e-2005", "gpu", 32.0)]
    others = [run("b-2002", "gpu", 10.0), run("d-2004-x", "gpu", 9.0), run("d-2004-y", "gpu", 1e6)]
    found = calibrate(fitted + others)
    assert found.fitted[0].beyond == pytest.approx(8.0)
    assert found.fitted[0].studies == 3
    deviation = math.sqrt(2 * math.log(4) ** 2 / 2)
    half = student.ppf(0.95, 2) * deviation * math.sqrt(1 + 1 / 3)
    tested = {test.run: test for test in found.tested}
    assert set(tested) == {"b-2002", "d-2004-x", "d-2004-y"}
    assert tested["b-2002"].predicted.p5 == pytest.approx(8 * math.exp(-half))
    assert tested["b-2002"].predicted.p95 == pytest.approx(8 * math.exp(half))
    assert tested["b-2002"].factor == pytest.approx(1.25)
    assert not tested["d-2004-y"].inside
    assert found.inside == pytest.approx(2 / 3)
    assert found.median_factor == pytest.approx(1.25)


def test_all_runs_of_a_study_are_in_one_half_and_count_as_one():
    runs = [run("a-2001-x", "gpu", 1.0), run("a-2001-y", "gpu", 4.0), run("b-2002", "gpu", 3.0)]
    runs += [run("a-2001", "nodes", 1.0), run("b-2002", "nodes", 2.0), run("c-2003", "nodes", 4.0)]
    found = calibrate(runs)
    assert {fit.simulator: (fit.studies, round(fit.beyond, 9)) for fit in found.fitted} == {
        "gpu": (1, 2.0),
        "nodes": (2, 2.0),
    }
    assert [test.run for test in found.tested] == ["b-2002", "b-2002"]
    with pytest.raises(HalfbrainError, match="too few studies"):
        calibrate(runs[:3])


def test_a_machine_twice_as_fast_halves_what_is_foretold():
    runs = [run(f"s-200{i}", "gpu", float(i), bound=1.0 + i) for i in range(1, 6)]
    base = calibrate(runs)
    quick = calibrate([*runs, run("t-2010", "gpu", 7.0, bound=6.0)]).tested
    slow = calibrate([*runs, run("t-2010", "gpu", 7.0, bound=12.0)]).tested
    assert base.fitted[0].studies == 3
    foretold = [
        next(x for x in tests if x.run == "t-2010").predicted.p50 for tests in (quick, slow)
    ]
    assert foretold[1] == pytest.approx(2 * foretold[0])


def test_what_is_fitted_on_half_of_the_studies_foretells_the_other_half():
    """80 % of the tested runs in their 90 % interval, half of them within a factor of 3."""
    fit, other = both_ways()
    assert len(fit.tested) + len(other.tested) >= 25
    assert not {test.run for test in fit.tested} & {test.run for test in other.tested}
    assert fit.inside >= 0.8
    assert fit.median_factor < 3
    assert other.inside >= 0.8
    assert other.median_factor < 5
    assert {found.simulator for found in fit.fitted} == {
        "gpu",
        "nodes",
        "supercomputer",
        "detailed",
    }


def test_every_run_of_the_facts_has_a_class_and_names_its_study():
    table = facts().tables["simulation_runs"]
    assert len(table) >= 25
    for key, item in table.items():
        assert item.attributes["simulator"] in SIMULATORS, key
        assert run(key, "gpu", 1.0).study[0] > 2000, key
        assert (item.attributes["simulator"] == "detailed") == (
            item.attributes["level"] == "detailed"
        )
