"""Checks of the activation table: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def gate(z):
    return np.clip(z / 6 + 0.5, 0, 1)


def hard_silu_slope(z):
    return np.where(z <= -3, 0, np.where(z >= 3, 1, z / 3 + 0.5))


def probabilities(z):
    return np.exp(z) / np.exp(z).sum()


def jacobian(z):
    p = probabilities(z)
    return np.diag(p) - np.outer(p, p)


RIGHT = [
    (1, -1.758),
    (1, np.float32(-1.7581)),
    (2, hard_silu_slope),
    (2, lambda z: gate(z) + z * (np.abs(z) < 3) / 6),
    (3, 1),
    (3, np.float64(1.0)),
    (4, jacobian),
    (4, lambda z: probabilities(z)[:, np.newaxis] * (np.eye(len(z)) - probabilities(z))),
]
MISTAKES = [
    (1, 1.758, "sign"),
    (1, -1.673, "outer factor"),
    (1, -1, "floor of ELU"),
    (1, 0, "exp(z) vanish"),
    (2, lambda z: z * gate(z), "function itself"),
    (2, gate, "product rule is missing"),
    (2, lambda z: (np.abs(z) < 3) / 6, "factor by factor"),
    (2, lambda z: z / 3 + 0.5, "beyond them"),
    (2, np.zeros_like, "slope there"),
    (3, 2, "loses the left half"),
    (3, np.pi / 2, "mean of the square"),
    (3, 2.752, "subtracted the mean"),
    (3, 0.5, "one over it"),
    (4, lambda z: probabilities(z) * (1 - probabilities(z)), "every score"),
    (4, lambda z: -jacobian(z), "reversed"),
    (4, lambda z: np.diag(probabilities(z) * (1 - probabilities(z))), "Only the diagonal"),
    (4, lambda z: -np.outer(probabilities(z), probabilities(z)), "Almost"),
    (4, lambda z: np.eye(len(z)), "Entry (j, k)"),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"activation_table/{number}", answer).passed


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_hint(number, answer, phrase):
    result = check(f"activation_table/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        (1, "low"),
        (1, [1, 2]),
        (2, 3),
        (2, lambda z: z[0]),
        (3, "two"),
        (4, lambda z: z[:2]),
        (4, 1),
    ],
)
def test_wrong_kinds_get_a_hint(number, answer):
    result = check(f"activation_table/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_placeholder_is_open(number):
    answers = {2: lambda z: ..., 4: lambda z: ...}
    assert check(f"activation_table/{number}", answers.get(number, ...)).status == "open"
