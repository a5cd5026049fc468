"""train_many against Keras, against finite differences, and against its own promises."""

import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array, csr_matrix
from threadpoolctl import threadpool_info, threadpool_limits

from nnutils import make_xor, train_many, training

SEED, N_NETS, N, N_FEATURES, BATCH, EPOCHS = 7, 3, 50, 6, 16, 3  # the last batch holds 2 rows
ROUTES = [(False, False), (False, True), (True, False), (True, True)]  # CSR rows, shared batches


def streams(net, seed=SEED, n_nets=N_NETS):
    """The three generators of one net, as the docstring of train_many promises."""
    return np.random.default_rng(seed).spawn(n_nets)[net].spawn(3)


def make_data(loss, n=N, seed=0):
    """Rows with many zeros, so that they can be sparse, and targets that fit the loss."""
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(n, N_FEATURES)) * (rng.random((n, N_FEATURES)) < 0.5)).astype("float32")
    total = X.sum(axis=1)
    if loss == "binary_crossentropy":
        return X, (total > 0).astype(int)
    if loss == "sparse_categorical_crossentropy":
        return X, np.digitize(total, [-0.7, 0.7])
    return X, np.column_stack([np.sin(total), total])


def random_starts(sizes, seed=1, n_nets=N_NETS, scale=0.7):
    """Weights for every net, with biases away from 0."""
    rng = np.random.default_rng(seed)
    shapes = [s for a, b in pairwise(sizes) for s in ((a, b), (b,))]
    return [[rng.normal(0, scale, s).astype("float32") for s in shapes] for _ in range(n_nets)]


def all_weights(nets):
    return [w for net in range(len(nets.kernels[0])) for w in nets.get_weights(net)]


