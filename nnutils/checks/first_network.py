"""Checks of the page on the first network, which learns whether two signs differ."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """Parameters of 3-5-5-4: 74."""
    number = as_number(answer)
    sizes = [3, 5, 5, 4]
    layers = [(p + 1) * q for p, q in pairwise(sizes)]
    if number == sum(layers):
        return None
    if number == sum(layers) - sum(sizes[1:]):
        return "The biases are missing: each unit that receives numbers has one."
    if number == sum(layers) + sizes[0]:
        return "You gave the inputs biases. They are only data; nothing is added to them."
    if number == layers[0] + layers[2]:
        return "A layer is missing: from 5 to 5 units there are weights and biases as well."
    if number == layers[0] + layers[1]:
        return "The output layer is missing: it has weights and biases like the others."
    return "A layer from p to q units has p times q weights and q biases. Add up three layers."


def exercise_2(answer: Any) -> str | None:
    """Class 1 gets the probability e / (1 + e), about 0.731."""
    number = as_number(answer)

    def near(score: float) -> bool:
        """Whether the answer is the probability of class 1 at this lead of its score."""
        return bool(np.isclose(number, 1 / (1 + np.exp(-score)), rtol=0, atol=2e-3))

    # In brackets: the hidden pre-activations and the two scores.
    if near(1):  # (0.5, -2); (0, 1)
        return None
    if near(-1):
        return "That is the probability of class 0. Class 1 is the second column."
    if near(5):  # (0.5, -2) passed on as it is; (-2, 3)
        return "The ReLU is missing: a negative hidden value becomes 0 before it goes on."
    if near(0):  # (0, -3); (0, 0)
        return "The biases are missing: add b after each product."
    if number == 1:
        return "That is the score of class 1. Softmax turns the two scores into probabilities."
    if near(12.5):  # (4.5, 0) from W1 transposed: almost certain, whatever becomes of W2
        return "You multiplied by the transposed weights. The point is a row: x @ W + b."
    return "Hidden values first: x @ W1 + b1, then ReLU. Then the two scores, then softmax."


def exercise_3(answer: Any) -> str | None:
    """Confusion matrix [[2500, 0], [1250, 1250]]: the lost points are true 1, predicted 0."""
    counts = as_array(answer, shape=(2, 2))
    right = np.zeros((2, 2))
    for x1_negative in (False, True):
        for x2_negative in (False, True):
            true = int(x1_negative != x2_negative)
            lost = not x1_negative and x2_negative
            right[true, 1 - true if lost else true] += 5000 / 4

    def near(matrix: np.ndarray) -> bool:
        return np.allclose(counts, matrix, rtol=0, atol=100)

    if near(right):
        return None
    if near(right.T):
        return "Rows and columns are swapped: rows are the truth, columns the prediction."
    if near(right[::-1, ::-1]) or near(right[::-1, ::-1].T):
        return "In the lost quadrant the signs differ, so these points are truly of class 1."
    if near(right[:, ::-1]):
        return "You have right and wrong reversed: right answers stand on the diagonal."
    for unit, total in (("shares", 1), ("per cent", 100)):
        if np.isclose(counts.sum(), total):
            return f"These are {unit}; give counts that add up to 5,000."
    if not np.isclose(counts.sum(), 5000):
        return f"Your counts add up to {counts.sum():g}, but there are 5,000 test points."
    return "Each quadrant has 1,250 points. Ask of each: which true class, which predicted class?"


def exercise_4(answer: Any) -> str | None:
    """19,600 points: 0.98 times 0.02 over 0.001 squared."""
    number = as_number(answer)
    variance, error = 0.98 * (1 - 0.98), 0.001

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.005, atol=0))

    if near(variance / error**2):
        return None
    if near(variance / 0.1**2):
        return "0.1 percentage points are 0.001 as a share, not 0.1."
    if near(np.sqrt(variance) / error):
        return "Almost: that is the square root of n. Square both sides before you solve for n."
    if near(variance / error):
        return "Square the standard error too: p (1 - p) / n is the square of 0.001."
    if near(1.96**2 * variance / error**2):
        return "That makes the half-width of the 95% interval 0.001. The standard error is asked."
    return "Solve sqrt(p (1 - p) / n) = 0.001 for n, with p = 0.98."


def exercise_5(answer: Any) -> str | None:
    """Mean of log-sum-exp of each row minus the score of its right class."""
    rng = np.random.default_rng(5)
    Z, y = rng.normal(size=(6, 3)), np.array([2, 0, 1, 1, 0, 1])
    log_p = Z - np.logaddexp.reduce(Z, axis=1)[:, np.newaxis]
    each = [-row[label] for row, label in zip(log_p, y, strict=True)]
    by_columns = Z - np.logaddexp.reduce(Z, axis=0)
    huge, huge_y = np.array([[0.0, 2000.0], [-1000.0, -1001.0], [1000.0, 1000.0]]), [0, 0, 1]
    huge_right = np.mean([2000, np.log1p(np.exp(-1)), np.log(2)])
    with np.errstate(all="ignore"):  # overflow gets a hint below, not a warning
        value = call(answer, Z.copy(), y.copy())
        if shape_of(value) == y.shape:
            return "You return one loss for each sample. Take their mean."
        number = as_number(value)
        huge_value = call(answer, huge.copy(), np.array(huge_y))
    if np.isclose(number, -np.mean(each)):
        return "The sign is reversed: a loss is the negative logarithm."
    if np.isclose(number, np.sum(each)):
        return "You added up the losses of the samples; take their mean."
    if np.isclose(number, -np.mean(log_p[:, y])):
        return "Z[:, y] picks whole columns. One entry per row is Z[np.arange(len(y)), y]."
    if np.isclose(number, -np.mean(log_p)):
        return "You averaged over all classes. Only the right class of each sample counts."
    if np.isclose(number, -np.mean([row[k] for row, k in zip(by_columns, y, strict=True)])):
        return "Your softmax runs down the columns. Each row is a sample: sum along axis=1."
    if not np.isclose(number, np.mean(each)):
        return (
            "Wrong on small scores: a row costs the log of its sum of exponentials minus one score."
        )
    if not np.all(np.isfinite(np.asarray(huge_value, dtype=float))):
        return (
            "Right on small scores, not finite on large ones: take the logarithm on paper first, "
            "and shift each row by its own maximum."
        )
    if not np.isclose(as_number(huge_value), huge_right):
        return (
            "Right on small scores, wrong on large ones. A clipped probability hides a loss of "
            "2,000: keep the logarithm of the sum instead."
        )
    return None


def exercise_6(answer: Any) -> str | None:
    """Hardly any network with tanh is stuck: a share of at most 0.03."""
    number = as_number(answer)
    if not 0 <= number <= 1:
        return "Give a share between 0 and 1: the number of stuck networks divided by all."
    if number <= 0.03:
        return None
    if number <= 0.25:
        return "That is about the share for ReLU. Did you pass activation='tanh' to train_many?"
    if number >= 0.9:
        return "That is the share that learnt the rule. Count those below an accuracy of 0.9."
    return "Train with activation='tanh', hidden=(4, 4) and **settings, then score the test points."
