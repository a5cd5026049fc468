"""Checks of the page on derivatives, gradients, shapes and exponentials."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """Softplus at 0.1 is promised to be ln 2 + 0.1 / 2, about 0.7431."""
    number = as_number(answer)
    start, slope, step = np.log(2), 0.5, 0.1
    if np.isclose(number, start + slope * step, rtol=0, atol=1e-4):
        return None
    if np.isclose(number, np.log1p(np.exp(step)), rtol=0, atol=1e-4):
        return "That is the true value of s(0.1). Predict it from s(0) and s'(0) alone."
    if np.isclose(number, slope * step, rtol=0, atol=1e-4):
        return "That is only the promised change. Add it to the starting value s(0)."
    if np.isclose(number, start + slope, rtol=0, atol=1e-4):
        return "The slope is per unit of z: multiply it by the step of 0.1 before you add it."
    return "Use s(0) + s'(0) times the step. By the chain rule, s'(z) is a function you know."


def exercise_2(answer: Any) -> str | None:
    """Ten sigmoids in a row have the slope 3.88e-7 at zero."""
    number = as_number(answer)
    # A step along the imaginary axis has no difference in it, hence no cancellation.
    output = 1e-20j
    entering = []
    for _ in range(10):
        entering.append(output.real)
        output = 1 / (1 + np.exp(-output))
    right = output.imag / 1e-20
    leaving = np.array([*entering[1:], output.real])
    slopes = leaving * (1 - leaving)  # the slope of a sigmoid is made of its output
    if np.isclose(number, right, rtol=0.01, atol=0):
        return None
    if np.isclose(number, 0.25**10, rtol=0.01, atol=0):
        return (
            "You took every slope at zero. Only the first sigmoid gets a zero; "
            "each later one gets the output of the one before."
        )
    if np.isclose(number, slopes.sum(), rtol=0.01, atol=0):
        return "You added the ten slopes. Along a chain they multiply, like gears."
    if np.isclose(number, output.real, rtol=0.01, atol=0):
        return "That is the output of the tenth sigmoid. Its derivative is asked for."
    late = np.prod(_sigmoid(leaving) * (1 - _sigmoid(leaving)))
    if np.isclose(number, late, rtol=0.01, atol=0):
        return "Take each slope at the number that enters its sigmoid, not the one that leaves it."
    if np.isclose(number, right / slopes[-1], rtol=0.01, atol=0):
        return "You multiplied nine slopes; the chain has ten."
    return "Multiply ten slopes, each taken at the number that enters its sigmoid, from x = 0 on."


def exercise_3(answer: Any) -> str | None:
    """Mean squared error pairs each prediction with its own target, whatever the shapes."""
    rng = np.random.default_rng(3)
    y_hat, y = rng.normal(size=(2, 6))
    right = np.mean((y_hat - y) ** 2)
    for left_shape, right_shape in [((6,), (6,)), ((6, 1), (6, 1)), ((6, 1), (6,)), ((6,), (6, 1))]:
        case = f"with y_hat of shape {left_shape} and y of shape {right_shape}"
        number = as_number(call(answer, y_hat.reshape(left_shape), y.reshape(right_shape)))
        if np.isclose(number, right):
            continue
        if np.isclose(number, np.mean((y_hat[:, np.newaxis] - y) ** 2)):
            return (
                f"The loss is still silently wrong {case}: every prediction meets every target. "
                "Bring both to one shape before you subtract."
            )
        if np.isclose(number, right * y.size):
            return "You added up the squared errors; the loss is their mean."
        if np.isclose(number, np.sqrt(right)):
            return "You took the square root of the mean; the squared error has none."
        return f"Not the mean of the squared errors {case}. Test it on two arrays of three numbers."
    return None


def exercise_4(answer: Any) -> str | None:
    """Softmax by rows, each row shifted by its own maximum."""
    small = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 1.0]])
    plain = np.exp(small)
    right = plain / plain.sum(axis=1, keepdims=True)
    # Row by row, np.logaddexp never overflows.
    huge = np.array([[1000.0, 1001.0, 1002.0], [-1000.0, -1001.0, -1002.0]])
    huge_right = np.exp(huge - np.logaddexp.reduce(huge, axis=1)[:, np.newaxis])
    wide, handed = np.array([[-2000.0, 0.0, 2000.0]]), small.copy()
    with np.errstate(all="ignore"):  # overflow gets a hint below, not a warning
        first = as_array(call(answer, handed), shape=small.shape)
        alone = call(answer, huge[:1].copy())
        both = call(answer, huge.copy())
        far = as_array(call(answer, wide.copy()), shape=wide.shape, finite=False)
    if not np.allclose(first, right):
        if np.allclose(first.sum(axis=0), 1):
            return "Your columns sum to one. Each row is a sample: sum along axis=1."
        if np.isclose(first.sum(), 1):
            return "The whole matrix sums to one. Each row is a sample and needs its own sum."
        return "Not right even on small scores: divide the exponentials by the sum of their row."
    if not _all_finite(alone):
        return (
            "Right on small scores, but nan on (1000, 1001, 1002): the exponential overflows. "
            "Subtract the largest score of the row first."
        )
    if not _all_finite(both):
        return (
            "One maximum for the whole matrix leaves the row of -1000 with nothing but zeros. "
            "Subtract from each row its own maximum (axis=1, keepdims=True)."
        )
    if not np.allclose(as_array(both, shape=huge.shape), huge_right):
        return "Right on small scores, wrong on large ones: shift each row by its own maximum."
    # Minimum, mean and first entry of a row do for scores that lie close together.
    if not np.allclose(far, [[0, 0, 1]]):
        return "Wrong on (-2000, 0, 2000): shift by the maximum of the row, not another entry."
    if not np.array_equal(handed, small):
        return "Your function changes its argument: work on a copy."
    return None


def exercise_5(answer: Any) -> str | None:
    """Gradient X^T G, with G = 2 (A - Y) / (n m) times A (1 - A) elementwise."""
    rng = np.random.default_rng(5)
    X, W, b, Y = (rng.normal(size=shape) for shape in [(5, 2), (2, 3), (3,), (5, 3)])

    def loss(weights: np.ndarray) -> float:
        return np.mean((_sigmoid(X @ weights + b) - Y) ** 2)

    right, h = np.zeros(W.shape), 1e-5
    for index in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[index] = h
        right[index] = (loss(W + step) - loss(W - step)) / (2 * h)

    value = call(answer, X.copy(), W.copy(), b.copy(), Y.copy())
    if shape_of(value) == W.T.shape:
        return "Your gradient is transposed: it has the shape of W, here (2, 3). Use X.T @ G."
    gradient = as_array(value, shape=W.shape)
    if np.allclose(gradient, right, rtol=1e-4, atol=1e-7):
        return None
    A = _sigmoid(X @ W + b)
    outer = 2 * (A - Y) / Y.size
    if np.allclose(gradient, X.T @ outer):
        return "The slope of the sigmoid is missing: multiply elementwise by A * (1 - A)."
    if np.allclose(gradient, X.T @ (2 * (X @ W + b - Y) / Y.size)):
        return "That is the gradient of the layer without the sigmoid."
    if np.allclose(gradient, X.T @ (outer * _sigmoid(A) * (1 - _sigmoid(A)))):
        return "You put A through the sigmoid a second time: its slope is A * (1 - A) as it stands."
    factor = np.sum(gradient * right) / np.sum(right**2)
    if np.allclose(gradient, factor * right, rtol=1e-4, atol=1e-7):
        return (
            f"Right up to a factor: yours is {factor:.3g} times the gradient. Look at the 2, "
            "the sign, and the mean over all n times q entries."
        )
    return "Compare with numerical_gradient; then find G, the slope of L at Z, one gear at a time."


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _all_finite(value: Any) -> bool:
    return bool(np.all(np.isfinite(np.asarray(value, dtype=float))))