def assert_same_weights(one, other, atol=1e-6):
    for a, b in zip(all_weights(one), all_weights(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


# ------------------------------------------------------------------ equality with Keras


def fit_keras(keras, X, y, start, orders, *, hidden, loss, activation, optimizer, l2, validation):
    """Train one net by itself, batch after batch, in the orders given."""
    last = {"binary_crossentropy": "sigmoid", "mse": "linear"}.get(loss, "softmax")
    model = keras.Sequential([keras.Input((X.shape[1],))])
    widths, activations = [*hidden, start[-1].size], [*[activation] * len(hidden), last]
    for units, name, penalty in zip(widths, activations, l2, strict=True):
        regularizer = keras.regularizers.L2(penalty) if penalty else None
        model.add(keras.layers.Dense(units, name, kernel_regularizer=regularizer))
    model.set_weights(start)
    # The loss as a metric is the data loss alone, while Keras's own "loss" has the penalty in it.
    metrics = [loss] if loss == "mse" else ["accuracy", loss]
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics, run_eagerly=True)
    y, history = y.reshape(len(y), -1), []
    for order in orders:
        epoch = Counter()
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            batch = model.train_on_batch(X[rows], y[rows], return_dict=True)
            for name, value in batch.items():  # a mean over the batch
                epoch[name] += value * len(rows) / len(order)
        scores = model.test_on_batch(*validation, return_dict=True)
        history.append({**epoch} | {f"val_{name}": value for name, value in scores.items()})
    return model, {name: np.array([epoch[name] for epoch in history]) for name in history[0]}


@pytest.mark.parametrize(
    ("optimizer", "momentum", "loss", "activation", "hidden", "l2"),
    [
        ("sgd", 0.0, "binary_crossentropy", "relu", (5, 4), 0.0),
        ("sgd", 0.9, "sparse_categorical_crossentropy", "tanh", (5, 4), 0.0),
        ("rmsprop", 0.0, "mse", "sigmoid", (5, 4), 0.0),
        ("sgd", 0.9, "mse", "relu", (4,), 0.0),
        ("rmsprop", 0.0, "binary_crossentropy", "tanh", (5, 4), (0.01, 0.02, 0.0)),
        ("sgd", 0.0, "sparse_categorical_crossentropy", "sigmoid", (4,), 0.03),
        ("rmsprop", 0.0, "sparse_categorical_crossentropy", "relu", (5, 4), 0.0),
        ("rmsprop", 0.0, "sparse_categorical_crossentropy", "relu", (), 0.01),
    ],
)
def test_each_net_equals_keras_alone(keras, optimizer, momentum, loss, activation, hidden, l2):
    X, y = make_data(loss)
    X_val, y_val = make_data(loss, n=21, seed=5)
    starts = random_starts([N_FEATURES, *hidden, {"b": 1, "s": 3, "m": 2}[loss[0]]])
    nets = train_many(
        X, y, loss=loss, hidden=hidden, n_nets=N_NETS, activation=activation, l2=l2,
        optimizer=optimizer, momentum=momentum, learning_rate=0.02, batch_size=BATCH,
        epochs=EPOCHS, initial_weights=starts, validation_data=(X_val, y_val), rng=SEED,
    )  # fmt: skip
    for net in (0, N_NETS - 1):
        _, order, _ = streams(net)
        rule = (
            keras.optimizers.RMSprop(0.02)
            if optimizer == "rmsprop"
            else keras.optimizers.SGD(0.02, momentum=momentum)
        )
        model, expected = fit_keras(
            keras, X, y, starts[net], [order.permutation(N) for _ in range(EPOCHS)],
            hidden=hidden, loss=loss, activation=activation, optimizer=rule,
            l2=np.broadcast_to(l2, len(hidden) + 1),
            validation=(X_val, y_val.reshape(len(y_val), -1)),
        )  # fmt: skip
        for ours, theirs in zip(nets.get_weights(net), model.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=5e-6)
        got = {name: values[:, net] for name, values in nets.history.items()}
        same = {"loss": loss, "val_loss": f"val_{loss}"}  # our name for it, and Keras's
        for name, values in got.items():
            np.testing.assert_allclose(values, expected[same.get(name, name)], rtol=1e-5, atol=2e-6)
        outputs = np.asarray(model(X_val))
        np.testing.assert_allclose(nets.predict(X_val)[net], outputs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("shared", [False, True])
def test_csr_rows_equal_keras_on_dense_rows(keras, shared):
    X, y = make_data("binary_crossentropy")
    starts = random_starts([N_FEATURES, 5, 4, 1])
    nets = train_many(
        csr_array(X), y, loss="binary_crossentropy", hidden=(5, 4), n_nets=N_NETS,
        learning_rate=0.01, batch_size=BATCH, epochs=EPOCHS, initial_weights=starts,
        shared_batches=shared, rng=SEED,
    )  # fmt: skip
    net = N_NETS - 1
    _, order, _ = streams(0 if shared else net)
    model, expected = fit_keras(
        keras, X, y, starts[net], [order.permutation(N) for _ in range(EPOCHS)], hidden=(5, 4),
        loss="binary_crossentropy", activation="relu", optimizer=keras.optimizers.RMSprop(0.01),
        l2=[0, 0, 0], validation=(X, y[:, None]),
    )  # fmt: skip
    for ours, theirs in zip(nets.get_weights(net), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=5e-6)
    np.testing.assert_allclose(nets.history["loss"][:, net], expected["loss"], rtol=1e-5)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
def test_default_learning_rates_are_those_of_keras(keras, optimizer):
    X, y = make_data("mse")
    given = {"optimizer": optimizer, "loss": "mse", "epochs": 1, "n_nets": 1, "rng": 0}
    rate = float(keras.optimizers.get(optimizer).learning_rate)
    assert_same_weights(train_many(X, y, **given), train_many(X, y, learning_rate=rate, **given), 0)


# ------------------------------------------------- gradients and dropout, by finite differences


def reference_loss(weights, X, y, masks, loss, activation, l2):
    """Loss of one net, written out plainly: nothing stable, nothing shared with the module."""
    a, n_layers = X, len(weights) // 2
    for layer in range(n_layers):
        a = a @ weights[2 * layer] + weights[2 * layer + 1]
        if layer < n_layers - 1:
            a = {
                "relu": lambda z: np.where(z > 0, z, 0),
                "tanh": np.tanh,
                "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
            }[activation](a)
            a = a * masks[layer]
    penalty = sum(factor * (W**2).sum() for factor, W in zip(l2, weights[::2], strict=True))
    if loss == "mse":
        return ((a - y) ** 2).mean() + penalty
    if loss == "binary_crossentropy":
        p = 1 / (1 + np.exp(-a[:, 0]))
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean() + penalty
    p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean() + penalty


def numerical_gradient(f, weights, h=1e-5):
    gradients = [np.zeros_like(w) for w in weights]
    for w, g in zip(weights, gradients, strict=True):
        for index in np.ndindex(w.shape):
            value = w[index]
            w[index] = value + h
            above = f(weights)
            w[index] = value - h
            g[index] = (above - f(weights)) / (2 * h)
            w[index] = value
    return gradients


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("binary_crossentropy", "tanh"),
        ("sparse_categorical_crossentropy", "sigmoid"),
        ("mse", "relu"),
    ],
)
def test_dropout_training_equals_finite_differences_under_the_documented_masks(loss, activation):
    X, y = make_data(loss, n=10)
    dropout, l2, rate = 0.375, (0.01, 0.0, 0.02), 0.3
    sizes = [N_FEATURES, 4, 3, {"b": 1, "s": 3, "m": 2}[loss[0]]]
    starts = random_starts(sizes, n_nets=2)
    nets = train_many(
        X, y, loss=loss, hidden=(4, 3), n_nets=2, activation=activation, optimizer="sgd",
        learning_rate=rate, batch_size=6, epochs=2, l2=l2, dropout=dropout,
        initial_weights=starts, rng=SEED,
    )  # fmt: skip
    for net in range(2):
        _, order, mask = streams(net, n_nets=2)
        weights = [w.astype(float) for w in starts[net]]
        for _ in range(2):
            permutation = order.permutation(10)
            for rows in (permutation[:6], permutation[6:]):
                draws = [mask.random((len(rows), units), np.float32) for units in (4, 3)]
                masks = [(drawn >= dropout) / (1 - dropout) for drawn in draws]

                def f(weights, rows=rows, masks=masks):
                    return reference_loss(weights, X[rows], y[rows], masks, loss, activation, l2)

                for w, g in zip(weights, numerical_gradient(f, weights), strict=True):
                    w -= rate * g
        for ours, theirs in zip(nets.get_weights(net), weights, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-6)


