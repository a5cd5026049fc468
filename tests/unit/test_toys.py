"""The toy sets: what they promise about labels, noise, balance and seeds."""

import doctest

import numpy as np
import pytest

from nnutils import make_spirals, make_xor, toys

MAKERS = pytest.mark.parametrize("make", [make_xor, make_spirals])


@MAKERS
@pytest.mark.parametrize("n_samples", [1, 2, 7, np.int64(100)])
def test_shapes_and_types(make, n_samples):
    X, y = make(n_samples, noise=0.1, rng=0)
    assert X.shape == (n_samples, 2)
    assert X.dtype == np.float64
    assert y.shape == (n_samples,)
    assert y.dtype.kind == "i"
    assert set(y.tolist()) <= {0, 1}


@MAKERS
def test_the_same_seed_gives_the_same_points_and_another_seed_others(make):
    X, y = make(50, noise=0.2, rng=3)
    again, y_again = make(50, noise=0.2, rng=3)
    other, _ = make(50, noise=0.2, rng=4)
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(y, y_again)
    assert not np.allclose(X, other)


@MAKERS
def test_a_generator_is_used_as_it_is_and_moves_on(make):
    rng = np.random.default_rng(3)
    first, _ = make(50, rng=rng)
    second, _ = make(50, rng=rng)
    np.testing.assert_array_equal(first, make(50, rng=3)[0])
    assert not np.allclose(first, second)


@MAKERS
@pytest.mark.parametrize("rng", [None, 5, [1, 2], np.random.SeedSequence(1), np.random.PCG64(1)])
def test_everything_default_rng_takes_is_a_seed(make, rng):
    assert np.isfinite(make(10, rng=rng)[0]).all()


@MAKERS
def test_the_global_generator_is_left_alone(make):
    before = np.random.get_state()[1:3]  # noqa: NPY002 - the very state that must not change
    make(50, noise=0.2, rng=0)
    after = np.random.get_state()[1:3]  # noqa: NPY002
    np.testing.assert_array_equal(before[0], after[0])
    assert before[1] == after[1]


@MAKERS
def test_noise_has_the_standard_deviation_asked_for_and_labels_come_before_it(make):
    clean, y = make(20_000, rng=0)
    noisy, y_noisy = make(20_000, noise=0.3, rng=0)
    np.testing.assert_array_equal(y, y_noisy)
    # Of 20,000 draws the standard deviation is known to about 0.3 / sqrt(40,000) = 0.0015.
    assert np.std(noisy - clean, axis=0) == pytest.approx([0.3, 0.3], abs=0.01)
    assert np.mean(noisy - clean, axis=0) == pytest.approx([0, 0], abs=0.01)


def test_xor_is_one_exactly_where_the_signs_differ():
    X, y = make_xor(2000, rng=1)
    truth = [int(np.sign(a) != np.sign(b)) for a, b in X]
    assert y.tolist() == truth
    assert np.mean(y) == pytest.approx(0.5, abs=0.05)


def test_xor_points_are_standard_normal():
    X, _ = make_xor(20_000, rng=1)
    assert X.mean(axis=0) == pytest.approx([0, 0], abs=0.03)
    np.testing.assert_allclose(np.cov(X.T), np.eye(2), atol=0.04)


def test_noise_carries_xor_points_across_the_axes():
    X, y = make_xor(5000, noise=0.3, rng=1)
    wrong = np.mean((X[:, 0] * X[:, 1] < 0) != y)
    assert 0.05 < wrong < 0.3


def test_spiral_classes_take_turns():
    assert make_spirals(7, rng=0)[1].tolist() == [0, 1, 0, 1, 0, 1, 0]


def test_spiral_points_lie_on_their_own_arm_and_not_on_the_other():
    X, y = make_spirals(1000, rng=0)
    radius = np.hypot(*X.T)
    for arm in (0, 1):
        # An arm is the curve whose angle is three half turns at radius 2, in proportion.
        angle = 1.5 * np.pi * radius + np.pi * arm
        on_arm = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        distance = np.hypot(*(X - on_arm).T)
        np.testing.assert_allclose(distance[y == arm], 0, atol=1e-12)
        np.testing.assert_allclose(distance[y != arm], 2 * radius[y != arm], atol=1e-12)


def test_spirals_fill_their_disc_and_are_scaled_like_standard_data():
    X, _ = make_spirals(20_000, rng=0)
    radius = np.hypot(*X.T)
    assert radius.max() <= 2
    assert np.mean(radius < 1) == pytest.approx(0.25, abs=0.02)  # a quarter of the disc's area
    assert X.std(axis=0) == pytest.approx([1, 1], abs=0.15)


@MAKERS
@pytest.mark.parametrize("n_samples", [10.0, "10", None, True, np.True_, [10]])
def test_a_size_that_is_no_integer_is_a_type_error(make, n_samples):
    with pytest.raises(TypeError, match=r"n_samples must be an integer, got "):
        make(n_samples, rng=0)


@MAKERS
@pytest.mark.parametrize("n_samples", [0, -3])
def test_a_size_below_one_is_a_value_error(make, n_samples):
    with pytest.raises(ValueError, match=f"n_samples must be at least 1, got {n_samples}"):
        make(n_samples, rng=0)


@MAKERS
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_an_impossible_noise_is_a_value_error(make, noise):
    with pytest.raises(ValueError, match="noise must be a finite standard deviation, 0 or more"):
        make(10, noise=noise, rng=0)


@MAKERS
@pytest.mark.parametrize("noise", ["much", "0.1", True, None, [0.1, 0.2]])
def test_a_noise_that_is_no_number_is_a_type_error(make, noise):
    with pytest.raises(TypeError, match="noise must be a number, got "):
        make(10, noise=noise, rng=0)


@MAKERS
def test_a_seed_that_is_none_of_those_is_a_type_error(make):
    with pytest.raises(TypeError):
        make(10, rng="seed")


@MAKERS
def test_everything_but_the_size_is_given_by_name(make):
    with pytest.raises(TypeError, match="positional"):
        make(10, 0.1, 0)
    with pytest.raises(TypeError, match="rng"):
        make(10)


def test_the_examples_of_the_docstrings_work():
    result = doctest.testmod(toys)
    assert result.attempted >= 6
    assert result.failed == 0
