"""The optimisers that the page writes by hand: its own functions are held against Keras.

Its cells are read from the notebook, so whoever breaks a rule there sees it here.
"""

from itertools import pairwise

import numpy as np
import pytest
from notebook_pages import definitions

WANTED = {
    "sgd",
    "momentum",
    "nesterov",
    "rmsprop",
    "adam",
    "adamw",
    "init_params",
    "loss_and_grads",
    "train",
    "spectral_radius",
    "variance",
}
# Every number is exact in float32, so that runs in float64 can agree to the last digits.
ETA, BETA, EPS, DECAY = 2**-7, 7 / 8, 2**-23, 2**-3
BETA2 = 1 - 2**-10
RULES = {  # rule: its knobs, the name in Keras, the knobs there
    "sgd": ({}, "SGD", {}),
    "momentum": ({"beta": BETA}, "SGD", {"momentum": BETA}),
    "nesterov": ({"beta": BETA}, "SGD", {"momentum": BETA, "nesterov": True}),
    "rmsprop": ({"rho": BETA, "eps": EPS}, "RMSprop", {"rho": BETA, "epsilon": EPS}),
    "adam": (
        {"beta1": BETA, "beta2": BETA2, "eps": EPS},
        "Adam",
        {"beta_1": BETA, "beta_2": BETA2, "epsilon": EPS},
    ),
    "adamw": (
        {"beta1": BETA, "beta2": BETA2, "eps": EPS, "decay": DECAY},
        "AdamW",
        {"beta_1": BETA, "beta_2": BETA2, "epsilon": EPS, "weight_decay": DECAY},
    ),
}


@pytest.fixture(scope="module")
def page():
    """The page's own functions, and nothing that trains or draws."""
    return definitions("tuning/optimizers", WANTED, np=np, pairwise=pairwise)


