"""The network that the page builds from scratch: the functions of the page itself are tested.

Its cells are read from the notebook, so whoever breaks a function there sees it here.
"""

from itertools import pairwise, product

import numpy as np
import pytest
from notebook_pages import definitions

WANTED = {
    "copied_run",
    "copied_answer",
    "sigmoid",
    "softmax",
    "OUTPUT",
    "HIDDEN",
    "init_params",
    "forward",
    "loss",
    "transpose",
    "error_signal",
    "backward",
    "loss_and_grads",
    "train",
    "X_copied",
    "y_copied",
}
TASKS = {"regression": 3, "binary": 1, "multiclass": 4}  # task: number of outputs
L2 = 1 / 128  # exact in float32


@pytest.fixture(scope="module")
def page():
    """The page's own definitions, and nothing that trains or draws."""
    return definitions(
        "backprop/from_scratch", WANTED, np=np, pairwise=pairwise, RandomState=np.random.RandomState
    )


def make_targets(task, n, rng):
    if task == "regression":
        return rng.normal(size=(n, TASKS[task]))
    if task == "binary":
        return rng.integers(2, size=(n, 1)).astype(float)
    return np.eye(TASKS[task])[rng.integers(TASKS[task], size=n)]


# -- the copied run ------------------------------------------------------------------------


def test_the_copied_run_comes_back_to_its_printed_digits(page):
    losses, start, end = page["copied_run"](page["X_copied"], page["y_copied"], steps=500)
    assert f"{losses[0]:.10f}" == "10.6579261591"
    assert f"{losses[1]:.11f}" == "9.10203339893"
    assert f"{losses[151]:.14f}" == "0.00975805040627"
    np.testing.assert_allclose(losses[499], 1.12013092852e-08, rtol=1e-10)
    printed = [[-0.20401151, 1.01377406], [-0.10186284, 1.01392285], [1.07856887, 0.01873049]]
    np.testing.assert_array_equal(end[0].round(8), printed)
    np.testing.assert_array_equal(end[1].round(8), [[0.49346731], [0.98634069]])
    np.testing.assert_array_equal(start[0][2], end[0][2])
    answers = page["copied_answer"](page["X_copied"], end)
    np.testing.assert_allclose(answers.ravel(), [0, 0.99992661, 1.00007337, 0], atol=6e-9)


# -- gradients -----------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize(("task", "lam"), [*product(TASKS, [0.0, L2])])
def test_gradients_equal_central_differences(page, task, lam, hidden):
    rng = np.random.default_rng(11)
    X, Y = rng.normal(size=(9, 4)), make_targets(task, 9, rng)
    params = page["init_params"]([4, 6, 5, Y.shape[1]], rng=rng)
    params = [p + 0.1 * rng.normal(size=p.shape) for p in params]  # biases too
    net = {"task": task, "hidden": hidden, "lam": lam}
    grads = page["loss_and_grads"](params, X, Y, **net)[1]
    for k, (p, grad) in enumerate(zip(params, grads, strict=True)):
        assert grad.shape == p.shape
        for index in np.ndindex(p.shape):
            sides = []
            for h in (1e-6, -1e-6):
                moved = [q.copy() for q in params]
                moved[k][index] += h
                sides.append(page["loss_and_grads"](moved, X, Y, **net)[0])
            slope = (sides[0] - sides[1]) / 2e-6
            np.testing.assert_allclose(grad[index], slope, rtol=1e-5, atol=1e-8)


def test_networks_side_by_side_train_as_if_alone(page):
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(20, 2)), make_targets("multiclass", 20, rng)
    nets = page["init_params"]([2, 5, 4], rng=rng, n_nets=3)
    settings = {"task": "multiclass", "lr": 0.3, "epochs": 4, "batch_size": 8, "momentum": 0.9}
    settings |= {"lam": 0.01, "hidden": "relu"}
    together, losses = page["train"](nets, X, Y, rng=np.random.default_rng(5), **settings)
    for net in range(3):
        one = [p[net].reshape(p.shape[-2:] if k % 2 == 0 else (-1,)) for k, p in enumerate(nets)]
        alone, own = page["train"](one, X, Y, rng=np.random.default_rng(5), **settings)
        np.testing.assert_allclose(losses[:, net], own, rtol=1e-12)
        for p, q in zip(alone, together, strict=True):
            np.testing.assert_allclose(p.ravel(), q[net].ravel(), rtol=1e-10, atol=1e-14)


