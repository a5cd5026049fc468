"""Checks of the learning rate: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def result(number, answer):
    return check(f"learning_rate/{number}", answer)


def smooth(losses, *, corrected=True, beta=0.9, start=0.0, first=1):
    s, smoothed = start, []
    for t, loss in enumerate(losses, first):
        s = beta * s + (1 - beta) * loss
        smoothed.append(s / np.float64(1 - beta**t) if corrected else s)
    return np.array(smoothed)


def read(etas, losses):
    return etas[np.nanargmin(smooth(losses))] / 2


def read_with(**slip):
    """Return an answer to exercise 3 with a slip in the smoothing."""

    def answer(etas, losses):
        with np.errstate(divide="ignore"):
            return etas[np.nanargmin(smooth(losses, **slip))] / 2

    return answer


def one_cycle(t, total, peak):
    return peak * np.interp(np.asarray(t) / total, [0, 0.4, 0.8, 1], [0.1, 1, 0.1, 0])


def transformer(t, warmup, peak):
    number = np.asarray(t) + 1
    return peak * np.minimum(number / warmup, np.sqrt(warmup / number))


RIGHT = [
    (1, 0.3414),
    (1, 0.34),
    (2, [0.4, 500, 50]),
    (3, read),
    (4, one_cycle),
    (5, transformer),
    (6, [1 / 6, 0.0125]),
    (6, [0.17, 0.0125]),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answer_passes(number, answer):
    assert result(number, answer).passed


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholder_is_open(number):
    assert result(number, ...).status == "open"


@pytest.mark.parametrize("number", [3, 4, 5])
def test_function_that_returns_the_placeholder_is_open(number):
    assert result(number, lambda *args: ...).status == "open"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("answer", ["high", [1, 2, 3, 4], {"eta": 1}, lambda: 1, object()])
def test_wrong_kinds_get_a_hint(number, answer):
    got = result(number, answer)
    assert got.status == "wrong"
    assert got.message


@pytest.mark.parametrize("number", [3, 4, 5])
@pytest.mark.parametrize("value", ["high", np.ones((2, 2)), [1.0, 2.0], np.nan])
def test_functions_that_return_the_wrong_kind_get_a_hint(number, value):
    assert result(number, lambda *args: value).status == "wrong"


MISTAKES = [
    (1, 0.8536, "share of the peak"),
    (1, 0.2618, "does not start at t = 0"),
    (1, 0.2, "after the climb"),
    (1, 0.3618, "shorter than the run"),
    (1, 0.3, "straight line"),
    (1, 0.2828, "ends at 0, not at -1"),
    (1, 7, "How long is the cosine"),
    (2, [0.05, 500, 50], "same rate"),
    (2, [0.00625, 500, 50], "other way"),
    (2, [0.1414, 500, 50], "square-root"),
    (2, [1, 500, 50], "factor 256 / 32"),
    (2, [0.4, 4000, 400], "fewer updates"),
    (2, [0.4, 32000, 50], "updates times batch"),
    (2, [0.4, 500, 400], "most of the run"),
    (2, [0.4, 500, 10], "share of the run"),
    (3, lambda e, x: e[np.nanargmin(smooth(x))], "lowest point itself"),
    (3, lambda e, x: e[np.nanargmin(x)] / 2, "raw losses"),
    (3, lambda e, x: e[np.nanargmin(smooth(x, corrected=False))] / 2, "average starts near 0"),
    (3, lambda e, x: np.nanmin(smooth(x)), "Return a rate"),
    (3, lambda e, x: np.nanargmin(smooth(x)), "Return a rate"),
    (3, lambda e, x: e[smooth(x).argmin()] / 2, "nanargmin"),
    (3, lambda e, x: 0.2, "Smooth with beta"),
    (3, read_with(beta=0.8), "is beta 0.9"),
    (3, lambda e, x: read_with(start=x[0], corrected=False)(e, x), "does s start at 0"),
    (3, read_with(first=0), "number t = 1"),
]


def corners(xs, ys):
    return lambda t, total, peak: peak * np.interp(np.asarray(t) / total, xs, ys)


def only_arrays(t, total, peak):
    rates = one_cycle(t, total, peak)
    return rates if np.ndim(t) else 0.0


def round_climb(t, total, peak):
    s = np.asarray(t) / total
    climb = 0.1 + 0.9 * (1 - np.cos(np.pi * s / 0.4)) / 2
    return np.where(s < 0.4, peak * climb, one_cycle(t, total, peak))


MISTAKES += [
    (4, lambda t, total, peak: one_cycle(t, total, 1), "peak is missing"),
    (4, corners([0, 0.5, 0.8, 1], [0.1, 1, 0.1, 0]), "at s = 0.4"),
    (4, corners([0, 0.4, 0.8, 1], [0, 1, 0.1, 0]), "starts at a tenth"),
    (4, round_climb, "not a straight line"),
    (4, corners([0, 0.4, 0.8, 1], [0.1, 1, 0.1, 0.1]), "does not stay"),
    (4, corners([0, 0.4, 1], [0.1, 1, 0]), "way down"),
    (4, corners([0, 0.4, 0.8, 0.9], [0.1, 1, 0.1, 0]), "last stretch"),
    (4, only_arrays, "single number"),
    (4, lambda t, total, peak: one_cycle(t, total, peak).astype(int), "dtype=float"),
]


def climb_only(t, warmup, peak):
    return peak * np.minimum((t + 1) / warmup, 1)


def by_index(t, warmup, peak):
    rates = np.zeros(len(t))
    rates[:] = transformer(t, warmup, peak)
    return rates


def first_rate_only(t, warmup, peak):
    rates = transformer(t, warmup, peak)
    return rates if np.ndim(t) else peak / warmup


MISTAKES += [
    (5, lambda t, w, peak: peak * np.minimum(t / w, np.sqrt(w / t) + 0 / t), "divided by zero"),
    (5, lambda t, w, peak: transformer(t, w, 1), "peak is missing"),
    (5, lambda t, w, peak: peak * np.minimum((t + 1) // w, np.sqrt(w / (t + 1))), "//"),
    (5, lambda t, w, peak: peak * np.minimum(t / w, np.sqrt(w / (t + 1))), "wasted"),
    (5, lambda t, w, peak: peak * np.minimum((t + 1) / w, (t + 1.0) ** -0.5), "never reached"),
    (5, lambda t, w, peak: peak * np.maximum((t + 1) / w, np.sqrt(w / (t + 1))), "above the peak"),
    (5, climb_only, "The climb is right"),
    (5, lambda t, w, peak: np.full(len(t), peak), "Take the smaller"),
    (5, lambda t, w, peak: transformer(t, w, peak).astype(int), "dtype=float"),
    (5, lambda t, w, peak: peak * transformer(t, w, 1).astype(int), "holds whole numbers"),
    (5, by_index, "single number"),
    (5, first_rate_only, "single number"),
    (6, [0.2, 0.0125], "rule of thumb"),
    (6, [0.05 / 3.8, 0.0125], "as the rate"),
    (6, [0.5, 0.0125], "does not give 0.05"),
    (6, [1 / 6, 0.025], "its square"),
    (6, [1 / 6, 0.05 / 16], "like 1 / B"),
    (6, [1 / 6, 0.05], "makes the noise smaller, and so"),
    (6, [1 / 6, 0.2], "not larger"),
    (6, [1 / 6, 0.03], "four times as large"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    got = result(number, answer)
    assert got.status == "wrong"
    assert phrase in got.message


@pytest.mark.filterwarnings("error")
def test_a_rate_of_one_gets_its_hint_without_a_warning():
    assert "does not give 0.05" in result(6, [1, 0.0125]).message
