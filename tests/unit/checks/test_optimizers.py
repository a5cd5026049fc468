"""Checks of the optimisers: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def two_steps(*, root=True, correct=(True, True), sign=-1, eta=0.1):
    w, m, s = 1.0, 0.0, 0.0
    for t, g in enumerate([2.0, -1.0], start=1):
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        top = m / (1 - 0.9**t) if correct[0] else m
        under = s / (1 - 0.999**t) if correct[1] else s
        w = w + sign * eta * top / (np.sqrt(under) if root else under)
    return w


def ahead(grad, w, v, eta, beta):
    v = beta * v - eta * grad(w + beta * v)
    return w + v, v


def at_point(share, *, jump=False):
    """Nesterov with the gradient at w + share v; jump: the step starts there too."""

    def step(grad, w, v, eta, beta):
        point = w + share * v
        new = beta * v - eta * grad(point)
        return (point if jump else w) + new, new

    return step


def library(grad, w, v, eta, beta):
    g = grad(w)
    v = beta * v - eta * g
    return w + beta * v - eta * g, v


def late(grad, w, v, eta, beta):
    return w + v, ahead(grad, w, v, eta, beta)[1]


def in_place(grad, w, v, eta, beta):
    v *= beta
    v -= eta * grad(w + v)
    w += v
    return w, v


BETA = 0.7  # the share that the check calls with

RIGHT = [
    (1, 0.004),
    (1, np.float32(0.004)),
    (2, two_steps()),
    (2, 0.873),
    (2, 0.8734),
    (3, 0.38),
    (3, np.float64(0.38)),
    (4, ahead),
    (4, lambda *inputs: list(ahead(*inputs))),
    (4, in_place),
    (4, lambda *inputs: np.array(ahead(*inputs))),
    (5, 1e-3 * 1e-4 / np.sqrt(1e-8 + 1e-7)),
    (5, 0.0003),
    (5, -0.0003015),
    (6, 0.99),
    (6, 1 - (1 - 0.9) ** 2),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"optimizers/{number}", answer).passed


MISTAKES = [
    (1, 0.02, "five times"),
    (1, 0.1, "wrong way round"),
    (1, 0.2, "That is the effective rate"),
    (1, 0.02 * 0.9 / 0.98, "Not beta itself"),
    (1, 7, "Solve rate"),
    (2, two_steps(sign=1), "sign is reversed"),
    (2, two_steps(correct=(False, False)), "correction is missing"),
    (2, two_steps(correct=(True, False)), "one of the two means"),
    (2, two_steps(correct=(False, True)), "one of the two means"),
    (2, two_steps(root=False), "root is missing"),
    (2, 1.0, "plus and minus 0.1"),
    (2, 0.9, "after one step"),
    (2, 0.9 + (0.9 - two_steps()), "still goes down"),
    (2, 5, "First m and s"),
    (3, 0.2, "without momentum"),
    (3, 0.02, "habit against noise"),
    (3, 3.8, "Divide by lambda"),
    (3, 0.19, "factor 2 is missing"),
    (3, 1, "Put r = -1"),
    (4, lambda *inputs: ahead(*inputs)[0], "Return two things"),
    (4, lambda *inputs: ahead(*inputs)[::-1], "swapped"),
    (4, at_point(0), "plain momentum"),
    (4, at_point(1), "only the share beta"),
    (4, at_point(-BETA), "You look back"),
    (4, at_point(BETA, jump=True), "starts from w"),
    (4, library, "library's form"),
    (4, lambda grad, w, v, eta, beta: ahead(grad, w, v, 0.1, beta), "First the gradient g"),
    (4, late, "not by the old one"),
    (4, lambda grad, w, v, eta, beta: (w, v), "First the gradient g"),
    (5, 1e-3, "epsilon outside the root"),
    (5, 1e-3 * 1e-4 / (1e-4 + 1e-7), "epsilon outside the root"),
    (5, 1e-7, "plain SGD"),
    (5, 1e-7 / (1e-8 + 1e-7), "root is missing"),
    (5, 1e-7 / np.sqrt(1e-9 + 1e-7), "first step"),
    (5, 1e-3 / np.sqrt(1e-8 + 1e-7), "rate of this weight"),
    (5, 7, "After a long time"),
    (6, 0.01, "One step more"),
    (6, 0.9, "equal betas"),
    (6, 0.81, "Not beta but"),
    (6, 1 - np.sqrt(0.1), "other side"),
    (6, 0.999, "root(10)"),
    (6, 0.5, "When is that eta"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"optimizers/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 5, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"optimizers/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer",
    [
        1.0,
        "step",
        lambda: 1,
        lambda *_: "no",
        lambda *_: (1.0, 2.0),
        lambda *_: ("a", "b"),
        lambda *_: (np.ones(3), np.ones(3)),
        lambda *_: (np.full(2, np.nan), np.ones(2)),
    ],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("optimizers/4", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"optimizers/{number}", ...).status == "open"


def test_a_function_that_is_still_a_placeholder_is_open():
    assert check("optimizers/4", lambda grad, w, v, eta, beta: ...).status == "open"


def test_a_careless_function_that_overwrites_its_inputs_still_gets_the_right_hint():
    def careless(grad, w, v, eta, beta):
        v *= beta
        v -= eta * grad(w)
        w += v
        return w, v

    assert "plain momentum" in check("optimizers/4", careless).message
