"""Ceilings are measured once and kept; of each the highest."""

from dataclasses import replace

from halfbrain.metering import known
from test_metering import CEILINGS


def test_the_highest_that_was_reached_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path))
    assert known.keep(CEILINGS, 2) == CEILINGS
    busy = replace(CEILINGS, bytes_per_second=1.0, exp_per_second={"float32": 2e9, "float64": 1.0})
    found = known.keep(busy, 2)
    assert found.bytes_per_second == CEILINGS.bytes_per_second
    assert found.exp_per_second == {"float32": 2e9, "float64": 5e8}
    monkeypatch.setattr(known, "measure", lambda *_: busy)
    assert known.ceilings(2) == found
    assert known.ceilings(3) == busy  # another number of threads


def test_a_damaged_file_is_measured_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path))
    known.keep(CEILINGS, 2)
    (path,) = tmp_path.iterdir()
    path.write_text("{", "utf-8")
    other = replace(CEILINGS, bytes_per_second=7.0)
    monkeypatch.setattr(known, "measure", lambda *_: other)
    assert known.ceilings(2) == other


def test_what_another_code_measured_is_measured_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path))
    known.keep(replace(CEILINGS, bytes_per_second=1e20), 2)
    monkeypatch.setattr(known, "_by", lambda: "another")
    monkeypatch.setattr(known, "measure", lambda *_: CEILINGS)
    assert known.ceilings(2) == CEILINGS
    assert len(list(tmp_path.iterdir())) == 1
