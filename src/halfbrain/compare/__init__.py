"""The same circuit on other simulators: references for correctness, opponents in speed."""
