"""Statistics of paired runs against known cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from halfbrain.errors import RunError
from halfbrain.learning.statistics import at_cost, holm, mean, paired, sign_flip, to_reach

# Student 1908 (doi 10.2307/2331554): hours of sleep gained by two drugs in ten patients.
DEXTRO = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
LAEVO = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_students_sleep_data():
    found = paired(LAEVO, DEXTRO)
    assert found.difference.mean == pytest.approx(1.58)
    assert found.p == pytest.approx(0.002833, abs=1e-6)  # t = 4.0621 with 9 degrees of freedom
    assert (found.t_low, found.t_high) == pytest.approx((0.7001, 2.4599), abs=1e-4)
    # Of 2^10 sign patterns only those of the one zero are as extreme, both ways: 4 of 1024.
    assert found.sign_p == pytest.approx(4 / 1024)
    assert found.difference.low < 1.58 < found.difference.high
    assert found.t_low < found.difference.low


def test_it_can_be_tested_against_another_difference():
    against = paired(LAEVO, DEXTRO, 1.0)
    assert against.p == pytest.approx(stats.ttest_rel(np.array(LAEVO) - 1.0, DEXTRO).pvalue)
    assert against.difference == paired(LAEVO, DEXTRO).difference


def test_five_pairs_of_one_sign_are_one_in_sixteen():
    assert sign_flip(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == pytest.approx(2 / 32)


def test_pairs_that_all_differ_by_the_same():
    found = paired([2.0, 3.0, 4.0], [1.0, 2.0, 3.0])
    assert (found.t_low, found.t_high, found.p) == (1.0, 1.0, 0.0)
    assert paired([1.0, 2.0], [1.0, 2.0]).p == 1.0


def test_the_interval_of_a_mean_holds_it_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    held = [m.low <= 0 <= m.high for m in (mean(rng.normal(size=30)) for _ in range(200))]
    assert 0.88 <= np.mean(held) <= 0.99


def test_one_value_has_no_interval():
    assert np.isnan(mean([3.0]).low)
    assert mean([2.0, 2.0]).high == 2.0


@pytest.mark.parametrize(("a", "b"), [([1.0], [2.0]), ([1.0, 2.0], [1.0]), ([1.0, np.nan], [0, 1])])
def test_what_makes_no_pairs_is_one_line(a, b):
    with pytest.raises(RunError):
        paired(a, b)


def test_holms_own_example():
    # Four tests; only the smallest p stays below 5 %.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_cost_to_reach_an_accuracy():
    cost, right = [10, 100, 1000], [0.2, 0.6, 0.7]
    assert to_reach(cost, right, 0.6) == pytest.approx(100)
    assert to_reach(cost, right, 0.4) == pytest.approx(10**1.5)
    assert to_reach(cost, right, 0.1) == 10
    assert to_reach(cost, right, 0.71) is None
    assert to_reach(cost, [0.2, 0.9, 0.3], 0.5) < 100  # the first time counts


@given(st.floats(0.2, 0.7))
def test_reaching_and_having_reached_are_inverse(level):
    cost, right = [10, 100, 1000], [0.2, 0.6, 0.7]
    assert at_cost(cost, right, to_reach(cost, right, level)) == pytest.approx(level)


def test_accuracy_at_a_cost_beyond_the_curve():
    assert at_cost([10, 100], [0.2, 0.6], 5) is None
    assert at_cost([10, 100], [0.2, 0.6], 1e6) == 0.6
