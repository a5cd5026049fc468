"""Checks of the network from scratch: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def gradients(
    X, Y, W1, b1, W2, b2, lam, *, scale=2.0, mean=True, slope=lambda A: 1 - A**2, pay=(2, 0, 2, 0)
):
    """Gradients with one part replaced at a time; `pay` is the factor of the penalty's slope."""
    A1 = np.tanh(X @ W1 + b1)
    dZ2 = scale * (A1 @ W2 + b2 - Y) / (len(Y) if mean else 1)
    dZ1 = dZ2 @ W2.T * slope(A1)
    grads = [X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)]
    return tuple(g + f * lam * p for g, f, p in zip(grads, pay, (W1, b1, W2, b2), strict=True))


def variant(**parts):
    return lambda *args: gradients(*args, **parts)


def as_printed(X, Y, W1, b1, W2, b2, lam):
    return gradients(
        X, Y, W1, b1, W2, b2, lam, scale=1, mean=False, slope=lambda A: 1 - A, pay=(0, 0, 2, 0)
    )


def mean_of_signals(*args):
    grads = list(gradients(*args))
    grads[3] = grads[3] / 6
    return grads


def mean_of_hidden_signals(*args):
    grads = list(gradients(*args))
    grads[1] = grads[1] / 6
    return grads


RIGHT = [
    (1, 1),
    (1, np.float64(1)),
    (2, gradients),
    (2, lambda *args: list(gradients(*args))),
    (3, lambda A: np.where(A > 0, 1, 0.1)),
    (3, lambda A: 0.1 + 0.9 * (A > 0)),
    (4, 1),
    (5, 0.25),
    (5, 0.5),
    (6, [3, 5, 6, 7]),
    (6, (7, 6, 5, 3)),
    (6, np.array([5, 3, 7, 6])),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"from_scratch/{number}", answer).passed


MISTAKES = [
    (1, 0.25, "mean of the squared errors"),
    (1, 0.5, "constant itself"),
    (1, 2, "constant 0 or 1"),
    (1, 4 / 3, "got stuck"),
    (1, 3, "Which constant"),
    (2, as_printed, "bare difference"),
    (2, variant(scale=1), "factor 2 from the square"),
    (2, variant(mean=False), "divide the error signal by n"),
    (2, variant(scale=-2), "dW2 is wrong"),
    (2, variant(slope=lambda A: 1 - A), "slope of tanh"),
    (2, variant(slope=np.ones_like), "slope of tanh"),
    (2, mean_of_signals, "sum of its signals"),
    (2, mean_of_hidden_signals, "db1 is wrong: a bias gets the sum"),
    (2, variant(pay=(0, 0, 2, 0)), "dW1 is wrong: the slope is 2 * lam"),
    (2, variant(pay=(1, 0, 1, 0)), "the slope is 2 * lam"),
    (2, variant(pay=(2, 2, 2, 2)), "leave the biases alone"),
    (3, lambda A: A > 0, "slope of ReLU"),
    (3, lambda A: np.where(A > 0, A, 0.1 * A), "a value, not a slope"),
    (3, lambda A: np.where(A > 0, 1, -0.1), "slope is positive"),
    (3, lambda A: np.where(A > 0, 0.1, 1), "swapped"),
    (3, lambda A: 1 - A**2, "Two straight pieces"),
    (4, 4, "tells the units apart"),
    (4, 0, "at least one"),
    (4, 2, "axis=1"),
    (4, 8, "number of weights"),
    (4, 3, "equal signals"),
    (5, 35, "between 0 and 1"),
    (5, -0.1, "between 0 and 1"),
    (5, 0.96, "share with cross-entropy"),
    (5, 0.0, "with no 2 and not divided by 64, the momentum 0.9, and do the biases"),
    (5, 0.7, "1,425 updates"),
    (6, [1, 2, 4, 8], "powers of two"),
    (6, [1, 2, 3, 4], "sum 3"),
    (6, [3, 5, 6, 12], "can be smaller"),
    (6, [0.5, 1, 2, 4], "whole numbers"),
    (6, [-1, 2, 4, 8], "whole numbers"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"from_scratch/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 4, 5])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"from_scratch/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize(
    "answer", [1.0, "text", lambda: 1, lambda *_: "text", lambda *_: np.ones((9, 9)), lambda *_: 4]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"from_scratch/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [7, "text", [3, 5, 6], [[3, 5], [6, 7]], [np.nan] * 4])
def test_a_code_of_the_wrong_kind_gets_a_hint(answer):
    result = check("from_scratch/6", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"from_scratch/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [(2, lambda *_: ...), (3, lambda A: ...), (6, [..., ..., ..., ...])],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"from_scratch/{number}", placeholder).status == "open"
