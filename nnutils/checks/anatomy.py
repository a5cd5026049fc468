"""Checks of the page on the anatomy of a network."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """Largest h is 1,257: a network 784-h-10 has 795 h + 10 parameters."""
    number = as_number(answer)
    limit, inputs, outputs = 1_000_000, 784, 10
    each = inputs + 1 + outputs  # what one more hidden unit costs
    right = (limit - outputs) // each
    if number == right:
        return None
    if number == limit // (inputs + outputs):
        return "The biases are missing: each hidden unit and each output has one."
    if number in (limit // (inputs + 1), limit // inputs):
        return "The second layer is missing: each hidden unit also has a weight to each output."
    if number == right + 1:
        return "One too many: that network has more than 1,000,000 parameters. Round down."
    if np.isclose(number, (limit - outputs) / each, rtol=0, atol=0.01):
        return "Units come whole. Which is the largest whole number that stays within the budget?"
    if number == right * each + outputs:
        return "That is the number of parameters. How many hidden units has this network?"
    return "Write the count as a multiple of h plus a rest: (784 + 1) h + (h + 1) 10."


def exercise_2(answer: Any) -> str | None:
    """Distance 2: the size of z is 26, and w has the length 13."""
    number = as_number(answer)
    w, b, point = np.array([5.0, -12]), 5.0, np.array([1.0, 3])
    z, length = float(w @ point) + b, float(np.hypot(*w))

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=0.01))

    if near(abs(z) / length):
        return None
    if near(z / length):
        return "The sign tells the side. A distance is its absolute value."
    if near(abs(z)) or near(z):
        return "That is z or its size. Divide by the length of w."
    if near(abs(z) / length**2):
        return "You divided by the square of the length. Take the root: sqrt(5**2 + 12**2)."
    if near(abs(z) / np.abs(w).sum()):
        return "The length of w is the root of the sum of squares, not the sum of sizes."
    if near(abs(z - b) / length):
        return "The bias is missing: z = x @ w + b."
    return "First z = x @ w + b, then its absolute value, then divide by the length of w."


def exercise_3(answer: Any) -> str | None:
    """Each layer is W @ A plus the bias as a column, with ReLU on all but the last."""
    rng = np.random.default_rng(3)

    def draw(sizes: list[int]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(rng.normal(size=(q, p)), rng.normal(size=q)) for p, q in pairwise(sizes)]

    # In the second case every layer has as many units as there are samples, in the
    # third the hidden layers but not the output. One layer alone has no ReLU at all.
    for sizes, n in (([3, 4, 5, 2], 7), ([4, 4, 4], 4), ([3, 4, 4, 2], 4), ([3, 2], 5)):
        params, X = draw(sizes), rng.normal(size=(sizes[0], n))
        copies = [(W.copy(), b.copy()) for W, b in params]
        try:
            value = call(answer, X.copy(), copies)
        except HintError as error:
            if "broadcast" in str(error):
                return (
                    "A bias cannot be broadcast as it stands: samples are columns, so it must be "
                    "a column too, b[:, np.newaxis]."
                )
            raise
        right = _columns(X, params)
        if shape_of(value) == right.T.shape != right.shape:
            return "Rows and columns are swapped: the result should have one column per sample."
        value = as_array(value, shape=right.shape)
        if np.allclose(value, right):
            continue
        if np.allclose(value, _columns(X, params, relu_last=True)):
            return "The last layer has no ReLU: scores may be negative."
        if np.allclose(value, _columns(X, params, relu_hidden=False)):
            return "The ReLU is missing: hidden layers silence what is negative."
        if np.allclose(value, _columns(X, params, bias="none")):
            return "The biases are missing: add b to each layer, as a column."
        if len(set(sizes)) == 1 and np.allclose(value, _columns(X, params, bias="row")):
            return (
                "With as many units as samples the bias went along the wrong axis, without an "
                "error. Make it a column: b[:, np.newaxis]."
            )
        return "Layer by layer: Z = W @ A + b as a column, then ReLU, except on the last."
    return None


def _columns(
    X: np.ndarray,
    params: list[tuple[np.ndarray, np.ndarray]],
    *,
    relu_hidden: bool = True,
    relu_last: bool = False,
    bias: str = "column",
) -> np.ndarray:
    """Forward pass with samples in columns, right or with one chosen mistake."""
    A = X
    for layer, (W, b) in enumerate(params):
        shift = {"column": b.reshape(-1, 1), "row": b, "none": 0}[bias]
        A = W @ A + shift
        if relu_last if layer == len(params) - 1 else relu_hidden:
            A = A.clip(min=0)
    return A


def exercise_4(answer: Any) -> str | None:
    """Twenty folds, 121 parameters: 2**20 is the first power of two above a million."""
    number = as_number(answer)
    units = 1_000_000
    k = units.bit_length()  # 2**k > units >= 2**(k - 1), so 2**k >= units + 1

    def parameters(folds: int) -> int:
        return 6 * folds + 1

    if number == parameters(k):
        return None
    if number == k:
        return "That is the number of layers. How many parameters do they have?"
    if number == 2 * k:
        return "That is the number of units. Count their weights and biases, and the output's."
    if number == parameters(k - 1):
        return "One layer short: 2**19 is only about half a million."
    if number == 3 * units + 1:
        return "That is the network with one hidden layer. The fold network is asked for."
    if number == parameters(k) - (2 * k + 1):
        return "The biases are missing: two in each layer, one at the output."
    if number in (6 * k, 6 * (k - 1)):
        return "Mind the ends: the first layer has one input, the output layer one unit."
    return "Find the smallest k with 2**k pieces or more, then count 1-2-...-2-1 layer by layer."


def exercise_5(answer: Any) -> str | None:
    """Up, down, up in thirds: output weights 3, -6, 6."""
    weights = as_array(answer, shape=(3,))
    knots = np.arange(3) / 3
    ends = np.arange(1, 4) / 3
    bends = np.maximum(0, ends[:, np.newaxis] - knots)
    right = np.linalg.solve(bends, [1, 0, 1])

    def near(values: Any) -> bool:
        return np.allclose(weights, values, rtol=0, atol=0.02)

    if near(right):
        return None
    if near(np.cumsum(right)):
        return "These are the slopes. Each weight is the change of slope where its unit wakes up."
    if near(right * [1, 1, -1]):
        return "After the last third the line must turn up again: which sign turns it?"
    if near(-right):
        return "All signs are reversed: the line starts upwards."
    if near(right / 3):
        return "It rises to 1 within a third of the range, so the slope is 3, not 1."
    if near([2, -4, 4]) or near([2, -4, 2]):
        return "Those belong to halves. Here each piece is a third long, so it is steeper."
    values = ", ".join(f"{value:.2f}" for value in np.round(bends @ weights, 2) + 0)  # no -0.00
    return f"At x = 1/3, 2/3 and 1 your sum is {values}; it should be 1, 0 and 1."


def exercise_6(answer: Any) -> str | None:
    """About seven in ten of the random networks have a silent layer."""
    number = as_number(answer)
    if 1 < number <= 1000:
        return "Give a share between 0 and 1: the number of such networks divided by all."
    if not 0 <= number <= 1:
        return "A share lies between 0 and 1."
    if 0.62 <= number <= 0.77:
        return None
    if number >= 0.95:
        return (
            "Nearly every network has some silent unit, or some silent point. Count a layer only "
            "if both its units are zero for all points."
        )
    if 0.23 <= number <= 0.38:
        return "That is about the share without a silent layer."
    if 0.45 <= number <= 0.55:
        return "That is about the share of zeros among all activations. Ask whole layers."
    return "For each network, run x_random through its hidden layers; is one of them all zero?"