@pytest.mark.parametrize("rate", [0.25, 0.5])
def test_dropout_keeps_the_expected_output_and_predict_has_none(rate):
    # Every hidden unit gives 1 and the output is their mean, so in training it is the mean of
    # the mask: expectation 1, variance rate / (1 - rate) / units.
    units, n = 40, 4000
    start = [np.zeros((1, units)), np.ones(units), np.full((units, 1), 1 / units), np.zeros(1)]
    given = {
        "loss": "mse", "hidden": (units,), "n_nets": 2, "dropout": rate, "batch_size": n,
        "optimizer": "sgd", "initial_weights": [start, start], "rng": 0,
    }  # fmt: skip
    X, variance = np.ones((n, 1)), rate / (1 - rate) / units
    about_one = train_many(X, np.ones(n), epochs=1, **given).history["loss"][0]
    about_zero = train_many(X, np.zeros(n), epochs=1, **given).history["loss"][0]
    np.testing.assert_allclose(about_one, variance, rtol=0.15)
    # E[(m - 1)²] and E[m²] together give the mean of the mask, exactly as it was drawn.
    np.testing.assert_allclose((1 + about_zero - about_one) / 2, 1, atol=0.01)
    assert about_one[0] != about_one[1]
    untrained = train_many(X, np.ones(n), epochs=0, **given)
    np.testing.assert_allclose(untrained.predict(X[:5]), np.ones((2, 5, 1)), atol=1e-6)


def test_validation_is_without_dropout():
    X, y = make_data("binary_crossentropy")
    given = {"loss": "binary_crossentropy", "n_nets": 2, "dropout": 0.5, "epochs": 2, "rng": 0}
    nets = train_many(X, y, validation_data=(X, y), **given)
    p = nets.predict(X)[..., 0].astype(float)
    expected = -np.log(np.where(y == 1, p, 1 - p)).mean(axis=1)
    np.testing.assert_allclose(nets.history["val_loss"][-1], expected, rtol=1e-5)
    np.testing.assert_allclose(nets.history["val_accuracy"][-1], nets.score(X, y))


# ------------------------------------------------------------- independence, random numbers


