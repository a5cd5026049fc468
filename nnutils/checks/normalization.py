"""Checks of the page on normalization: by hand, moving averages, folding, the leak."""

from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call

EPSILON = 1e-3


def exercise_1(answer: Any) -> str | None:
    """-2, 0, 0, 6: mean 5, variance 36 / 4 = 9."""
    column = np.array([2.0, 4, 4, 10]) - 5
    values = as_array(answer, shape=(4,))

    def near(*, s: float, gamma: float = 3, beta: float = 1) -> bool:
        return bool(np.allclose(values, gamma * column / s + beta, atol=0.02))

    if near(s=3):
        return None
    if near(s=3, gamma=1, beta=0):
        return "That is u. Now multiply by gamma and add beta."
    if near(s=np.sqrt(12)):
        return "You divided by n - 1. Batch normalization takes the mean of the squares, over n."
    if near(s=9):
        return "Gamma is missing, or you divided by the variance: divide by 3, multiply by 3."
    if near(s=3, gamma=1, beta=3):
        return "Gamma multiplies and beta is added; you have them the wrong way round."
    if near(s=3, beta=0):
        return "Beta is missing: add 1."
    return "Subtract the mean, 5, divide by the root of the mean square, then gamma and beta."


def exercise_2(answer: Any) -> str | None:
    """458: the first k with 0.01 + 0.99 * 0.99**k below 0.02."""
    number = as_number(answer)
    exact = np.log(0.01 / 0.99) / np.log(0.99)
    if number == np.ceil(exact):
        return None
    if np.floor(exact) <= number < np.ceil(exact):
        return "Round up: after 457 updates the average is still above 0.02."
    if number == np.ceil(np.log(0.01) / np.log(0.99)):
        return "Very close. What shrinks is the distance to the truth, and that starts at 1 - 0.01."
    if np.floor(np.log(0.02) / np.log(0.99)) <= number <= np.ceil(np.log(0.02) / np.log(0.99)):
        return "The average does not shrink to 0 but to 0.01: the batches add their share."
    if 43 <= number <= 44:
        return "That is momentum 0.9."
    if 68 <= number <= 69:
        return "That is when half of the start is gone. Half of 1 is still fifty times the truth."
    return "After k updates the average is 0.01 + 0.99 * 0.99**k. When is that below 0.02?"


def exercise_3(answer: Any) -> str | None:
    """Gamma * Z / sqrt(mean of Z**2 over the last axis + 0.001)."""
    rng = np.random.default_rng(3)
    Z, gamma = 0.1 * rng.normal(1, 1, size=(4, 3, 5)), rng.normal(2, 1, size=5)

    def scaled(Z: np.ndarray, square: np.ndarray) -> np.ndarray:
        return gamma * Z / np.sqrt(square)

    def mean(array: np.ndarray, axis: int = -1) -> np.ndarray:
        return array.mean(axis=axis, keepdims=True)

    values = as_array(call(answer, Z.copy(), gamma.copy()), shape=Z.shape)
    right = scaled(Z, mean(Z**2) + EPSILON)
    if np.allclose(values, right, rtol=1e-4, atol=1e-6):
        only_three = "Right for three axes, wrong for two: use axis=-1."
        try:
            rows = as_array(call(answer, Z[0].copy(), gamma.copy()), shape=Z[0].shape)
        except HintError:  # it worked before: two axes have no axis=2
            return only_three
        return None if np.allclose(rows, right[0], rtol=1e-4, atol=1e-6) else only_three
    centred = Z - mean(Z)
    hints = [
        (
            scaled(centred, mean(centred**2) + EPSILON),
            "That is layer normalization itself: leave the mean out.",
        ),
        (
            scaled(Z, mean(centred**2) + EPSILON),
            "You divide by the standard deviation. The root mean square takes no mean off.",
        ),
        (scaled(Z, mean(Z**2)), "Epsilon is missing under the root."),
        (gamma * Z / (np.sqrt(mean(Z**2)) + EPSILON), "Epsilon belongs under the root."),
        (Z / np.sqrt(mean(Z**2) + EPSILON), "Gamma is missing."),
        (scaled(Z, EPSILON + (Z**2).sum(axis=-1, keepdims=True)), "Take the mean, not the sum."),
        (gamma * Z / (mean(Z**2) + EPSILON), "The root is missing."),
        (scaled(Z, mean(Z**2, axis=0) + EPSILON), "Average over the last axis, not the first."),
        (scaled(Z, mean(Z**2, axis=1) + EPSILON), "Average over the last axis: use axis=-1."),
    ]
    for wrong, hint in hints:
        if np.allclose(values, wrong, rtol=1e-4, atol=1e-6):
            return hint
    return "Divide Z by the root of (mean of Z**2 over the last axis + 0.001); multiply by gamma."


