"""The bill on a machine: machine time, cooling once, whole devices, wider formats."""

import pytest

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.machine import bill
from halfbrain.forecast.own_machine import machine, peak_of
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report.document import estimate_document
from halfbrain.report.terminal import print_estimate

DRAWS = Draws(2000, 1)
YEAR = 31557600


def shown(scenario, name, width=80):
    from io import StringIO

    from rich.console import Console

    out = StringIO()
    document = estimate_document(scenario, ("spiking", "transformer"), 1000, 1, name)
    print_estimate(Console(file=out, width=width, highlight=False), document)
    return " ".join(out.getvalue().split())


def test_machine_time_over_the_peak_is_the_time_again():
    """Rate x neurons x seconds over Titan Xp's peak: no utilisation comes in a second time."""
    result = forecast("spiking", load_scenario("seed-mended"))
    found = bill(result, "titan-xp", DRAWS)
    seconds = result.flop.magnitude("FLOP") / 1.215e13
    assert seconds == pytest.approx(3.04e14, rel=0.01)
    assert found.bound_by == "machine time"
    assert found.device_years.p5 == pytest.approx(seconds / YEAR)
    assert found.device_years.p95 == pytest.approx(seconds / YEAR)
    # 250 W, and a site's 1.08 to 1.56 for its cooling and losses.
    assert found.energy_joule.p50 == pytest.approx(seconds * 250 * 1.3, rel=0.02)
    assert "the machine's time as it was counted" in shown(load_scenario("seed-mended"), "titan-xp")


def test_operations_are_still_at_the_share_of_the_peak_that_is_reached():
    found = bill(forecast("transformer", load_scenario("seed-mended")), "h100", DRAWS)
    same = load_scenario().with_setting(
        "synapses_per_neuron", {"fact": "brains.human.synapses_per_neuron"}
    )
    ours = bill(forecast("transformer", same), "h100", DRAWS)
    assert found.bound_by == "arithmetic"
    assert found.device_years.p50 == pytest.approx(ours.device_years.p50, rel=1e-3)


def test_cooling_is_counted_once():
    result = forecast("blue-brain", load_scenario("seed-mended"))
    for name, watt in (("k-node", 144), ("bgq-node", 80.5)):
        found = bill(result, name, DRAWS)
        joule = found.device_years.p50 * YEAR * watt
        assert found.energy_joule.p50 == pytest.approx(joule, rel=0.01)
        assert "power" not in found.missing


def test_no_figure_says_of_itself_that_cooling_is_in_it_and_is_cooled_again():
    for item in facts().tables["hardware"].values():
        if "power" in item.figures:
            assert "cooling included" not in item.figure("power").origin.note


def test_a_fraction_of_a_device_is_one_and_it_is_said():
    small = load_scenario().with_setting("neurons", 1e5)
    found = bill(forecast("transformer", small), "h100", DRAWS)
    assert found.devices_for_memory.p5 == found.devices_for_memory.p50 == 1
    assert found.devices_in_real_time.p50 == 1
    assert found.years_on_those.p5 == pytest.approx(found.device_years.p5, rel=0.1)
    assert found.less_than_one == ("devices_for_memory", "devices_in_real_time")
    assert "less than one device would hold the state; one is counted" in shown(small, "h100")
    assert bill(forecast("transformer", load_scenario()), "h100", DRAWS).less_than_one == ()


def test_trends_are_no_machine():
    with pytest.raises(HalfbrainError, match="no machine 'trends'") as error:
        machine("trends")
    assert "trends" not in str(error.value).partition("there are")[2]


def test_every_machine_has_a_peak_for_every_contender_or_says_what_it_lacks():
    tensor_only = ("tpu-v5p", "tpu7x")  # their makers give no peak of wider formats
    for name, item in facts().tables["hardware"].items():
        try:
            machine(name)
        except HalfbrainError:
            continue
        for wanted in ("peak_fp16", "peak_fp32"):
            assert (peak_of(item, wanted) is None) == (
                name in tensor_only and wanted != "peak_fp16"
            )


def test_a_wider_format_stands_in_and_it_is_said():
    assert peak_of(machine("titan-xp"), "peak_fp16") == "peak_fp32"
    assert peak_of(machine("h100"), "peak_fp16") == "peak_fp16"
    assert "at the peak_fp32, as there is no peak_fp16" in shown(load_scenario(), "titan-xp")


@pytest.mark.parametrize(
    ("card", "peak"), [("rtx-4090", 1.652e14), ("rtx-2080-ti", 5.69e13), ("titan-rtx", 1.3e14)]
)
def test_peaks_are_with_sums_in_32_bits(card, peak):
    """NVIDIA's cards for games do half as many with sums in 32 bits, as training needs them."""
    assert facts().get(f"hardware.{card}.peak_fp16").magnitude("FLOP/second") == peak
