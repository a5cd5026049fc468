"""Checks of normalization: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def rms(square=lambda Z: np.mean(Z**2, axis=-1, keepdims=True) + 1e-3, scale=1.0):
    """Return an answer to exercise 3 with this sum of squares under the root."""
    return lambda Z, gamma: scale * gamma * Z / np.sqrt(square(Z))


def fold(factor=lambda gamma, var: gamma / np.sqrt(var + 1e-3), bias=None):
    """Return an answer to exercise 5 with this factor for each unit and this bias."""

    def answer(W, gamma, beta, mean, var):
        f = factor(gamma, var)
        return W * f, beta - mean * f if bias is None else bias(beta, mean, f)

    return answer


def fold_rows(W, gamma, beta, mean, var):
    f = gamma / np.sqrt(var + 1e-3)
    return W * f[:, np.newaxis], beta - mean * f


def scale(source=lambda X_train, X_test: X_train, own_test=False, guard=True, ddof=0, axis=0):
    """Return an answer to exercise 6 with the statistics of these rows."""

    def answer(X_train, X_test):
        def standardise(X, rows):
            std = rows.std(axis=axis, ddof=ddof)
            return (X - rows.mean(axis=axis)) / (np.where(std == 0, 1, std) if guard else std)

        rows = source(X_train, X_test)
        return standardise(X_train, rows), standardise(X_test, X_test if own_test else rows)

    return answer


def layer_norm(Z, gamma):
    U = Z - Z.mean(axis=-1, keepdims=True)
    return gamma * U / np.sqrt(Z.var(axis=-1, keepdims=True) + 1e-3)


def peak_to_peak(X_train, X_test):
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    std = np.where(np.ptp(X_train, axis=0) == 0, 1, std)
    return (X_train - mean) / std, (X_test - mean) / std


def both_rows(X_train, X_test):
    return np.vstack([X_train, X_test])


RIGHT = [
    (1, [-2, 0, 0, 6]),
    (1, np.array([-2.0, 0, 0, 6])),
    (2, 458),
    (2, np.int64(458)),
    (3, rms()),
    (4, [7930, 7450]),
    (4, (7930.0, 7450.0)),
    (5, fold()),
    (6, scale()),
    (6, peak_to_peak),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"normalization/{number}", answer).passed


DEVIATIONS = np.array([-3.0, -1, -1, 5])
MISTAKES = [
    (1, DEVIATIONS / 3, "That is u"),
    (1, 3 * DEVIATIONS / np.sqrt(12) + 1, "n - 1"),
    (1, DEVIATIONS / 3 + 1, "Gamma is missing"),
    (1, 3 * DEVIATIONS / 9 + 1, "divided by the variance"),
    (1, [1, 2, 3, 4], "Subtract the mean"),
    (1, DEVIATIONS / 3 + 3, "wrong way round"),
    (1, DEVIATIONS, "Beta is missing"),
    (2, 457, "Round up"),
    (2, 457.3, "Round up"),
    (2, 459, "Very close"),
    (2, 390, "not shrink to 0"),
    (2, 44, "momentum 0.9"),
    (2, 69, "half of the start"),
    (2, 10, "After k updates"),
    (3, layer_norm, "layer normalization itself"),
    (3, rms(lambda Z: Z.var(axis=-1, keepdims=True) + 1e-3), "takes no mean off"),
    (3, rms(lambda Z: np.mean(Z**2, axis=-1, keepdims=True)), "Epsilon is missing"),
    (3, lambda Z, gamma: rms()(Z, 1), "Gamma is missing"),
    (3, rms(lambda Z: np.sum(Z**2, axis=-1, keepdims=True) + 1e-3), "not the sum"),
    (3, rms(lambda Z: (np.mean(Z**2, axis=-1, keepdims=True) + 1e-3) ** 2), "root is missing"),
    (
        3,
        rms(lambda Z: (np.sqrt(np.mean(Z**2, axis=-1, keepdims=True)) + 1e-3) ** 2),
        "belongs under the root",
    ),
    (3, rms(lambda Z: np.mean(Z**2, axis=0, keepdims=True) + 1e-3), "not the first"),
    (3, rms(lambda Z: np.mean(Z**2, axis=1, keepdims=True) + 1e-3), "axis=-1"),
    (3, rms(lambda Z: np.mean(Z**2, axis=2, keepdims=True) + 1e-3), "wrong for two"),
    (3, lambda Z, gamma: rms(scale=Z.ndim / 3)(Z, gamma), "wrong for two"),
    (3, rms(scale=2), "Divide Z by the root"),
    (3, lambda Z, gamma: Z[0], "shape (4, 3, 5)"),
    (3, lambda Z: Z, "should take 2 arguments"),
    (4, [7450, 7930], "count of all parameters"),
    (4, [7930, 7930], "Not all are trained"),
    (4, [7450, 7450], "moving averages count"),
    (4, [8170, 7690], "use_bias=False"),
    (4, [7920, 7440], "ten of them"),
    (4, [8506, 8026], "nine weight matrices"),
    (4, [7970, 7470], "after the output layer"),
    (4, [7930, 7000], "first number is right"),
    (4, [1, 2], "Add 64 * 24"),
    (5, fold(lambda gamma, var: gamma / np.sqrt(var)), "Epsilon is missing"),
    (5, fold(lambda gamma, var: gamma / (var + 1e-3)), "divided by the variance"),
    (5, fold_rows, "A unit is a column"),
    (5, fold(lambda gamma, var: gamma), "Each column of W"),
    (5, fold(bias=lambda beta, mean, f: beta), "take the mean off"),
    (5, fold(bias=lambda beta, mean, f: beta - mean), "mean is scaled too"),
    (5, fold(bias=lambda beta, mean, f: beta + mean * f), "The sign"),
    (5, fold(bias=lambda beta, mean, f: 0 * beta), "where X W is zero"),
    (5, lambda *arrays: arrays[0], "two arrays"),
    (6, scale(both_rows), "leak is still open"),
    (6, scale(own_test=True), "statistics of their own"),
    (6, scale(ddof=1), "not n - 1"),
    (6, scale(axis=None), "its own mean"),
    (6, scale(guard=False), "divided by 1"),
    (6, lambda a, b: (a, b), "mean 0 and standard deviation 1"),
    (6, lambda a, b: (scale()(a, b)[0], b), "very same mean"),
    (6, lambda a, b: scale()(a, b)[0], "Return two arrays"),
    (6, lambda a, b: (a[:2], b), "shape (8, 3)"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"normalization/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "answer", ["many", [1, 2, 3], float("nan"), {"a": 1}, lambda *_: 1, lambda *_: "text"]
)
def test_an_answer_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"normalization/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [5, 6])
@pytest.mark.parametrize("pair", [("a", "b"), ([1], {}), (None, 1)])
def test_a_pair_of_the_wrong_kind_gets_a_hint(number, pair):
    result = check(f"normalization/{number}", lambda *_: pair)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"normalization/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [
        (1, [...] * 4),
        (3, lambda *_: ...),
        (4, [..., ...]),
        (5, lambda *_: (..., ...)),
        (6, lambda *_: (..., ...)),
    ],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"normalization/{number}", placeholder).status == "open"
