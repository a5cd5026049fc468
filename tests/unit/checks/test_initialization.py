"""Checks of initialization: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def weights(variance, mean=0.0):
    """Return an answer to exercise 4 with this variance, a function of n_in, n_out, alpha."""

    def draw(rng, n_in, n_out, alpha):
        return rng.normal(mean, np.sqrt(variance(n_in, n_out, alpha)), size=(n_in, n_out))

    return draw


def leaky(n_in, n_out, alpha):
    return 2 / ((1 + alpha**2) * n_in)


def uniform(rng, n_in, n_out, alpha):
    limit = np.sqrt(3 * leaky(n_in, n_out, alpha))
    return rng.uniform(-limit, limit, size=(n_in, n_out))


def signs(rng, n_in, n_out, alpha):
    return np.sqrt(leaky(n_in, n_out, alpha)) * rng.choice([-1, 1], size=(n_in, n_out))


def new_generator(rng, n_in, n_out, alpha):
    return weights(leaky)(np.random.default_rng(), n_in, n_out, alpha)


def own_generator(rng, n_in, n_out, alpha):
    return weights(leaky)(np.random.default_rng(0), n_in, n_out, alpha)


RIGHT = [
    (1, np.sqrt(2 / 300)),
    (1, 0.0816),
    (1, np.float32(0.0817)),
    (2, 2**-10),
    (2, 0.00098),
    (2, 0.001),
    (3, [True, True, True, True, False, False]),
    (3, np.array([1, 1, 1, 1, 0, 0])),
    (4, weights(leaky)),
    (5, 1.6),
    (5, np.float64(1.63)),
    (6, 48),
    (6, np.int64(48)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"initialization/{number}", answer).passed


MISTAKES = [
    (1, 2 / 300, "That is the variance"),
    (1, 300**-0.5, "2 is missing"),
    (1, 200**-0.5, "Glorot"),
    (1, 50**-0.5, "the 100 units"),
    (1, 1, "2 / n_in"),
    (2, 0.5, "one layer"),
    (2, 4.0**-10, "factor of the variance"),
    (2, 2.0**-5, "half is missing"),
    (2, 5.0**5, "square the standard deviation"),
    (2, 1024, "reciprocal"),
    (2, 5, "do not add"),
    (2, 0.3, "One layer: the square root"),
    (3, [False] * 4 + [True] * 2, "wrong way round"),
    (3, [True] * 5 + [False], "all-zero start"),
    (3, [True, False, True, False, False, False], "only through W3"),
    (3, [True] * 6, "output bias"),
    (3, [False] * 4 + [True, False], "may well have a gradient"),
    (3, [False] * 6, "Follow the gradient back"),
    (3, [0, 1, 2, 3, 4, 5], "six truth values"),
    (4, weights(lambda i, o, a: leaky(i, o, a) ** 2), "what their variance should be"),
    (4, weights(lambda i, o, a: 2 / i), "alpha changes nothing"),
    (4, weights(lambda i, o, a: 2 / ((1 + a) * i)), "enters squared"),
    (4, weights(lambda i, o, a: leaky(o, i, a)), "You used n_out"),
    (4, weights(lambda i, o, a: 2 * (1 + a**2) / i), "smaller, not larger"),
    (4, weights(lambda i, o, a: 2 / (i + o)), "The factor must be 1"),
    (4, weights(leaky, mean=0.1), "mean zero"),
    (4, uniform, "not normal"),
    (4, signs, "not normal"),
    (4, own_generator, "Two generators gave the same"),
    (4, new_generator, "same generator state"),
    (4, weights(lambda i, o, a: 2 / (1.25 * i)), "use the arguments"),
    (4, weights(lambda i, o, a: leaky(300, 120, a)), "use the arguments"),
    (4, lambda rng, i, o, a: weights(leaky)(rng, i, o, a).T, "shape (300, 120)"),
    (4, lambda rng: rng, "should take 4 arguments"),
    (5, 1.6**50, "Take the root"),
    (5, 1.0, "skip=True"),
    (5, 1.013, "weights of 0.01"),
    (5, 1.414, "partly agree"),
    (5, 1 / 1.61, "reciprocal"),
    (5, 2.0, "another quantity"),
    (5, 0.1, "Call through"),
    (6, 47, "Round up"),
    (6, 47.4, "Round up"),
    (6, 24, "squares run out"),
    (6, 41, "precision begins to fade"),
    (6, 57, "half is missing"),
    (6, 342, "64 bits"),
    (6, 10, "by logarithms"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"initialization/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 5, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"initialization/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [True, "all", [True, False], {"dW1": True}, [[1] * 6]])
def test_truth_values_of_the_wrong_kind_get_a_hint(answer):
    result = check("initialization/3", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [0.08, "normal", np.ones((300, 120)), lambda *_: "text", lambda *_: 0.08]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("initialization/4", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"initialization/{number}", ...).status == "open"


@pytest.mark.parametrize(("number", "placeholder"), [(3, [...] * 6), (4, lambda *_: ...)])
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"initialization/{number}", placeholder).status == "open"
