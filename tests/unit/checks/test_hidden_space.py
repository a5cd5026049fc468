"""Checks of the hidden spaces: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def reorder(weights, order):
    W1, b1, W2, b2 = weights
    return [W1[:, order], b1[order], W2[order], b2]


def reorder_parts(*, W1=True, b1=True, W2=True, b2=False):
    """Return a function that reorders only some of the parts."""

    def answer(weights, order):
        old, new = weights, reorder(weights, order)
        new[3] = old[3][order[:3] % 3] if b2 else old[3]
        return [new[k] if moved else old[k] for k, moved in enumerate((W1, b1, W2, True))]

    return answer


def change_in_place(weights, order):
    for k, new in enumerate(reorder(weights, order)):
        weights[k] = new
    return weights


def change_the_arrays(weights, order):
    for old, new in zip(weights, reorder(weights, order), strict=True):
        old[:] = new
    return list(weights)


def empty_the_list(weights, order):
    new = reorder(weights, order)
    weights.clear()
    return new


RIGHT = [
    (1, [0.6, 0]),
    (1, np.array([0.9 - 0.3, 0.0])),
    (2, [1, -1, 1, -5]),
    (2, np.array([2.0, -2, 2, -10])),
    (2, [0.3, -0.3, 0.3, -1.5]),
    (3, reorder),
    (3, lambda weights, order: tuple(reorder(weights, order))),
    (4, [2, 3, 3]),
    (4, np.array([2.0, 3.0, 3.0])),
    (5, 0.993),
    (5, np.float64(1.0)),
    (6, 0.999),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"hidden_space/{number}", answer).passed


MISTAKES = [
    (1, [0.6, -0.4], "ReLU is missing"),
    (1, [0.6, 0.6], "bias is missing"),
    (1, [0, 0.6], "changed places"),
    (1, [0.9, 0], "ReLU of each input"),
    (1, [1.2, 0.2], "Add the two inputs"),
    (2, [-1, 1, -1, 5], "signs are reversed"),
    (2, [1, -1, 1, 0], "take 5 times w3 away"),
    (2, [2, -2, 2, -5], "take 5 times w3 away"),
    (2, [1, 1, 1, -5], "points in the four quadrants are right"),
    (2, [0, 0, 0, 0], "points in the four quadrants are right"),
    (2, [1, -1, 1, -5.2], "take 5 times w3 away"),  # wrong near the axes
    (3, lambda weights, order: weights, "W1 is unchanged"),
    (3, lambda weights, order: reorder(weights, np.argsort(order)), "reverse order"),
    (3, lambda weights, order: [weights[0][::-1], *weights[1:]], "take its columns"),
    (3, reorder_parts(b1=False), "biases b1"),
    (3, reorder_parts(W2=False), "rows of W2"),
    (3, lambda w, order: [*reorder(w, order)[:2], w[2][::-1], w[3]], "take its rows"),
    (3, reorder_parts(b2=True), "output bias"),
    (3, lambda weights, order: weights[0][:, order], "list of four arrays"),
    (3, lambda weights, order: reorder(weights, order)[:3], "list of four arrays"),
    (3, lambda weights, order: [weights[0][order], *weights[1:]], "IndexError"),
    (3, lambda w, order: [w[0].T, *w[1:]], "shape (2, 4)"),
    (3, change_in_place, "work on a copy"),
    (3, change_the_arrays, "work on a copy"),
    (3, empty_the_list, "work on a copy"),
    (4, [1, 3, 3], "one straight border"),
    (4, [4, 3, 3], "folds the plane with fewer"),
    (4, [2, 2, 3], "never to suffice"),
    (4, [2, 4, 3], "count its hidden units"),
    (4, [2, 3, 2], "rubber sheet"),
    (4, [2, 3, 4], "lift the inner circle out"),
    (5, 0.65, "folds pass through the origin"),
    (5, 0.5, "same random weights"),
    (5, 0.93, "300 columns"),
    (5, 99.3, "between 0 and 1"),
    (6, 0.88, "closed ring"),
    (6, 0.6, "Keep all of y_ring"),
    (6, 0.75, "two thirds of the ring"),
    (6, -1, "between 0 and 1"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"hidden_space/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [5, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"hidden_space/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize(
    "answer", [0.75, "text", [1, 2, 3, 4, 5], [[1, 2], [3]], np.full(3, np.nan)]
)
def test_an_array_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"hidden_space/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [1.0, "swap", lambda: 1, lambda *_: "text", lambda *_: ["a", "b", "c", "d"]]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("hidden_space/3", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"hidden_space/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [(1, [..., ...]), (2, 4 * [...]), (3, lambda weights, order: ...), (4, 3 * [...])],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"hidden_space/{number}", placeholder).status == "open"
