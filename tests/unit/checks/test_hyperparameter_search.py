"""Checks of the page on hyperparameter search: each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def log_uniform(low, high, size, rng):
    return np.exp(rng.uniform(np.log(low), np.log(high), size=size))


def base_ten(low, high, size, rng):
    return [10 ** rng.uniform(np.log10(low), np.log10(high)) for _ in range(size)]


RIGHT = [
    (1, 29),
    (1, np.int64(29)),
    (2, log_uniform),
    (2, base_ten),
    (2, lambda low, high, size, rng: low * (high / low) ** rng.random(size)),
    (3, 243),
    (3, 243.0),
    (4, [0.5, 0]),
    (4, np.array([0.5, 0.0])),
    (5, [1, 6]),
    (5, {6, 1}),
    (5, np.array([1, 6])),
    (6, [0.04, 0.11]),
    (6, np.array([0.03, 0.115])),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"hyperparameter_search/{number}", answer).passed


def uniform_in_decades(low, high, size, rng):
    decade = rng.integers(np.log10(low), np.log10(high), size)
    return 10.0**decade * rng.uniform(1, 10, size)


unseeded = np.random.default_rng(0)

MISTAKES = [
    (1, 28, "Round up"),
    (1, np.log(0.05) / np.log(0.9), "Round up"),
    (1, 59, "best 5%"),
    (1, 22, "probability of 90%"),
    (1, 10, "a third of"),
    (1, 1, "10% only"),
    (1, 45, "to the power k"),
    (2, lambda low, high, size, rng: rng.uniform(low, high, size), "not their logarithms"),
    (2, lambda low, high, size, rng: rng.uniform(np.log(low), np.log(high), size), "Come back"),
    (2, lambda low, high, size, rng: 10 ** rng.uniform(low, high, size), "for exponents"),
    (
        2,
        lambda low, high, size, rng: 10 ** rng.uniform(np.log(low), np.log(high), size),
        "same base",
    ),
    (
        2,
        lambda low, high, size, rng: np.exp(rng.uniform(np.log10(low), np.log10(high), size)),
        "quarter",
    ),
    (2, uniform_in_decades, "eighth"),
    (2, lambda low, high, size, rng: high ** rng.uniform(-1, 1, size), "eighth"),
    (2, lambda low, high, size, rng: np.exp(rng.uniform(low, high, size)), "for exponents"),
    (2, lambda low, high, size, rng: np.full(size, log_uniform(low, high, None, rng)), "the same"),
    (2, lambda low, high, size, rng: np.geomspace(low, high, size)[::-1] ** 0.5, "quarter"),
    (2, lambda low, high, size, rng: log_uniform(low, high, size, unseeded), "rng alone"),
    (2, lambda low, high, size, rng: np.geomspace(low, high, size), "Another generator"),
    (2, lambda low, high, size, rng: log_uniform(low, high, None, rng), "shape"),
    (3, 324, "continue where they stopped"),
    (3, 2187, "Two thirds leave"),
    (3, 189, "last three"),
    (3, 120, "counted configurations"),
    (3, 100, "rung by rung"),
    (4, [0, 0.5], "Swapped"),
    (4, [1, 0], "need not add up"),
    (4, [0.02 / 3, 0], "Divide them"),
    (4, [0.5**0.5, 0], "standard deviations"),
    (4, [0.625, 0], "one less than"),
    (4, [0.5, 0.5], "two columns"),
    (4, [0.3, 0], "three rows"),
    (5, [6], "compute with all points"),
    (5, [1], "choose with the test set"),
    (5, [1, 5, 6], "validation points only"),
    (5, [1, 4], "validation points only"),
    (5, [1, 6, 7], "Line 7"),
    (5, [2, 6], "Splitting"),
    (5, [0, 6], "1 to 7"),
    (5, [], "Ask of each line"),
    (5, "1, 6", "list of line numbers"),
    (6, [0.11, 0.04], "Swapped"),
    (6, [4, 11], "percentage points"),
    (6, [0.85, 0.11], "These are accuracies"),
    (6, [-0.04, 0.11], "Validation minus test"),
    (6, [0.04, 0.045], "sigma alone"),
    (6, [0.04, 2.507], "expected maximum alone"),
    (6, [0.04, 0.85], "These are accuracies"),
    (6, [0.04, 0.12538], "take p from the pool"),
    (6, [0.001, 0.11], "too small"),
    (6, [0.1, 0.11], "too large"),
    (6, [0.04, 0.2], "Predicted"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"hyperparameter_search/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


WRONG_KINDS = [
    *[(n, a) for n in (1, 3) for a in ("many", [1, 2], float("nan"), {"a": 1}, lambda: 1)],
    *[(n, a) for n in (4, 6) for a in (0.5, "text", [1, 2, 3], [[1], [2, 3]], [np.nan, 1])],
    *[(2, a) for a in (1.0, "log", lambda: 1, lambda *_: "text", lambda *_: np.ones((2, 2)))],
    *[(5, a) for a in (6, "one", ["one"], lambda: 1, [[1, 6]])],
]


@pytest.mark.parametrize(("number", "answer"), WRONG_KINDS)
def test_an_answer_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"hyperparameter_search/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"hyperparameter_search/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(2, lambda *_: ...), (4, [..., ...]), (6, [..., ...])]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"hyperparameter_search/{number}", placeholder).status == "open"