@pytest.mark.parametrize(("sparse", "shared"), ROUTES)
def test_a_net_in_a_group_equals_the_net_alone(sparse, shared):
    X, y = make_data("sparse_categorical_crossentropy")
    X = csr_array(X) if sparse else X
    given = {
        "loss": "sparse_categorical_crossentropy", "hidden": (5, 4), "epochs": EPOCHS,
        "dropout": 0.2, "l2": 0.01, "batch_size": BATCH, "shared_batches": shared,
    }  # fmt: skip
    group = train_many(X, y, n_nets=5, rng=SEED, **given)
    for net in [0] if shared else range(5):
        rng = np.random.default_rng(SEED)
        rng.spawn(net)  # skip the children of the nets before
        alone = train_many(X, y, n_nets=1, rng=rng, **given)
        for a, b in zip(group.get_weights(net), alone.get_weights(0), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)
        for name, values in alone.history.items():
            np.testing.assert_allclose(group.history[name][:, net], values[:, 0], rtol=1e-5)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("as_csr", [csr_array, csr_matrix])
@pytest.mark.parametrize("hidden", [(), (5, 4)])
def test_csr_rows_equal_dense_rows(hidden, as_csr, shared):
    X, y = make_data("sparse_categorical_crossentropy")
    given = {
        "loss": "sparse_categorical_crossentropy", "hidden": hidden, "n_nets": N_NETS,
        "epochs": EPOCHS, "batch_size": BATCH, "shared_batches": shared, "rng": SEED,
    }  # fmt: skip
    dense = train_many(X, y, validation_data=(X, y), **given)
    sparse = train_many(as_csr(X), y, validation_data=(as_csr(X), y), **given)
    assert_same_weights(dense, sparse)
    for name, values in dense.history.items():
        np.testing.assert_allclose(sparse.history[name], values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(sparse.predict(as_csr(X)), dense.predict(X), atol=1e-6)


def test_shared_batches_change_the_order_of_all_nets_but_the_first():
    X, y = make_data("mse")
    given = {"loss": "mse", "n_nets": 2, "epochs": 1, "batch_size": BATCH, "rng": 0}
    own, shared = (train_many(X, y, shared_batches=shared, **given) for shared in (False, True))
    first, second = (np.abs(own.kernels[0] - shared.kernels[0])[net].max() for net in (0, 1))
    assert first < 1e-6 < 1e-4 < second


def test_same_rng_same_nets_and_every_net_differs():
    X, y = make_data("binary_crossentropy")
    given = {"loss": "binary_crossentropy", "epochs": 2, "batch_size": BATCH}
    state = np.random.get_state()[1].tolist()  # noqa: NPY002 (nothing may touch the global one)
    nets = train_many(X, y, n_nets=4, rng=3, **given)
    again = train_many(X, y, n_nets=4, rng=np.random.default_rng(3), **given)
    other = train_many(X, y, n_nets=4, rng=4, **given)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    assert_same_weights(nets, again, 0)
    p = np.concatenate([nets.predict(X), other.predict(X)])
    assert len(np.unique(p.round(5), axis=0)) == 8
    few = train_many(X, y, n_nets=2, rng=3, **given)
    np.testing.assert_allclose(few.predict(X), nets.predict(X)[:2], atol=1e-6)


def test_start_is_glorot_uniform_with_zero_biases_and_does_not_depend_on_other_settings():
    X, y = np.ones((4, 300)), [0, 1, 2, 1]
    given = {"loss": "sparse_categorical_crossentropy", "hidden": (100,), "n_nets": 2, "rng": 1}
    start = train_many(X, y, epochs=0, **given)
    assert start.history == {}
    for W, b in zip(start.kernels, start.biases, strict=True):
        limit = np.sqrt(6 / (W.shape[1] + W.shape[2]))
        assert 0.97 * limit < np.abs(W).max() <= limit
        np.testing.assert_allclose(W.std(), limit / np.sqrt(3), rtol=0.05)
        assert not b.any()
    rng, _, _ = streams(1, seed=1, n_nets=2)
    limit = np.sqrt(6 / 400)
    expected = rng.uniform(-limit, limit, (300, 100)).astype("float32")
    np.testing.assert_array_equal(start.get_weights(1)[0], expected)
    other = train_many(X, y, epochs=0, dropout=0.5, l2=0.1, shared_batches=True, **given)
    assert_same_weights(start, other, 0)


def test_best_is_each_net_after_its_epoch_of_lowest_validation_loss():
    X, y = make_data("binary_crossentropy")
    X_val, y_val = make_data("binary_crossentropy", seed=9)
    setting = {"loss": "binary_crossentropy", "hidden": (8,), "batch_size": 8, "rng": SEED}
    setting |= {"learning_rate": 0.05, "n_nets": N_NETS}
    nets = train_many(X, y, epochs=12, validation_data=(X_val, y_val), **setting)
    losses = nets.history["val_loss"]
    epochs = losses.argmin(axis=0) + 1
    assert len(set(epochs)) > 1  # else the nets could have been mixed up unseen
    assert epochs.max() < 12  # and the last epoch could have been kept
    for net, n_epochs in enumerate(epochs):
        stopped = train_many(X, y, epochs=int(n_epochs), **setting)
        for kept, w in zip(nets.best.get_weights(net), stopped.get_weights(net), strict=True):
            np.testing.assert_array_equal(kept, w)
    assert nets.best.history is nets.history
    assert nets.best.best is None
    assert train_many(X, y, epochs=1, **setting).best is None
    start = train_many(X, y, epochs=0, validation_data=(X_val, y_val), **setting)
    assert_same_weights(start.best, start, atol=0)


def test_best_of_a_net_that_diverges_is_its_last_good_epoch():
    X, y = make_data("mse")
    nets = train_many(
        X,
        y,
        loss="mse",
        epochs=30,
        hidden=(8,),
        optimizer="sgd",
        learning_rate=3.0,
        n_nets=N_NETS,
        validation_data=(X, y),
        rng=SEED,
    )
    assert not np.isfinite(nets.kernels[0]).all()
    assert all(np.isfinite(w).all() for w in nets.best.kernels + nets.best.biases)


def test_a_net_that_diverges_leaves_the_others_alone_and_is_silent():
    X, y = make_data("mse")
    sane, wild = random_starts([N_FEATURES, 4, 2], n_nets=2)
    wild = [1e25 * w for w in wild]
    given = {"loss": "mse", "hidden": (4,), "optimizer": "sgd", "epochs": 2, "rng": 0}
    pair = train_many(X, y, n_nets=2, initial_weights=[sane, wild], **given)
    alone = train_many(X, y, n_nets=1, initial_weights=[sane], **given)
    assert not np.isfinite(pair.history["loss"][-1, 1])
    assert not np.isfinite(pair.predict(X)[1]).any()
    np.testing.assert_allclose(pair.history["loss"][:, 0], alone.history["loss"][:, 0], rtol=1e-5)
    np.testing.assert_allclose(pair.predict(X)[0], alone.predict(X)[0], atol=1e-6)


# ------------------------------------------------------------------------- results


def test_nets_learn_and_score_is_the_share_of_right_classes():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    X = rng.normal(0, 0.4, (300, 2)) + np.array([[-2, 0], [2, 0], [0, 3]])[y]
    nets = train_many(
        X, y, loss="sparse_categorical_crossentropy", epochs=20, learning_rate=0.01, rng=0
    )
    assert nets.score(X, y).shape == (10,)
    assert nets.score(X, y[:, None]).min() > 0.95
    assert nets.history["accuracy"].shape == nets.history["loss"].shape == (20, 10)
    p = nets.predict(X)
    np.testing.assert_allclose(nets.score(X, y), (p.argmax(axis=2) == y).mean(axis=1))
    np.testing.assert_allclose(p.sum(axis=2), 1, atol=1e-6)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "sparse_categorical_crossentropy"])
