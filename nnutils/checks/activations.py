"""Checks of the page on activation functions."""

from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """W is [[4, 6], [-1, -3]] and b is (3, 7)."""
    rows = as_array(answer, shape=(3, 2))
    W1, b1 = np.array([[1.0, 2], [0, -1]]), np.array([1.0, 2])
    W2, b2 = np.array([[2.0, 0], [1, 3]]), np.array([-1.0, 1])

    def layers(x: np.ndarray) -> np.ndarray:
        return (x @ W1 + b1) @ W2 + b2

    # Three points say everything about a linear layer: its bias, and its rows one by one.
    b = layers(np.zeros(2))
    W = layers(np.eye(2)) - b
    if np.allclose(rows, np.vstack([W, b])):
        return None
    if np.allclose(rows[:2], W2 @ W1):
        return "The order is reversed: a row meets the first layer first, so W1 @ W2."
    if np.allclose(rows[:2], W1 * W2):
        return "You multiplied entry by entry; layers are chained by the matrix product W1 @ W2."
    if np.allclose(rows[:2], W.T):
        return "W is transposed: its first row belongs to the first input."
    if not np.allclose(rows[:2], W):
        return "W is not right yet: multiply the rows of W1 by the columns of W2."
    if np.allclose(rows[2], b1 + b2):
        return "W is right. The first bias passes through the second layer: b1 @ W2, then add b2."
    if np.allclose(rows[2], b1 @ W2):
        return "W is right, but the bias of the second layer is missing: add b2."
    if np.allclose(rows[2], b2):
        return "W is right, but the first bias is lost: it passes through the second layer."
    return "W is right, b is not: it is b1 @ W2 + b2."


def exercise_2(answer: Any) -> str | None:
    """relu(6 - 4x) bends at x = 1.5."""
    number = as_number(answer)
    w, b = -4, 6
    if abs(w * number + b) < 0.01:
        return None
    if np.isclose(number, b / w):
        return "The sign is reversed: solve wx + b = 0 with w = -4 and b = 6."
    if np.isclose(abs(number), abs(w / b), atol=0.01):
        return "You divided the weight by the bias; the bend is at -b/w."
    if number == b:
        return "That is the bias, the pre-activation at x = 0. Where is the pre-activation zero?"
    if number == 0:
        return "At x = 0 the pre-activation is 6. The bend is where the pre-activation is zero."
    return "The bend is where the pre-activation 6 - 4x is zero."


def exercise_3(answer: Any) -> str | None:
    """Slope of SiLU: s + z s (1 - s), with s the sigmoid of z."""
    z, h = np.linspace(-4, 4, 9), 1e-5

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return (1 + np.tanh(z / 2)) / 2

    def silu(z: np.ndarray) -> np.ndarray:
        return z * sigmoid(z)

    slopes = as_array(call(answer, z.copy()), shape=z.shape)
    if np.allclose(slopes, (silu(z + h) - silu(z - h)) / (2 * h), atol=1e-6):
        return None
    s = sigmoid(z)
    if np.allclose(slopes, silu(z)):
        return "That is SiLU itself. Its derivative is asked."
    if np.allclose(slopes, s * (1 - s)):
        return "You took the slope of the sigmoid for the slope of the product: both factors vary."
    if np.allclose(slopes, z * s * (1 - s)):
        return "A term is missing: in the product rule z is differentiated too, which leaves s."
    if np.allclose(slopes, s):
        return "A term is missing: the sigmoid varies with z too, so add z times its slope."
    if np.allclose(slopes, s + s * (1 - s)):
        return "Almost: the slope of the sigmoid must be multiplied by z."
    return "Central differences disagree. Use the product rule with the factors z and sigmoid(z)."


