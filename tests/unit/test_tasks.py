"""Tasks: what is learnt is what was asked for, and data that is wrong is refused in one line."""

import gzip
import hashlib

import numpy as np
import pytest

from halfbrain.errors import DataError
from halfbrain.learning import fashion, published
from halfbrain.learning.tasks.catalogue import load_task, read_name
from halfbrain.learning.tasks.sequences import permuted, split
from halfbrain.learning.tasks.task import Examples, Part, Task
from test_idx import idx


@pytest.fixture
def toy():
    rng = np.random.default_rng(1)

    def some(n):
        return Examples(rng.random((n, 6), np.float32), np.arange(n) % 4)

    return Task("toy", "toy", "", (2, 3), 4, (Part(some(40), some(12)),))


def test_digits_are_scikit_learns_split_once_for_all():
    pytest.importorskip("sklearn")
    task = load_task("digits")
    (part,) = task.parts
    assert (len(part.train), len(part.test)) == (1348, 449)
    assert task.shape == (8, 8)
    assert part.train.x.max() == 1
    both = np.concatenate([part.train.y, part.test.y])
    # UCI's page: the counts of the digits in the test half.
    assert np.bincount(both).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    np.testing.assert_array_equal(load_task("digits").parts[0].test.x, part.test.x)


def test_mnist_1d_is_made_as_published_and_leaves_chance_alone():
    pytest.importorskip("mnist1d")
    np.random.seed(7)
    before = np.random.random(3)
    np.random.seed(7)
    task = load_task("mnist_1d")
    np.testing.assert_array_equal(np.random.random(3), before)
    (part,) = task.parts
    assert part.train.x.shape == (4000, 40)
    assert part.test.x.shape == (1000, 40)
    assert np.bincount(np.concatenate([part.train.y, part.test.y])).tolist() == [500] * 10


def test_permuted_parts_hold_the_same_numbers_in_one_other_order_each(toy):
    task = permuted(toy, 3, seed=5)
    first, second, third = task.parts
    np.testing.assert_array_equal(first.train.x, toy.parts[0].train.x)
    for part in (second, third):
        (moved,) = {tuple(np.argsort(o)) for o in [_order(first.train.x, part.train.x)]}
        assert moved != tuple(range(6))
        np.testing.assert_array_equal(_order(first.test.x, part.test.x), np.argsort(moved))
        np.testing.assert_array_equal(part.train.y, first.train.y)
    again = permuted(toy, 3, seed=5)
    np.testing.assert_array_equal(again.parts[2].test.x, third.test.x)
    assert (permuted(toy, 3, seed=6).parts[1].train.x != second.train.x).any()


def _order(old, new):
    """Which feature of ``old`` each of ``new`` is."""
    return np.array([int(np.flatnonzero((old == new[:, [k]]).all(axis=0))[0]) for k in range(6)])


def test_split_parts_share_no_class_and_lose_none(toy):
    task = split(toy, 2)
    assert [set(p.train.y) for p in task.parts] == [{0, 1}, {2, 3}]
    assert [set(p.test.y) for p in task.parts] == [{0, 1}, {2, 3}]
    assert sum(len(p.train) for p in task.parts) == 40


def test_what_is_held_out_is_not_learnt_and_no_test(toy):
    held = toy.held_out(0.25).parts[0]
    train = toy.parts[0].train
    assert (len(held.train), len(held.test)) == (30, 10)
    np.testing.assert_array_equal(np.concatenate([held.train.x, held.test.x]), train.x)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cifar", "no task 'cifar'; there are digits, mnist"),
        ("keywords", "Google Speech Commands is not included"),
        ("digits:3", "only a permuted or split task"),
        ("permuted-digits:x", "a whole number, as in permuted-digits:5"),
        ("permuted-digits:²", "a whole number"),
        ("split-digits:3", "10 classes do not split in 3 parts"),
        ("permuted-digits:999", "1 to 100 parts, not 999"),
        ("permuted-", "no task"),
    ],
)
def test_a_task_that_there_is_not_is_one_line(name, said):
    pytest.importorskip("sklearn")
    with pytest.raises(DataError, match=said) as caught:
        load_task(name)
    assert "\n" not in str(caught.value)


def test_names_are_read_without_data():
    assert read_name("Permuted_MNIST:10") == ("mnist", "permuted", 10)
    assert read_name("split-fashion-mnist") == ("fashion-mnist", "split", 5)
    assert read_name("mnist-1d") == ("mnist-1d", "", 1)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.zeros((3, 5), np.float32), np.zeros(3, int), "5 features, not 6"),
        (np.zeros((3, 6), np.float32), np.zeros(2, int), "with a class for each"),
        (np.zeros((0, 6), np.float32), np.zeros(0, int), "no example"),
        (np.full((3, 6), np.nan, np.float32), np.zeros(3, int), "finite"),
        (np.full((3, 6), 2, np.float32), np.zeros(3, int), "from 0 to 1"),
        (np.zeros((3, 6), np.float32), np.full(3, 4), "classes are 0 to 3"),
    ],
)
def test_examples_of_the_wrong_shape_are_refused(toy, x, y, said):
    with pytest.raises(DataError, match=said):
        Task("toy", "toy", "", (2, 3), 4, (Part(toy.parts[0].train, Examples(x, y)),))


@pytest.fixture
def clothes(tmp_path, monkeypatch):
    """Fashion-MNIST's four files, small, where HALFBRAIN_DATA says."""
    place = tmp_path / "fashion-mnist"
    place.mkdir()
    rng = np.random.default_rng(0)
    files = {}
    for role, file in fashion.FASHION.files.items():
        array = rng.integers(0, 10, (20, 28, 28) if "images" in role else 20, np.uint8)
        packed = gzip.compress(idx(array))
        (place / f"{file.name}.gz").write_bytes(packed)
        files[role] = published.File(file.name, hashlib.sha256(packed).hexdigest(), None, 20)
    monkeypatch.setattr(
        fashion, "FASHION", published.Published("fashion-mnist", "Fashion-MNIST", (), files)
    )
    monkeypatch.setenv("HALFBRAIN_DATA", str(tmp_path))
    return place


def test_fashion_mnist_is_read_from_the_folder_and_checked(clothes):
    assert load_task("fashion-mnist").parts[0].train.x.shape == (20, 784)
    labels = clothes / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(idx(np.zeros(20, np.uint8))))
    with pytest.raises(DataError, match="SHA-256 is not the published one"):
        load_task("fashion-mnist")
    labels.unlink()
    with pytest.raises(DataError, match=r"its folder fashion-mnist has .*\(\.gz\)"):
        load_task("fashion-mnist")


def test_images_of_another_shape_are_refused_though_their_checksum_is_right(clothes):
    packed = gzip.compress(idx(np.zeros((20, 3, 3), np.uint8)))
    (clothes / "t10k-images-idx3-ubyte.gz").write_bytes(packed)
    files = dict(fashion.FASHION.files)
    file = files["test_images"]
    files["test_images"] = published.File(file.name, hashlib.sha256(packed).hexdigest(), None, 20)
    fashion.FASHION = published.Published("fashion-mnist", "Fashion-MNIST", (), files)
    with pytest.raises(DataError, match=r"shape \(20, 3, 3\), where Fashion-MNIST has"):
        load_task("fashion-mnist")