def exercise_4(answer: Any) -> str | None:
    """7,930 in all, 7,450 trained."""
    total, trained = as_array(answer, shape=(2,))
    weights, output, units = 64 * 24 + 9 * 24 * 24, 24 * 10 + 10, 10 * 24
    right = weights + output + 4 * units, weights + output + 2 * units
    if (total, trained) == right:
        return None
    if (trained, total) == right:
        return "Both numbers are right; the first should be the count of all parameters."
    if total == right[0] and trained == right[0]:
        return "Not all are trained: the moving averages are kept, not learnt."
    if total == right[1]:
        return "The moving averages count as parameters too: four numbers for each unit."
    if total == right[0] + units:
        return "You counted biases in the hidden layers; use_bias=False leaves them out."
    if total == right[0] - 10:
        return "The output layer has biases: ten of them."
    if total == right[0] + 24 * 24:
        return "Ten hidden layers have nine weight matrices of 24 times 24 between them."
    if total == right[0] + 40:
        return "There is no normalization after the output layer."
    if total == right[0]:
        return "The first number is right. Of the four numbers of each unit two are trained."
    return "Add 64 * 24, nine times 24 * 24, ten times 4 * 24, and 24 * 10 + 10."


def exercise_5(answer: Any) -> str | None:
    """W times f and beta - f times mean, with f = gamma / sqrt(var + 0.001)."""
    rng = np.random.default_rng(5)
    W, gamma, beta, mean = rng.normal(size=(4, 4)), *rng.normal(size=(3, 4))
    var = rng.uniform(0.01, 0.1, size=4)
    pair = call(answer, W.copy(), gamma.copy(), beta.copy(), mean.copy(), var.copy())
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return "Return two arrays: the folded weights and the folded bias."
    if any(part is Ellipsis for part in pair):
        return call(lambda: ...)
    weights, bias = as_array(pair[0], shape=W.shape), as_array(np.ravel(pair[1]), shape=(4,))
    f = gamma / np.sqrt(var + EPSILON)

    def near(array: np.ndarray, wanted: np.ndarray) -> bool:
        return np.allclose(array, wanted, rtol=1e-4, atol=1e-6)

    if near(weights, W * (gamma / np.sqrt(var))):
        return "Epsilon is missing: it is small, and so is a variance now and then."
    if near(weights, W * (gamma / (var + EPSILON))):
        return "You divided by the variance. Its root belongs there."
    if near(weights, f[:, np.newaxis] * W):
        return "You scaled the rows of W. A unit is a column, and has one factor."
    if not near(weights, W * f):
        return "Each column of W is multiplied by gamma / sqrt(var + 0.001)."
    if near(bias, beta):
        return "The weights are right. The bias must take the mean off as well."
    if near(bias, beta - mean):
        return "The mean is scaled too: it stands inside the bracket that is multiplied."
    if near(bias, beta + mean * f):
        return "The sign: the mean is subtracted."
    if not near(bias, beta - mean * f):
        return "The weights are right. The bias is what comes out where X W is zero."
    return None


def exercise_6(answer: Any) -> str | None:
    """Both arrays with the mean and standard deviation of the training rows."""
    rng = np.random.default_rng(6)
    X_train, X_test = rng.normal(5, 3, size=(8, 3)), rng.normal(20, 9, size=(6, 3))
    first, second = _pair(answer, X_train, X_test)
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    everything = np.vstack([X_train, X_test])
    if np.allclose(first, (X_train - everything.mean(axis=0)) / everything.std(axis=0)):
        return "The leak is still open: your statistics come from all rows, test rows included."
    sample = X_train.std(axis=0, ddof=1)
    if np.allclose(first, (X_train - mean) / sample):
        return "Use the standard deviation as NumPy has it, std(axis=0), over n and not n - 1."
    if np.allclose(first, (X_train - X_train.mean()) / X_train.std()):
        return "Each column has its own mean and deviation: axis=0."
    if not np.allclose(first, (X_train - mean) / std):
        return "The training array should have mean 0 and standard deviation 1 in each column."
    if np.allclose(second, (X_test - X_test.mean(axis=0)) / X_test.std(axis=0)):
        return "The test rows got statistics of their own. Use those of the training rows."
    if not np.allclose(second, (X_test - mean) / std):
        return "Apply the very same mean and deviation, of the training rows, to the test rows."
    X_train[:, 1] = 7.0
    constant = "A column that is constant in training should be divided by 1."
    try:
        first, second = _pair(answer, X_train, X_test)
    except HintError:  # it worked before: now it holds nan or inf
        return constant
    right = np.allclose(first[:, 1], 0) and np.allclose(second[:, 1], X_test[:, 1] - 7)
    return None if right else constant


def _pair(answer: Any, X_train: np.ndarray, X_test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(all="ignore"):
        pair = call(answer, X_train.copy(), X_test.copy())
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise HintError("Return two arrays, first the training rows, then the test rows.")
    if any(part is Ellipsis for part in pair):
        call(lambda: ...)
    return as_array(pair[0], shape=X_train.shape), as_array(pair[1], shape=X_test.shape)