def test_extreme_logits_stay_finite(loss):
    # Logits of +-2000: every exponential written plainly overflows or takes the log of 0.
    X, y = np.array([[1.0], [-1.0], [1.0], [-1.0]]), [1, 0, 0, 1]
    W = [[-1000.0, 1000.0]] if loss[0] == "s" else [[2000.0]]
    nets = train_many(
        X, y, loss=loss, hidden=(), n_nets=1, epochs=1, batch_size=4, optimizer="sgd",
        initial_weights=[[W, np.zeros(len(W[0]))]], rng=0,
    )  # fmt: skip
    np.testing.assert_allclose(nets.history["loss"], [[1000.0]])  # two right, two wrong by 2000
    np.testing.assert_allclose(nets.history["accuracy"], [[0.5]])
    np.testing.assert_allclose(nets.predict(X)[0, :, -1], [1, 0, 1, 0])


@pytest.mark.parametrize(("sparse", "shared"), ROUTES)
def test_parts_of_rows_change_nothing(monkeypatch, sparse, shared):
    X, y = make_data("binary_crossentropy")
    X = csr_array(X) if sparse else X
    given = {
        "loss": "binary_crossentropy", "epochs": 2, "n_nets": 3, "l2": 0.01, "rng": 0,
        "validation_data": (X, y), "shared_batches": shared,
    }  # fmt: skip
    whole = train_many(X, y, **given)
    expected = whole.predict(X)
    monkeypatch.setattr(training, "_ROWS", 7)
    parts = train_many(X, y, **given)
    assert_same_weights(whole, parts)
    np.testing.assert_allclose(parts.predict(X), expected, atol=1e-6)
    np.testing.assert_allclose(parts.history["val_loss"], whole.history["val_loss"], rtol=1e-5)


