"""Checks of the page on searching for hyperparameters."""

from math import ceil, log, sqrt
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """29 draws: the first whole number with 0.9 ** k at most 0.05."""
    number = as_number(answer)
    right = next(k for k in range(1, 1000) if 0.9**k <= 0.05)
    if number == right:
        return None
    if right - 1 <= number < right:
        return "Almost: 28 draws give slightly less than 95%. Round up, as no draw can be halved."
    if number == ceil(log(0.05) / log(0.95)):
        return "That is the number for the best 5% of the space; the best 10% are asked for."
    if number == ceil(log(0.1) / log(0.9)):
        return "That is the number for a probability of 90%; 95% are asked for."
    if number in (10, 9.5):
        return (
            "Ten draws hit the best tenth once on average, but miss it altogether in a third of "
            "all searches."
        )
    if number == 1:
        return "One draw hits with a probability of 10% only."
    return "All k draws miss with probability 0.9 to the power k. Make that at most 0.05."


def exercise_2(answer: Any) -> str | None:
    """Exponential of a uniform draw between log(low) and log(high)."""
    low, high, size = 0.001, 10.0, 4000  # not 1 / high and high, which would hide a mistake
    with np.errstate(all="ignore"):  # a wrong scale gets a hint below, not a warning
        value = call(answer, low, high, size, np.random.default_rng(2))
    values = as_array(value, shape=(size,))
    logs = (log(low), log(high))
    inside = (values >= low * (1 - 1e-9)) & (values <= high * (1 + 1e-9))
    if not inside.all():
        if values.min() >= logs[0] - 1e-9 and values.max() <= logs[1] + 1e-9:
            return (
                "These are logarithms. Come back from them: np.exp after np.log, 10** after log10."
            )
        if values.min() >= 1 and values.max() > high:
            return "You took the bounds for exponents. Draw between their logarithms instead."
        return f"Some numbers lie outside {low:g} to {high:g}. Use the same base both ways."
    if len(np.unique(values)) < size // 2:
        return "Many numbers are the same. Draw each one anew: pass size to rng.uniform."
    if np.median(values) > 2:
        return (
            "From 0.001 to 10, half of the numbers should be below 0.1: you drew the numbers "
            "uniformly, not their logarithms."
        )
    # Half decades: inside each decade the numbers could still be uniform.
    shares = np.histogram(np.log10(values), bins=np.linspace(-3, 1, 9))[0] / size
    if np.abs(shares - 1 / 8).max() > 0.03:
        return (
            "Between 0.001 and 10 each decade should get a quarter of the numbers, and each half "
            "of a decade an eighth."
        )
    again = call(answer, low, high, size, np.random.default_rng(2))
    if not np.array_equal(again, values):
        return "The same generator gives other numbers the second time: draw from rng alone."
    if np.array_equal(call(answer, low, high, size, np.random.default_rng(3)), values):
        return "Another generator gives the same numbers: draw them from rng."
    return None


def exercise_3(answer: Any) -> str | None:
    """243 epochs: 81 times 1, 27 times 2, 9 times 6 and 3 times 18."""
    number = as_number(answer)
    rungs = [(81, 1), (27, 3), (9, 9), (3, 27)]
    done, right = 0, 0
    for configurations, epochs in rungs:
        right += configurations * (epochs - done)
        done = epochs
    if number == right:
        return None
    if number == sum(configurations * epochs for configurations, epochs in rungs):
        return "You trained the survivors from the start again. They continue where they stopped."
    if number == 81 * 27:
        return "That trains all 81 to the end. Two thirds leave at each rung."
    if number == right - 3 * 18:
        return "The last three go on from epoch 9 to epoch 27; their epochs are missing."
    if number == 81 + 27 + 9 + 3:
        return "You counted configurations. Those of the later rungs train 2, 6 and 18 epochs more."
    return "Add up, rung by rung: configurations still in, times epochs they train since the last."


