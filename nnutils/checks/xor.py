"""Checks of the page on XOR, what one unit and two units can and cannot do."""

from itertools import product
from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call

_BITS = np.array(list(product([0, 1], repeat=2)))


def _two_layers(rows: np.ndarray, *, at_zero: bool = False) -> list[int]:
    """Answers of two step units and one on their outputs; `at_zero`: a sum of 0 fires too."""

    def fires(z: np.ndarray) -> np.ndarray:
        return (z >= 0 if at_zero else z > 0).astype(int)

    hidden = fires(_BITS @ rows[:2, :2].T + rows[:2, 2])
    return fires(hidden @ rows[2, :2] + rows[2, 2]).tolist()


def exercise_1(answer: Any) -> str | None:
    """Any nine numbers whose network answers 1, 0, 0, 1."""
    rows = as_array(answer, shape=(3, 3))
    right, got = [1, 0, 0, 1], _two_layers(rows)
    if got == right:
        return None
    if got == [0, 1, 1, 0]:
        return "That is XOR. XNOR is its opposite: 1 where the bits are equal."
    if _two_layers(rows, at_zero=True) == right:
        return "A sum of exactly 0 does not fire. Move the biases between the rows, by one half."
    if _two_layers(rows * [1, 1, -1]) == right:
        return "These are thresholds. The third number is a bias, which is added: turn its sign."
    if _two_layers(rows.T) == right:
        return "Rows and columns are swapped: each row holds two weights and the bias of one unit."
    if len(set(got)) == 1:
        return f"Your network answers {got[0]} for every row. Check each hidden unit by itself."
    return f"For the rows 00, 01, 10, 11 your network answers {got}; XNOR is {right}."


def exercise_2(answer: Any) -> str | None:
    """Floor for the parity of three bits: 1/4."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=1e-3))

    if near(0.5**2):
        return None
    if near(0.5):
        return "One half is the answer of the best fit and how far it misses; square the miss."
    if near(8 * 0.5**2):
        return "That is the sum over the eight rows. Take the mean."
    if near(0):
        return "No linear unit fits parity exactly: centred parity is orthogonal to all it can do."
    if near(1 / 8):
        return "No halves and no extra factor: the mean of eight squared errors, each the same."
    return "Show that centred parity is orthogonal to each input and to the ones. What is left?"


def exercise_3(answer: Any) -> str | None:
    """Best line on evenly spread points of the square: 2/3."""
    number = as_number(answer)
    c = 2 / 3  # where the derivative of the gain, 2 - 3 c, is zero
    gain = (1 - c**2 / 2 - (1 - c) ** 2) / 4

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=4e-3))

    if near(1 / 2 + gain):
        return None
    if np.isclose(number, 100 * (1 / 2 + gain), rtol=0, atol=0.5):
        return "Right as a percentage; give a share between 0 and 1."
    if near(5 / 8):
        return "That is the share for normal points, and for the square with c = 1/3 or 1."
    if near(gain):
        return "That is what the line wins over guessing. Add the one half that guessing gets."
    if near(1 / 2 + 2 * gain):
        return "That is a stripe, which wins at both ends. A line wins at one end only."
    if near(3 / 4):
        return (
            "A line cannot cut off one quadrant exactly: count the neighbours' corners beyond it."
        )
    if not 0 <= number <= 1:
        return "Give a share between 0 and 1."
    return "Beyond the line: 1 - c^2/2 of one class, 2 times (1 - c)^2/2 of the other. Best c?"


# Tables in counting order with their smallest order, known without any programme: a threshold
# on the number of bits that are on has order 1, parity of k bits order k whatever else is there.
_ORDERS = [
    ([0, 0, 0, 0], 0),
    ([0, 0, 0, 1], 1),
    ([0, 1, 1, 0], 2),
    ([0, 0, 0, 0, 0, 0, 0, 1], 1),
    ([0, 0, 0, 1, 0, 1, 1, 1], 1),
    ([0, 1, 1, 0, 1, 0, 0, 1], 3),
    ([0, 0, 1, 1, 1, 1, 0, 0], 2),
    ([sum(point) % 2 for point in product([0, 1], repeat=4)], 4),
]


def _degree(table: list[int]) -> int:
    """Degree of the only polynomial in the bits, without squares, that equals the table."""
    points = np.array(list(product([0, 1], repeat=len(table).bit_length() - 1)))
    contains = np.all(points[:, np.newaxis] >= points, axis=2).astype(float)
    used = np.abs(np.linalg.solve(contains, table)) > 1e-9
    return int(np.max(points.sum(axis=1)[used], initial=0))


def exercise_4(answer: Any) -> str | None:
    """Smallest order at which a vote gets every row right."""
    got = [as_number(call(answer, list(table))) for table, _ in _ORDERS]
    right = [order for _, order in _ORDERS]
    if got == right:
        return None
    if got == [_degree(table) for table, _ in _ORDERS]:
        return "That is the degree of an exact formula. A vote needs only the right side of 0."
    if got == [max(order, 1) for order in right]:
        return "Nearly: order 0, the empty test alone, is enough for a constant table."
    if got == [order + 1 for order in right]:
        return "One too many everywhere: return the first order at which the status is 0."
    if got == [order - 1 for order in right]:
        return "One too few everywhere: you return the last order that is infeasible."
    if set(got) <= {0, 2}:
        return "That looks like a status. Return the order at which the status becomes 0."
    wrong = next(k for k, value in enumerate(got) if value != right[k])
    return (
        f"For the table {_ORDERS[wrong][0]} your function returns {got[wrong]:g}; its smallest "
        f"order is {right[wrong]}."
    )


def exercise_5(answer: Any) -> str | None:
    """Weights whose form c1 (x w1)^2 + c2 (x w2)^2 is a positive multiple of x1 x2."""
    rows = as_array(answer, shape=(3, 2))

    def form(weights: np.ndarray) -> np.ndarray:
        return (weights * rows[2]) @ weights.T

    def solves(Q: np.ndarray) -> bool:
        size = np.abs(Q).max()
        return bool(Q[0, 1] > 0 and np.abs(np.diag(Q)).max() <= 1e-6 * size)

    Q = form(rows[:2])
    if solves(Q):
        return None
    if solves(-Q):
        return "Turned round: your f is positive where the signs differ."
    if solves(form(rows[:2].T)):
        return "Rows and columns are swapped: the first row holds the weights from x1 to both."
    if rows[2].min() >= 0 or rows[2].max() <= 0:
        return "With c1 and c2 of one sign, f never changes sign: a sum of squares does not."
    return "Multiply out: the terms in x1^2 and x2^2 must cancel, and the one in x1 x2 be positive."


def exercise_6(answer: Any) -> str | None:
    """With bits -1 and 1 nearly all networks with eight ReLU units succeed: 0.9 or more."""
    number = as_number(answer)
    if not 0 <= number <= 1:
        return "Give a share between 0 and 1: successes divided by 100."
    if not np.isclose(100 * number, round(100 * number)):  # a share of 100 has two decimals
        return "That looks like a mean accuracy. Count the networks whose score is exactly 1."
    if number >= 0.9:
        return None
    if number >= 0.75:
        return "That is about the share for the bits 0 and 1. Train and score on 2 * bits - 1."
    if number <= 0.1:
        return "Is that the share that fails? And train and score on the same bits."
    return "Use hidden=(8,), activation='relu', rng=0 and **settings, and count scores of 1."