def test_settings_may_be_numbers_of_numpy():
    """They must not turn the arithmetic into float64."""
    X, y = make_data("binary_crossentropy")
    settings = {"learning_rate": 0.1, "momentum": 0.9, "dropout": 0.25, "l2": 0.01}
    recipe = {"loss": "binary_crossentropy", "optimizer": "sgd", "epochs": 3, "rng": 0}
    nets = train_many(X, y, **recipe, **settings)
    same = train_many(X, y, **recipe, **{k: np.float64(v) for k, v in settings.items()})
    for a, b in zip(all_weights(nets), all_weights(same), strict=True):
        np.testing.assert_array_equal(a, b)


def test_inputs_are_left_as_they_were_and_results_are_float32():
    X, y = make_data("binary_crossentropy")
    X_before, starts = X.copy(), random_starts([N_FEATURES, 4, 1])
    before = [[w.copy() for w in net] for net in starts]
    given = {"loss": "binary_crossentropy", "hidden": (4,), "n_nets": N_NETS, "epochs": 1}
    nets = train_many(X, y, initial_weights=starts, rng=0, **given)
    np.testing.assert_array_equal(X, X_before)
    for net, old in zip(starts, before, strict=True):
        for a, b in zip(net, old, strict=True):
            np.testing.assert_array_equal(a, b)
    assert {w.dtype for w in [*all_weights(nets), nets.predict(X)]} == {np.dtype("float32")}
    doubles = [[w.astype(float) for w in net] for net in starts]
    again = train_many(X.astype(float), y.astype(float), initial_weights=doubles, rng=0, **given)
    assert {w.dtype for w in [*all_weights(again), again.predict(X)]} == {np.dtype("float32")}
    assert_same_weights(nets, again, 0)
    nets.get_weights(0)[0][:] = 0
    assert nets.kernels[0][0].any()
    assert repr(nets) == "TrainedMany(activation='relu', loss='binary_crossentropy')"


def test_lists_and_booleans_are_welcome():
    X, y = make_data("binary_crossentropy")
    given = {"loss": "binary_crossentropy", "n_nets": 2, "epochs": 1, "rng": 0}
    nets = train_many(X, y, hidden=(4,), **given)
    assert_same_weights(nets, train_many(X.tolist(), (y == 1).tolist(), hidden=[4], **given), 0)
    assert_same_weights(nets, train_many(X, y[:, None], hidden=np.array([4]), **given), 0)


def test_works_alike_without_threadpoolctl(monkeypatch):
    X, y = make_data("mse")
    given = {"loss": "mse", "n_nets": 2, "epochs": 1, "rng": 0}
    nets = train_many(X, y, **given)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    monkeypatch.setattr(training, "_blas", training._blas.__wrapped__)  # not the one kept
    assert training._blas() is None
    assert_same_weights(nets, train_many(X, y, **given))


def test_blas_has_one_thread_at_work_and_afterwards_what_it_had(monkeypatch):
    def threads():
        return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}

    def watched(*args):
        seen.append(threads())
        return forward(*args)

    assert threads() or sys.platform == "darwin"  # Apple's BLAS cannot be told a number
    seen, forward = [], training._forward
    monkeypatch.setattr(training, "_forward", watched)
    training._blas.cache_clear()  # a test before this one may have loaded SciPy's own since
    X, y = make_data("mse")
    for n in (2, 3):  # what it had the second time, not what was kept
        with threadpool_limits(n, user_api="blas"):
            train_many(X, y, loss="mse", n_nets=2, epochs=1, rng=0).predict(X)
            assert threads() <= {n}
    assert len(seen) > 2
    assert all(found <= {1} for found in seen)


