"""Checks of outputs and losses: right answers pass, each mistake gets its own hint."""

from math import lgamma

import numpy as np
import pytest

from nnutils import check


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def binary_cross_entropy(P, Y):
    return -Y * np.log(P) - (1 - Y) * np.log(1 - P)


def log_sigmoid(z):
    return np.where(z > 0, -np.log1p(np.exp(-np.abs(z))), z - np.log1p(np.exp(-np.abs(z))))


def sigmoid_loss(Z, Y):
    return -Y * log_sigmoid(Z) - (1 - Y) * log_sigmoid(-Z)


def poisson(z, y):
    return np.exp(z) - y * z


def ln_factorial(y):
    return np.array([lgamma(count + 1) for count in y])


RIGHT = [
    (1, 0.6109),
    (1, np.float32(0.611)),
    (2, ["A", "C", "B", "D", "E"]),
    (2, ("a", "c", "b", "d", "e")),
    (2, "ACBDE"),
    (2, "A C B D E"),
    (2, "a, c, b, d, e"),
    (2, np.array(["A", "C", "B", "D", "E"])),
    (3, log_sigmoid),
    (3, lambda z: -np.logaddexp(0, -z)),
    (4, np.log(1 + 9 / np.e)),
    (4, 1.461),
    (5, lambda z, y: np.mean(poisson(z, y))),
    (6, lambda Z, Y: np.mean(sigmoid_loss(Z, Y))),
    (6, lambda Z, Y: np.mean(np.logaddexp(0, Z) - Y * Z)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"outputs_losses/{number}", answer).passed


MISTAKES = [
    (1, 0.693, "ln 2"),
    (1, -0.6109, "sign is reversed"),
    (1, 0.8813, "in bits"),
    (1, 0.3612, "two terms"),
    (1, 0.2497, "two terms"),
    (1, 1.204, "one kind of sample"),
    (1, 0.7, "constant it predicts"),
    (1, 5, "slope is zero"),
    (2, "ECBDE", "winter"),
    (2, "ADBDE", "class numbers"),
    (2, "ACCDE", "several may play"),
    (2, "ACDDE", "several may play"),
    (2, "ACBFE", "squares the odds"),
    (2, "ACBCE", "sparse loss"),
    (2, "ACBBE", "exclude each other"),
    (2, "ACBDA", "counts"),
    (2, "BCBDE", "Task 1 needs another"),
    (2, "ACBDZ", "from A to F"),
    (3, lambda z: -log_sigmoid(z), "sign is reversed"),
    (3, sigmoid, "sigmoid itself"),
    (3, lambda z: log_sigmoid(-z), "sign of z"),
    (3, lambda z: log_sigmoid(z) / np.log(10), "natural logarithm"),
    (3, lambda z: z, "Wrong on small scores"),
    (3, lambda z: np.log(sigmoid(z)), "not finite"),
    (3, lambda z: np.log(np.clip(sigmoid(z), 1e-12, 1)), "clipping"),
    (4, 0, "second softmax"),
    (4, 0.5514, "three classes"),
    (4, np.log(10), "1/10 to all"),
    (4, 0.232, "probability of the right class"),
    (4, 1.543, "nine other classes"),
    (4, 7, "one 1 and nine 0"),
    (5, poisson, "one loss for each sample"),
    (5, lambda z, y: -np.mean(poisson(z, y)), "sign is reversed"),
    (5, lambda z, y: np.sum(poisson(z, y)), "take their mean"),
    (5, lambda z, y: np.mean(poisson(z, y) + ln_factorial(y)), "Leave it out"),
    (5, lambda z, y: np.mean((np.exp(z) - y) ** 2), "squared error"),
    (5, lambda z, y: np.mean(z - y * np.log(z)), "rate is exp(z)"),
    (5, lambda z, y: np.mean(np.exp(z) - y), "slope of the loss"),
    (5, lambda z, y: 1.0, "minus the logarithm of p"),
    (6, lambda Z, Y: -np.mean(np.sum(Y * np.log(softmax(Z)), axis=1)), "should have computed"),
    (6, lambda Z, Y: np.mean(binary_cross_entropy(softmax(Z), Y)), "should have computed"),
    (6, lambda Z, Y: np.mean(sigmoid_loss(softmax(Z), Y)), "Put it on the logits"),
    (6, lambda Z, Y: -np.mean(sigmoid_loss(Z, Y)), "sign is reversed"),
    (6, lambda Z, Y: np.mean(np.sum(sigmoid_loss(Z, Y), axis=1)), "two columns"),
    (6, lambda Z, Y: np.sum(sigmoid_loss(Z, Y)), "all entries"),
    (6, lambda Z, Y: np.mean(-Y * log_sigmoid(Z)), "y = 0 is missing"),
    (6, lambda Z, Y: np.mean(sigmoid_loss(Z, Y)[:, 1]), "one column"),
    (6, sigmoid_loss, "several numbers"),
    (6, lambda Z, Y: 0.3, "Each logit"),
    (6, lambda Z, Y: np.mean(binary_cross_entropy(sigmoid(Z), Y)), "overflows"),
    (
        6,
        lambda Z, Y: np.mean(binary_cross_entropy(np.clip(sigmoid(Z), 1e-9, 1 - 1e-9), Y)),
        "clipping",
    ),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    with np.errstate(all="ignore"):
        result = check(f"outputs_losses/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"outputs_losses/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [1, "AB", ["A"] * 6, {"A": 1}, np.ones((2, 2)), [1, 2, 3, 4, 5]])
def test_letters_of_the_wrong_kind_get_a_hint(answer):
    result = check("outputs_losses/2", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [3, 5, 6])
@pytest.mark.parametrize(
    "answer",
    [1.0, "loss", np.ones((2, 3)), lambda: 1, lambda *_: "text", lambda *_: np.ones((9, 9))],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"outputs_losses/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"outputs_losses/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [(2, [...] * 5), (3, lambda z: ...), (5, lambda z, y: ...), (6, lambda Z, Y: ...)],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"outputs_losses/{number}", placeholder).status == "open"


def test_an_answer_that_overwrites_its_inputs_still_gets_the_right_hint():
    def careless(Z, Y):
        loss = np.sum(sigmoid_loss(Z, Y))
        Z[:], Y[:] = 0, 0
        return loss

    assert "all entries" in check("outputs_losses/6", careless).message
