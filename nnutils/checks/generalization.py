"""Checks of the page on generalization: gaps, ceilings, leaks, bias and variance."""

from itertools import accumulate
from math import comb
from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """B, picked by the validation loss; its gap is 0.368 - 0.310 = 0.058."""
    number = as_number(answer)
    a, b, c, d = (
        (0.387, 0.391, 0.395),
        (0.310, 0.352, 0.368),
        (0.212, 0.471, 0.462),
        (0.330, 0.355, 0.349),
    )

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=1e-4))

    if near(b[2] - b[0]):
        return None
    if near(b[0] - b[2]):
        return "The sign is reversed: test loss minus training loss."
    if near(b[1] - b[0]):
        return "That is validation minus training loss. The gap is asked for the test loss."
    if near(d[2] - d[0]):
        return (
            "D has the best test loss, but the test set must not choose. The validation set does."
        )
    if near(c[2] - c[0]):
        return "C has the best training loss, the score that training itself makes small."
    if near(a[2] - a[0]):
        return "A has the smallest gap, but is poor on all three sets. Choose by validation loss."
    return (
        "Find the smallest validation loss, then subtract training loss from test loss in its row."
    )


def exercise_2(answer: Any) -> str | None:
    """Right where right and kept, or wrong and flipped: c (1 - q) + (1 - c) q."""
    cases = [(0.863, 0.1), (1.0, 0.2), (0.9, 0.0), (0.7, 0.45)]
    values = np.array([as_number(call(answer, c, q)) for c, q in cases])
    ceiling, flip = np.array(cases).T

    def near(right: np.ndarray) -> bool:
        return np.allclose(values, right, rtol=0, atol=1e-6)

    if near(ceiling * (1 - flip) + (1 - ceiling) * flip):
        return None
    if near(ceiling):
        return "The labels you are scored on are flipped too, so even the best rule loses."
    if near(ceiling * (1 - flip)):
        return "One case is missing: a wrong answer counts as right where the label was flipped."
    if near(ceiling - flip) or near(np.maximum(ceiling - flip, 0)):
        return "Not every flip costs a point: some turn a wrong answer into a right one."
    if near(1 - ceiling * (1 - flip) - (1 - ceiling) * flip):
        return "That is the share of errors. The accuracy is asked."
    return "Two ways to be right: rule right and label kept, or rule wrong and label flipped."


def exercise_3(answer: Any) -> str | None:
    """About 0.046: the mean of the largest of 20 binomial scores, less 0.85."""
    number = as_number(answer)
    n, p, models = 200, 0.85, 20
    below = accumulate(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n))
    best = sum(1 - min(1.0, total) ** models for total in below) / n
    error = np.sqrt(p * (1 - p) / n)

    def near(value: float, atol: float = 0.002) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=atol))

    if near(best - p):
        return None
    if near(best):
        return "That is the mean of the best score itself. Subtract 0.85."
    if near(100 * (best - p), 0.2):
        return "Those are percentage points; give a share."
    if near(p - best):
        return "The sign is reversed: the reported score is too high."
    if near(0):
        return "A single score is right on average, but the largest of twenty is not."
    if near(error):
        return "That is the standard error of one score. The best of twenty lies further out."
    return "Draw 20 scores from rng.binomial(200, 0.85) / 200, take the largest, repeat, average."


def exercise_4(answer: Any) -> str | None:
    """Squared bias and variance: about (0, 0.1), (0.002, 0.007), (0.056, 0.0006)."""
    values = as_array(answer, shape=(3, 2))
    right = np.array([[0.0, 0.101], [0.002, 0.007], [0.057, 0.0006]])
    room = np.array([[0.004, 0.012], [0.0015, 0.002], [0.012, 0.0006]])

    def near(target: np.ndarray) -> bool:
        return bool(np.all(np.abs(values - target) <= room))

    if near(right):
        return None
    if np.all(np.abs(values[:, ::-1] - right) <= room):
        return "The columns are swapped: squared bias first, then variance."
    if np.all(np.abs(values[::-1] - right) <= room):
        return "The rows are in reverse order: k = 1, 15, 101."
    if np.allclose(values[:, 0], 0.1, rtol=0, atol=0.02):
        return "Your first column is the noise. Leave it out: decompose(...)[1:]."
    if np.allclose(values[:, 1], np.sqrt(right[:, 1]), rtol=0.15, atol=0):
        return "Your second column looks like standard deviations; the variance is their square."
    if values[1, 1] > 0.02:
        return "The variance at k = 15 is too large: use predict_proba, not the labels of predict."
    return (
        "Stack the probabilities of the 30 fits, shape (30, 1000), and give them to decompose "
        "with p_test[:1_000]."
    )


def exercise_5(answer: Any) -> str | None:
    """About -0.02: the committee is a little better than its members."""
    number = as_number(answer)
    if -0.045 < number < -0.008:
        return None
    if 0.008 < number < 0.045:
        return "The sign is reversed: the loss of the average minus the average of the losses."
    if -0.2 < number <= -0.045:
        return "Too good for one training set: use nets[50], not the nets of the thirty sets."
    if 0.3 < number < 0.5:
        return "That is a loss. Subtract the average of the ten losses from that of the committee."
    if abs(number) <= 0.008:
        return "No change? Average the probabilities first, and only then take the loss."
    return "nets[50].predict(X_test)[..., 0] has the shape (10, 10000); average over axis 0."