def test_import_needs_numpy_alone():
    code = (
        "import sys, nnutils.training as t; "
        "t.train_many([[0.0], [1.0]], [0, 1], loss='binary_crossentropy', epochs=1); "
        "print(sorted({'scipy', 'sklearn', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# -------------------------------------------------------------------------- errors

NAN = np.array([[np.nan, 0.0]] * 4)
START = random_starts([2, 3, 1], n_nets=2)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"loss": "hinge"}, ValueError, "loss must be one of .* got 'hinge'"),
        ({"activation": "gelu"}, ValueError, "activation must be one of .* got 'gelu'"),
        ({"optimizer": "adam"}, ValueError, "optimizer must be one of .* got 'adam'"),
        ({"hidden": (3, 0)}, ValueError, "every width in hidden must be .* got 0"),
        ({"hidden": (2.5,)}, ValueError, "every width in hidden must be .* got 2.5"),
        ({"n_nets": 0}, ValueError, "n_nets must be .* got 0"),
        ({"batch_size": 0}, ValueError, "batch_size must be .* got 0"),
        ({"epochs": -1}, ValueError, "epochs must be .* got -1"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be .* got 0.0"),
        ({"learning_rate": np.nan}, ValueError, "learning_rate must be .* got nan"),
        ({"optimizer": "sgd", "momentum": 1.0}, ValueError, "momentum .* less than 1; got 1.0"),
        ({"momentum": 0.9}, ValueError, "momentum is for 'sgd' alone, .* got 0.9"),
        ({"l2": -0.1}, ValueError, r"l2 must be one number or .* got \[-0.1, -0.1\]"),
        (
            {"l2": (0.1, 0.1, 0.1)},
            ValueError,
            r"l2 must be .* one per layer, .* got \[0.1, 0.1, 0.1\]",
        ),
        ({"dropout": 1.0}, ValueError, "dropout must be .* less than 1; got 1.0"),
        ({"X": np.zeros(4)}, ValueError, r"X must have shape .* got \(4,\)"),
        ({"X": np.zeros((0, 2))}, ValueError, r"X must have shape .* got \(0, 2\)"),
        ({"X": NAN}, ValueError, "X must be finite"),
        ({"X": csr_array(NAN)}, ValueError, "X must be finite"),
        ({"X": np.full((4, 2), -np.inf)}, ValueError, "X must be finite"),
        (
            {"X": [["a", "b"]] * 4},
            ValueError,
            "X must be finite real .* got array",
        ),
        ({"X": coo_array(np.eye(4))}, ValueError, "X must be .* CSR matrix; got array"),
        ({"X": np.zeros((4, 2), complex)}, ValueError, r"X must be .* real numbers .* 0.\+0.j"),
        ({"y": [0, 1]}, ValueError, r"y must have shape \(4, 1\), .* got \(2,\)"),
        ({"y": np.zeros((4, 2))}, ValueError, r"y must have shape \(4, 1\), .* got \(4, 2\)"),
        ({"y": [0, 1, 2, 1]}, ValueError, r"whole numbers from 0 to 1 .* got \[0, 1, 2\]"),
        ({"y": [-1, 1, -1, 1]}, ValueError, r"whole numbers from 0 to 1 .* got \[-1, 1\]"),
        ({"y": [0, 1, 0.5, 1]}, ValueError, "whole numbers from 0 to 1"),
        ({"y": [0, 1, np.nan, 1]}, ValueError, "y must be finite real numbers"),
        ({"y": list("abab")}, ValueError, "y must be finite real numbers .* got array.*'b'"),
        ({"y": [-1, 0, 1, 2], "loss": "sparse_categorical_crossentropy"}, ValueError, "from 0 to"),
        ({"validation_data": (np.zeros((4, 3)), [0] * 4)}, ValueError, "validation X must have"),
        ({"validation_data": (np.zeros((4, 2)), [0] * 3)}, ValueError, "validation y must have"),
        (
            {
                "loss": "sparse_categorical_crossentropy",
                "validation_data": (np.zeros((1, 2)), [2]),
            },
            ValueError,
            r"validation y must hold whole numbers from 0 to 1 .* got \[2\]",
        ),
        (
            {"loss": "mse", "validation_data": (np.zeros((1, 2)), [[2, 2]])},
            ValueError,
            r"validation y must have shape \(1, 1\), .* got \(1, 2\)",
        ),
        ({"hidden": 16}, ValueError, "hidden must be a tuple .* got 16"),
        ({"activation": ["relu"]}, ValueError, "activation must be one of .* got"),
        ({"optimizer": {}}, ValueError, "optimizer must be one of .* got {}"),
        ({"epochs": True}, ValueError, "epochs must be a whole number, .* got True"),
        ({"learning_rate": "0.1"}, ValueError, "learning_rate must be .* got '0.1'"),
        ({"momentum": None}, ValueError, "momentum is .* got None"),
        ({"dropout": None}, ValueError, "dropout must be .* got None"),
        ({"l2": None}, ValueError, r"l2 must be .* got \[None, None\]"),
        ({"X": np.full((4, 2), 1e39)}, ValueError, "X must be finite real numbers in float32"),
        ({"loss": "mse", "y": [1e39] * 4}, ValueError, "y must be finite real numbers in float32"),
        ({"loss": "mse", "y": np.zeros((4, 0))}, ValueError, r"y must have shape \(4, 1\)"),
        ({"validation_data": 0.2}, ValueError, r"must be a pair \(X, y\); got 0.2"),
        ({"validation_data": (np.zeros((4, 2)), [0] * 4, [1] * 4)}, ValueError, "must be a pair"),
        (
            {"initial_weights": [[w * np.float64(1e39) for w in net] for net in START]},
            ValueError,
            "initial_weights must be finite",
        ),
        ({"initial_weights": START[:1]}, ValueError, "initial_weights must hold, for each of 2"),
        ({"initial_weights": [w[:2] for w in START]}, ValueError, "initial_weights must hold"),
        ({"initial_weights": [w[::-1] for w in START]}, ValueError, "initial_weights must hold"),
    ],
)
def test_errors_state_the_rule_and_what_came(changes, error, message):
    given = {
        "X": np.zeros((4, 2)), "y": [0, 1, 0, 1], "loss": "binary_crossentropy",
        "hidden": (3,), "n_nets": 2, "epochs": 1, "rng": 0,
    }  # fmt: skip
    train_many(**given)  # the call is right but for the change
    with pytest.raises(error, match=message):
        train_many(**(given | changes))


