"""Checks of the page on universal approximation: steps, hats and what they do not promise."""

from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """D: the width comes after the function and after epsilon."""
    letter = answer.strip().upper() if isinstance(answer, str) else ""
    why = {
        "A": "One network computes one function: it cannot be near both f = 0 and f = 1.",
        "B": "Here the width is fixed before the function. Think of one with more wiggles.",
        "C": "Here the width is fixed before epsilon. How close can 3 straight pieces come to x²?",
        "D": None,
        "E": "All of the real line is not compact. What does a ReLU network do far out?",
    }
    if letter not in why:
        raise HintError('The answer should be one letter from "A" to "E", in quotes.')
    return why[letter]


def exercise_2(answer: Any) -> str | None:
    """Output weights 10, -15 and 5: each one is a change of slope."""
    weights = as_array(answer, shape=(3,))
    x, height = np.array([0.2, 0.3, 0.5]), np.array([0.0, 1.0, 0.0])
    slopes = np.concatenate([[0.0], np.diff(height) / np.diff(x), [0.0]])
    if np.allclose(weights, np.diff(slopes), atol=1e-6):
        return None
    if np.allclose(weights, slopes[1:], atol=1e-6):
        return "Those are the slopes. A unit, once on, stays on: each weight is a change of slope."
    if np.allclose(weights, [10, -20, 10], atol=1e-6):
        return "That is a symmetric hat. This one falls half as fast as it rises."
    if np.allclose(weights[:2], np.diff(slopes)[:2], atol=1e-6):
        return "Right up to x = 0.5. The last weight must bring the slope from -5 back to 0."
    if np.isclose(weights[0], 10):
        return "The rise is right. At x = 0.3 the slope must change from 10 to what it is after."
    return "Write down the four slopes from left to right; the weights are their differences."


def exercise_3(answer: Any) -> str | None:
    """Widths 3,000 for steps (3 / m) and 50 for hats (20 / (8 m²))."""
    widths = as_array(answer, shape=(2,))
    first, second, epsilon = 3, 20, 0.001
    right = np.array([first / epsilon, np.sqrt(second / (8 * epsilon))])
    if np.allclose(widths, right, rtol=0.02, atol=0):
        if np.any(widths < right * (1 - 1e-9)):
            return "Nearly. At that width the bound is still above 0.001: round up."
        if not np.array_equal(np.ceil(widths - 1e-6), np.round(right)):
            return "More than needed: the smallest width at which the bound is 0.001 is asked for."
        return None
    if np.allclose(widths[::-1], right, rtol=0.02, atol=0):
        return "The two are swapped: give the steps first."
    if not np.isclose(widths[0], right[0], rtol=0.02, atol=0):
        return "Steps: solve 3 / m = 0.001 for m."
    if np.isclose(widths[1], right[1] ** 2, rtol=0.02, atol=0):
        return "Hats: that is the square of the width. The bound has h² = 1 / m²."
    if np.isclose(widths[1], np.sqrt(second / epsilon), rtol=0.02, atol=0):
        return "Hats: the 8 is missing. The bound is h² / 8 times the largest |f''|."
    if np.isclose(widths[1], np.sqrt(first / (8 * epsilon)), rtol=0.02, atol=0):
        return "Hats: their bound has the second derivative, 20, not the first."
    return "Hats: solve 20 / (8 m²) = 0.001 for m."


def exercise_4(answer: Any) -> str | None:
    """Two steep steps for each cell: up at its left edge, down at its right edge."""
    m = 20
    heights = np.random.default_rng(4).normal(size=2 * m + 1)

    def f(x: Any) -> np.ndarray:
        return np.interp(x, np.linspace(0, 1, 2 * m + 1), heights)

    value = call(answer, f, m)
    if not isinstance(value, list | tuple) or len(value) != 4:
        return "Return the four arrays W1, b1, W2, b2, in this order."
    if shape_of(value[0]) == (1, m):
        return f"There are {m} hidden units for {m} cells. Each bump takes two: one up, one down."
    shapes = [(1, 2 * m), (2 * m,), (2 * m, 1), (1,)]
    W1, b1, W2, b2 = (as_array(v, shape=s) for v, s in zip(value, shapes, strict=True))

    def network(x: np.ndarray, W2: np.ndarray) -> np.ndarray:
        # A sigmoid written with tanh does not overflow.
        return ((1 + np.tanh((x[:, np.newaxis] @ W1 + b1) / 2)) / 2 @ W2 + b2)[:, 0]

    left = np.arange(m) / m
    places = (left[:, np.newaxis] + np.linspace(0.1, 0.9, 9) / m).ravel()
    wanted = np.repeat(heights[1::2], 9)
    out = network(places, W2)
    if np.allclose(out, wanted, atol=0.02):
        return None
    if np.allclose(network(places, -W2), wanted, atol=0.02):
        return "All bumps point the wrong way: the step up is at the left edge."
    if np.allclose(out, np.repeat(heights[:-1:2], 9), atol=0.02):
        return "You read f at the left edge of each cell. The middle is asked for."
    if np.ptp(W2) == 0:
        return "All output weights are equal: each bump must be as high as f in its cell."
    down = np.where(np.arange(2 * m) < m, 1, -1), np.where(np.arange(2 * m) % 2, -1, 1)
    if any(np.allclose(network(places, W2 * s[:, np.newaxis]), wanted, atol=0.02) for s in down):
        return "Nothing ends: the second step of a bump needs the opposite output weight."
    if np.abs(W1).max() < 50 * m:
        return "The steps are too gentle for cells this narrow: take weights of 100 m or more."
    return "Compare with the bump of the page: one step up, one down, at the edges of each cell."


def exercise_5(answer: Any) -> str | None:
    """Four: a sum of cubes of lines is a polynomial of degree 3."""
    number = as_number(answer)
    degree, units = 3, 1000
    if number == degree + 1:
        return None
    if number == degree:
        return "Almost: a polynomial of degree 3 also has a constant term."
    if number in (units, units + 1):
        return "Those are the columns of the matrix. How many of them are independent?"
    if number in (3 * units, 3 * units + 1):
        return "That is the number of parameters. Many of them give the very same function."
    return "Expand (w x + b)³ into powers of x. What is the sum of a thousand such polynomials?"


def exercise_6(answer: Any) -> str | None:
    """Four: the bound is the root of 1 / m."""
    number = as_number(answer)
    if np.isclose(number, 4):
        return None
    if np.isclose(number, 2):
        return "That holds where the slope is bounded. At zero the root is infinitely steep."
    if np.isclose(number, np.sqrt(2)):
        return "That is what twice the width gains in error. Asked is the width for half of it."
    if np.isclose(number, 0.25):
        return "The width must grow: give the new width divided by the old one."
    return "The root changes most between 0 and h, so ω(h) = √h. Put h = 1 / m and halve it."
