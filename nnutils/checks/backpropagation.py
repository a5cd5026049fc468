"""Checks of the page on backpropagation and the gradient check."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call

_NAMES = ("dW1", "db1", "dW2", "db2")


def exercise_1(answer: Any) -> str | None:
    """Shapes (3, 5), (10, 4), (10, 5) and (4, 2)."""
    shapes = as_array(answer, shape=(4, 2))
    n, sizes = 10, [3, 5, 4, 2]
    right = np.array([sizes[0:2], [n, sizes[2]], [n, sizes[1]], sizes[2:4]])
    names = ["W1", "Z2", "A1", "W3"]
    wrong = [row for row in range(4) if np.any(shapes[row] != right[row])]
    if not wrong:
        return None
    row = wrong[0]
    name, given = names[row], shapes[row]
    if np.array_equal(given, right[row][::-1]):
        return f"The gradient of {name} is transposed: inputs before outputs, samples in the rows."
    if name in ("W1", "W3") and n in given:
        return f"{name} is shared by all samples, so its gradient has no 10 in its shape."
    if name in ("Z2", "A1") and n not in given:
        return f"{name} has one row for each sample, and so has its gradient."
    if name == "A1" and given[1] == sizes[0]:
        return "A1 is what the first layer gives, not what it gets."
    return f"Look at {name} again: a gradient has the shape of what it belongs to."


def exercise_2(answer: Any) -> str | None:
    """Backward through 784-15-10 takes 12,060 multiplications."""
    number = as_number(answer)
    layers = [784 * 15, 15 * 10]
    forward = sum(layers)
    backward = 2 * forward - layers[0]
    if number == backward:
        return None
    if number == forward:
        return (
            "That is the forward pass. Going back, a layer needs one product for W and one for A."
        )
    if number == 2 * forward:
        return "That includes the signal into the image, which nobody needs: leave one product out."
    if number == forward + backward:
        return "That is forward and backward together. The backward pass alone is asked."
    if number == 2 * forward - layers[1]:
        return "You left out the wrong product: the signal into the first layer is not needed."
    if number == layers[1] + 10 * 15:
        return "The gradient of W1 is missing: it takes 784 times 15 multiplications."
    return "Each layer: one product for its weights; each layer but the first: one for its input."


def exercise_3(answer: Any) -> str | None:
    """Step of the square root of 2**-23, about 3.5e-4."""
    number = as_number(answer)
    eps = 2.0**-23

    def near(value: float) -> bool:
        return bool(abs(np.log10(number / value)) < np.log10(2))

    if number <= 0:
        return "A step is a positive number."
    if near(eps ** (1 / 2)):
        return None
    if near(eps ** (1 / 3)):
        return "That is the best step of the central difference. Here E(h) = h + eps / h."
    if near(eps):
        return "A step of eps changes a number near 1 by one last digit: all of it is rounding."
    if near(2.0**-26):
        return "That is the root of the 64-bit eps. In 32 bits eps is 2**-23."
    return "Set the derivative of E(h) = h + eps / h to zero, with eps = 2**-23."


def exercise_4(answer: Any) -> str | None:
    """Pre-activation 6e-6 above the kink."""
    number = as_number(answer)
    h, share = 1e-5, 0.8

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.01, atol=0))

    if near((2 * share - 1) * h):
        return None
    if near(2 * share - 1):
        return "That is z in units of h. Multiply by h."
    if near(-(2 * share - 1) * h):
        return "The unit is above the kink, so its pre-activation is positive."
    if near(share * h):
        return "The way from -h to h has the length 2h: the share is (h + z) / (2h)."
    if near((1 - share) * h) or near(2 * (1 - share) * h):
        return "That is about the part beyond the kink. The loss answers from -z up to h."
    if not 1e-6 <= number < h:
        return "The kink is reached with h = 1e-5 and not with h = 1e-6, so z lies between them."
    return "Of the way from -h to h the loss answers to the part from -z to h: that share is 0.8."


def exercise_5(answer: Any) -> str | None:
    """ReLU slope A1 > 0, and sums for the biases."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(6, 3)), np.array([[0.0, 1, 1, 0, 1, 0]]).T
    params = [rng.normal(size=shape) for shape in [(3, 4), (4,), (4, 1), (1,)]]

    def loss(weights: list[np.ndarray]) -> float:
        W1, b1, W2, b2 = weights
        z = np.maximum(0, X @ W1 + b1) @ W2 + b2
        return np.mean(np.logaddexp(0, z) - y * z)

    def variant(slope: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
        W1, b1, W2, b2 = params
        Z1 = X @ W1 + b1
        A1 = np.maximum(0, Z1)
        dZ2 = (1 / (1 + np.exp(-(A1 @ W2 + b2))) - y) / len(y)
        dZ1 = (dZ2 @ W2.T) * slope(Z1)
        return [X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)]

    given, right = _gradients(answer, X, y, params), _central(loss, params)
    off = _wrong(given, right)
    if off is None:
        return None
    if off == "dW1":
        if np.allclose(given[0], variant(lambda z: np.maximum(0, z))[0]):
            return "dW1: the slope of ReLU is not its output. It is 1 where the unit is on, else 0."
        if np.allclose(given[0], variant(np.ones_like)[0]):
            return "dW1: you removed the slope of ReLU; where a unit is off, no signal passes."
        if np.allclose(given[0], variant(lambda z: 1 - np.tanh(z) ** 2)[0]) or np.allclose(
            given[0], variant(lambda z: 1 - np.maximum(0, z) ** 2)[0]
        ):
            return "dW1: that is the slope of tanh. The hidden layer is ReLU here."
    if off in ("db1", "db2") and np.allclose(given[_NAMES.index(off)] * len(y), _at(right, off)):
        return f"{off} is divided by n twice: 1/n is in dZ2 already, so take the sum."
    if off in ("dW2", "db2"):
        return f"{off} was right before the repair: leave the lines of the last layer as they are."
    return f"{off} differs from the measured slopes. Two changes are enough, both below dW2."