def test_errors_of_predict_and_score():
    X, y = make_data("binary_crossentropy")
    nets = train_many(X, y, loss="binary_crossentropy", epochs=0, n_nets=1, rng=0)
    with pytest.raises(ValueError, match=r"X must have shape \(n > 0, 6\); got \(50, 5\)"):
        nets.predict(X[:, :5])
    with pytest.raises(ValueError, match=r"y must have shape \(50, 1\), .* got \(49,\)"):
        nets.score(X, y[:-1])
    with pytest.raises(ValueError, match="y must hold whole numbers from 0 to 1"):
        nets.score(X, y + 1)
    regression = train_many(*make_data("mse"), loss="mse", epochs=0, n_nets=1, rng=0)
    with pytest.raises(ValueError, match="accuracy needs classes"):
        regression.score(X, y)


def test_columns_of_different_types_are_numbers():
    X = np.random.default_rng(0).random((8, 2))
    X[:, 1] = X[:, 1] > 0.5
    mixed = pd.DataFrame({"format": X[:, 0], "even": X[:, 1].astype(bool)})
    y = pd.Series([0, 1] * 4, dtype=object)
    same = {"loss": "binary_crossentropy", "epochs": 2, "n_nets": 2, "rng": 0}
    plain, framed = train_many(X, [0, 1] * 4, **same), train_many(mixed, y, **same)
    for w, w_framed in zip(plain.get_weights(1), framed.get_weights(1), strict=True):
        np.testing.assert_array_equal(w, w_framed)


def test_networks_can_be_compared_and_kept_in_sets():
    X = [[0.0], [1.0]]
    one, other = (train_many(X, [0, 1], loss="binary_crossentropy", epochs=1) for _ in range(2))
    assert one == one != other
    assert len({one, other}) == 2


def test_a_learner_who_asks_for_every_error_of_arithmetic_can_train():
    X, y = make_xor(200, rng=0)
    with np.errstate(all="raise"):
        train_many(30 * X, y, loss="binary_crossentropy", epochs=20, n_nets=2, rng=0)
