"""Checks of gradient descent: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def epoch(theta, X, y, eta, size):
    for i in range(0, len(y), size):
        a = sigmoid(X[i : i + size] @ theta)
        theta = theta - eta * X[i : i + size].T @ (a - y[i : i + size]) / len(a)
    return theta


def in_place(theta, X, y, eta, size):
    for i in range(0, len(y), size):
        a = sigmoid(X[i : i + size] @ theta)
        theta -= eta * X[i : i + size].T @ (a - y[i : i + size]) / len(a)
    return theta


def divided_by_size(theta, X, y, eta, size):
    for i in range(0, len(y), size):
        a = sigmoid(X[i : i + size] @ theta)
        theta = theta - eta * X[i : i + size].T @ (a - y[i : i + size]) / size
    return theta


def summed(theta, X, y, eta, size):
    for i in range(0, len(y), size):
        a = sigmoid(X[i : i + size] @ theta)
        theta = theta - eta * X[i : i + size].T @ (a - y[i : i + size])
    return theta


def without_sigmoid(theta, X, y, eta, size):
    for i in range(0, len(y), size):
        a = X[i : i + size] @ theta
        theta = theta - eta * X[i : i + size].T @ (a - y[i : i + size]) / len(a)
    return theta


def frozen(theta, X, y, eta, size):
    new = theta
    for i in range(0, len(y), size):
        a = sigmoid(X[i : i + size] @ theta)
        new = new - eta * X[i : i + size].T @ (a - y[i : i + size]) / len(a)
    return new


def without_last(theta, X, y, eta, size):
    full = len(y) // size * size
    return epoch(theta, X[:full], y[:full], eta, size)


def path(theta, X, y, eta, size):
    return np.array([theta, epoch(theta, X, y, eta, size)])


def absolute(theta, X, y):
    return X.T @ np.sign(X @ theta - y) / len(y)


def absolute_with_where(theta, X, y):
    return X.T @ np.where(X @ theta - y >= 0, 1, -1) / len(y)


RIGHT = [
    (1, 0.5),
    (1, 2 / np.linalg.eigvalsh([[3, 1], [1, 3]]).max()),
    (2, 0.7),
    (2, np.float32(0.7)),
    (3, 66),
    (3, np.ceil(np.log(1000) / -np.log(0.9))),
    (4, epoch),
    (5, absolute),
    (5, lambda theta, X, y: (np.sign(X @ theta - y)[:, np.newaxis] * X).mean(axis=0)),
    (6, 2.31),
    (6, 2.3080318446994057),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"gradient_descent/{number}", answer).passed


MISTAKES = [
    (1, 1, "flat direction"),
    (1, 0.667, "diagonal is not enough"),
    (1, 0.25, "not yet -1"),
    (1, 1 / 3, "best fixed rate"),
    (1, 4, "eigenvalue of H"),
    (1, 0.9, "Find the two numbers"),
    (2, 0.4, "after one step"),
    (2, 0.8, "slope at the start twice"),
    (2, -0.9, "uphill"),
    (2, 1.2, "added up"),
    (2, 0.375, "factor of 2"),
    (2, 1.6, "minimum"),
    (2, 3, "mean of 2"),
    (3, 65, "Just before"),
    (3, 65.56, "whole"),
    (3, 69.08, "exp(-0.1)"),
    (3, 70, "exp(-0.1)"),
    (3, 33, "square"),
    (3, 30, "kind of logarithm"),
    (3, 3, "nine tenths"),
    (3, 1000, "Solve 0.9**t"),
    (4, without_last, "short one, is missing"),
    (4, divided_by_size, "not by batch_size"),
    (4, lambda t, X, y, eta, b: epoch(t, X, y, eta / len(y), 1), "For each batch in turn"),
    (4, summed, "added up over the batch"),
    (4, lambda t, X, y, eta, b: epoch(t, X, y, -eta, b), "uphill"),
    (4, frozen, "first theta"),
    (4, without_sigmoid, "sigmoid is missing"),
    (4, lambda t, X, y, eta, b: epoch(t, X, y, eta, len(y)), "one step with all rows"),
    (4, lambda t, X, y, eta, b: t, "unchanged"),
    (4, path, "whole path"),
    (4, lambda *inputs: epoch(*inputs)[:, np.newaxis], "shape (3,); this one has (3, 1)"),
    (4, in_place, "caller's theta"),
    (4, lambda t, X, y, eta, b: epoch(t, X.T, y, eta, b), "stopped with ValueError"),
    (5, lambda t, X, y: -absolute(t, X, y), "sign is reversed"),
    (5, lambda t, X, y: absolute(t, X, y) * len(y), "divide by n"),
    (5, lambda t, X, y: 2 / len(y) * X.T @ (X @ t - y), "mean squared error"),
    (5, lambda t, X, y: X.T @ np.abs(X @ t - y) / len(y), "not |e| itself"),
    (5, absolute_with_where, "slope 0"),
    (5, lambda t, X, y: np.sign(X @ t - y)[:, np.newaxis] * X, "for each sample"),
    (5, lambda t, X, y: t, "chain rule"),
    (6, 1, "go together"),
    (6, 0.433, "Upside down"),
    (6, 1.519, "its square"),
    (6, 2.79, "largest eigenvalue"),
    (6, 1.395, "largest eigenvalue"),
    (6, 194.2, "did not divide"),
    (6, 596_705, "raw units"),
    (6, 11, "column of ones"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"gradient_descent/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


def test_an_epoch_divided_by_all_rows_gets_its_own_hint():
    def divided_by_all(theta, X, y, eta, size):
        for i in range(0, len(y), size):
            a = sigmoid(X[i : i + size] @ theta)
            theta = theta - eta * X[i : i + size].T @ (a - y[i : i + size]) / len(y)
        return theta

    assert "whole set" in check("gradient_descent/4", divided_by_all).message


@pytest.mark.parametrize("number", [1, 2, 3, 6])
@pytest.mark.parametrize("answer", ["small", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"gradient_descent/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [4, 5])
@pytest.mark.parametrize(
    "answer", [1.0, "loss", np.ones(3), lambda: 1, lambda *_: "text", lambda *_: np.ones(5)]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"gradient_descent/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"gradient_descent/{number}", ...).status == "open"


@pytest.mark.parametrize("number", [4, 5])
def test_functions_that_return_dots_are_open(number):
    assert check(f"gradient_descent/{number}", lambda *_: ...).status == "open"
