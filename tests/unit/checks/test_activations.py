"""Checks of the activations: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check

W1, B1 = np.array([[1, 2], [0, -1]]), np.array([1, 2])
W2, B2 = np.array([[2, 0], [1, 3]]), np.array([-1, 1])
W, B = W1 @ W2, B1 @ W2 + B2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def silu_slope(z):
    return sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z))


def softplus(z):
    return np.maximum(0, z) + np.log1p(np.exp(-np.abs(z)))


RIGHT = [
    (1, np.vstack([W, B])),
    (1, [[4, 6], [-1, -3], [3, 7]]),
    (2, 1.5),
    (2, np.float32(1.5)),
    (3, silu_slope),
    (3, lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    (4, lambda A: np.sum(np.all(A == 0, axis=0))),
    (4, lambda A: int(sum(A.max(axis=0) == 0))),
    (5, softplus),
    (5, lambda z: np.logaddexp(0, z)),
    (5, lambda z: np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))),
    (6, 0.42),
    (6, np.float64(0.62)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"activations/{number}", answer).passed


MISTAKES = [
    (1, np.vstack([W2 @ W1, B]), "order is reversed"),
    (1, np.vstack([W1 * W2, B]), "entry by entry"),
    (1, np.vstack([W.T, B]), "transposed"),
    (1, np.zeros((3, 2)), "rows of W1"),
    (1, np.vstack([W, B1 + B2]), "passes through the second layer"),
    (1, np.vstack([W, B1 @ W2]), "bias of the second layer is missing"),
    (1, np.vstack([W, B2]), "first bias is lost"),
    (1, np.vstack([W, B + 1]), "b is not"),
    (2, -1.5, "sign is reversed"),
    (2, 2 / 3, "divided the weight"),
    (2, -0.67, "divided the weight"),
    (2, 6, "That is the bias"),
    (2, 0, "At x = 0"),
    (2, 4, "6 - 4x is zero"),
    (3, lambda z: z * sigmoid(z), "SiLU itself"),
    (3, lambda z: sigmoid(z) * (1 - sigmoid(z)), "both factors vary"),
    (3, lambda z: z * sigmoid(z) * (1 - sigmoid(z)), "leaves s"),
    (3, sigmoid, "add z times its slope"),
    (3, lambda z: sigmoid(z) + sigmoid(z) * (1 - sigmoid(z)), "multiplied by z"),
    (3, np.tanh, "product rule with the factors"),
    (3, lambda z: z @ z, "should have the shape (9,)"),
    (4, lambda A: np.all(A == 0, axis=0), "one value for each unit"),
    (4, lambda A: np.sum(np.all(A == 0, axis=1)), "axis=0"),
    (4, lambda A: np.sum(A == 0), "counted zeros"),
    (4, lambda A: np.sum(np.any(A == 0, axis=0)), "silent for some sample"),
    (4, lambda A: np.sum(np.any(A > 0, axis=0)), "that live"),
    (4, lambda A: np.mean(np.all(A == 0, axis=0)), "That is a share"),
    (4, lambda A: 77, "each column of A"),
    (4, lambda A: np.sum(np.all(A < 1e-3, axis=0)), "1e-9 is not zero"),
    (5, lambda z: np.maximum(0, z), "That is ReLU"),
    (5, lambda z: np.maximum(0, z) + np.log1p(np.exp(np.abs(z))), "wrong sign"),
    (5, lambda z: np.log1p(np.exp(-np.abs(z))), "add max(0, z)"),
    (5, lambda z: np.log1p(np.exp(-z)), "softplus of -z"),
    (5, lambda z: np.log10(1 + np.exp(z)), "Wrong on small z"),
    (5, lambda z: np.where(z > 4, z, softplus(z)), "wrong at 5 or 12"),
    (5, lambda z: np.where(z > 10, z, softplus(z)), "wrong at 5 or 12"),
    (5, lambda z: np.resize(softplus(z), 5), "shape of z"),
    (5, lambda z: np.log(1 + np.exp(z)), "not finite at 1000"),
    (5, lambda z: np.log1p(np.exp(np.clip(z, -30, 30))), "Clipping"),
    (5, lambda z: np.maximum(0, z) + np.log(1 + np.exp(-np.abs(z))), "np.log1p keeps it"),
    (6, 0.98, "has a bend"),
    (6, 62, "between 0 and 1"),
    (6, 0.8, "exactly 1.0"),
    (6, 0.02, "right, not wrong"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"activations/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [2, 6])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"activations/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [0.75, "text", [1, 2, 3], [[1, 2], [3]], np.full((3, 2), np.nan)]
)
def test_a_matrix_of_the_wrong_kind_gets_a_hint(answer):
    result = check("activations/1", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [3, 4, 5])
@pytest.mark.parametrize(
    "answer",
    [1.0, "slope", np.ones((2, 3)), lambda: 1, lambda *_: "text", lambda *_: np.ones((9, 9))],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"activations/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"activations/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [
        (1, [[..., ...], [..., ...], [..., ...]]),
        (3, lambda z: ...),
        (4, lambda A: ...),
        (5, lambda z: ...),
    ],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"activations/{number}", placeholder).status == "open"


def test_a_function_that_overwrites_its_input_still_gets_the_right_hint():
    def careless(z):
        value = z * sigmoid(z)
        z[:] = 0
        return value

    assert "SiLU itself" in check("activations/3", careless).message


def test_softplus_that_turns_to_text_far_out_gets_a_hint():
    def odd(z):
        return softplus(z) if abs(z).max() < 20 else "large"

    assert "something else" in check("activations/5", odd).message