def make_tape(dtype, steps=100):
    """Gradients of very different sizes, some of them zero, and where they start."""
    rng = np.random.default_rng(17)
    sizes = 10.0 ** rng.uniform(-4, 0, size=(3, 4))
    tape = rng.normal(size=(steps, 3, 4)) * sizes
    tape[:, 0, 0] = 0
    tape[: steps // 2, 1, 1] = 0  # a weight that wakes up late
    return tape.astype(dtype), rng.normal(size=(3, 4)).astype(dtype)


def follow(rule, start, tape, eta=ETA, **knobs):
    path, state = [start], {}
    for g in tape:
        path.append(rule(path[-1], g, state, eta, **knobs))
    return np.array(path[1:])


def follow_keras(name, start, tape, **knobs):
    import keras

    optimizer = getattr(keras.optimizers, name)(**knobs)
    w, path = keras.Variable(start, dtype=start.dtype.name), []
    for g in tape:
        optimizer.apply([keras.ops.convert_to_tensor(g)], [w])
        path.append(np.array(keras.ops.convert_to_numpy(w)))
    return np.array(path)


# -- the six rules -------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("name", RULES)
def test_each_update_equals_that_of_keras(page, name, dtype, limit):
    ours, theirs, twin = RULES[name]
    tape, start = make_tape(dtype)
    path = follow(page[name], start, tape, **ours)
    assert path.dtype == dtype
    assert np.abs(path - follow_keras(theirs, start, tape, learning_rate=ETA, **twin)).max() < limit
    assert np.abs(path[-1] - start).max() > 1e-3  # the two agree about something


@pytest.mark.parametrize("name", RULES)
def test_the_usual_settings_are_those_of_keras(page, name):
    tape, start = make_tape("float32", steps=50)
    _, theirs, twin = RULES[name]
    twin = {"momentum": 0.9} if name == "momentum" else twin
    twin = {"momentum": 0.9, "nesterov": True} if name == "nesterov" else twin
    twin = twin if theirs == "SGD" else {}
    eta = 0.01 if theirs == "SGD" else 0.001
    gap = follow(page[name], start, tape, eta) - follow_keras(
        theirs, start, tape, learning_rate=eta, **twin
    )
    assert np.abs(gap).max() < 1e-5


@pytest.mark.parametrize("name", RULES)
def test_an_update_leaves_its_inputs_alone(page, name):
    tape, start = make_tape("float64", steps=2)
    kept = start.copy(), tape.copy()
    follow(page[name], start, tape)
    np.testing.assert_array_equal(start, kept[0])
    np.testing.assert_array_equal(tape, kept[1])


@pytest.mark.parametrize("name", RULES)
def test_one_rate_for_each_network_is_the_same_as_one_at_a_time(page, name):
    tape, start = make_tape("float32", steps=20)
    rates = np.array([0.001, 0.01, 0.1], dtype=np.float32)
    together = follow(page[name], start, tape, rates[:, np.newaxis])
    assert together.dtype == np.float32
    for row, rate in enumerate(rates):
        alone = follow(page[name], start[row], tape[:, row], float(rate))
        np.testing.assert_allclose(together[:, row], alone, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("g", [-1e3, -1.0, 0.1, 50.0])
def test_the_first_step_of_adam_is_the_rate(page, g):
    assert np.isclose(page["adam"](2.0, g, {}, 0.1), 2 - 0.1 * np.sign(g), atol=1e-5)


def test_epsilon_stands_under_the_root_in_rmsprop_and_outside_in_adam(page):
    # After a long time the mean of the squares is the square of the constant gradient.
    tape = np.full(20_000, 1e-4)
    steps = {}
    for name in ("rmsprop", "adam"):
        path = follow(page[name], 0.0, tape, 1.0, eps=1e-7)
        steps[name] = path[-2] - path[-1]
    assert np.isclose(steps["rmsprop"], 1e-4 / np.sqrt(1e-8 + 1e-7), rtol=1e-6)
    assert np.isclose(steps["adam"], 1e-4 / (1e-4 + 1e-7), rtol=1e-6)


# -- the network and the loop --------------------------------------------------------------


def test_gradients_equal_central_differences(page):
    rng = np.random.default_rng(5)
    params = [w.astype(float) for w in page["init_params"]([3, 5, 4, 3], 2, rng)]
    params = [w + 0.1 * rng.normal(size=w.shape) for w in params]
    X, Y = rng.normal(size=(2, 9, 3)), np.eye(3)[rng.integers(3, size=(2, 9))]
    _, grads = page["loss_and_grads"](params, X, Y)
    for k, (w, grad) in enumerate(zip(params, grads, strict=True)):
        assert grad.shape == w.shape
        for index in np.ndindex(w.shape):
            sides = []
            for h in (1e-6, -1e-6):
                moved = [v.copy() for v in params]
                moved[k][index] += h
                sides.append(page["loss_and_grads"](moved, X, Y)[0][index[0]])
            slope = (sides[0] - sides[1]) / 2e-6
            np.testing.assert_allclose(grad[index], slope, rtol=1e-5, atol=1e-8)


def test_training_equals_a_loop_of_single_networks(page):
    rng = np.random.default_rng(6)
    X = rng.normal(size=(20, 2)).astype(np.float32)
    Y = np.eye(2, dtype=np.float32)[rng.integers(2, size=20)]
    start = page["init_params"]([2, 4, 2], 3, rng)
    orders = rng.permuted(np.tile(np.arange(20), (4, 3, 1)), axis=2)
    together, losses = page["train"](page["adam"], start, X, Y, orders, 8, 0.05)
    assert losses.shape == (4 * 3, 3)  # two whole batches and a short one in each epoch
    for net in range(3):
        own = [w[net : net + 1] for w in start]
        alone, column = page["train"](page["adam"], own, X, Y, orders[:, [net]], 8, 0.05)
        np.testing.assert_allclose(losses[:, net], column[:, 0], rtol=1e-5)
        for w, v in zip(together, alone, strict=True):
            np.testing.assert_allclose(w[net], v[0], rtol=1e-4, atol=1e-6)


def test_a_schedule_is_asked_once_for_each_update(page):
    rng = np.random.default_rng(7)
    X, Y = rng.normal(size=(10, 2)), np.eye(2)[rng.integers(2, size=10)]
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.1

    start = page["init_params"]([2, 3, 2], 1, rng)
    orders = np.tile(np.arange(10), (3, 1, 1))
    varied = page["train"](page["sgd"], start, X, Y, orders, 5, schedule)[1]
    np.testing.assert_array_equal(asked, np.arange(6))
    np.testing.assert_array_equal(
        varied, page["train"](page["sgd"], start, X, Y, orders, 5, 0.1)[1]
    )


# -- momentum on a bowl --------------------------------------------------------------------


@pytest.mark.parametrize("beta", [0, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("lam", [0.2, 10])
def test_the_limit_of_momentum(page, beta, lam):
    limit = 2 * (1 + beta) / lam
    assert page["spectral_radius"](0.999 * limit, beta, lam) < 1
    assert page["spectral_radius"](1.001 * limit, beta, lam) > 1
    for share, ends_small in [(0.98, True), (1.02, False)]:
        w = follow_bowl(page["momentum"], share * limit, beta, lam)
        assert (abs(w) < 1e-2) == ends_small


def follow_bowl(rule, eta, beta, lam):
    w, state = 1.0, {}
    for _ in range(2_000):
        w = rule(w, lam * w, state, eta, beta)
    return w


@pytest.mark.parametrize("beta", [0, 0.5, 0.9])
@pytest.mark.parametrize("eta_lam", [0.01, 0.5, 1.5])
def test_the_variance_solves_the_discrete_lyapunov_equation(page, beta, eta_lam):
    from scipy.linalg import solve_discrete_lyapunov

    lam, sigma = 2.0, 3.0
    eta = eta_lam / lam
    M = np.array([[beta, -eta_lam], [beta, 1 - eta_lam]])
    kick = eta * sigma * np.ones((2, 1))
    V = solve_discrete_lyapunov(M, kick @ kick.T)
    assert np.isclose(page["variance"](eta, beta, lam, sigma), V[1, 1], rtol=1e-9)
