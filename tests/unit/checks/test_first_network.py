"""Checks of the first network: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check

COUNTS = np.array([[2500, 0], [1250, 1250]])


def log_softmax(Z, axis=1):
    shifted = Z - Z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def pick(Z, y):
    return Z[np.arange(len(y)), y]


def cross_entropy(Z, y):
    return -np.mean(pick(log_softmax(Z), y))


def plain_softmax(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def forward(point, *, transpose=(False, False), relu=True, biases=True):
    W1, W2 = np.array([[2.0, -1], [1, 1]]), np.array([[-2.0, 2], [1, -1]])
    W1, W2 = (W.T if flip else W for W, flip in zip((W1, W2), transpose, strict=True))
    a = point @ W1 + biases * np.array([0.5, 1])
    a = np.maximum(0, a) if relu else a
    return plain_softmax((a @ W2 + biases * np.array([1, 0]))[np.newaxis])[0]


POINT = np.array([1.0, -2])

RIGHT = [
    (1, 74),
    (1, np.int64(74)),
    (2, forward(POINT)[1]),
    (2, 0.731),
    (2, np.float32(0.7311)),
    (3, COUNTS),
    (3, COUNTS.tolist()),
    (3, [[2545, 0], [1266, 1189]]),
    (4, 19_600),
    (4, 0.98 * 0.02 / 0.001**2),
    (5, cross_entropy),
    (5, lambda Z, y: np.mean(np.logaddexp.reduce(Z, axis=1) - pick(Z, y))),
    (6, 0),
    (6, 0.01),
    (6, np.float64(0.02)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"first_network/{number}", answer).passed


MISTAKES = [
    (1, 60, "biases are missing"),
    (1, 77, "inputs biases"),
    (1, 44, "from 5 to 5"),
    (1, 50, "output layer is missing"),
    (1, 17, "p times q weights"),
    (2, forward(POINT)[0], "probability of class 0"),
    (2, forward(POINT, relu=False)[1], "ReLU is missing"),
    (2, forward(POINT, biases=False)[1], "biases are missing"),
    (2, forward(POINT, transpose=(True, False))[1], "transposed"),
    (2, forward(POINT, transpose=(True, True))[1], "transposed"),
    (2, 1, "score of class 1"),
    (2, 0.6, "Hidden values first"),
    (3, COUNTS.T, "swapped"),
    (3, [[1250, 1250], [0, 2500]], "signs differ"),
    (3, [[1250, 0], [1250, 2500]], "signs differ"),
    (3, [[0, 2500], [1250, 1250]], "reversed"),
    (3, COUNTS / 5000, "shares"),
    (3, COUNTS / 50, "per cent"),
    (3, COUNTS * 2, "add up to 10000"),
    (3, [[1250, 1250], [1250, 1250]], "Each quadrant has 1,250"),
    (4, 1.96, "0.001 as a share"),
    (4, 140, "square root of n"),
    (4, 19.6, "Square the standard error"),
    (4, 75_295, "95% interval"),
    (4, 5000, "Solve sqrt"),
    (5, lambda Z, y: -cross_entropy(Z, y), "sign is reversed"),
    (5, lambda Z, y: -pick(log_softmax(Z), y), "one loss for each sample"),
    (5, lambda Z, y: -np.sum(pick(log_softmax(Z), y)), "take their mean"),
    (5, lambda Z, y: -np.mean(log_softmax(Z)[:, y]), "picks whole columns"),
    (5, lambda Z, y: -np.mean(log_softmax(Z)), "all classes"),
    (5, lambda Z, y: -np.mean(pick(log_softmax(Z, axis=0), y)), "down the columns"),
    (5, lambda Z, y: -np.mean(np.log10(pick(plain_softmax(Z), y))), "Wrong on small scores"),
    (5, lambda Z, y: -np.mean(np.log(pick(plain_softmax(Z), y))), "not finite on large"),
    (5, lambda Z, y: -np.mean(np.log(np.exp(pick(log_softmax(Z), y)))), "not finite on large"),
    (5, lambda Z, y: -np.mean(np.log(np.exp(pick(log_softmax(Z), y)) + 1e-12)), "clipped"),
    (5, lambda Z, y: cross_entropy(Z.T, y), "stopped with IndexError"),
    (6, 0.12, "share for ReLU"),
    (6, 0.98, "learnt the rule"),
    (6, 3, "between 0 and 1"),
    (6, 1, "learnt the rule"),
    (6, -0.1, "between 0 and 1"),
    (6, 0.5, "Train with activation"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"first_network/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 4, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"first_network/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [0.75, "text", [2500, 0, 1250, 1250], [[1, 2], [3]], np.full((2, 2), np.nan)]
)
def test_a_matrix_of_the_wrong_kind_gets_a_hint(answer):
    result = check("first_network/3", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer",
    [1.0, "loss", np.ones((2, 3)), lambda: 1, lambda *_: "text", lambda *_: np.ones((9, 9))],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("first_network/5", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"first_network/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(3, [[..., ...], [..., ...]]), (5, lambda Z, y: ...)]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"first_network/{number}", placeholder).status == "open"


def test_an_answer_that_overwrites_its_inputs_still_gets_the_right_hint():
    def careless(Z, y):
        loss = -np.mean(log_softmax(Z)[:, y])
        Z[:], y[:] = 0, 0
        return loss

    assert "picks whole columns" in check("first_network/5", careless).message
