"""Checks of the myths: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check

SPREAD = 0.97 * 0.03 + 0.973 * 0.027

RIGHT = [
    (1, "C"),
    (1, " c "),
    (2, 1.96**2 * SPREAD / 0.003**2),
    (2, 23_600),
    (3, 0.0025),
    (3, np.float32(0.0025)),
    (4, 0.8),
    (4, 4 / 5),
    (5, [1, -1, 0, 1]),
    (5, np.array([-2.0, 2, 0, 0.5])),
]
MISTAKES = [
    (1, "A", "exists"),
    (1, "B", "1969"),
    (1, "D", "single layer"),
    (1, "E", "Count the authors"),
    (2, 1.96**2 * 0.97 * 0.03 / 0.003**2, "Both scores"),
    (2, SPREAD / 0.003**2, "one standard error"),
    (2, 1.96**2 * SPREAD / 0.3**2, "as a share"),
    (2, 1.96 * SPREAD / 0.003**2, "Square the 1.96"),
    (2, 10_000, "Solve"),
    (3, 0.005, "half is missing"),
    (3, 2.5, "number of samples"),
    (3, 5, "book's convention"),
    (3, 0.01, "plain sum"),
    (4, 1, "does something"),
    (4, 0.2, "share dropped"),
    (4, 1.25, "other way round"),
    (4, 0.64, "one factor"),
    (4, 0.5, "colleague do"),
    (5, [1, 1, -1, 1], "bits are equal"),
    (5, [1, -1, 0, -1], "never negative"),
    (5, [1, 1, 0, 1], "weights are added up"),
    (5, [1, -1, 1, 1], "At (0, 0)"),
    (5, [2, -2, 0, 1], "v scales them"),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"myths/{number}", answer).passed


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_hint(number, answer, phrase):
    result = check(f"myths/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize(
    ("number", "answer"),
    [(1, 3), (1, "CD"), (1, ""), (2, "many"), (3, [1, 2]), (4, np.ones(3)), (5, [1, -1, 0])],
)
def test_wrong_kinds_get_a_hint(number, answer):
    result = check(f"myths/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholder_is_open(number):
    assert check(f"myths/{number}", ...).status == "open"
