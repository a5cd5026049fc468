"""Checks of universal approximation: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def bumps(f, m, *, place=0.5, steep=200.0, signs=(1, -1), interleave=False):
    left, w = np.arange(m) / m, steep * m
    edges = np.concatenate([left, left + 1 / m])
    height = f(left + place / m)
    W2 = np.concatenate([signs[0] * height, signs[1] * height])
    order = np.arange(2 * m).reshape(2, m).T.ravel() if interleave else np.arange(2 * m)
    return np.full((1, 2 * m), w), (-w * edges)[order], W2[order][:, np.newaxis], np.zeros(1)


def steps(f, m):
    nodes = np.linspace(0, 1, m + 1)
    w, values = 100.0 * m, f(nodes)
    b1 = -w * (nodes[:-1] + nodes[1:]) / 2
    return np.full((1, m), w), b1, np.diff(values)[:, np.newaxis], values[:1]


def mirrored(f, m):
    """Build the same bumps with every step written the other way round."""
    W1, b1, W2, b2 = bumps(f, m)
    return -W1, -b1, -W2, b2


def flat(f, m):
    W1, b1, W2, b2 = bumps(f, m)
    return W1, b1, np.ones_like(W2), b2


RIGHT = [
    (1, "D"),
    (1, " d "),
    (2, [10, -15, 5]),
    (2, np.array([10.0, -15.0, 5.0])),
    (3, [3000, 50]),
    (3, (3 / 0.001, np.sqrt(20 / 0.008))),
    (4, bumps),
    (4, lambda f, m: list(bumps(f, m, interleave=True))),
    (4, lambda f, m: bumps(f, m, steep=5000.0)),
    (4, mirrored),
    (5, 4),
    (5, np.int64(4)),
    (6, 4),
    (6, 4.0),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"universal_approximation/{number}", answer).passed


MISTAKES = [
    (1, "A", "one function"),
    (1, "B", "before the function"),
    (1, "C", "before epsilon"),
    (1, "E", "not compact"),
    (2, [10, -5, 0], "change of slope"),
    (2, [10, -20, 10], "symmetric hat"),
    (2, [10, -15, -5], "from -5 back to 0"),
    (2, [10, -10, 0], "rise is right"),
    (2, [1, -1, 0], "four slopes"),
    (3, [50, 3000], "swapped"),
    (3, [1500, 50], "solve 3 / m"),
    (3, [3001, 51], "More than needed"),
    (3, [3001, 50], "More than needed"),
    (3, [3000, 51], "More than needed"),
    (3, [2950, 50], "round up"),
    (3, [3000, 49.5], "round up"),
    (3, [3000, 2500], "square of the width"),
    (3, [3000, 141.4], "8 is missing"),
    (3, [3000, 19.36], "second derivative"),
    (3, [3000, 3000], "solve 20"),
    (4, steps, "Each bump takes two"),
    (4, lambda f, m: bumps(f, m, signs=(-1, 1)), "wrong way"),
    (4, lambda f, m: bumps(f, m, place=0), "left edge of each cell"),
    (4, lambda f, m: bumps(f, m, signs=(1, 1)), "Nothing ends"),
    (4, lambda f, m: bumps(f, m, signs=(1, 1), interleave=True), "Nothing ends"),
    (4, lambda f, m: bumps(f, m, steep=5.0), "too gentle"),
    (4, flat, "equal"),
    (4, lambda f, m: bumps(f, m, place=1), "Compare with the bump"),
    (4, lambda f, m: bumps(f, m)[:3], "four arrays"),
    (4, lambda f, m: np.ones((1, 2 * m)), "four arrays"),
    (4, lambda f, m: bumps(f, 2 * m), "shape"),
    (4, lambda f, m: bumps(m, f), "stopped with TypeError"),
    (5, 3, "constant term"),
    (5, 1001, "columns of the matrix"),
    (5, 3001, "number of parameters"),
    (5, 7, "Expand"),
    (6, 2, "infinitely steep"),
    (6, np.sqrt(2), "gains in error"),
    (6, 0.25, "must grow"),
    (6, 8, "√h"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"universal_approximation/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("answer", ["DD", "", 4, 2.5, ["D"], lambda: "D"])
def test_a_letter_of_the_wrong_kind_gets_a_hint(answer):
    result = check("universal_approximation/1", answer)
    assert result.status == "wrong"
    assert "one letter" in result.message


@pytest.mark.parametrize("number", [5, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"universal_approximation/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("answer", [0.5, "text", [1, 2, 3, 4], [[1, 2], [3]], np.full(3, np.nan)])
def test_an_array_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"universal_approximation/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [1.0, "net", lambda: 1, lambda *_: "text", lambda *_: [np.nan] * 4]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("universal_approximation/4", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"universal_approximation/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(2, [..., ..., ...]), (3, [..., ...]), (4, lambda f, m: ...)]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"universal_approximation/{number}", placeholder).status == "open"
