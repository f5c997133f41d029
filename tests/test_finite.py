"""Whether states are still numbers: a run that meets NaN or infinity says so."""

import numpy as np
import pytest

from halfbrain.engine.finite import all_finite


def places(*arrays):
    return np.array([[a.ctypes.data, a.size] for a in arrays], np.int64).reshape(-1, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_number_that_is_none_is_found(dtype):
    fine = np.array([0.0, -0.0, 1.0, -1.0, np.finfo(dtype).max, np.finfo(dtype).tiny], dtype)
    assert all_finite(places(fine, fine[:0]), fine.itemsize)
    assert all_finite(places(), fine.itemsize)
    for bad in (np.nan, -np.nan, np.inf, -np.inf):
        for at in range(fine.size):
            wrong = fine.copy()
            wrong[at] = bad
            assert not all_finite(places(fine, wrong), fine.itemsize)