def exercise_4(answer: Any) -> str | None:
    """Shares 0.5 for the rate and 0 for the batch size."""
    shares = as_array(answer, shape=(2,))
    v = np.array([[0.5, 0.5], [0.8, 0.6], [0.5, 0.7]])
    rows, columns, total = v.mean(axis=1).var(), v.mean(axis=0).var(), v.var()

    def near(*values: float) -> bool:
        return np.allclose(shares, values, rtol=0, atol=5e-3)

    if near(rows / total, columns / total):
        return None
    if near(columns / total, rows / total):
        return "Swapped: the rates are the rows, so their levels' means run along each row."
    if near(1, 0):
        return "The shares need not add up to 1: divide by the variance of all six cells."
    if near(rows, columns) or np.allclose(shares, [rows, columns], rtol=0.02, atol=1e-5):
        return "These are the variances of the means. Divide them by the variance of all six cells."
    if near(sqrt(rows / total), 0):
        return "That is a ratio of standard deviations. Shares compare variances: square it."
    if near(v.mean(axis=1).var(ddof=1) / v.var(ddof=1), 0):
        return "You divided by one less than the count. Here each variance is a plain mean."
    if shares[1] > 0.005:
        return "Look at the batch size again: what are the means of the two columns?"
    return "Means of the three rows first, then their variance over the variance of all six cells."


def exercise_5(answer: Any) -> str | None:
    """Lines 1 and 6: the mean over all points, and the choice by test accuracy."""
    if isinstance(answer, str):
        return "Give a list of line numbers."
    try:
        lines = {as_number(line) for line in answer}
    except TypeError:
        raise HintError("Give a list of line numbers, such as [2, 3].") from None
    if lines == {1, 6}:
        return None
    if not lines <= set(range(1, 8)):
        return "The lines have the numbers 1 to 7."
    if lines & {4, 5}:
        return "Lines 4 and 5 look at validation points only; that is what these are there for."
    if 7 in lines:
        return "Line 7 scores the test points, which is allowed. What happened before it is asked."
    if lines & {2, 3}:
        return "Splitting, and training on the training points, tells nothing about test points."
    if lines == {6}:
        return "Line 6 is one. There is another: does any line compute with all points?"
    if lines == {1}:
        return "Line 1 is one. There is another: does any line choose with the test set?"
    return "Ask of each line: would its result change if the test points were others?"


def exercise_6(answer: Any) -> str | None:
    """Measured about 0.02 to 0.06, predicted about 0.11: less than for independent networks."""
    measured, predicted = as_array(answer, shape=(2,))

    def plausible(gap: float, theory: float) -> bool:
        return 0.01 <= gap <= 0.075 and 0.095 <= theory <= 0.122

    if plausible(measured, predicted):
        return None
    if plausible(predicted, measured):
        return "Swapped: the measured optimism comes first, the predicted one second."
    if plausible(measured / 100, predicted / 100):
        return "Give accuracies as shares, not as percentage points."
    if 2.4 <= predicted <= 2.6:
        return "That is the expected maximum alone. Multiply it by sigma."
    if measured > 0.5 or predicted > 0.5:
        return (
            "These are accuracies. Optimism is a difference: validation minus test of the winner."
        )
    if measured < 0:
        return "Validation minus test: the winner looks better on the points that chose it."
    if 0.035 <= predicted <= 0.055:
        return "That is sigma alone. Multiply it by expected_maximum(100)."
    if 0.122 < predicted <= 0.128:
        return "That is the bound for p = 1/2; take p from the pool."
    if measured < 0.01:
        return "The measured part is too small: take the last entry (k = 100), and m = 100 points."
    if measured > 0.075:
        return "The measured part is too large. Train with hidden=(4,), use replay(..., 100)."
    return "Predicted: expected_maximum(100) times the root of p (1 - p) / 100, p from the pool."
