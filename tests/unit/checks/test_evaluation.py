"""The checks of the page on evaluation accept what is right and name each mistake."""

import numpy as np
import pytest

from nnutils import check


def softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


def gaps(P, labels, n_bins):
    """Share of the answers and gap, right minus confidence, of each bin that is used."""
    confidence, right = P.max(axis=1), P.argmax(axis=1) == labels
    which = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    used = [which == b for b in range(n_bins) if np.any(which == b)]
    return (
        np.array([m.mean() for m in used]),
        np.array([np.mean(right[m] - confidence[m]) for m in used]),
    )


def ece(P, labels, n_bins):
    share, gap = gaps(P, labels, n_bins)
    return share @ np.abs(gap)


def cooled(P, T):
    return softmax(np.log(P) / T)


RIGHT = [
    (1, [0.6, 0.75, 2 / 3, 0.1263]),
    (2, 0.2),
    (3, ece),
    (4, cooled),
    (5, 0.01985),
    (6, np.array([0.97, 1.01, 1.05])),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answer(number, answer):
    assert check(f"evaluation/{number}", answer).passed


def lost_certain(P, labels, n_bins):
    kept = P.max(axis=1) < 1
    return ece(P[kept], labels[kept], n_bins) * kept.mean()


def own_bin_at_one(P, labels, n_bins):
    confidence, right = P.max(axis=1), P.argmax(axis=1) == labels
    which = np.digitize(confidence, np.linspace(0, 1, n_bins + 1)) - 1
    return np.abs(np.bincount(which, right - confidence)).sum() / len(labels)


def one_by_one(P, labels, n_bins):
    return np.mean(np.abs((P.argmax(axis=1) == labels) - P.max(axis=1)))


MISTAKES = [
    (1, [0.75, 0.6, 0.667, 0.126], "swapped"),
    (1, [60, 75, 66.7, 12.6], "shares between 0 and 1"),
    (1, [0.97, 0.75, 0.667, 0.126], "the accuracy"),
    (1, [0.5, 0.75, 0.667, 0.126], "of the 50 alarms"),
    (1, [0.6, 0.5, 0.667, 0.126], "of the 40 faulty"),
    (1, [0.6, 0.75, 0.675, 0.126], "harmonic mean"),
    (1, [0.6, 0.75, 0.5, 0.126], "2PR / (P + R)"),
    (1, [0.6, 0.75, 0.667, 0.6], "does change"),
    (1, [0.6, 0.75, 0.667, 0.06], "tenth of the precision"),
    (1, [0.6, 0.75, 0.667, 0.1309], "960 sound parts"),
    (1, [0.6, 0.75, 0.667, 0.131], "960 sound parts"),
    (1, [0.6, 0.75, 0.667, 0.13], "put the base rate 0.004 in"),
    (1, [0.6, 0.75, 0.667, 0.3], "put the base rate 0.004 in"),
    (2, 60 / 360, "costs 60 then too"),
    (2, 0.8, "wrong way round"),
    (2, 300 / 360, "wrong way round"),
    (2, 0.5, "both mistakes cost the same"),
    (2, 20, "between 0 and 1"),
    (2, 0.3, "300 p"),
    (3, lambda P, y, b: np.mean(np.abs(gaps(P, y, b)[1])), "same weight"),
    (3, lambda P, y, b: np.sum(np.abs(gaps(P, y, b)[1])) / b, "same weight"),
    (3, lambda P, y, b: np.dot(*gaps(P, y, b)), "absolute value"),
    (3, lambda P, y, b: abs(np.dot(*gaps(P, y, b))), "absolute value"),
    (3, lambda P, y, b: np.max(np.abs(gaps(P, y, b)[1])), "largest gap"),
    (3, lambda P, y, b: gaps(P, y, b)[0] @ gaps(P, y, b)[1] ** 2, "squared"),
    (3, lambda P, y, b: len(P) * ece(P, y, b), "number of answers"),
    (3, lambda P, y, b: 100 * ece(P, y, b), "per cent"),
    (3, lost_certain, "got lost"),
    (3, own_bin_at_one, "a bin of its own"),
    (3, one_by_one, "inside each bin"),
    (3, lambda P, y, b: ece(P, y, b + 1), "In each bin"),
    (4, lambda P, T: (P / T) / (P / T).sum(axis=1, keepdims=True), "Nothing has changed"),
    (4, lambda P, T: P / T, "do not sum to 1"),
    (4, lambda P, T: softmax(P / T), "Their logarithms"),
    (4, lambda P, T: P**T / (P**T).sum(axis=1, keepdims=True), "sharpens"),
    (4, lambda P, T: P ** (1 / T), "divide each row by its sum"),
    (4, lambda P, T: P ** (1 / T) / (P ** (1 / T)).sum(axis=0), "axis=1"),
    (4, lambda P, T: P**2, "log P"),
    (4, lambda P, T: P[0], "shape"),
    (5, 0.01985 / 2, "one side"),
    (5, 0.6, "unpaired"),
    (5, 0.01512, "normal approximation"),
    (5, 82, "probability between 0 and 1"),
    (5, 0.2, "fair coin 82 times"),
    (6, [2.0, 2.1, 2.2], "40 epochs"),
    (6, [-0.1, 0.1, 0.0], "positive"),
    (6, [1.02, 1.02, 1.02], "on its own scores"),
    (6, [0.2, 0.9, 1.0], "validation images"),
    (6, 1.0, "shape"),
]


@pytest.mark.parametrize(("number", "answer", "hint"), MISTAKES)
def test_each_mistake_has_its_hint(number, answer, hint):
    result = check(f"evaluation/{number}", answer)
    assert result.status == "wrong"
    assert hint in result.message


def fails(*args):
    raise RuntimeError("no")


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "answer", ["eleven", [1, 2], {"a": 1}, np.nan, fails, lambda *args: "text", object()]
)
def test_other_kinds_get_a_hint(number, answer):
    result = check(f"evaluation/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message
    assert result.message


@pytest.mark.parametrize("number", [1, 2, 5, 6])
def test_placeholder_value_is_open(number):
    assert check(f"evaluation/{number}", ...).status == "open"


@pytest.mark.parametrize("number", [3, 4])
def test_placeholder_function_is_open(number):
    assert check(f"evaluation/{number}", lambda *args: ...).status == "open"


def test_a_function_without_return_gets_a_hint():
    assert "return" in check("evaluation/4", lambda P, T: None).message
