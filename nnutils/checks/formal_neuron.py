"""Checks of the page on the formal neuron, which computes gates and learns by Hebb's rule."""

from itertools import product
from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def _fires(w: Any, b: Any, n: int) -> tuple[int, ...]:
    """Return the outputs of one threshold unit on all n-bit inputs, in truth-table order."""
    rows = product([0, 1], repeat=n)
    return tuple(int(sum(x * v for x, v in zip(row, w, strict=True)) + b >= 0) for row in rows)


def _wrong_row(got: Any, right: Any, n: int) -> str:
    rows = zip(product([0, 1], repeat=n), got, right, strict=True)
    row, value, wanted = next(r for r in rows if r[1] != r[2])
    return f"At the input {row} the answer is {value}; it should be {wanted}."


def exercise_1(answer: Any) -> str | None:
    """Three equal weights and a bias that lets two votes win but not one, such as 1, 1, 1, -2."""
    *w, b = as_array(answer, shape=(4,))
    right = tuple(int(sum(row) >= 2) for row in product([0, 1], repeat=3))
    got = _fires(w, b, 3)
    if got == right:
        return None
    if _fires(w, -b, 3) == right:
        return "The bias is minus the threshold: reverse its sign."
    if got == tuple(int(sum(row) >= 1) for row in product([0, 1], repeat=3)):
        return "That is OR: a single input is enough for it. Lower the bias."
    if got == tuple(int(sum(row) == 3) for row in product([0, 1], repeat=3)):
        return "That is AND: it wants all three inputs. Raise the bias."
    if got == tuple(1 - value for value in right):
        return "That fires for the minority: all signs are reversed."
    return _wrong_row(got, right, 3)


def exercise_2(answer: Any) -> str | None:
    """Weights and bias that fire at (1, 0) only, such as 1, -1, -1."""
    *w, b = as_array(answer, shape=(3,))
    right = (0, 0, 1, 0)
    got = _fires(w, b, 2)
    if got == right:
        return None
    if got == (0, 1, 0, 0):
        return "That is 'x2 and not x1': swap the two weights."
    if _fires(w, -b, 2) == right:
        return "The bias is minus the threshold: reverse its sign."
    if got == (1, 0, 1, 1):
        return "It fires with no input on, since z = 0 counts as firing. Lower the bias."
    if got == (0, 0, 1, 1):
        return "That only repeats x1. The weight of x2 must be able to silence the unit."
    return _wrong_row(got, right, 2)


def exercise_3(answer: Any) -> str | None:
    """XNOR of two inputs from at least two calls of the unit handed in, the last one its output."""
    calls = []

    def unit(x: Any, w: Any, b: Any) -> np.ndarray:
        calls.append((np.asarray(x) @ np.asarray(w) + np.asarray(b) >= 0).astype(int))
        return calls[-1].copy()

    x = np.array(list(product([0, 1], repeat=2)))
    got = as_array(call(answer, x.copy(), unit), shape=(4,)).tolist()
    if got == [0, 1, 1, 0]:
        return "That is XOR, the opposite: one of them on. XNOR wants both or none."
    if got == [0, 0, 0, 1]:
        return "That is AND: 'both' is there, 'none' is missing."
    if got == [1, 0, 0, 0]:
        return "That is NOR: 'none' is there, 'both' is missing."
    if got != [1, 0, 0, 1]:
        return _wrong_row(got, [1, 0, 0, 1], 2)
    if len(calls) < 2:
        return "The values are right, but build them from calls of unit: two at least."
    shuffled = np.array([[1, 1], [0, 1], [1, 1], [0, 0], [1, 0]])
    again = as_array(call(answer, shuffled.copy(), unit), shape=(5,)).tolist()
    if again != [1, 0, 1, 1, 0]:
        return "Right on the truth table, wrong on five other rows: compute from x, row by row."
    # Row by row, what the last call gave must be the answer, with no arithmetic after it.
    for k in range(4):
        calls.clear()
        value = as_number(call(answer, x[k : k + 1].copy(), unit))
        if not calls or np.ravel(calls[-1])[-1] != value:
            return "The last step must be a call of unit too."
    return None


def exercise_4(answer: Any) -> str | None:
    """Length from the parts 3 * 1.2**10 and 4 * 1.05**10: 19.7."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.004, atol=0))

    first, second = 3 * 1.2**10, 4 * 1.05**10
    if near(np.hypot(first, second)):
        return None
    if near(first):
        return "That is the first part alone. The second still counts after 10 steps."
    if near(first + second):
        return "Those are both parts added. They stand at a right angle: use Pythagoras."
    if near(5 * 1.2**10):
        return "Only the part along the first eigenvector grows by 1.2; the other grows by 1.05."
    if near(np.hypot(3 * np.exp(2), 4 * np.exp(0.5))):
        return "exp(eta lambda t) is an approximation for small steps: use (1 + eta lambda)**t."
    if near(first**2 + second**2):
        return "That is the squared length: take the root."
    if near(np.hypot(3 * 3**10, 4 * 1.5**10)):
        return "eta is missing: the factors are 1 + 0.1 * 2 and 1 + 0.1 * 0.5."
    return "Multiply each part by its own (1 + eta lambda)**10, then take the length."


def exercise_5(answer: Any) -> str | None:
    """Second principal component of the digits, up to sign and a length near 1."""
    w = as_array(answer, shape=(64,))
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError("this check needs scikit-learn: pip install scikit-learn") from error

    X = load_digits().data / 16
    mean = X.mean(axis=0)
    components = np.linalg.svd(X - mean, full_matrices=False)[2]
    size = np.linalg.norm(w)
    if size == 0:
        return "All weights are zero, and from zero the rule never moves: start elsewhere."
    first, second, third = np.abs(components[:3] @ w) / size
    if second > 0.95:
        if abs(size - 1) < 0.05:
            return None
        return f"The direction is right, the length is {size:.2f}: use Oja's rule, not Hebb's."
    if first > 0.95:
        return "That is the first component again. Run the rule on what the deflation leaves."
    if third > 0.95:
        return "That is the third component: you deflated once too often."
    if abs(mean @ w) / size / np.linalg.norm(mean) > 0.95:
        return "That is the mean image: centre the digits first."
    if first**2 + second**2 > 0.9:
        return (
            "You are between the first two components: deflate with a vector of length 1, "
            "or give the rule more passes."
        )
    return "Not there yet: is eta small (0.003), are there enough passes (20)?"


def exercise_6(answer: Any) -> str | None:
    """About 2 degrees: without centring, the rule finds the direction of the mean."""
    number = as_number(answer)
    if not 0 <= number <= 90:
        return "Give the angle between the two lines: 0 to 90 degrees, whatever the signs."
    if 0.2 <= number <= 5:
        return None
    if 0.003 <= number <= 0.09:
        return "That looks like radians: np.degrees turns it into degrees."
    if number >= 70:
        return (
            "That is an angle to the long axis of the cloud: either you centred the data again, "
            "or you measured from the first component instead of the line through (3, -3)."
        )
    if number < 0.2:
        return "Close to zero, but not so close: the cloud itself still pulls a little. Run it."
    return "Run Oja's rule on cloud + [3, -3], then compare its weights with [3, -3]."
