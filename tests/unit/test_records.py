"""Facts held against the sources' own records, where the shared folder has them."""

import statistics
from pathlib import Path

import pytest

from halfbrain.facts.table import facts

RECORDS = Path(__file__).parents[3] / "shared" / "data" / "brian2genn"
pytestmark = pytest.mark.skipif(
    not RECORDS.is_dir(), reason="no shared/data/brian2genn beside the repository"
)


@pytest.mark.parametrize(
    ("item", "figure", "file", "algorithm", "precision"),
    [
        (
            "brian2genn-mbody",
            "wall_seconds_titan_xp_fp32_pre",
            "titan_xp_mbody_example",
            "pre",
            "float32",
        ),
        (
            "brian2genn-mbody",
            "wall_seconds_titan_xp_fp32_post",
            "titan_xp_mbody_example",
            "post",
            "float32",
        ),
        (
            "brian2genn-mbody",
            "wall_seconds_titan_xp_fp64_pre",
            "titan_xp_mbody_example",
            "pre",
            "float64",
        ),
        (
            "brian2genn-cobahh",
            "wall_seconds_titan_xp_fp32_pre",
            "titan_xp_cobahh",
            "pre",
            "float32",
        ),
        (
            "brian2genn-cobahh",
            "wall_seconds_titan_xp_fp32_post",
            "titan_xp_cobahh",
            "post",
            "float32",
        ),
        (
            "brian2genn-cobahh",
            "wall_seconds_titan_xp_fp64_pre",
            "titan_xp_cobahh",
            "pre",
            "float64",
        ),
        ("brian2genn-cobahh", "wall_seconds_v100_fp32_pre", "tesla_v100_cobahh", "pre", "float32"),
    ],
)
def test_brian2genn_facts_are_the_medians_of_the_raw_records(
    item, figure, file, algorithm, precision
):
    rows = [line.split("\t") for line in (RECORDS / f"{file}.tsv").read_text().splitlines()]
    rows = [row for row in rows if row[:3] == ["genn", algorithm, "0"] and row[7] == precision]
    largest = max(int(row[3]) for row in rows)
    runs = [(float(row[14]) - float(row[13])) / 1e6 for row in rows if int(row[3]) == largest]
    entry = facts().item("contenders", item)
    assert entry.figure(figure).magnitude("second") == pytest.approx(
        statistics.median(runs), rel=1e-3
    )
    assert entry.figure("neurons").magnitude("neuron") == largest
    assert {row[5] for row in rows if int(row[3]) == largest} == {"10.0"}
