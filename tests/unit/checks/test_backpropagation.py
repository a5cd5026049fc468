"""Checks of backpropagation: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check

SHAPES = np.array([[3, 5], [10, 4], [10, 5], [4, 2]])


def changed(row, shape):
    shapes = SHAPES.copy()
    shapes[row] = shape
    return shapes


def backward(X, Y, W1, b1, W2, b2, *, hidden, slope, signal, reduce=np.sum, last=np.sum):
    A1 = hidden(X @ W1 + b1)
    dZ2 = signal(A1 @ W2 + b2, Y)
    dZ1 = (dZ2 @ W2.T) * slope(A1)
    return [X.T @ dZ1, reduce(dZ1, axis=0), A1.T @ dZ2, last(dZ2, axis=0)]


def repaired(**changes):
    pieces = {
        "hidden": lambda Z: np.maximum(0, Z),
        "slope": lambda A: A > 0,
        "signal": lambda Z, y: (1 / (1 + np.exp(-Z)) - y) / len(y),
    }
    return lambda *args: backward(*args, **(pieces | changes))


def regression(factor=lambda Y: 2 / Y.size, **changes):
    pieces = {
        "hidden": np.tanh,
        "slope": lambda A: 1 - A**2,
        "signal": lambda Z, Y: factor(Y) * (Z - Y),
    }
    return lambda *args: backward(*args, **(pieces | changes))


RIGHT = [
    (1, SHAPES),
    (1, SHAPES.tolist()),
    (1, [(3, 5), (10, 4), (10, 5), (4, 2)]),
    (2, 12_060),
    (2, np.int64(12_060)),
    (3, 2.0**-11.5),
    (3, np.sqrt(np.finfo(np.float32).eps)),
    (3, 3e-4),
    (4, 6e-6),
    (4, np.float64(0.6e-5)),
    (5, repaired()),
    (5, lambda *args: tuple(repaired()(*args))),
    (6, regression()),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"backpropagation/{number}", answer).passed


MISTAKES = [
    (1, SHAPES[:, ::-1], "transposed"),
    (1, changed(3, [2, 4]), "W3 is transposed"),
    (1, changed(0, [10, 5]), "shared by all samples"),
    (1, changed(1, [5, 4]), "one row for each sample"),
    (1, changed(2, [10, 3]), "not what it gets"),
    (1, changed(1, [10, 5]), "Look at Z2"),
    (2, 11_910, "the forward pass"),
    (2, 23_820, "signal into the image"),
    (2, 23_970, "together"),
    (2, 23_670, "wrong product"),
    (2, 300, "gradient of W1 is missing"),
    (2, 11_935, "Each layer"),
    (3, 2.0 ** (-23 / 3), "central difference"),
    (3, 2.0**-23, "all of it is rounding"),
    (3, 1.5e-8, "64-bit eps"),
    (3, 0, "positive"),
    (3, -3e-4, "positive"),
    (3, 0.5, "Set the derivative"),
    (4, 0.6, "units of h"),
    (4, -6e-6, "is positive"),
    (4, 8e-6, "length 2h"),
    (4, 2e-6, "beyond the kink"),
    (4, 4e-6, "beyond the kink"),
    (4, 1e-3, "lies between them"),
    (4, 5e-6, "Of the way"),
    (5, repaired(slope=lambda A: A), "not its output"),
    (5, repaired(slope=lambda A: A, reduce=np.mean), "not its output"),
    (5, repaired(slope=np.ones_like), "no signal passes"),
    (5, repaired(slope=lambda A: 1 - A**2), "slope of tanh"),
    (5, repaired(reduce=np.mean), "db1 is divided by n twice"),
    (5, repaired(last=np.mean), "db2 is divided by n twice"),
    (5, repaired(signal=lambda Z, y: 1 / (1 + np.exp(-Z)) - y), "right before the repair"),
    (5, repaired(slope=lambda A: 3 * (A > 0)), "differs from the measured"),
    (5, lambda *args: repaired()(*args)[:2], "list of four arrays"),
    (5, lambda *args: [g.T for g in repaired()(*args)], "dW1: The answer should have the shape"),
    (6, regression(lambda Y: 2 / len(Y)), "divided by n alone"),
    (6, regression(lambda Y: 1 / Y.size), "factor 2 is missing"),
    (6, regression(lambda Y: 1 / len(Y)), "the 2 and the q"),
    (6, regression(lambda Y: 2), "divide by the number of entries"),
    (6, regression(lambda Y: 1), "2 of the square and the mean"),
    (6, regression(lambda Y: -2 / Y.size), "sign is reversed"),
    (6, regression(slope=np.ones_like), "slope of tanh is missing"),
    (6, regression(slope=lambda A: A > 0), "slope of ReLU"),
    (6, regression(slope=lambda A: 1 - np.tanh(A) ** 2), "through tanh already"),
    (6, regression(slope=lambda A: A * (1 - A)), "slope of the sigmoid"),
    (6, regression(slope=lambda A: 7 + A), "Send the signal back"),
    (6, regression(reduce=np.mean), "Send the signal back"),
    (6, regression(last=np.mean), "db2 is divided by n twice"),
    (6, regression(lambda Y: 5), "first signal is the derivative"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"backpropagation/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [2, 3, 4])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"backpropagation/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [3, "text", [3, 5, 10, 4], [[1, 2], [3]], np.full((4, 2), np.nan)]
)
def test_shapes_of_the_wrong_kind_get_a_hint(answer):
    result = check("backpropagation/1", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [5, 6])
@pytest.mark.parametrize(
    "answer",
    [
        1.0,
        "text",
        lambda: 1,
        lambda *_: 1.0,
        lambda *_: np.ones(4),
        lambda *_: ["a", "b", "c", "d"],
    ],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"backpropagation/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"backpropagation/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(1, [[..., ...]] * 4), (5, lambda *_: ...), (6, lambda *_: ...)]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"backpropagation/{number}", placeholder).status == "open"


def test_an_answer_that_overwrites_its_inputs_still_gets_the_right_hint():
    def careless(X, Y, W1, b1, W2, b2):
        slopes = regression(lambda Y: 1 / Y.size)(X, Y, W1, b1, W2, b2)
        for array in (X, Y, W1, b1, W2, b2):
            array[:] = 0
        return slopes

    assert "factor 2 is missing" in check("backpropagation/6", careless).message