def exercise_6(answer: Any) -> str | None:
    """First signal 2 (Y_hat - Y) / (n q); the rest stays."""
    rng = np.random.default_rng(6)
    X, Y = rng.normal(size=(5, 2)), rng.normal(size=(5, 3))
    params = [rng.normal(size=shape) for shape in [(2, 4), (4,), (4, 3), (3,)]]

    def loss(weights: list[np.ndarray]) -> float:
        W1, b1, W2, b2 = weights
        return np.mean((np.tanh(X @ W1 + b1) @ W2 + b2 - Y) ** 2)

    given, right = _gradients(answer, X, Y, params), _central(loss, params)
    off = _wrong(given, right)
    if off is None:
        return None
    n, q = Y.shape
    factors = [
        (q, "You divided by n alone; the mean runs over all n times q entries."),
        (1 / 2, "A factor 2 is missing: it comes from the square."),
        (q / 2, "The first signal is 2 (Y_hat - Y) / (n q): the 2 and the q are missing."),
        (n * q, "The loss is a mean: divide by the number of entries."),
        (n * q / 2, "The first signal needs the 2 of the square and the mean over all entries."),
        (-1, "The sign is reversed: prediction minus target."),
    ]
    for factor, hint in factors:
        if _wrong(given, [factor * slope for slope in right]) is None:
            return hint
    W1, b1, W2, b2 = params
    A1 = np.tanh(X @ W1 + b1)
    dA1 = 2 * (A1 @ W2 + b2 - Y) / Y.size @ W2.T
    if off in ("dW1", "db1"):
        index = _NAMES.index(off)
        for slope, hint in [
            (np.ones_like(A1), "the slope of tanh is missing: multiply by 1 - A1**2."),
            (A1 > 0, "that is the slope of ReLU. For tanh it is 1 - A1**2."),
            (1 - np.tanh(A1) ** 2, "A1 has been through tanh already: its slope is 1 - A1**2."),
            (A1 * (1 - A1), "that is the slope of the sigmoid. For tanh it is 1 - A1**2."),
        ]:
            dZ1 = dA1 * slope
            if np.allclose(given[index], [X.T @ dZ1, dZ1.sum(axis=0)][index]):
                return f"{off}: {hint}"
        return f"{off}: the last layer is right. Send the signal back: dZ2 @ W2.T, then the slope."
    if off == "db2" and np.allclose(given[3] * n, right[3]):
        return "db2 is divided by n twice: take the sum of the columns, not their mean."
    return f"{off}: the first signal is the derivative of the mean squared error in the output."


def _gradients(
    answer: Any, X: np.ndarray, Y: np.ndarray, params: list[np.ndarray]
) -> list[np.ndarray]:
    """Call the answer on copies; return its four arrays, or raise a hint."""
    value = call(answer, X.copy(), Y.copy(), *(p.copy() for p in params))
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise HintError("Your function should return a list of four arrays: dW1, db1, dW2, db2.")
    arrays = []
    for name, array, p in zip(_NAMES, value, params, strict=True):
        try:
            arrays.append(as_array(array, shape=p.shape))
        except HintError as hint:
            raise HintError(f"{name}: {hint}") from None
    return arrays


def _central(
    loss: Callable[[list[np.ndarray]], float], params: list[np.ndarray], h: float = 1e-5
) -> list[np.ndarray]:
    """Slopes of the loss along each parameter, measured by central differences."""
    slopes = [np.zeros_like(p) for p in params]
    for p, slope in zip(params, slopes, strict=True):
        for index in np.ndindex(p.shape):
            kept = p[index]
            p[index] = kept + h
            up = loss(params)
            p[index] = kept - h
            slope[index] = (up - loss(params)) / (2 * h)
            p[index] = kept
    return slopes


def _at(arrays: list[np.ndarray], name: str) -> np.ndarray:
    return arrays[_NAMES.index(name)]


def _wrong(given: list[np.ndarray], right: list[np.ndarray]) -> str | None:
    """Name of the last array that differs: a signal goes wrong from the back to the front."""
    for name in ("dW2", "db2", "dW1", "db1"):
        if not np.allclose(_at(given, name), _at(right, name), rtol=1e-4, atol=1e-7):
            return name
    return None
