"""Checks of the perceptron: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def loop(
    X,
    y,
    max_epochs,
    *,
    strict=False,
    bias=1,
    sign=1,
    always=False,
    frozen=False,
    stop=True,
    cap=None,
):
    rows = np.column_stack([X, np.ones(len(X))])
    w = np.zeros(rows.shape[1])
    for _ in range(cap or max_epochs):
        clean, start = True, w.copy()
        for row, target in zip(rows, y, strict=True):
            score = target * (row @ (start if frozen else w))
            if always or (score < 0 if strict else score <= 0):
                w = w + sign * target * row * np.array([1] * X.shape[1] + [bias])
                clean = False
        if clean and stop:
            break
    return w


def counts(G, y, max_epochs, *, strict=False, signed=False, targets=True, once=False, cap=None):
    alpha = np.zeros(len(y))
    for _ in range(cap or max_epochs):
        before = alpha.copy()
        for i in range(len(y)):
            score = y[i] * (G[i] @ (alpha * y if targets else alpha))
            if score < 0 if strict else score <= 0:
                alpha[i] = 1 if once else alpha[i] + 1
        if np.array_equal(alpha, before):
            break
    return alpha * y if signed else alpha


def variant(function, **options):
    return lambda *args: function(*args, **options)


RIGHT = [
    (1, [2, -0.5, 1.5]),
    (1, np.array([2, -0.5, 1.5])),
    (2, 400),
    (2, (10 / 0.5) ** 2),
    (3, 13),
    (3, np.int64(13)),
    (4, loop),
    (4, lambda X, y, max_epochs: loop(X, y, max_epochs).tolist()),
    (4, variant(loop, stop=False)),
    (5, counts),
    (5, lambda G, y, max_epochs: counts(G, y, max_epochs).astype(int)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"perceptron/{number}", answer).passed


MISTAKES = [
    (1, [1, -2, 1], "something changes"),
    (1, [3, 1, 2], "adds the whole example"),
    (1, [0, -3.5, 0.5], "moved away"),
    (1, [2, -0.5, 1], "bias changes too"),
    (1, [4, 2.5, 2.5], "whatever the score"),
    (1, [9, 9, 9], "Add eta times y"),
    (2, 20, "square of this ratio"),
    (2, 0.0025, "upside down"),
    (2, 200, "Square both"),
    (2, 40, "Square both"),
    (2, 25, "Divide by the margin"),
    (2, 399, "The bound is"),
    (3, 65, "That is the bound"),
    (3, 8, "number of passes"),
    (3, 9, "number of passes"),
    (3, 0, "counts as a mistake"),
    (3, 2, "spoils the other"),
    (3, 30, "Follow w and b"),
    (4, variant(loop, strict=True), "at zero every score"),
    (4, lambda X, y, n: np.roll(loop(X, y, n), 1), "weights first"),
    (4, variant(loop, cap=1), "single pass"),
    (4, variant(loop, bias=0), "bias you return is 0"),
    (4, variant(loop, always=True), "add every row"),
    (4, variant(loop, always=True, cap=1), "add every row"),
    (4, variant(loop, frozen=True), "weights just changed"),
    (4, variant(loop, sign=-1), "do not subtract"),
    (4, lambda X, y, n: 2 * loop(X, y, n), "Row by row"),
    (4, variant(loop, cap=100), "max_epochs=2"),
    (4, lambda X, y, n: loop(X, y, n)[:3], "shape (4,)"),
    (4, lambda X, y, n: loop(X, y, n)[[0, 1, -2, -1]], "shape (3,)"),
    (4, lambda X, y, n: loop(X, y, n) * (1 if X.shape[1] == 3 else -1), "wrong for two"),
    (4, lambda X, y, n: loop(X, y), "stopped with TypeError"),
    (5, variant(counts, strict=True), "at zero every score"),
    (5, variant(counts, signed=True), "counts alone"),
    (5, variant(counts, cap=1), "single pass"),
    (5, variant(counts, targets=False), "targets are missing"),
    (5, variant(counts, once=True), "more than once"),
    (5, lambda G, y, n: 2 * counts(G, y, n), "The score of row i"),
    (5, variant(counts, cap=100), "max_epochs=2"),
    (5, lambda G, y, n: counts(G, y, n) if len(y) > 4 else np.ones(4), "XOR with squared"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"perceptron/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), float("inf"), lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"perceptron/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [2, "text", [2, -0.5], [[2, -0.5, 1.5]], [np.nan] * 3])
def test_an_array_of_the_wrong_kind_gets_a_hint(answer):
    result = check("perceptron/1", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [4, 5])
@pytest.mark.parametrize(
    "answer",
    [1.0, "loop", np.ones(4), lambda: 1, lambda *_: "text", lambda *_: np.ones((9, 9))],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"perceptron/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholders_are_open(number):
    assert check(f"perceptron/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(1, [..., ..., ...]), (4, lambda *_: ...), (5, lambda *_: ...)]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"perceptron/{number}", placeholder).status == "open"


def test_an_answer_that_overwrites_its_inputs_still_gets_the_right_hint():
    def careless(X, y, max_epochs):
        w = loop(X, y, max_epochs, cap=1)
        X[:], y[:] = 0, 1
        return w

    assert "single pass" in check("perceptron/4", careless).message
