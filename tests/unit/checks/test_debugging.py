"""Checks of the page on debugging: right answers pass, each mistake gets its own hint."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from nnutils import check


def missing(X):
    seen = {tuple(row) for row in np.asarray(X).tolist()}
    return [case for case in product((0, 1), repeat=X.shape[1]) if case not in seen]


def dense(units, activation):
    return SimpleNamespace(units=units, activation=SimpleNamespace(__name__=activation))


def model(units, activation, loss, hidden=(4,), inputs=2, inner="relu", **kwargs):
    """What the check reads of a compiled Keras model."""
    if kwargs:  # an object of a class such as BinaryCrossentropy, with any name
        camel = loss.title().replace("_", "")
        loss = type(camel, (), {"_fn_kwargs": kwargs, "name": "loss"})()
    layers = [*(dense(width, inner) for width in hidden), dense(units, activation)]
    built = {"built": True, "input_shape": (None, inputs)}
    return lambda: SimpleNamespace(layers=layers, loss=loss, **built)


def table(true, predicted):
    frame = pd.DataFrame({"true": true, "predicted": predicted})
    return frame[frame["true"] != frame["predicted"]].reset_index(drop=True)


def honest(fit, X, y, rng):
    order = rng.permutation(len(X))
    n = len(X) // 4
    return fit(X[order[n:]], y[order[n:]]).score(X[order[:n]], y[order[:n]])


def cut(aside, kept):
    """Split by fixed rows."""
    return lambda fit, X, y, rng: fit(X[kept], y[kept]).score(X[aside], y[aside])


def multi_hot(reviews, num_words):
    table = sparse.lil_array((len(reviews), num_words))
    for row, review in enumerate(reviews):
        for word in review:
            table[row, word] = 1
    return table.tocsr()


def full_first(dtype):
    def multi_hot(reviews, num_words):
        table = np.zeros((len(reviews), num_words), dtype)
        for row, review in enumerate(reviews):
            table[row, review] = 1
        return sparse.csr_array(table)

    return multi_hot


def row_by_row(reviews, num_words):
    one_row = full_first(bool)
    return sparse.vstack([one_row([review], num_words) for review in reviews], format="csr")


def from_lists(reviews, num_words):
    words = [set(review.tolist()) for review in reviews]
    return sparse.csr_array([[int(w in known) for w in range(num_words)] for known in words])


def counts(reviews, num_words):
    table = np.array([np.bincount(review, minlength=num_words) for review in reviews])
    return sparse.csr_matrix(table)


EVERY_FOURTH = np.arange(0, 40, 4)
OTHERS = np.setdiff1d(np.arange(40), EVERY_FOURTH)
SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"

RIGHT = [
    (1, missing),
    (1, lambda X: [list(case) for case in missing(X)]),
    (2, model(2, "softmax", SPARSE)),
    (2, model(1, "sigmoid", BINARY)),
    (2, model(2, "linear", SPARSE, from_logits=True)),
    (2, model(1, "linear", BINARY, from_logits=True)),
    (2, model(2, "softmax", SPARSE, from_logits=False)),
    (3, (0.02, 0.9)),
    (3, np.array([0.01, 0.95])),
    (4, table),
    (5, honest),
    (6, multi_hot),
    (6, row_by_row),
    (6, lambda r, n: multi_hot(r, n).tocsc().tocsr()),
    (6, lambda r, n: sparse.csr_matrix(multi_hot(r, n))),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"debugging/{number}", answer).passed


unseeded = np.random.default_rng(0)


def mismatched(fit, X, y, rng):
    order = rng.permutation(len(X))
    return fit(X[order[10:]], y[:30]).score(X[order[:10]], y[30:])


MISTAKES = [
    (1, lambda X: missing(X)[::-1], "not in sorted order"),
    (1, lambda X: missing(X) * 2, "more than once"),
    (1, lambda X: sorted({tuple(r) for r in X.tolist()}), "do occur"),
    (1, lambda X: [(1, 1)], "2 ** 3"),
    (1, lambda X: [(1, 0)], "the missing cases are"),
    (1, lambda X: 3, "list of rows"),
    (1, 3, "should be a function"),
    (2, model(2, "softmax", BINARY), "Still the old pair"),
    (2, model(1, "softmax", BINARY), "always says 1"),
    (2, model(2, "softmax", "categorical_crossentropy"), "one-hot rows"),
    (2, model(2, "softmax", "mse"), "one of the cross-entropies"),
    (2, model(2, "softmax", SPARSE, from_logits=True), "yours are probabilities"),
    (2, model(2, "linear", SPARSE), "from_logits=True"),
    (2, model(3, "softmax", SPARSE), "needs 2 unit"),
    (2, model(1, "relu", BINARY), "needs a sigmoid"),
    (2, model(2, "softmax", None), "not compiled"),
    (2, model(2, "softmax", SPARSE, hidden=()), "one hidden layer, of four units"),
    (2, model(2, "softmax", SPARSE, hidden=(2,)), "one hidden layer, of four units"),
    (2, model(2, "softmax", SPARSE, inputs=3), "two inputs"),
    (2, model(2, "softmax", SPARSE, inner="linear"), "adds nothing"),
    (2, lambda: 5, "ends in a Dense layer"),
    (3, (0.01, 0.99), "still that of the broken notebook"),
    (3, (0.1, 0.9), "still that of the broken notebook"),
    (3, (0.5, 0.5), "still that of the broken notebook"),
    (3, (0.05, 0.99), "smaller"),
    (3, (0.001, 0.5), "too slow"),
    (3, (1e-6, 0), "too slow"),
    (3, (10, 0), "worse than a coin"),
    (3, (0.9, 1.0), "from 0 to less than 1"),
    (3, 0.02, "shape"),
    (4, lambda t, p: table(t, p)[["predicted", "true"]], "wrong order"),
    (4, lambda t, p: table(p, t), "changed places"),
    (4, lambda t, p: pd.DataFrame({"true": t, "predicted": p}), "All rows"),
    (4, lambda t, p: pd.DataFrame({"true": t, "predicted": p})[t != p], "reset the index"),
    (4, lambda t, p: table(t, p)[:2], "Three of the predictions"),
    (4, lambda t, p: table(t, p)[::-1].reset_index(drop=True), "not those"),
    (4, lambda t, p: [(8, 3)], "data frame"),
    (5, lambda fit, X, y, rng: fit(X, y).score(X, y), "known by heart"),
    (5, mismatched, "come apart"),
    (5, cut(EVERY_FOURTH[:5], OTHERS), "Put aside a quarter"),
    (5, cut(np.arange(10), np.arange(10, 40)), "draw them"),
    (5, cut(np.arange(30, 40), np.arange(30)), "draw them"),
    (5, cut(EVERY_FOURTH, OTHERS), "Another generator"),
    (5, lambda fit, X, y, rng: honest(fit, X, y, unseeded), "rng alone"),
    (5, lambda fit, X, y, rng: honest(fit, X, y, rng) + 0.1, "Return what score says"),
    (5, lambda fit, X, y, rng: 0.5, "Call fit"),
    (6, lambda r, n: multi_hot(r, n).toarray(), "full array"),
    (6, lambda r, n: multi_hot(r, n).tocsc(), "format CSR"),
    (6, full_first(float), "full table on the way"),
    (6, full_first(bool), "full table on the way"),
    (6, from_lists, "full table on the way"),
    (6, lambda r, n: multi_hot(r, n + 1), "shape"),
    (6, counts, "counted twice"),
    (6, lambda r, n: multi_hot([w - 1 for w in r], n), "shifted by one"),
    (6, lambda r, n: multi_hot(r[::-1], n), "wrong places"),
]


@pytest.mark.parametrize(("number", "answer", "hint"), MISTAKES)
def test_each_mistake_has_its_hint(number, answer, hint):
    result = check(f"debugging/{number}", answer)
    assert result.status == "wrong"
    assert hint in result.message


@pytest.mark.parametrize("number", range(1, 7))
@pytest.mark.parametrize("answer", ["text", 3.5, [1, 2, 3], {"a": 1}, np.ones((2, 2))])
def test_other_kinds_get_a_hint_and_no_traceback(number, answer):
    result = check(f"debugging/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", range(1, 7))
def test_placeholders_are_open(number):
    assert check(f"debugging/{number}", ...).status == "open"


@pytest.mark.parametrize("number", [1, 2, 4, 5, 6])
def test_a_function_that_returns_the_placeholder_is_open(number):
    assert check(f"debugging/{number}", lambda *args: ...).status == "open"


@pytest.mark.parametrize(
    ("units", "activation", "loss", "right"),
    [(2, "softmax", SPARSE, True), (1, "sigmoid", BINARY, True), (2, "softmax", BINARY, False)],
)
def test_it_reads_real_keras_models(units, activation, loss, right):
    import keras

    def build(loss=loss):
        layers = [keras.layers.Dense(4, "relu"), keras.layers.Dense(units, activation)]
        model = keras.Sequential([keras.Input((2,)), *layers])
        model.compile("sgd", loss=loss)
        return model

    assert check("debugging/2", build).passed == right
    function = getattr(keras.losses, loss)
    assert check("debugging/2", lambda: build(function)).passed == right
    if loss == SPARSE:
        instance = keras.losses.SparseCategoricalCrossentropy()
        assert check("debugging/2", lambda: build(instance)).passed
        logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        assert "yours are probabilities" in check("debugging/2", lambda: build(logits)).message


@pytest.mark.parametrize("name", ["bce", "BinaryCrossentropy", "binary_crossentropy"])
def test_it_knows_a_loss_by_any_of_its_names(name):
    assert check("debugging/2", model(1, "sigmoid", name)).passed
    assert "Still the old pair" in check("debugging/2", model(2, "softmax", name)).message


def test_a_loss_that_keras_does_not_know_gets_a_hint():
    assert "cross-entropies" in check("debugging/2", model(2, "softmax", "nonsense")).message


@pytest.mark.parametrize(
    ("inputs", "hidden", "hint"),
    [
        ([2], ["relu"], ""),
        ([], ["relu"], ""),
        ([2], [None, "a layer"], ""),
        ([2], [None], "adds nothing"),
        ([3], ["relu"], "two inputs"),
    ],
)
def test_it_reads_inputs_and_hidden_activation_of_real_models(inputs, hidden, hint):
    import keras

    def build():
        layers = [keras.Input((n,)) for n in inputs]
        layers += [keras.layers.Dense(4, hidden[0])]
        layers += [keras.layers.ReLU() for _ in hidden[1:]]
        model = keras.Sequential([*layers, keras.layers.Dense(1, "sigmoid")])
        model.compile("sgd", loss=keras.losses.BinaryCrossentropy(name="loss"))
        return model

    result = check("debugging/2", build)
    assert result.passed == (not hint)
    assert hint in result.message
