"""Checks of the page that builds a network from scratch."""

from itertools import pairwise, product
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """1: the best constant, one half, has this sum of squared errors."""
    number = as_number(answer)
    targets = np.array([0.0, 1.0, 1.0, 0.0])
    errors = (targets - targets.mean()) ** 2
    if np.isclose(number, errors.sum()):
        return None
    if np.isclose(number, errors.mean()):
        return "That is the mean of the squared errors. The program of the page adds them up."
    if np.isclose(number, targets.mean()):
        return "That is the constant itself. Which sum of squared errors does it give?"
    if np.isclose(number, (targets**2).sum()):
        return "That is the sum for the constant 0 or 1. A number between them does better."
    if np.isclose(number, 4 / 3, atol=0.01):
        return "That is where the program got stuck; its four answers are not the same number."
    return "Which constant has the smallest squared errors to 0, 1, 1, 0? Add up its four errors."


def exercise_2(answer: Any) -> str | None:
    """Gradients of the mean squared error plus the penalty on both weight matrices."""
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    params = [rng.normal(size=shape) for shape in ((3, 4), (4,), (4, 1), (1,))]
    plain = _returned_gradients(answer, X, Y, params, 0.0)
    right = _measured_gradients(X, Y, params, 0.0)
    ratios = plain[2] / right[2]
    if not np.allclose(ratios, 1, atol=1e-5):
        if np.allclose(ratios, len(Y) / 2, rtol=1e-5):
            return "The error signal is still the bare difference: a mean of squares has 2 / n."
        if np.allclose(ratios, 0.5, rtol=1e-5):
            return "The factor 2 from the square is missing in the error signal."
        if np.allclose(ratios, len(Y), rtol=1e-5):
            return "The loss is a mean over n samples: divide the error signal by n."
        return (
            "dW2 is wrong without any penalty. It is A1.T @ dZ2, and dZ2 is 2 / n times the error."
        )
    names = ["dW1", "db1", "dW2", "db2"]
    off = _names_of_wrong(names, plain, right)
    if "dW1" in off:
        return "dW1 is wrong, dW2 is right: what is the slope of tanh, in terms of A1?"
    if off:
        return f"{off[0]} is wrong: a bias gets the sum of its signals over the samples."
    with_penalty = _returned_gradients(answer, X, Y, params, 0.125)
    off = _names_of_wrong(names, with_penalty, _measured_gradients(X, Y, params, 0.125))
    if "db1" in off or "db2" in off:
        return "Right without the penalty. With it, leave the biases alone: only weights pay."
    if off:
        return (
            f"Right without the penalty, but with it {off[0]} is wrong: the slope is 2 * lam * W."
        )
    return None


def _returned_gradients(answer: Any, X: Any, Y: Any, params: Any, lam: float) -> list[np.ndarray]:
    grads = call(answer, X.copy(), Y.copy(), *(p.copy() for p in params), lam)
    if not isinstance(grads, tuple | list) or len(grads) != 4:
        raise HintError("Return four arrays: dW1, db1, dW2, db2.")
    return [as_array(g, shape=p.shape) for g, p in zip(grads, params, strict=True)]


def _measured_gradients(X: Any, Y: Any, params: Any, lam: float) -> list[np.ndarray]:
    """Central differences of the loss, which know nothing of backpropagation."""

    def loss(W1: Any, b1: Any, W2: Any, b2: Any) -> float:
        Z = np.tanh(X @ W1 + b1) @ W2 + b2
        return np.mean((Z - Y) ** 2) + lam * (np.sum(W1**2) + np.sum(W2**2))

    grads = []
    for k, p in enumerate(params):
        grad = np.zeros_like(p)
        for index in np.ndindex(p.shape):
            sides = []
            for h in (1e-5, -1e-5):
                moved = [q.copy() for q in params]
                moved[k][index] += h
                sides.append(loss(*moved))
            grad[index] = (sides[0] - sides[1]) / 2e-5
        grads.append(grad)
    return grads


def _names_of_wrong(names: list[str], grads: list, right: list) -> list[str]:
    triples = zip(names, grads, right, strict=True)
    return [name for name, g, r in triples if not np.allclose(g, r, rtol=1e-5, atol=1e-7)]


def exercise_3(answer: Any) -> str | None:
    """Slope 1 where the value is positive, 0.1 elsewhere."""
    A = np.array([[2.0, -0.3], [-0.01, 0.5], [-4.0, 1e-3]])
    slope = as_array(call(answer, A.copy()), shape=A.shape)
    positive = A > 0
    if np.allclose(slope, np.where(positive, 1, 0.1)):
        return None
    if np.allclose(slope, positive):
        return "That is the slope of ReLU. Where the value is negative, a tenth still gets through."
    if np.allclose(slope, np.where(positive, A, 0.1 * A)) or np.allclose(slope, A):
        return "That is a value, not a slope. A straight line has the same slope everywhere."
    if np.allclose(slope, np.where(positive, 1, -0.1)):
        return "The line falls to the left of 0 because z is negative; its slope is positive."
    if np.allclose(slope, np.where(positive, 0.1, 1)):
        return "The two sides are swapped: it leaks where the value is negative."
    return "Two straight pieces, two slopes: one where A > 0, another elsewhere."


def exercise_4(answer: Any) -> str | None:
    """One: equal units stay equal."""
    number = as_number(answer)
    if number == 1:
        return None
    if number == 4:
        return "Nothing in the forward or the backward pass tells the units apart: do they differ?"
    if number == 0:
        return "There is at least one column. Count those that differ from each other."
    if number == 2:
        return "W1 has two rows, one for each input. Compare its columns: np.unique(..., axis=1)."
    if number == 8:
        return "That is the number of weights. A column, the two weights of a unit, counts as one."
    return "Equal units get equal signals. Train it, round W1, and count its different columns."


def exercise_5(answer: Any) -> str | None:
    """About a third of the starts: anything from 0.12 to 0.6 with 100 of them."""
    share = as_number(answer)
    if share > 1 or share < 0:
        return "Give a share between 0 and 1."
    if 0.12 <= share <= 0.6:
        return None
    if share > 0.8:
        return "That is the share with cross-entropy. Multiply the signal by Y_hat * (1 - Y_hat)."
    if share < 0.05:
        return (
            "Hardly any: is the signal (Y_hat - Y) * Y_hat * (1 - Y_hat), with no 2 and not "
            "divided by 64, the momentum 0.9, and do the biases start random too?"
        )
    return "Rate 0.1, momentum 0.9, 1,425 updates, starts from -0.3 to 0.3, 100 of them."


def exercise_6(answer: Any) -> str | None:
    """3, 5, 6, 7: sixteen different sums, and no larger number than needed."""
    code = as_array(answer, shape=(4,))
    if np.any(code != np.round(code)) or np.any(code <= 0):
        return "Give four positive whole numbers."
    sums = sorted(code @ np.array(half) for half in product([0, 1], repeat=4))
    if len(set(sums)) < len(sums):
        twice = next(a for a, b in pairwise(sums) if a == b)
        return f"Two different halves have the sum {twice:g}, so they could not be told apart."
    if sorted(code) == [1, 2, 4, 8]:
        return "All sums differ, but the largest number need not be 8. Give up the powers of two."
    if code.max() > 7:
        return f"All sums differ, but the largest number, {code.max():g}, can be smaller."
    return None
