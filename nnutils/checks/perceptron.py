"""Checks of the page on the perceptron, which learns only from its mistakes."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def _corrections(A: np.ndarray, max_epochs: int) -> np.ndarray:
    """Count the mistakes on each row of y times (x, 1) in each pass, shape (passes, n)."""
    w, passes = np.zeros(A.shape[1]), []
    for _ in range(max_epochs):
        wrong = np.zeros(len(A))
        for i, a in enumerate(A):
            if a @ w <= 0:
                w = w + a
                wrong[i] = 1
        passes.append(wrong)
        if not wrong.any():
            break
    return np.array(passes)


def _cloud() -> tuple[np.ndarray, np.ndarray]:
    """Draw separable points on which the rule needs several passes."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 3))
    score = X @ np.array([1.0, -2, 0.5]) - 1
    keep = np.abs(score) > 0.15
    return X[keep], np.where(score[keep] > 0, 1, -1)


def exercise_1(answer: Any) -> str | None:
    """Weights (2, -0.5) and bias 1.5: the score -3 was a mistake."""
    values = as_array(answer, shape=(3,))
    old, x, eta = np.array([1.0, -2, 1]), np.array([2.0, 3, 1]), 0.5

    def near(other: np.ndarray) -> bool:
        return np.allclose(values, other, rtol=0, atol=1e-6)

    if near(old + eta * x):
        return None
    if near(old):
        return "The score is 2 - 6 + 1 = -3 and the target +1: a mistake, so something changes."
    if near(old + x):
        return "That adds the whole example. Add eta times y, here half of it."
    if near(old - eta * x):
        return "You moved away from the example. For the target +1 it is added."
    if near(old + eta * x * np.array([1, 1, 0])):
        return "The bias changes too: it belongs to an input that is always 1."
    if near(old + eta * x * 3):
        return "You multiplied by the size of the error; this rule adds y x, whatever the score."
    return "Add eta times y times (2, 3, 1) to (w1, w2, b)."


def exercise_2(answer: Any) -> str | None:
    """At most 400 mistakes: 10 over 0.5, squared."""
    number = as_number(answer)
    R, gamma = 10, 0.5

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=1e-3, atol=0))

    if near((R / gamma) ** 2):
        return None
    if near(R / gamma):
        return "Almost: the bound is the square of this ratio."
    if near((gamma / R) ** 2):
        return "The ratio is upside down: a wider margin must give fewer mistakes."
    if near(R**2 / gamma) or near(R / gamma**2):
        return "Square both, the length and the margin."
    if near((R * gamma) ** 2):
        return "Divide by the margin: a wider one must give fewer mistakes."
    return "The bound is (R / gamma) squared, with R = 10 and gamma = 0.5."


def exercise_3(answer: Any) -> str | None:
    """Thirteen mistakes, on the signed rows (1, 1) and (-2, -1)."""
    number = as_number(answer)
    wrong = _corrections(np.array([[1.0, 1], [-2, -1]]), 100)
    if number == wrong.sum():
        return None
    if number == 65:
        return "That is the bound. The number of mistakes is smaller: count them."
    if number in (len(wrong), len(wrong) - 1):
        return "That is the number of passes. Count the mistakes in all of them."
    if number == 0:
        return "At zero every score is 0, and 0 counts as a mistake."
    if 0 < number <= 3:
        return "Go on: correcting one point spoils the other, many times over."
    return "Follow w and b: add (1, 1) for the first point, (-2, -1) for the second, when wrong."


