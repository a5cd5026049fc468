"""Checks of the formal neuron: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from nnutils import check

DIGITS = load_digits().data / 16
COMPONENTS = PCA(3).fit(DIGITS).components_
MIXED = (COMPONENTS[0] + COMPONENTS[1]) / np.sqrt(2)


def two_layers(x, unit):
    hidden = unit(x, [[1, -1], [1, -1]], [-2, 0])
    return unit(hidden, [1, 1], -1)


def four_units(x, unit):
    hidden = np.column_stack([unit(x, [1, 1], -1), unit(x, [-1, -1], 1)])
    return unit(unit(hidden, [1, 1], -2)[:, np.newaxis], [-1], 0)


def gate(w, b):
    return lambda x, unit: unit(x, w, b)


def xor(x, unit):
    return unit(unit(x, [[1, -1], [1, -1]], [-1, 1]), [1, 1], -2)


def row_by_row(x, unit):
    hidden = [[unit(row, [1, 1], -2), unit(row, [-1, -1], 0)] for row in x]
    return [unit(pair, [1, 1], -1) for pair in hidden]


def idle_calls(x, unit):
    unit(x, [1, 1], -2), unit(x, [-1, -1], 0)
    return (x[:, 0] == x[:, 1]).astype(int)


def idle_calls_on_tables(x, unit):
    return idle_calls(x, unit if len(x) > 1 else lambda *_: None)


def learnt_by_heart(x, unit):
    unit(x, [1, 1], 0), unit(x, [1, 1], 0)
    return np.resize([1, 0, 0, 1], len(x))


FIRST, SECOND = 3 * 1.2**10, 4 * 1.05**10

RIGHT = [
    (1, [1, 1, 1, -2]),
    (1, np.array([2, 2, 2, -3])),
    (1, [1, 1, 1, -1.5]),
    (2, [1, -1, -1]),
    (2, [2.0, -3.0, -0.5]),
    (3, two_layers),
    (3, four_units),
    (3, row_by_row),
    (4, np.hypot(FIRST, SECOND)),
    (4, 19.7),
    (5, COMPONENTS[1]),
    (5, -COMPONENTS[1].astype(np.float32)),
    (5, 0.99 * COMPONENTS[1] + 0.1 * COMPONENTS[0]),
    (6, 1.8),
    (6, np.float64(2.4)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"formal_neuron/{number}", answer).passed


MISTAKES = [
    (1, [1, 1, 1, 2], "reverse its sign"),
    (1, [1, 1, 1, -1], "That is OR"),
    (1, [1, 1, 1, -3], "That is AND"),
    (1, [-1, -1, -1, 1], "minority"),
    (1, [1, 1, 0, -2], "At the input (0, 1, 1) the answer is 0; it should be 1"),
    (2, [-1, 1, -1], "swap the two weights"),
    (2, [1, -1, 1], "reverse its sign"),
    (2, [1, -1, 0], "z = 0 counts as firing"),
    (2, [1, 0, -1], "only repeats x1"),
    (2, [1, 1, -1], "At the input (0, 1) the answer is 1; it should be 0"),
    (3, xor, "That is XOR"),
    (3, gate([1, 1], -2), "That is AND"),
    (3, gate([-1, -1], 0), "That is NOR"),
    (3, gate([1, 1], -1), "At the input (0, 0)"),
    (3, lambda x, unit: (x[:, 0] == x[:, 1]).astype(int), "calls of unit"),
    (3, lambda x, unit: unit(x, [1, 1], -2) + unit(x, [-1, -1], 0), "last step"),
    (3, lambda x, unit: 1 - xor(x, unit), "last step"),
    (3, idle_calls, "last step"),
    (3, idle_calls_on_tables, "last step"),
    (3, learnt_by_heart, "five other rows"),
    (3, lambda x: x, "should take 2 arguments"),
    (3, lambda x, unit: unit(x.T, [1, 1], 0), "stopped with ValueError"),
    (4, FIRST, "first part alone"),
    (4, FIRST + SECOND, "Pythagoras"),
    (4, 5 * 1.2**10, "grows by 1.05"),
    (4, np.hypot(3 * np.exp(2), 4 * np.exp(0.5)), "approximation for small"),
    (4, FIRST**2 + SECOND**2, "take the root"),
    (4, np.hypot(3 * 3.0**10, 4 * 1.5**10), "eta is missing"),
    (4, 5, "Multiply each part"),
    (5, COMPONENTS[0], "first component again"),
    (5, COMPONENTS[2], "once too often"),
    (5, DIGITS.mean(axis=0), "mean image"),
    (5, 1000 * COMPONENTS[1], "not Hebb's"),
    (5, MIXED, "between the first two"),
    (5, np.zeros(64), "from zero the rule never moves"),
    (5, np.eye(64)[20], "enough passes"),
    (6, 0.031, "radians"),
    (6, 78.7, "long axis"),
    (6, 0, "still pulls a little"),
    (6, 30, "Run Oja's rule"),
    (6, 178, "0 to 90"),
    (6, -2, "0 to 90"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"formal_neuron/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1, lambda *_: "text", [[1], [2, 3]]]
)
def test_an_answer_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"formal_neuron/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"formal_neuron/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [(1, [..., ..., ..., ...]), (2, [..., ..., ...]), (3, lambda x, unit: ...)],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"formal_neuron/{number}", placeholder).status == "open"
