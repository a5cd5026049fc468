"""Checks of the page on regularisation: penalties, dropout, early stopping, augmentation."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """After the step the weight is 1.55."""
    number = as_number(answer)
    w, slope, rate, lam = 2.0, 0.5, 0.5, 0.1

    def after(penalty_slope: float) -> bool:
        return bool(np.isclose(number, w - rate * (slope + penalty_slope), rtol=0, atol=1e-3))

    if after(2 * lam * w):
        return None
    if after(lam * w):
        return "The factor 2 is missing: Keras's penalty has no half, so its slope is 2 lambda w."
    if after(0):
        return "That is the step without the penalty. Add the slope of lambda w squared."
    if after(lam):
        return "That is L1, whose slope is lambda times the sign. For L2 it grows with w."
    if after(lam * w**2):
        return "You added the penalty itself; the step needs its slope, its derivative in w."
    if np.isclose(number, w + rate * (slope + 2 * lam * w)):
        return "The sign is reversed: the step goes against the slope."
    return "Slope of the loss plus slope of the penalty, times the learning rate; subtract from w."


def exercise_2(answer: Any) -> str | None:
    """About 3,466 steps, ln 2 over 2 times 0.1 times 0.001."""
    number = as_number(answer)
    rate, lam = 0.1, 0.001

    def half_life(loss_per_step: float) -> bool:
        return bool(np.isclose(number, -np.log(2) / np.log1p(-loss_per_step), rtol=2e-3))

    if half_life(2 * rate * lam):
        return None
    if half_life(rate * lam):
        return "The factor 2 is missing: each step multiplies by 1 - 2 eta lambda."
    if half_life(2 * lam) or half_life(lam):
        return "The learning rate is missing: the penalty acts through steps of size eta."
    if np.isclose(number, 0.5 / (2 * rate * lam), rtol=2e-3):
        return "Not a fixed amount but a share of what is left goes in each step: use logarithms."
    if 0 < number < 1:
        return "That is a factor or a share. How many times must it be applied to give one half?"
    return "Each step multiplies the weight by 1 - 2 eta lambda. Solve factor**k = 1/2 for k."


def exercise_3(answer: Any) -> str | None:
    """Kept 0.8 / 0.75, mean 0.8, standard deviation 0.8 / sqrt(3)."""
    kept, mean, deviation = as_array(answer, shape=(3,))
    a, p = 0.8, 0.25

    def near(number: float, value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=5e-3))  # two decimals are enough

    if near(kept, a):
        return "Kept units are scaled up: divide the activation by 1 - p."
    if near(kept, a / p):
        return "Divide by the chance of being kept, 1 - p, not by p."
    if near(kept, a * (1 - p)):
        return "Divide by 1 - p instead of multiplying: fewer units must speak louder."
    if not near(kept, a / (1 - p)):
        return "The first number: a kept unit passes on its activation divided by 1 - p."
    if near(mean, a * (1 - p)):
        return "That mean forgets the scaling, which is there to make up for the silent units."
    if not near(mean, a):
        return "The second number: p times 0, plus 1 - p times what a kept unit passes on."
    if near(deviation, a**2 * p / (1 - p)):
        return "The third is the variance. The standard deviation is its square root."
    if near(deviation, a * np.sqrt(p * (1 - p))):
        return "That is the deviation without the scaling. Divide it by 1 - p as well."
    if not near(deviation, a * np.sqrt(p / (1 - p))):
        return "The third number: the root of the mean squared distance from the mean."
    return None


def exercise_4(answer: Any) -> str | None:
    """Soft threshold of w, divided by 1 + 2 s."""
    w, t, s = np.array([[-2.0, -0.4, -0.1], [0.0, 0.3, 1.7]]), 0.3, 0.4
    value = as_array(call(answer, w.copy(), t, s), shape=w.shape)
    # Independent of the formula: the best of a fine grid of values.
    grid = np.linspace(-3, 3, 60_001)
    costs = (grid - w[..., None]) ** 2 / 2 + t * np.abs(grid) + s * grid**2
    right = grid[costs.argmin(axis=-1)]

    def soft_threshold(t: float) -> np.ndarray:
        return np.where(np.abs(w) > t, w - t * np.sign(w), 0)

    soft = soft_threshold(t)

    def near(other: np.ndarray) -> bool:
        return np.allclose(value, other, rtol=0, atol=1e-3)

    if near(soft):
        return "That is the soft threshold alone. What does s u squared change?"
    if near(soft / (1 + s)):
        return "The slope of s u squared is 2 s u: there is a factor 2 in the denominator."
    if near(np.abs(right)):
        return "The sign is lost: a negative weight stays negative."
    if near((w - t * np.sign(w)) / (1 + 2 * s)):
        return "A weight smaller than t crossed zero. It must land on zero: cut off at 0."
    if near(np.where(np.abs(w) > t, w, 0) / (1 + 2 * s)):
        return "You cut off small weights but left the others alone: L1 takes t from each of them."
    if near(np.sign(w) * np.maximum(np.abs(w) / (1 + 2 * s) - t, 0)):
        return "Threshold first, then divide: solve u - w + t + 2 s u = 0 for u."
    if not near(right):
        return "Set the slope u - w + t + 2 s u to zero for u > 0, mirror it, and 0 in between."
    second = as_array(call(answer, w.copy(), 0.5, 0.0), shape=w.shape)
    if not np.allclose(second, soft_threshold(0.5)):
        return "Right for one pair t, s, but for s = 0 and t = 0.5 it is not the soft threshold."
    return None


def exercise_5(answer: Any) -> str | None:
    """Keep where the draw is at least p, a draw for each entry, and divide by 1 - p."""
    A, p = np.full((400, 30), 2.0), 0.2
    value = as_array(call(answer, A.copy(), p, np.random.default_rng(5)), shape=A.shape)
    silent = (value == 0).astype(int)
    if not silent.any():
        return "No entry is zero. Silence each with probability p."
    if abs(silent.mean() - (1 - p)) < 0.1:
        return "A share p is kept; it should be silenced. Turn the comparison round."
    if np.ptp(silent, axis=0).max() == 0:
        return "All samples have the same mask. Draw one number for each entry of A."
    if np.ptp(silent, axis=1).max() == 0:
        return "All units of a sample share one fate. Draw one number for each entry of A."
    if abs(silent.mean() - p) > 0.02:
        return "The share of zeros should be p."
    kept = value[silent == 0]
    if np.allclose(kept, A[0, 0]):
        return "The scaling is missing: divide what is kept by 1 - p."
    if np.allclose(kept, A[0, 0] / p):
        return "Divide by the chance of being kept, 1 - p, not by p."
    if not np.allclose(kept, A[0, 0] / (1 - p)):
        return "What is kept should be A / (1 - p)."
    again = as_array(call(answer, A.copy(), p, np.random.default_rng(6)), shape=A.shape)
    if np.array_equal(again, value):
        return "Two generators give the same mask: draw from the rng you are given."
    same = as_array(call(answer, A.copy(), p, np.random.default_rng(5)), shape=A.shape)
    if not np.array_equal(same, value):
        return "The same generator state gave other numbers: draw from the rng you are given."
    return None


def exercise_6(answer: Any) -> str | None:
    """Five losses: mirrored digits cost about two to four points."""
    gains = as_array(answer, shape=(5,))
    mean = gains.mean()
    if np.all((gains > 50) & (gains <= 100)):
        return "These look like accuracies. Give differences: with mirrors minus without."
    if 0.001 < abs(mean) < 0.15 and np.abs(gains).max() < 0.3:
        return "These look like shares. Multiply by 100 to get percentage points."
    if 1 < mean < 8:
        return "The sign is reversed, or the digits were not mirrored: with mirrors minus without."
    if mean < -15:
        return (
            "Far too bad: is the score multiplied by 100, are the labels in step, "
            "np.tile(labels, 2), and is the test moved[0]?"
        )
    if not -8 < mean < -0.8:
        return "Mirror left and right, images[:, :, ::-1]; train on both for 25 epochs."
    return None
