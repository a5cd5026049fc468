"""Checks of the page on gradient descent: limits, steps by hand, one epoch, other losses."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """2 over the larger eigenvalue of [[3, 1], [1, 3]]: 0.5."""
    number = as_number(answer)
    # A matrix [[a, b], [b, a]] stretches (1, 1) by a + b and (1, -1) by a - b.
    large, small = 3 + 1, 3 - 1

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=2e-3))

    if near(2 / large):
        return None
    if near(2 / small):
        return "That is the limit of the flat direction. The steepest one complains first."
    if near(2 / 3):
        return "The diagonal is not enough: H stretches the direction (1, 1) by more than 3."
    if near(1 / large):
        return "At 1 / lambda the factor 1 - eta * lambda is 0, not yet -1. Go on to the limit."
    if near(2 / (large + small)):
        return "That is the best fixed rate. Asked is the limit of the stable ones."
    if number in (large, small):
        return "That is an eigenvalue of H. For which rate does its factor reach -1?"
    return "Find the two numbers by which H stretches (1, 1) and (1, -1), then 1 - eta * lambda."


def exercise_2(answer: Any) -> str | None:
    """From w = 0 over 0.4 to 0.7."""
    number = as_number(answer)

    def two_steps(scale: float, *, again: bool = True) -> float:
        """Return w after two steps if the slope is multiplied by `scale`."""
        first = -0.05 * scale * -8
        return first - 0.05 * scale * (5 * first - 8 if again else -8)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=1e-3))

    if near(two_steps(1)):
        return None
    if near(0.4):
        return "That is the place after one step. Compute the slope there and step again."
    if near(two_steps(1, again=False)):
        return "You used the slope at the start twice. Compute it anew at the second place."
    if near(two_steps(-1)):
        return "You went uphill: the step is minus eta times the slope."
    if near(two_steps(2)):
        return "You added up the squared errors. The loss is their mean, over 2 samples."
    if near(two_steps(0.5)):
        return "The slope of a square has a factor of 2: (w x - y)**2 gives 2 (w x - y) x."
    if near(1.6):
        return "That is the minimum. Asked is where two steps lead."
    return "The slope at w is the mean of 2 (w x - y) x over the two samples. Step by -0.05 of it."


def exercise_3(answer: Any) -> str | None:
    """66 steps: the first power of 0.9 below 0.001."""
    number = as_number(answer)
    steps, error = 0, 1.0
    while error >= 1e-3:
        steps, error = steps + 1, 0.9 * error
    if number == steps:
        return None
    if number == steps - 1:
        return "Just before the goal: 0.9 to the power of 65 is still above a thousandth."
    if steps - 1 < number < steps:
        return "Right so far, but a number of steps is whole: which is the first that is enough?"
    if 69 <= number <= 70:
        return "You used exp(-0.1) as the factor of a step. It is 1 - 0.1 = 0.9 exactly."
    if 32 < number <= 33:
        return "That is enough for the loss, which goes with the square. Asked is the error."
    if 28 <= number <= 31:
        return "Take one kind of logarithm for both, ln 1000 and ln 0.9, not log10 for one of them."
    if 2.9 <= number <= 3:
        return "The factor of a step is 1 - 0.1 = 0.9, not 0.1: nine tenths of the error are left."
    return "Each step multiplies the error by 1 - 0.1. Solve 0.9**t < 0.001 for t and round up."


def exercise_4(answer: Any) -> str | None:
    """One epoch for a sigmoid unit, the short last batch divided by its own length."""
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(10, 3)), np.array([1.0, 0, 0, 1, 1, 0, 1, 0, 1, 1])
    theta, eta, size = np.array([0.5, -1.0, 0.2]), 0.7, 4

    def epoch(**how: Any) -> np.ndarray:
        return _logistic_epoch(theta, X, y, eta, size, **how)

    given = theta.copy()
    value = call(answer, given, X.copy(), y.copy(), eta, size)
    if len(shape_of(value)) == 2 and 1 not in shape_of(value):  # (3, 1) is a column, no path
        return "You return the whole path. Return theta after the last batch only."
    value = as_array(value, shape=(3,))
    hints = [
        (epoch(drop=True), "The last batch, the short one, is missing."),
        (
            epoch(divide="size"),
            "The last batch has fewer rows: divide by the number it has, not by batch_size.",
        ),
        (epoch(divide="all"), "Divide by the rows of the batch, not by those of the whole set."),
        (epoch(divide="none"), "You added up over the batch. The loss is a mean: divide."),
        (epoch(sign=-1), "You went uphill: subtract eta times the gradient."),
        (
            epoch(frozen=True),
            "You computed all gradients at the first theta. Use the new theta for each batch.",
        ),
        (
            epoch(linear=True),
            "The sigmoid is missing: the prediction is a = 1 / (1 + exp(-X @ theta)).",
        ),
        (
            _logistic_epoch(theta, X, y, eta, len(y)),
            "You took one step with all rows. Take batch_size rows at a time.",
        ),
        (theta, "Theta comes back unchanged. Return the theta of after the epoch."),
    ]
    if not np.allclose(value, epoch()):
        for wrong, hint in hints:
            if np.allclose(value, wrong):
                return hint
        return "For each batch in turn: a, then X.T @ (a - y) over its number of rows, then a step."
    if not np.array_equal(given, theta):
        return "Right, but it changes the caller's theta. Write theta = theta - ..., without -=."
    return None


def _logistic_epoch(
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    eta: float,
    size: int,
    *,
    divide: str = "rows",
    sign: float = 1,
    drop: bool = False,
    frozen: bool = False,
    linear: bool = False,
) -> np.ndarray:
    """Return theta, (n_features,), after one epoch; each keyword makes one typical mistake."""
    now = theta.copy()
    for first in range(0, len(y), size):
        rows = range(first, min(first + size, len(y)))
        if drop and len(rows) < size:
            break
        at = theta if frozen else now
        step = np.zeros(len(theta))
        for i in rows:
            z = sum(at * X[i])
            step += ((z if linear else 1 / (1 + np.exp(-z))) - y[i]) * X[i]
        count = {"rows": len(rows), "size": size, "all": len(y), "none": 1}[divide]
        now = now - sign * eta * step / count
    return now


def exercise_5(answer: Any) -> str | None:
    """Gradient of the mean absolute error: X.T @ sign(X theta - y) / n."""
    rng = np.random.default_rng(5)
    X, theta = rng.normal(size=(7, 3)), np.array([1.0, -0.5, 2.0])
    X[0] = [1, 2, 3]  # whole numbers: this prediction, 6, has an error of exactly 0
    y = np.append(6.0, 3 * rng.normal(size=6))
    error = np.array([sum(theta * row) for row in X]) - y
    signs = np.array([int(e > 0) - int(e < 0) for e in error])
    right = np.mean(signs[:, np.newaxis] * X, axis=0)
    value = call(answer, theta.copy(), X.copy(), y.copy())
    if shape_of(value) == X.shape:
        return "You return one gradient for each sample. Take their mean."
    value = as_array(value, shape=(3,))
    if np.allclose(value, right):
        return None
    if np.allclose(value, -right):
        return "The sign is reversed: the error is prediction minus target, X @ theta - y."
    if np.allclose(value, right * len(y)):
        return "You added up over the samples. The loss is their mean: divide by n."
    if np.allclose(value, 2 * np.mean(error[:, np.newaxis] * X, axis=0)):
        return "That is the gradient of the mean squared error. Here the slope is only a sign."
    if np.allclose(value, np.mean(np.abs(error)[:, np.newaxis] * X, axis=0)):
        return "The slope of |e| is the sign of e, not |e| itself."
    if np.allclose(value, right + X[0] / len(y)) or np.allclose(value, right - X[0] / len(y)):
        return "Right where no error is zero. Where one is exactly zero take the slope 0: np.sign."
    return "The slope of |e| is its sign; the chain rule multiplies by X: X.T @ sign(...) / n."


def exercise_6(answer: Any) -> str | None:
    """Condition number (1 + r) / (1 - r) with the correlation r = 0.3954: about 2.31."""
    number = as_number(answer)
    r = 0.39541  # of body mass index and blood pressure over the 442 people of the data

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.01, atol=0))

    if near((1 + r) / (1 - r)):
        return None
    if near(1):
        return "Each column is standardised, but the two go together. Compute the eigenvalues of H."
    if near((1 - r) / (1 + r)):
        return "Upside down: the condition number is the largest eigenvalue over the smallest."
    if near(np.sqrt((1 + r) / (1 - r))):
        return "That is the condition number of X. The one of H is its square."
    if near(2 * (1 + r)) or near(1 + r):
        return "That is the largest eigenvalue. Divide by the smallest."
    if 190 < number < 200:
        return "You took the means off but did not divide by the standard deviations."
    if number > 500_000:
        return "These are the raw units. Standardise each column: minus its mean, over its std."
    return "Stack the two standardised columns and a column of ones, then H = 2/n X.T @ X."
