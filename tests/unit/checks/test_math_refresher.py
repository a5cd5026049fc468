import numpy as np
import pytest

from nnutils import check


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def ten_sigmoids(start=0.0):
    outputs = [start]
    for _ in range(10):
        outputs.append(sigmoid(outputs[-1]))
    return np.array(outputs)


def mse(y_hat, y):
    return np.mean((np.ravel(y_hat) - np.ravel(y)) ** 2)


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def shifted_by(entry):
    def answer(Z):
        E = np.exp(Z - entry(Z))
        return E / E.sum(axis=1, keepdims=True)

    return answer


def in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return softmax(Z)


def layer_gradient(X, W, b, Y):
    A = sigmoid(X @ W + b)
    return X.T @ (2 * (A - Y) / Y.size * A * (1 - A))


OUTPUTS = ten_sigmoids()
ACCEPTED = {
    1: [0.7431, np.log(2) + 0.05, np.array(0.7431)],
    2: [
        np.prod(slope(OUTPUTS[:10])),
        (ten_sigmoids(1e-4)[10] - ten_sigmoids(-1e-4)[10]) / 2e-4,
        3.88e-7,
    ],
    3: [mse],
    4: [softmax, lambda Z: softmax(Z).tolist()],
    5: [layer_gradient],
}
RIGHT = [(n, answer) for n, answers in ACCEPTED.items() for answer in answers]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    result = check(f"math_refresher/{number}", answer)
    assert result.passed, result


MISTAKES = [
    (1, np.log1p(np.exp(0.1)), "true value"),
    (1, 0.05, "only the promised change"),
    (1, np.log(2) + 0.5, "per unit of z"),
    (1, np.log(2) - 0.05, "s(0) + s'(0) times the step"),
    (2, 0.25**10, "every slope at zero"),
    (2, np.sum(slope(OUTPUTS[:10])), "added the ten slopes"),
    (2, OUTPUTS[10], "output of the tenth"),
    (2, np.prod(slope(OUTPUTS[1:])), "number that enters its sigmoid, not"),
    (2, np.prod(slope(OUTPUTS[:9])), "nine slopes"),
    (2, 0.0, "Multiply ten slopes"),
    (3, lambda y_hat, y: np.mean((y_hat - y) ** 2), "every prediction meets every target"),
    (3, lambda y_hat, y: mse(y_hat, y) * np.size(y), "added up the squared errors"),
    (3, lambda y_hat, y: np.sqrt(mse(y_hat, y)), "square root"),
    (3, lambda y_hat, y: 1.0, "Not the mean"),
    (3, lambda y_hat, y: y_hat - y, "should be one number"),
    (4, lambda Z: np.exp(Z) / np.exp(Z).sum(axis=0), "columns sum to one"),
    (4, lambda Z: np.exp(Z) / np.exp(Z).sum(), "whole matrix sums to one"),
    (4, lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), "overflows"),
    (
        4,
        lambda Z: np.exp(Z - Z.max()) / np.exp(Z - Z.max()).sum(axis=1, keepdims=True),
        "its own maximum (axis=1",
    ),
    (4, lambda Z: softmax(np.clip(Z, -500, 500)), "wrong on large ones"),
    (4, shifted_by(lambda Z: Z.min(axis=1, keepdims=True)), "on (-2000, 0, 2000)"),
    (4, shifted_by(lambda Z: Z.mean(axis=1, keepdims=True)), "on (-2000, 0, 2000)"),
    (4, shifted_by(lambda Z: Z[:, :1]), "on (-2000, 0, 2000)"),
    (4, in_place, "work on a copy"),
    (4, lambda Z: Z / Z.sum(axis=1, keepdims=True), "even on small scores"),
    (5, lambda X, W, b, Y: layer_gradient(X, W, b, Y).T, "transposed"),
    (5, lambda X, W, b, Y: X.T @ (2 * (sigmoid(X @ W + b) - Y) / Y.size), "sigmoid is missing"),
    (5, lambda X, W, b, Y: X.T @ (2 * (X @ W + b - Y) / Y.size), "without the sigmoid"),
    (
        5,
        lambda X, W, b, Y: (
            X.T @ (2 * (sigmoid(X @ W + b) - Y) / Y.size * slope(sigmoid(X @ W + b)))
        ),
        "a second time",
    ),
    (5, lambda X, W, b, Y: layer_gradient(X, W, b, Y) * Y.size, "yours is 15 times"),
    (5, lambda X, W, b, Y: -layer_gradient(X, W, b, Y), "yours is -1 times"),
    (5, lambda X, W, b, Y: np.ones(W.shape), "Compare with numerical_gradient"),
    (5, lambda X, W, b, Y: W @ X, "stopped with ValueError"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"math_refresher/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("answer", ["0.7", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"math_refresher/{number}", answer)
    assert result.status == "wrong"
    assert result.message


@pytest.mark.parametrize("number", [3, 4, 5])
@pytest.mark.parametrize(
    "answer",
    [1.0, "softmax", np.ones((2, 3)), lambda: 1, lambda *_: "text", lambda *_: np.ones((9, 9))],
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"math_refresher/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholders_are_open(number):
    placeholder = ... if number < 3 else (lambda *_: ...)
    assert check(f"math_refresher/{number}", ...).status == "open"
    assert check(f"math_refresher/{number}", placeholder).status == "open"


def test_an_answer_that_overwrites_its_inputs_still_gets_the_right_hint():
    def careless(X, W, b, Y):
        gradient = X.T @ (2 * (sigmoid(X @ W + b) - Y) / Y.size)
        for array in (X, W, b, Y):
            array[:] = 0
        return gradient

    assert "sigmoid is missing" in check("math_refresher/5", careless).message
