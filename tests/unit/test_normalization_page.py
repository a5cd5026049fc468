"""The normalizations that the page builds by hand: the functions of the page itself are tested.

Its cells are read from the notebook, so whoever breaks a function there sees it here.
"""

from itertools import pairwise

import numpy as np
import pytest
from notebook_pages import definitions

WANTED = {
    "EPSILON",
    "standardise",
    "batch_norm",
    "norm_backward",
    "layer_norm",
    "start",
    "forward",
    "AXIS",
    "backward",
    "answers",
    "train",
}


@pytest.fixture
def page():
    """The page's own definitions, and nothing that trains or draws."""
    return definitions("tuning/normalization", WANTED, np=np, pairwise=pairwise)


def keras_layer(kind, gamma, beta, **settings):
    import keras

    classes = {
        "batch": keras.layers.BatchNormalization,
        "layer": keras.layers.LayerNormalization,
    }
    layer = classes[kind](**settings)
    layer.build((None, len(gamma)))
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    return layer


# -- one layer -----------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.99, 0.9, 0.0])
def test_batch_norm_equals_keras_in_both_modes(page, momentum):
    rng = np.random.default_rng(7)
    gamma, beta = rng.normal(size=(2, 6))
    batches = rng.normal(rng.normal(size=6), rng.uniform(0.01, 5, size=6), size=(30, 11, 6))
    layer = keras_layer("batch", gamma, beta, momentum=momentum)
    moving = [np.zeros((1, 6)), np.ones((1, 6))]
    for batch in batches:
        mode = {"training": True, "momentum": momentum}
        ours, _ = page["batch_norm"](batch, gamma, beta, moving, **mode)
        np.testing.assert_allclose(ours, layer(batch, training=True), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(moving[0][0], layer.moving_mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(moving[1][0], layer.moving_variance, rtol=1e-4, atol=1e-5)
    kept = [old.copy() for old in moving]
    ours, _ = page["batch_norm"](batches[0], gamma, beta, moving, training=False)
    np.testing.assert_allclose(ours, layer(batches[0], training=False), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(kept, moving)  # inference leaves the averages alone


def test_layer_norm_equals_keras(page):
    rng = np.random.default_rng(8)
    gamma, beta = rng.normal(size=(2, 6))
    Z = 0.1 * rng.normal(size=(9, 6))  # small, so that epsilon counts
    layer = keras_layer("layer", gamma, beta)
    ours, _ = page["layer_norm"](Z, gamma, beta)
    for training in (True, False):
        np.testing.assert_allclose(ours, layer(Z, training=training), atol=1e-5)


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_gradients_equal_central_differences(page, kind):
    rng = np.random.default_rng(9)
    Z, C, gamma, beta = 0.1 * rng.normal(size=(2, 7, 5)), *rng.normal(size=(3, 2, 1, 5))
    C = C * np.ones(Z.shape) + rng.normal(size=Z.shape)  # two networks side by side

    def normalize(Z, gamma, beta):
        if kind == "layer":
            return page["layer_norm"](Z, gamma, beta)
        return page["batch_norm"](Z, gamma, beta, np.zeros((2, 2, 1, 5)), training=True)

    _, cache = normalize(Z, gamma, beta)
    gradients = page["norm_backward"](C, cache, gamma, page["AXIS"][kind])
    for k, (p, gradient) in enumerate(zip((Z, gamma, beta), gradients, strict=True)):
        assert gradient.shape == p.shape
        for index in np.ndindex(p.shape):
            sides = []
            for h in (1e-6, -1e-6):
                moved = [q.copy() for q in (Z, gamma, beta)]
                moved[k][index] += h
                sides.append(np.sum(C * normalize(*moved)[0]))
            slope = (sides[0] - sides[1]) / 2e-6
            np.testing.assert_allclose(gradient[index], slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_gradients_equal_those_of_tensorflow(page, kind):
    import tensorflow as tf

    rng = np.random.default_rng(10)
    Z, C, gamma, beta = *rng.normal(size=(2, 12, 5)), *rng.normal(size=(2, 5))
    layer = keras_layer(kind, gamma, beta)
    with tf.GradientTape() as tape:
        tape.watch(tensor := tf.constant(Z, tf.float32))
        loss = tf.reduce_sum(C.astype("float32") * layer(tensor, training=True))
    theirs = tape.gradient(loss, [tensor, layer.gamma, layer.beta])
    _, _, var = page["standardise"](Z, page["AXIS"][kind])
    U, _, _ = page["standardise"](Z, page["AXIS"][kind])
    ours = page["norm_backward"](C, (U, var), gamma, page["AXIS"][kind])
    for gradient, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(gradient.reshape(other.shape), other, atol=1e-4)


# -- the network ---------------------------------------------------------------------------


def keras_twin(layers, kind, momentum):
    """The same network in Keras; the first of the networks that stand side by side."""
    import keras

    normalization = {
        "batch": lambda: [keras.layers.BatchNormalization(momentum=momentum)],
        "layer": lambda: [keras.layers.LayerNormalization()],
        None: list,
    }[kind]
    stack = [keras.Input((layers[0][0].shape[-2],))]
    for W, _, _ in layers[:-1]:
        stack.append(keras.layers.Dense(W.shape[-1], use_bias=kind is None))
        stack += [*normalization(), keras.layers.ReLU()]
    stack.append(keras.layers.Dense(layers[-1][0].shape[-1]))
    model = keras.Sequential(stack)
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    for layer, (W, _, _) in zip(dense, layers, strict=True):
        layer.kernel.assign(W[0])
    return model


@pytest.mark.parametrize("kind", [None, "batch", "layer"])
def test_training_equals_that_of_keras(page, kind):
    rng = np.random.default_rng(11)
    X, y = rng.normal(size=(60, 8)).astype("float32"), rng.integers(10, size=60)
    page |= {"X": X, "y": y, "X_val": X, "y_val": y}
    layers = page["start"](1.0, range(3), (8, 7, 6, 10))
    model = keras_twin(layers, kind, momentum=0.9)
    how = {"epochs": 3, "momentum": 0.9, "batch_size": 20}
    trained, moving, history = page["train"](layers, kind, [0.5, 0.1, 0.2], **how)
    assert history.shape == (3, 2, 3)

    order = np.random.default_rng(0)
    for _ in range(3):
        for rows in order.permutation(60).reshape(-1, 20):
            model.train_on_batch(X[rows], y[rows])
    one = [[p[:1] for p in layer] for layer in trained]
    averages = [[a[:1] for a in pair] for pair in moving]
    mode = {"training": False} if kind == "batch" else {}
    ours, _ = page["forward"](X, one, kind, averages, **mode)
    theirs = np.asarray(model(X, training=False))
    np.testing.assert_allclose(ours[0], theirs, atol=2e-3)
    at_start, _ = page["forward"](X, layers, kind, averages, **mode)
    assert np.abs(at_start[0] - theirs).max() > 0.1  # the two agree about something
    np.testing.assert_array_equal(
        page["answers"](X, trained, kind, moving)[0], theirs.argmax(axis=-1)
    )


def test_networks_side_by_side_train_as_if_alone(page):
    rng = np.random.default_rng(12)
    X, y = rng.normal(size=(60, 8)).astype("float32"), rng.integers(10, size=60)
    page |= {"X": X, "y": y, "X_val": X, "y_val": y}
    layers, how = page["start"](0.5, [4, 5], (8, 7, 6, 10)), {"epochs": 2, "batch_size": 20}
    together, moving, _ = page["train"](layers, "batch", [0.1, 0.4], **how)
    for net, eta in enumerate([0.1, 0.4]):
        start = page["start"](0.5, [4 + net], (8, 7, 6, 10))
        alone, own, _ = page["train"](start, "batch", eta, **how)
        for ours, others in [(together, alone), (moving, own)]:
            for layer, other in zip(ours, others, strict=True):
                for p, q in zip(layer, other, strict=True):
                    np.testing.assert_allclose(p[net], q[0], rtol=1e-4, atol=1e-5)


def test_training_leaves_the_start_alone(page):
    rng = np.random.default_rng(13)
    X, y = rng.normal(size=(20, 8)).astype("float32"), rng.integers(10, size=20)
    page |= {"X": X, "y": y, "X_val": X, "y_val": y}
    layers = page["start"](1.0, [0], (8, 5, 10))
    kept = [[p.copy() for p in layer] for layer in layers]
    page["train"](layers, "layer", 0.5, epochs=1, batch_size=20)
    for layer, other in zip(layers, kept, strict=True):
        for p, q in zip(layer, other, strict=True):
            np.testing.assert_array_equal(p, q)