def exercise_4(answer: Any) -> str | None:
    """Two of the five units are dead: their columns are zero in all rows."""
    A = np.array([[0, 0, 2, 0, 0], [0, 1, 1, 0, 0], [0, 0, 3, 0, 0.5], [0, 0, 0, 0, 0]])
    dead = sum(not any(column) for column in A.T)
    value = call(answer, A.copy())
    if shape_of(value) == A.shape[1:]:
        return "You return one value for each unit. Add up how many of them are dead."
    number = as_number(value)
    if number == sum(not any(row) for row in A):
        return "You counted samples for which every unit is silent. A unit is a column: axis=0."
    if number == np.sum(A == 0):
        return "You counted zeros. A dead unit is zero for all samples."
    if number == sum(0 in column for column in A.T):
        return "You counted units that are silent for some sample: all of them must be zero."
    if number == A.shape[1] - dead:
        return "You counted the units that live."
    if np.isclose(number, dead / A.shape[1]):
        return "That is a share. Return the number of dead units."
    if number != dead:
        return "Look at each column of A: the unit is dead if all its entries are zero."
    if as_number(call(answer, np.full((3, 4), 1e-9))) != 0:
        return "Right on large numbers, but 1e-9 is not zero: a unit that answers a little lives."
    return None


def exercise_5(answer: Any) -> str | None:
    """max(0, z) + log1p(exp(-|z|)), finite and exact on both sides."""
    small = np.array([-2.0, 0.0, 3.0, 5.0, 12.0])
    large = np.array([1000.0, 50.0, -40.0, -1000.0])
    with np.errstate(all="ignore"):  # overflow gets a hint below, not a warning
        value = as_array(call(answer, small.copy()), shape=small.shape)
        raw = call(answer, large.copy())
        try:
            far = np.asarray(raw, dtype=float)
        except (TypeError, ValueError):
            raise HintError("For large z your function returns something else.") from None
    if np.allclose(value, np.maximum(0, small)):
        return "That is ReLU. Softplus is smooth: add ln(1 + exp(-|z|))."
    if np.allclose(value, np.maximum(0, small) + np.log1p(np.exp(np.abs(small)))):
        return "The exponent has the wrong sign: exp(-abs(z)) is never larger than 1."
    if np.allclose(value, np.log1p(np.exp(-np.abs(small)))):
        return "For positive z a term is missing: add max(0, z)."
    if np.allclose(value, np.log1p(np.exp(-small))):
        return "That is softplus of -z."
    right = np.log(1 + np.exp(small))
    if np.allclose(value[:3], right[:3]) and not np.allclose(value[3:], right[3:], rtol=1e-9):
        return "Right up to z = 3, wrong at 5 or 12: softplus comes close to z there, but is not z."
    if not np.allclose(value, right, rtol=1e-9):
        return "Wrong on small z: softplus is ln(1 + exp(z))."
    if far.shape != large.shape:
        return f"Return an array of the shape of z; for four values this one has {far.shape}."
    if not np.all(np.isfinite(far)):
        return "Right on small z, not finite at 1000: take z out, z + ln(1 + exp(-z)) for z > 0."
    if not np.allclose(far[:2], large[:2]):
        return "Right on small z, wrong at 1000, where softplus is z. Clipping z changes the value."
    if not np.isclose(far[2], np.exp(-40), rtol=1e-6, atol=0):
        return "At -40 the value should be about 4e-18: np.log1p keeps it, 1 + exp(-40) loses it."
    return None


def exercise_6(answer: Any) -> str | None:
    """Without a bend the network scores as a straight border does: below 0.68."""
    number = as_number(answer)
    if not 0 <= number <= 1:
        return "Give the accuracy as a share between 0 and 1."
    if 0.3 < number < 0.68:
        return None
    if number > 0.9:
        return "That network has a bend. Did negative_slope=1.0 reach both hidden layers?"
    if number >= 0.68:
        return "No straight border gets that far here. Is the slope exactly 1.0, on every unit?"
    return "That is too low for a straight border. Give the share that is right, not wrong."
