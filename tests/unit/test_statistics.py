"""Statistics of spikes against trains whose answers are known, and against NumPy done plainly."""

import numpy as np
import pytest

from halfbrain.errors import RunError
from halfbrain.recording import statistics
from halfbrain.recording.spikes import Spikes

DT = 1e-4


def spikes_of(trains, seconds, populations=None, dt=DT):
    """From a list of steps for each neuron."""
    steps = np.concatenate([np.asarray(train, np.int64) for train in trains])
    neurons = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    order = np.lexsort((neurons, steps))
    populations = populations or {"all": range(len(trains))}
    return Spikes(steps[order], neurons[order], populations, dt, seconds)


def poisson(rates, seconds, populations=None, seed=1):
    generator = np.random.default_rng(seed)
    length = round(seconds / DT)
    return spikes_of(
        [np.sort(generator.integers(0, length, generator.poisson(rate * seconds)))
         for rate in rates],
        seconds, populations,
    )  # fmt: skip


def test_regular_trains_have_their_rate_and_no_variation():
    trains = [np.arange(phase, 100_000, period) for phase, period in [(0, 1000), (7, 250)]]
    spikes = spikes_of(trains, 10.0)
    np.testing.assert_allclose(statistics.neuron_rates(spikes)["all"], [10, 40], rtol=1e-12)
    np.testing.assert_array_equal(statistics.interval_cvs(spikes)["all"], [0, 0])


def test_alternating_intervals_have_the_variation_worked_out_by_hand():
    # Intervals 1, 3, 1, 3: mean 2, standard deviation 1.
    spikes = spikes_of([[0, 1, 4, 5, 8], [0, 1, 4]], 1.0)
    np.testing.assert_allclose(statistics.interval_cvs(spikes)["all"], [0.5, 0.5])


def test_less_than_three_spikes_have_no_variation():
    cvs = statistics.interval_cvs(spikes_of([[], [5], [5, 9], [5, 9, 13], [5, 5, 5]], 1.0))["all"]
    np.testing.assert_array_equal(np.isnan(cvs), [True, True, True, False, True])


def test_late_spikes_lose_no_digits():
    base = 10**12  # steps: three years
    spikes = spikes_of([[base, base + 10**6, base + 2 * 10**6 + 1]], (base + 10**7) * DT)
    np.testing.assert_allclose(
        statistics.interval_cvs(spikes)["all"], [0.5 / (10**6 + 0.5)], rtol=1e-9
    )


def test_poisson_trains_have_their_rates_and_vary_by_one():
    rates = np.repeat([2.0, 20.0, 80.0], 200)
    names = {"slow": range(0, 200), "middle": range(200, 400), "fast": range(400, 600)}
    spikes = poisson(rates, 20.0, names)
    cvs = statistics.interval_cvs(spikes)
    for name, rate in [("slow", 2), ("middle", 20), ("fast", 80)]:
        found = statistics.neuron_rates(spikes)[name]
        # Counts of a Poisson process: variance is the mean. Five standard errors.
        assert abs(found.mean() - rate) < 5 * np.sqrt(rate / 20 / 200)
        assert found.var() == pytest.approx(rate / 20, rel=0.5)
        assert spikes.rates()[name] == pytest.approx(found.mean())
    assert np.nanmean(cvs["fast"]) == pytest.approx(1, abs=0.01)
    assert np.nanmean(cvs["middle"]) == pytest.approx(1, abs=0.02)
    assert 0.9 < np.nanmean(cvs["slow"]) < 1  # short trains are biased low


def test_gamma_trains_vary_by_the_root_of_their_order():
    generator = np.random.default_rng(4)
    trains = [np.cumsum(generator.gamma(4, 50, 2000)).astype(int) for _ in range(50)]
    cvs = statistics.interval_cvs(spikes_of(trains, 60.0))["all"]
    assert cvs.mean() == pytest.approx(0.5, abs=0.01)


def test_correlations_are_pearsons_of_the_counts():
    names = {"a": range(0, 6), "gap": range(6, 6), "b": range(8, 15)}
    spikes = poisson([5, 50, 0, 20, 20, 20, 0, 0, 9, 9, 90, 1, 1, 0, 30], 3.0005, names, seed=5)
    found = statistics.count_correlations(spikes, width=2e-3)
    for name, own in names.items():
        times, neurons = spikes.of(name)
        edges = np.arange(1501) * 20 - 0.5  # the last half millisecond fills no bin
        counts = [np.histogram(times[neurons == n] / DT, edges)[0] for n in range(len(own))]
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = np.corrcoef(counts)[np.triu_indices(len(own), 1)] if len(own) else []
        np.testing.assert_allclose(found[name], expected, atol=1e-12)


