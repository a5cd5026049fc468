"""Checks of the regularisation page: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def soft(w, t):
    return np.sign(w) * np.maximum(np.abs(w) - t, 0)


def prox(w, t, s):
    return soft(w, t) / (1 + 2 * s)


def dropout(A, p, rng):
    return A * (rng.random(A.shape) >= p) / (1 - p)


def deviation(p=0.25, a=0.8):
    return a * np.sqrt(p / (1 - p))


RIGHT = [
    (1, 1.55),
    (1, np.float32(1.55)),
    (2, 3466),
    (2, 3465.4),
    (2, np.log(0.5) / np.log(0.9998)),
    (3, [0.8 / 0.75, 0.8, deviation()]),
    (3, (1.067, 0.8, 0.462)),
    (3, [1.07, 0.8, 0.46]),
    (4, prox),
    (4, lambda w, t, s: np.where(np.abs(w) > t, w - t * np.sign(w), 0) / (1 + 2 * s)),
    (5, dropout),
    (5, lambda A, p, rng: np.where(rng.random(A.shape) < 1 - p, A / (1 - p), 0)),
    (6, [-4.7, -4.2, -2.5, -5.0, -3.4]),
    (6, np.array([-2.4, 1.0, -1.7, -2.0, -3.0])),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"regularization/{number}", answer).passed


MISTAKES = [
    (1, 1.65, "factor 2 is missing"),
    (1, 1.75, "without the penalty"),
    (1, 1.70, "That is L1"),
    (1, 1.55 + 0.9, "sign is reversed"),
    (1, 3, "Slope of the loss"),
    (2, 6931, "factor 2 is missing"),
    (2, 346.2, "learning rate is missing"),
    (2, 692.8, "learning rate is missing"),
    (2, 2500, "share of what is left"),
    (2, 0.9998, "a factor or a share"),
    (2, 100, "Solve factor**k"),
    (3, [0.8, 0.8, deviation()], "scaled up"),
    (3, [3.2, 0.8, deviation()], "not by p"),
    (3, [0.6, 0.8, deviation()], "instead of multiplying"),
    (3, [2, 0.8, deviation()], "first number"),
    (3, [0.8 / 0.75, 0.6, deviation()], "forgets the scaling"),
    (3, [0.8 / 0.75, 0.7, deviation()], "second number"),
    (3, [0.8 / 0.75, 0.8, deviation() ** 2], "is the variance"),
    (3, [0.8 / 0.75, 0.8, 0.75 * deviation()], "without the scaling"),
    (3, [0.8 / 0.75, 0.8, 1], "third number"),
    (4, lambda w, t, s: soft(w, t), "soft threshold alone"),
    (4, lambda w, t, s: soft(w, t) / (1 + s), "factor 2"),
    (4, lambda w, t, s: np.abs(prox(w, t, s)), "sign is lost"),
    (4, lambda w, t, s: (w - t * np.sign(w)) / (1 + 2 * s), "crossed zero"),
    (4, lambda w, t, s: np.where(np.abs(w) > t, w, 0) / (1 + 2 * s), "left the others alone"),
    (4, lambda w, t, s: soft(w / (1 + 2 * s), t), "Threshold first"),
    (4, lambda w, t, s: w, "mirror it"),
    (4, lambda w, t, s: soft(w, t) / 1.8, "for s = 0"),
    (4, lambda w, t, s: prox(w, 0.3, s), "for s = 0"),
    (4, lambda w, t, s: soft(w, t) * (1 - s), "mirror it"),
    (5, lambda A, p, rng: A, "No entry is zero"),
    (5, lambda A, p, rng: A * (rng.random(A.shape) < p) / (1 - p), "Turn the comparison"),
    (5, lambda A, p, rng: A * (rng.random(A.shape[1]) >= p) / (1 - p), "same mask"),
    (5, lambda A, p, rng: A * (rng.random((len(A), 1)) >= p) / (1 - p), "share one fate"),
    (5, lambda A, p, rng: A * (rng.random(A.shape) >= 0.5) / (1 - p), "share of zeros"),
    (5, lambda A, p, rng: A * (rng.random(A.shape) >= p), "scaling is missing"),
    (5, lambda A, p, rng: A * (rng.random(A.shape) >= p) / p, "not by p"),
    (5, lambda A, p, rng: A * (rng.random(A.shape) >= p) * 3, "A / (1 - p)"),
    (5, lambda A, p, rng: dropout(A, p, np.random.default_rng(0)), "same mask: draw from"),
    (5, lambda A, p, rng: dropout(A, p, np.random.default_rng()), "same generator state"),
    (6, [86, 85, 87, 84, 86], "look like accuracies"),
    (6, [-0.047, -0.042, -0.025, -0.05, -0.034], "look like shares"),
    (6, [4.7, 4.2, 2.5, 5.0, 3.4], "sign is reversed"),
    (6, [-60, -61, -62, -60, -59], "Far too bad"),
    (6, [-85.3, -84.9, -86.0, -85.5, -84.7], "multiplied by 100"),
    (6, [0.2, -0.5, 0.3, 0.1, -0.4], "Mirror left and right"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"regularization/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"regularization/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [3, 6])
@pytest.mark.parametrize("answer", [1.5, "text", [1, 2], [[1, 2], [3]], [np.nan] * 3])
def test_an_array_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"regularization/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [4, 5])
@pytest.mark.parametrize("answer", [1.0, "prox", lambda: 1, lambda *_: "text", lambda *_: 1.0])
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"regularization/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [
        (1, ...),
        (2, ...),
        (3, [..., ..., ...]),
        (4, lambda w, t, s: ...),
        (5, lambda A, p, rng: ...),
        (6, [...] * 5),
    ],
)
def test_placeholders_are_open(number, placeholder):
    assert check(f"regularization/{number}", placeholder).status == "open"