def exercise_4(answer: Any) -> str | None:
    """Weights, then bias, after a clean pass or after max_epochs."""
    X, y = _cloud()
    rows = np.column_stack([X, np.ones(len(X))])
    A = y[:, np.newaxis] * rows
    right = _corrections(A, 100).sum(axis=0) @ A
    value = as_array(call(answer, X.copy(), y.copy(), 100), shape=(4,))

    def near(other: np.ndarray) -> bool:
        return np.allclose(value, other, rtol=0, atol=1e-8)

    if not value.any():
        return "Nothing has changed: at zero every score is 0, and 0 must count as a mistake."
    if near(np.roll(right, 1)):
        return "The numbers are right, the order is not: the weights first, then the bias."
    if near(_corrections(A, 1)[0] @ A):
        return "That is the result of a single pass. Go on until a pass is clean."
    if value[3] == 0:
        return "The bias you return is 0: add y to it with each mistake."
    if near(100 * A.sum(axis=0)) or near(A.sum(axis=0)):
        return "You add every row. Add y x only where y times the score is 0 or less."
    if near(_all_at_once(A, 100)):
        return "You use the scores from the start of each pass. Take the weights just changed."
    if near(_subtracting(A, 100)):
        return "You step away from the mistaken rows: add y x, do not subtract it."
    if not near(right):
        return "Row by row: if y times the score is 0 or less, add y x to w and y to b."
    short = as_array(call(answer, X.copy(), y.copy(), 2), shape=(4,))
    if not np.allclose(short, _corrections(A, 2).sum(axis=0) @ A, rtol=0, atol=1e-8):
        return "Right in the end, but max_epochs=2 should stop it after two passes."
    flat, sides = X[:, :2], np.where(X[:, 0] > X[:, 1], 1, -1)
    A = sides[:, np.newaxis] * np.column_stack([flat, np.ones(len(flat))])
    two = as_array(call(answer, flat.copy(), sides.copy(), 100), shape=(3,))
    if not np.allclose(two, _corrections(A, 100).sum(axis=0) @ A, rtol=0, atol=1e-8):
        return "Right for three features, wrong for two: take their number from the shape of X."
    return None


def _all_at_once(A: np.ndarray, max_epochs: int) -> np.ndarray:
    """Correct all mistakes of a pass by the scores from its beginning."""
    w = np.zeros(A.shape[1])
    for _ in range(max_epochs):
        w = w + (A @ w <= 0) @ A
    return w


def _subtracting(A: np.ndarray, max_epochs: int) -> np.ndarray:
    """Correct in the wrong direction."""
    w = np.zeros(A.shape[1])
    for _ in range(max_epochs):
        for a in A:
            if a @ w <= 0:
                w = w - a
    return w


def exercise_5(answer: Any) -> str | None:
    """Mistakes on each row, counted with plain and with squared products."""
    X, y = _cloud()
    rows = np.column_stack([X, np.ones(len(X))])
    wrong = _corrections(y[:, np.newaxis] * rows, 100)
    right = wrong.sum(axis=0)
    value = as_array(call(answer, rows @ rows.T, y.copy(), 100), shape=(len(y),))
    if not value.any():
        return "Nothing has changed: at zero every score is 0, and 0 must count as a mistake."
    if np.array_equal(value, right * y) and not np.array_equal(value, right):
        return "These are the counts times y. Return the counts alone; none is negative."
    if np.array_equal(value, wrong[0]):
        return "That is the result of a single pass. Go on until a pass is clean."
    if np.array_equal(value, _without_targets(rows @ rows.T, y, 100)):
        return "The targets are missing in the score: sum alpha times y times G."
    if set(np.unique(value)) <= {0, 1}:
        return "A row can be mistaken more than once: add 1 to its count each time."
    if not np.array_equal(value, right):
        return (
            "The score of row i is G[i] @ (alpha * y). If it has the wrong sign, add 1 to alpha[i]."
        )
    short = as_array(call(answer, rows @ rows.T, y.copy(), 2), shape=(len(y),))
    if not np.array_equal(short, wrong[:2].sum(axis=0)):
        return "Right in the end, but max_epochs=2 should stop it after two passes."
    corners = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    differ, squared = np.array([-1, 1, 1, -1]), (corners @ corners.T) ** 2
    counts = as_array(call(answer, squared.copy(), differ.copy(), 100), shape=(4,))
    if np.any(differ * (squared @ (counts * differ)) <= 0):
        return "Right on the plain products, but XOR with squared ones is not solved: use only G."
    return None


def _without_targets(G: np.ndarray, y: np.ndarray, max_epochs: int) -> np.ndarray:
    """Count with a score that forgets the targets of the mistaken rows."""
    alpha = np.zeros(len(y))
    for _ in range(max_epochs):
        for i in range(len(y)):
            alpha[i] += y[i] * (G[i] @ alpha) <= 0
    return alpha