def test_shared_spikes_correlate_by_their_share():
    # Each neuron sees a common Poisson train and one of its own: the correlation of the counts is
    # the common rate over the whole.
    generator = np.random.default_rng(6)
    length = 1_000_000
    common = np.flatnonzero(generator.random(length) < 3e-4)
    trains = [np.union1d(common, np.flatnonzero(generator.random(length) < 7e-4)) for _ in range(8)]
    found = statistics.count_correlations(spikes_of(trains, 100.0))["all"]
    assert found.shape == (28,)
    share = len(common) / np.mean([len(train) for train in trains])
    assert found.mean() == pytest.approx(share, abs=0.01)
    alone = statistics.count_correlations(poisson([10] * 40, 20.0))["all"]
    assert abs(alone.mean()) < 0.003
    assert alone.std() == pytest.approx(1 / np.sqrt(10_000), rel=0.1)


def test_correlations_take_a_sample_that_the_seed_decides():
    spikes = poisson([20] * 400, 2.0, {"a": range(0, 300), "b": range(300, 400)})
    first = statistics.count_correlations(spikes, sample=50)
    assert first["a"].shape == first["b"].shape == (50 * 49 / 2,)
    again = statistics.count_correlations(spikes, sample=50)
    other = statistics.count_correlations(spikes, sample=50, seed=2)
    np.testing.assert_array_equal(first["a"], again["a"])
    assert not np.array_equal(first["a"], other["a"])
    whole = statistics.count_correlations(spikes, sample=1000)["b"]
    assert whole.shape == (100 * 99 / 2,)
    assert np.isin(first["b"], whole).all()


def test_population_rates_follow_the_activity():
    trains = [np.arange(0, 5000, 50)] * 3 + [np.arange(5000, 10_000, 100)]
    spikes = spikes_of(trains, 1.0, {"early": range(0, 3), "late": range(3, 4)})
    times, rates = statistics.population_rates(spikes, 0.1)
    np.testing.assert_allclose(times, np.arange(10) / 10 + 0.05)
    np.testing.assert_allclose(rates["early"], [200] * 5 + [0] * 5)
    np.testing.assert_allclose(rates["late"], [0] * 5 + [100] * 5)
    times, rates = statistics.population_rates(spikes, 0.3)  # the last 0.1 s fill no bin
    assert len(times) == len(rates["late"]) == 3


def test_a_window_is_a_recording_of_its_own():
    spikes = spikes_of([[0, 4999, 5000, 7499, 7500, 9999]], 1.0)
    cut = statistics.window(spikes, 0.5, 0.75)
    assert cut.steps.tolist() == [0, 2499]
    assert cut.seconds == pytest.approx(0.25)
    assert statistics.window(spikes, 0.5, 99.0).steps.tolist() == [0, 2499, 2500, 4999]
    for start, stop in [(1.0, 2.0), (0.5, 0.5), (0.6, 0.5), (-1.0, 0.5), (np.nan, 1), (0, np.nan)]:
        with pytest.raises(RunError, match="there is nothing; the recording is from 0 s to 1 s"):
            statistics.window(spikes, start, stop)
    with pytest.raises(RunError, match="less than a step"):
        statistics.window(spikes, 0.50001, 0.50002)


def test_bins_shorter_than_a_step_are_one_line():
    spikes = spikes_of([[1, 2]], 1.0)
    for ask in (statistics.population_rates, lambda s, w: statistics.count_correlations(s, 2, w)):
        with pytest.raises(RunError, match=r"bins of 1e-05 s are shorter than a step of 0\.0001 s"):
            ask(spikes, 1e-5)


def test_no_spikes_and_no_time_are_no_error():
    for seconds in (1.0, 0.0):
        spikes = spikes_of([[], []], seconds, {"a": range(0, 2), "none": range(2, 2)})
        assert statistics.neuron_rates(spikes)["a"].tolist() == [0, 0]
        assert np.isnan(statistics.interval_cvs(spikes)["a"]).all()
        assert np.isnan(statistics.count_correlations(spikes)["a"]).all()
        times, rates = statistics.population_rates(spikes, 0.1)
        assert len(times) == len(rates["none"]) == round(seconds * 10)
        assert not rates["a"].any()
