"""Checks of the anatomy of a network: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def forward(X, params, *, hidden=True, last=False, bias=lambda b: b[:, np.newaxis]):
    A = X
    for layer, (W, b) in enumerate(params, start=1):
        Z = W @ A + bias(b)
        A = np.maximum(0, Z) if (hidden if layer < len(params) else last) else Z
    return A


def careless(X, params):
    result = forward(X, params, last=True)
    X[:] = 0
    for W, b in params:
        W[:], b[:] = 0, 0
    return result


def row_bias_where_it_fits(X, params):
    """Add the bias as a row if NumPy allows it, else as a column."""
    fits = all(len(b) == X.shape[1] for _, b in params)
    return forward(X, params, bias=(lambda b: b) if fits else (lambda b: b[:, np.newaxis]))


def two_layers_only(X, params):
    (W1, b1), *_, (W2, b2) = params
    return W2 @ np.maximum(0, W1 @ X + b1[:, np.newaxis]) + b2[:, np.newaxis]


RIGHT = [
    (1, 1257),
    (1, np.int64(1257)),
    (2, 2),
    (2, np.float32(2)),
    (3, forward),
    (3, lambda X, params: forward(X, params, bias=lambda b: b.reshape(-1, 1)).tolist()),
    (4, 121),
    (5, [3, -6, 6]),
    (5, np.array([3.0, -6, 6])),
    (6, 0.694),
    (6, np.float64(0.66)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"anatomy/{number}", answer).passed


MISTAKES = [
    (1, 1_000_000 / 795 - 10 / 795, "come whole"),
    (1, 1257.85, "come whole"),
    (1, 1258, "One too many"),
    (1, 1259, "biases are missing"),
    (1, 1273, "second layer is missing"),
    (1, 999_325, "number of parameters"),
    (1, 100, "multiple of h"),
    (2, -2, "absolute value"),
    (2, 26, "Divide by the length"),
    (2, -26, "Divide by the length"),
    (2, 26 / 169, "square of the length"),
    (2, 26 / 17, "not the sum of sizes"),
    (2, 31 / 13, "bias is missing"),
    (2, 5, "First z"),
    (3, lambda X, params: forward(X, params).T, "swapped"),
    (3, lambda X, params: forward(X, params, last=True), "no ReLU"),
    (3, lambda X, params: forward(X, params, hidden=False), "ReLU is missing"),
    (3, lambda X, params: forward(X, params, bias=lambda b: 0 * b[:, np.newaxis]), "biases are"),
    (3, lambda X, params: forward(X, params, bias=lambda b: b), "cannot be broadcast"),
    (3, row_bias_where_it_fits, "wrong axis"),
    (3, lambda X, params: 2 * forward(X, params), "Layer by layer"),
    (3, two_layers_only, "stopped with ValueError"),
    (3, careless, "no ReLU"),
    (4, 20, "number of layers"),
    (4, 40, "number of units"),
    (4, 115, "One layer short"),
    (4, 3_000_001, "one hidden layer"),
    (4, 80, "biases are missing"),
    (4, 120, "Mind the ends"),
    (4, 1000, "smallest k"),
    (5, [3, -3, 3], "change of slope"),
    (5, [3, -6, -6], "turn up again"),
    (5, [-3, 6, -6], "reversed"),
    (5, [1, -2, 2], "slope is 3"),
    (5, [2, -4, 4], "halves"),
    (5, [3, -6, 3], "1.00, 0.00, 0.00"),
    (6, 694, "divided by all"),
    (6, 69, "divided by all"),
    (6, -0.5, "between 0 and 1"),
    (6, 2000, "between 0 and 1"),
    (6, 0.998, "some silent unit"),
    (6, 0.306, "without a silent layer"),
    (6, 0.5, "share of zeros"),
    (6, 0.1, "one of them all zero"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"anatomy/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 4, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"anatomy/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [3, "text", [3, -6], [[3, -6, 6]], [3, -6, float("nan")]])
def test_weights_of_the_wrong_kind_get_a_hint(answer):
    result = check("anatomy/5", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [1.0, "forward", np.ones((2, 3)), lambda: 1, lambda *_: "text", lambda *_: None]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("anatomy/3", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"anatomy/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(3, lambda X, params: ...), (5, [..., ..., ...])]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"anatomy/{number}", placeholder).status == "open"
