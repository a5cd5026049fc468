"""Checks of the page on XOR: right answers pass, each mistake gets its own hint."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog

from nnutils import check


def feasible(table, order):
    n = len(table).bit_length() - 1
    points = np.array(list(product([0, 1], repeat=n)))
    tests = [s for k in range(order + 1) for s in combinations(range(n), k)]
    votes = np.column_stack([points[:, list(s)].prod(axis=1) for s in tests])
    signs = np.where(np.array(table) == 1, 1, -1)[:, np.newaxis]
    free, bound = np.zeros(len(tests)), -np.ones(len(table))
    return linprog(free, A_ub=-signs * votes, b_ub=bound, bounds=(None, None)).status == 0


def smallest_order(table, *, first=0):
    order = first
    while not feasible(table, order):
        order += 1
    return order


def degree(table):
    points = list(product([0, 1], repeat=len(table).bit_length() - 1))
    below = [[all(a >= b for a, b in zip(p, s, strict=True)) for s in points] for p in points]
    solved = np.linalg.solve(np.array(below, dtype=float), table)
    return max([sum(s) for s, c in zip(points, solved, strict=True) if abs(c) > 1e-9] or [0])


XNOR = np.array([[1, 1, -1.5], [-1, -1, 0.5], [1, 1, -0.5]])
XOR = np.array([[1, 1, -0.5], [-1, -1, 1.5], [1, 1, -1.5]])
SQUARES = np.array([[1.0, 1], [1, -1], [1, -1]])

RIGHT = [
    (1, XNOR),
    (1, XNOR.tolist()),
    (1, XOR * [[1], [1], [-1]]),
    (1, [[2, -2, -1], [-2, 2, -1], [-1, -1, 0.5]]),
    (2, 0.25),
    (2, np.float32(1 / 4)),
    (3, 2 / 3),
    (3, 0.667),
    (4, smallest_order),
    (4, lambda table: np.int64(smallest_order(table))),
    (5, SQUARES),
    (5, SQUARES[:, ::-1]),
    (5, [[3, 3], [-2, 2], [-0.1, 0.1]]),
    (5, [[1, 2], [1, -2], [4, -1]]),
    (5, [[1, 2], [-1, 2], [-4, 1]]),
    (6, 0.99),
    (6, 0.94),
    (6, 1),
    (6, np.float32(0.97)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"xor/{number}", answer).passed


MISTAKES = [
    (1, XOR, "That is XOR"),
    (1, [[1, 1, -2], [-1, -1, 0], [1, 1, -1]], "exactly 0"),
    (1, XNOR * [1, 1, -1], "thresholds"),
    (1, XNOR.T, "swapped"),
    (1, np.zeros((3, 3)), "every row"),
    (1, [[1, 1, -1.5], [0, 0, -1], [1, 1, -0.5]], "your network answers [0, 0, 0, 1]"),
    (2, 0.5, "square the miss"),
    (2, 2, "sum over the eight"),
    (2, 0, "fits parity exactly"),
    (2, 0.125, "No halves"),
    (2, 0.3, "orthogonal to each input"),
    (3, 66.7, "percentage"),
    (3, 0.625, "normal points"),
    (3, 1 / 6, "Add the one half"),
    (3, 5 / 6, "stripe"),
    (3, 0.75, "one quadrant exactly"),
    (3, 7, "between 0 and 1"),
    (3, 0.55, "Beyond the line"),
    (4, degree, "exact formula"),
    (4, lambda table: smallest_order(table, first=1), "constant table"),
    (4, lambda table: smallest_order(table) + 1, "One too many"),
    (4, lambda table: smallest_order(table) - 1, "One too few"),
    (4, lambda table: 0 if feasible(table, 1) else 2, "looks like a status"),
    (4, lambda table: min(smallest_order(table), 2), "its smallest order is 3"),
    (4, lambda table: table[99], "stopped with IndexError"),
    (5, SQUARES * [[1], [1], [-1]], "Turned round"),
    (5, [[1, 1], [2, -2], [4, -1]], "swapped"),
    (5, np.abs(SQUARES), "one sign"),
    (5, [[1, 0], [0, 1], [1, -1]], "must cancel"),
    (6, 0.86, "bits 0 and 1"),
    (6, 0.01, "share that fails"),
    (6, 99, "between 0 and 1"),
    (6, 0.5, "hidden=(8,)"),
    (6, 0.9925, "mean accuracy"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"xor/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [2, 3, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"xor/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("answer", [0.5, "text", [1, 2, 3], np.full((4, 4), 1.0), [[1, 2], [3]]])
def test_an_array_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"xor/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [2, "order", lambda: 1, lambda table: "two", lambda table: None])
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("xor/4", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [
        (1, [[..., ..., ...]] * 3),
        (2, ...),
        (3, ...),
        (4, ...),
        (4, lambda table: ...),
        (5, [[..., ...]] * 3),
        (6, ...),
    ],
)
def test_placeholders_are_open(number, placeholder):
    assert check(f"xor/{number}", placeholder).status == "open"
