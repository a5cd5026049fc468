from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from nnutils import check


def one_hot(labels, n_classes):
    return np.eye(n_classes)[labels]


def recall(matrix):
    return np.diag(matrix) / matrix.sum(axis=1)


def class_means(X_train, y_train):
    return np.stack([X_train[y_train == k].mean(axis=0) for k in np.unique(y_train)])


def distances(X_train, y_train, X_test, order=2):
    means = class_means(X_train, y_train)
    return np.linalg.norm(X_test[:, np.newaxis] - means, ord=order, axis=2)


def nearest_mean(X_train, y_train, X_test):
    return distances(X_train, y_train, X_test).argmin(axis=1)


def nearest_row(X_train, y_train, X_test):
    gaps = np.linalg.norm(X_test[:, np.newaxis] - X_train, axis=2)
    return y_train[gaps.argmin(axis=1)]


def trained(*sizes, n_nets=3, accuracy=0.95, record="val_accuracy"):
    """What train_many returns, as far as the check looks at it."""
    return SimpleNamespace(
        kernels=[np.zeros((n_nets, *pair)) for pair in pairwise(sizes)],
        history={record: np.full((5, n_nets), accuracy)},
    )


ONE_ERROR = np.sqrt(0.94 * 0.06 / 10_000)
BOTH_ERRORS = np.sqrt((0.94 * 0.06 + 0.942 * 0.058) / 10_000)
ACCEPTED = {
    1: [84_060, np.int64(84_060), 84_060.0],
    2: [one_hot, lambda labels, n: one_hot(labels, n).tolist(), lambda y, n: one_hot(y, n) == 1],
    3: [0.002 / BOTH_ERRORS, 0.6, -0.6, 0.002 / (np.sqrt(2) * ONE_ERROR)],
    4: [recall, lambda matrix: recall(matrix).tolist()],
    5: [nearest_mean],
    6: [trained(784, 30, 10), trained(784, 30, 10, accuracy=0.81)],
}
RIGHT = [(n, answer) for n, answers in ACCEPTED.items() for answer in answers]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    result = check(f"mnist/{number}", answer)
    assert result.passed, result


MISTAKES = [
    (1, 84_060 - 160, "weights alone"),
    (1, 84_060 + 784, "no units"),
    (1, 84_060 - 10, "output units"),
    (1, 784 * 160 + 160, "by the layer before"),
    (1, 11_935, "For each layer"),
    (2, lambda labels, n: one_hot(labels, n).T, "transposed"),
    (2, lambda labels, n: one_hot(labels, labels.max() + 1), "column is missing"),
    (2, lambda labels, n: one_hot(labels - 1, n), "too far left"),
    (2, lambda labels, n: one_hot(labels, n) * labels.reshape(-1, 1), "label itself"),
    (2, lambda labels, n: 1 - one_hot(labels, n), "zero but for a one"),
    (2, lambda labels, n: labels, "should have the shape (6, 5)"),
    (3, 0.002 / ONE_ERROR, "standard error of one accuracy"),
    (3, 0.002 / (2 * ONE_ERROR), "added the standard errors"),
    (3, 0.2 / BOTH_ERRORS, "Points and shares"),
    (3, 0.002 / BOTH_ERRORS / 100, "Points and shares"),
    (3, BOTH_ERRORS, "Divide the difference by it"),
    (3, 100 * BOTH_ERRORS, "Divide the difference by it"),
    (3, 0.002 / BOTH_ERRORS**2, "its square root"),
    (3, 1.96, "divide 0.002 by it"),
    (4, lambda matrix: np.trace(matrix) / matrix.sum(), "accuracy over all classes"),
    (4, lambda matrix: 100 * recall(matrix), "per cent"),
    (4, lambda matrix: recall(matrix.T), "precision"),
    (4, lambda matrix: np.diag(matrix) / matrix.sum(), "samples of the class"),
    (4, lambda matrix: 1 - recall(matrix), "missed"),
    (4, np.diag, "entry on the diagonal"),
    (4, lambda matrix: matrix.max(axis=1) / matrix.sum(axis=1), "entry on the diagonal"),
    (4, lambda matrix: matrix, "should have the shape (4,)"),
    (5, distances, "one value for each class"),
    (5, lambda *args: distances(*args).argmax(axis=1), "farthest"),
    (5, nearest_row, "nearest training row"),
    (5, lambda X, y, T: (T @ class_means(X, y).T).argmax(axis=1), "largest product"),
    (5, lambda *args: distances(*args, order=1).argmin(axis=1), "absolute differences"),
    (5, lambda X, y, T: np.zeros(len(T)), "nearest of these means"),
    (5, lambda X, y, T: y, "should have the shape (300,)"),
    (6, trained(784, 15, 10), "has 15 units"),
    (6, trained(784, 10), "no hidden layer"),
    (6, trained(784, 30, 30, 10), "(30, 30)"),
    (6, trained(64, 30, 10), "64 inputs"),
    (6, trained(784, 30, 2), "2 outputs"),
    (6, trained(784, 30, 10, n_nets=5), "n_nets=3"),
    (6, trained(784, 30, 10, record="accuracy"), "validation_data"),
    (6, trained(784, 30, 10, accuracy=0.3), "only 30%"),
    (6, 23_860, "what train_many returns"),
]


@pytest.mark.parametrize(("number", "answer", "hint"), MISTAKES)
def test_each_mistake_has_its_hint(number, answer, hint):
    result = check(f"mnist/{number}", answer)
    assert result.status == "wrong"
    assert hint in result.message


def fails(*args):
    raise RuntimeError("no")


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "answer", ["eleven", [1, 2, 3], {"a": 1}, np.nan, fails, lambda *args: "text", object()]
)
def test_other_kinds_get_a_hint(number, answer):
    result = check(f"mnist/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message
    assert result.message


@pytest.mark.parametrize("number", [1, 3, 6])
def test_placeholder_value_is_open(number):
    assert check(f"mnist/{number}", ...).status == "open"


@pytest.mark.parametrize("number", [2, 4, 5])
def test_placeholder_function_is_open(number):
    assert check(f"mnist/{number}", lambda *args: ...).status == "open"


def test_a_function_without_return_gets_a_hint():
    assert "return" in check("mnist/4", lambda matrix: None).message


def test_what_train_many_returns_is_understood():
    from nnutils import train_many

    rng = np.random.default_rng(0)
    X, y = rng.random((20, 784)), np.arange(20) % 10
    nets = train_many(
        X,
        y,
        hidden=(30,),
        n_nets=3,
        epochs=1,
        loss="sparse_categorical_crossentropy",
        validation_data=(X, y),
        rng=0,
    )
    assert "validation accuracy of only" in check("mnist/6", nets).message
