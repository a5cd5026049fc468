"""Checks of the page on generalization: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check

NEIGHBOURS = np.array([[-0.0004, 0.1031], [0.0021, 0.0074], [0.0586, 0.0006]])


def right_2(ceiling, flip):
    return ceiling * (1 - flip) + (1 - ceiling) * flip


def best_of_20(n=200):
    rng = np.random.default_rng(3)
    return rng.binomial(n, 0.85, size=(20_000, 20)).max(axis=1).mean() / n


RIGHT = [
    (1, 0.058),
    (1, 0.368 - 0.310),
    (1, np.float32(0.058)),
    (2, right_2),
    (2, lambda c, q: 0.5 + (c - 0.5) * (1 - 2 * q)),
    (3, best_of_20() - 0.85),
    (3, 0.046),
    (4, NEIGHBOURS),
    (4, NEIGHBOURS.tolist()),
    (4, [[0.001, 0.097], [0.0025, 0.0065], [0.0555, 0.0005]]),
    (5, -0.0235),
    (5, np.float32(-0.0137)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"generalization/{number}", answer).passed


MISTAKES = [
    (1, -0.058, "sign is reversed"),
    (1, 0.042, "validation minus training"),
    (1, 0.019, "must not choose"),
    (1, 0.250, "best training loss"),
    (1, 0.008, "smallest gap"),
    (1, 0.368, "smallest validation loss"),
    (2, lambda c, q: c, "flipped too"),
    (2, lambda c, q: c * (1 - q), "One case is missing"),
    (2, lambda c, q: c - q, "Not every flip"),
    (2, lambda c, q: max(c - q, 0), "Not every flip"),
    (2, lambda c, q: 1 - right_2(c, q), "share of errors"),
    (2, lambda c, q: c * q, "Two ways to be right"),
    (2, lambda c: c, "should take 2 arguments"),
    (3, best_of_20(), "Subtract 0.85"),
    (3, 100 * (best_of_20() - 0.85), "percentage points"),
    (3, 0.85 - best_of_20(), "sign is reversed"),
    (3, 0, "right on average"),
    (3, np.sqrt(0.85 * 0.15 / 200), "standard error of one score"),
    (3, best_of_20(10_000) - 0.85, "Draw 20 scores"),
    (4, NEIGHBOURS[:, ::-1], "columns are swapped"),
    (4, NEIGHBOURS[::-1], "reverse order"),
    (4, np.column_stack([[0.098] * 3, NEIGHBOURS[:, 0]]), "first column is the noise"),
    (4, [[0, 0.1031], [0.012, 0.035], [0.06, 0.02]], "not the labels"),
    (4, NEIGHBOURS ** [1, 0.5], "standard deviations"),
    (4, np.zeros((3, 2)), "Stack the probabilities"),
    (5, 0.0235, "sign is reversed"),
    (5, -0.125, "Too good for one training set"),
    (5, 0.4011, "That is a loss"),
    (5, 0.0, "No change?"),
    (5, 7, "average over axis 0"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"generalization/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize("answer", ["B", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"generalization/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [0.79, "text", lambda c, q: "text", lambda c, q: [c, q], lambda *_: None]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("generalization/2", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [0.1, "text", NEIGHBOURS.T, [[1, 2], [3]], NEIGHBOURS * np.nan])
def test_an_array_of_the_wrong_kind_gets_a_hint(answer):
    result = check("generalization/4", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholders_are_open(number):
    assert check(f"generalization/{number}", ...).status == "open"


@pytest.mark.parametrize(("number", "placeholder"), [(2, lambda c, q: ...), (4, [[..., ...]] * 3)])
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"generalization/{number}", placeholder).status == "open"
