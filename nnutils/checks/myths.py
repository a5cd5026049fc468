"""Checks of the page on myths."""

from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number


def exercise_1(answer: Any) -> str | None:
    """C: networks with several fitted layers were published in 1965 and 1971."""
    if not isinstance(answer, str) or answer.strip().upper() not in {"A", "B", "C", "D", "E"}:
        raise HintError('The answer should be one letter from A to E in quotes, such as "A".')
    return {
        "A": "The theorem says that such a network exists. It is silent about training.",
        "B": "Look at the two dates again: the book is of 1969.",
        "C": None,
        "D": "Their theorems are about a single layer of adjustable weights.",
        "E": "Count the authors of the zip-code paper, and look for Bengio among them.",
    }[answer.strip().upper()]


def exercise_2(answer: Any) -> str | None:
    """About 23,600 images: 1.96 squared times both variances over 0.003 squared."""
    number = as_number(answer)
    first, second = 0.97 * 0.03, 0.973 * 0.027

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.01, atol=0))

    if near(1.96**2 * (first + second) / 0.003**2):
        return None
    if near(1.96**2 * first / 0.003**2) or near(1.96**2 * second / 0.003**2):
        return "Both scores are uncertain: add up their variances."
    if near((first + second) / 0.003**2):
        return "That makes the difference one standard error. 1.96 of them are asked."
    if near(1.96**2 * (first + second) / 0.3**2):
        return "0.3 percentage points are 0.003 as a share, not 0.3."
    if near(1.96 * (first + second) / 0.003**2):
        return "Square the 1.96 as well."
    return "Solve 0.003 = 1.96 * sqrt((p1 (1 - p1) + p2 (1 - p2)) / n) for n."


def exercise_3(answer: Any) -> str | None:
    """0.0025: the book's whole factor, 5 over 2,000."""
    number = as_number(answer)
    if np.isclose(number, 5 / 2000):
        return None
    if np.isclose(number, 5 / 1000):
        return "The half is missing: Keras has none, so it belongs into your number."
    if np.isclose(number, 5 / 2):
        return "The number of samples is missing: Keras does not divide by it."
    if np.isclose(number, 5):
        return "That is the book's number in the book's convention, far too strong in Keras."
    return "Keras adds its argument times the plain sum of squares. What stands there in the book?"


def exercise_4(answer: Any) -> str | None:
    """Everything arrives multiplied by 0.8."""
    number = as_number(answer)
    if np.isclose(number, 0.8):
        return None
    if np.isclose(number, 1):
        return "In Keras nothing is left to be done at inference. The colleague does something."
    if np.isclose(number, 0.2):
        return "0.2 is the share dropped; the colleague multiplies by the probability of keeping."
    if np.isclose(number, 1.25):
        return "The other way round: what arrives, divided by what should arrive."
    if np.isclose(number, 0.64):
        return "Only one factor is too many: Keras divides in training and does nothing afterwards."
    return "What does Keras's layer do at inference, and what does the colleague do?"


def exercise_5(answer: Any) -> str | None:
    """Equal and opposite weights, no bias, and v one over their size: |x1 - x2|."""
    w1, w2, b, v = as_array(answer, shape=(4,))
    rows = v * np.abs(np.array([b, w2 + b, w1 + b, w1 + w2 + b]))  # (0, 0), (0, 1), (1, 0), (1, 1)
    if np.allclose(rows, [0, 1, 1, 0]):
        return None
    if np.allclose(rows, [1, 0, 0, 1]):
        return "That is 1 where the bits are equal. Turn the table round."
    if v <= 0:
        return "An absolute value is never negative, so v must be positive to reach 1."
    if b != 0:
        return "At (0, 0) only v |b| is left, and the answer there is 0."
    if w1 + w2 != 0:
        return "At (1, 1) the weights are added up, and the answer there is 0."
    return "The two rows with different bits should come out as 1: v scales them."