def test_training_leaves_the_start_alone(page):
    rng = np.random.default_rng(4)
    start = page["init_params"]([2, 3, 1], rng=rng)
    kept = [p.copy() for p in start]
    page["train"](start, np.ones((4, 2)), np.ones((4, 1)), task="binary", lr=0.1, epochs=3)
    for p, q in zip(start, kept, strict=True):
        np.testing.assert_array_equal(p, q)


# -- the agreement with Keras --------------------------------------------------------------


@pytest.fixture
def precision():
    import keras

    def switch(dtype):
        keras.config.set_floatx(dtype)
        keras.config.set_dtype_policy(dtype)

    yield switch
    switch("float32")


def keras_twin(start, task, *, hidden, lam, momentum):
    import keras

    losses = {
        "regression": keras.losses.MeanSquaredError(),
        "binary": keras.losses.BinaryCrossentropy(from_logits=True),
        "multiclass": keras.losses.CategoricalCrossentropy(from_logits=True),
    }
    weights = start[::2]
    layers = [keras.Input((weights[0].shape[0],))]
    for k, W in enumerate(weights):
        activation = hidden if k < len(weights) - 1 else None
        penalty = keras.regularizers.L2(lam)
        layers.append(
            keras.layers.Dense(W.shape[1], activation=activation, kernel_regularizer=penalty)
        )
    model = keras.Sequential(layers)
    optimizer = keras.optimizers.SGD(learning_rate=0.0625, momentum=momentum)
    model.compile(optimizer=optimizer, loss=losses[task])
    model.set_weights(start)
    return model


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-5), ("float64", 1e-9)])
@pytest.mark.parametrize(
    ("task", "lam", "hidden"),
    [(*case, "tanh") for case in product(TASKS, [0.0, L2])] + [("multiclass", L2, "sigmoid")],
)
def test_each_of_200_updates_equals_that_of_keras(page, precision, task, lam, hidden, dtype, limit):
    precision(dtype)
    rng = np.random.default_rng(2027)
    X = rng.normal(size=(200, 24, 5)).astype(dtype)
    Y = np.stack([make_targets(task, 24, rng) for _ in X]).astype(dtype)
    start = page["init_params"]([5, 12, 7, Y.shape[-1]], rng=rng)
    start = [p.astype(dtype) for p in start]
    model = keras_twin(start, task, hidden=hidden, lam=lam, momentum=0.0)
    net, params = {"task": task, "hidden": hidden, "lam": lam}, start
    for X_batch, Y_batch in zip(X, Y, strict=True):
        model.reset_metrics()
        theirs = model.train_on_batch(X_batch, Y_batch)
        params, (ours,) = page["train"](params, X_batch, Y_batch, lr=0.0625, epochs=1, **net)
        assert abs(ours - theirs) < limit
        for p, w in zip(params, model.get_weights(), strict=True):
            assert p.dtype == w.dtype == dtype
            assert np.abs(p - w).max() < limit
    moved = [np.abs(p - q).max() for p, q in zip(params, start, strict=True)]
    assert min(moved) > 1e-3  # the runs agree about something: every array has moved


def test_momentum_and_batches_equal_those_of_keras(page, precision):
    precision("float64")
    rng = np.random.default_rng(8)
    X, Y = rng.normal(size=(50, 3)), make_targets("binary", 50, rng)
    start = page["init_params"]([3, 6, 1], rng=rng)
    # Keras passes the momentum through float32 on the way; 7/8 survives that, 0.9 does not.
    model = keras_twin(start, "binary", hidden="tanh", lam=L2, momentum=0.875)
    model.fit(X, Y, batch_size=16, epochs=5, shuffle=False, verbose=0)
    settings = {"lr": 0.0625, "epochs": 5, "batch_size": 16, "momentum": 0.875, "lam": L2}
    params, losses = page["train"](start, X, Y, task="binary", **settings)
    assert len(losses) == 20
    for p, w in zip(params, model.get_weights(), strict=True):
        np.testing.assert_allclose(p, w, atol=1e-12)
