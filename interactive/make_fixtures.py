"""Write the numbers that the tests of the laboratories compare with: Keras's, and NumPy's.

Run ``python interactive/make_fixtures.py``; it needs Keras. The tests refuse fixtures that were
written by another version of this script.
"""

import hashlib
import itertools
import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
SIZES = (2, 4, 3, 1)
ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "gelu")
STEPS, BATCH, ROWS = 100, 16, 75  # five steps in each epoch, the last on 11 rows only


def numbers(array) -> list:
    """Return nested lists of 9 digits: a 32-bit number is one of these exactly."""
    array = np.asarray(array)
    if array.ndim:
        return [numbers(part) for part in array]
    return float(f"{float(array):.9g}")


def initial_weights(rng: np.random.Generator) -> list[np.ndarray]:
    """Draw kernels as Glorot does, and biases that are not zero, so that they are tested too."""
    weights = []
    for p, q in itertools.pairwise(SIZES):
        limit = np.sqrt(6 / (p + q))
        weights += [rng.uniform(-limit, limit, (p, q)), rng.uniform(-0.2, 0.2, q)]
    return [w.astype("float32") for w in weights]


def run_keras(X, y, weights, *, act, loss="bce", opt="sgd", lr=0.3, l1=0.0, l2=0.0) -> dict:
    """Return the first gradient, loss and penalty, and the weights after 100 steps.

    Parameters
    ----------
    X, y : ndarray, shapes (ROWS, 2) and (ROWS,)
    weights : list of ndarray
        In the order of ``model.get_weights``.
    act, loss, opt, lr, l1, l2
        As in settings.json.
    """
    penalty = keras.regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None
    dense = [
        keras.layers.Dense(units, activation=name, kernel_regularizer=penalty)
        for units, name in zip(SIZES[1:], (act, act, "linear"), strict=True)
    ]
    model = keras.Sequential([keras.Input((2,)), *dense])
    model.set_weights(weights)
    losses = {
        "bce": keras.losses.BinaryCrossentropy(from_logits=True),
        "mse": keras.losses.MeanSquaredError(),
    }
    momentum = 0.9 if opt == "momentum" else 0.0
    model.compile(keras.optimizers.SGD(lr, momentum=momentum), losses[loss])
    with tf.GradientTape() as tape:
        data_loss = losses[loss](y[:BATCH, None], model(X[:BATCH]))
        total = data_loss + sum(model.losses)
    gradient = tape.gradient(total, model.trainable_variables)
    model.fit(X, y, batch_size=BATCH, epochs=STEPS // 5, shuffle=False, verbose=0)
    settings = {"act": act, "loss": loss, "opt": opt, "lr": lr, "l1": l1, "l2": l2}
    return {
        "settings": settings,
        "loss": float(data_loss),
        "penalty": float(sum(model.losses, 0.0)) if penalty is None else float(total - data_loss),
        "gradient": [numbers(g) for g in gradient],
        "trained": [numbers(w) for w in model.get_weights()],
    }


def training(rng: np.random.Generator) -> dict:
    """Return 100 steps of SGD and momentum, for every activation, loss and penalty."""
    X = rng.normal(size=(ROWS, 2)).round(4)
    y = (X[:, 0] * X[:, 1] < 0).astype(float)
    weights = initial_weights(rng)
    cases = [{"act": act} for act in ACTIVATIONS]
    cases += [{"act": act, "loss": "mse", "lr": 0.05} for act in ("tanh", "relu")]
    for penalty in ({"l1": 0.003}, {"l2": 0.01}, {"l1": 0.001, "l2": 0.003}):
        cases += [{"act": "tanh", **penalty}]
    for act in ("sigmoid", "tanh", "relu"):
        cases += [{"act": act, "opt": "momentum", "lr": 0.05}]
    X32, y32 = X.astype("float32"), y.astype("float32")
    return {
        "X": numbers(X),
        "y": numbers(y),
        "batch": BATCH,
        "steps": STEPS,
        "initial": [numbers(w) for w in weights],
        "cases": [run_keras(X32, y32, weights, **case) for case in cases],
    }


def optimizers(rng: np.random.Generator) -> dict:
    """Return each rule's way along the same gradients, small ones so that epsilon matters."""
    scales = np.array([1.0, 0.1, 1e-2, 1e-3, 3e-4, 1e-4])
    gradients = (scales * (rng.normal(size=(STEPS, 6)) + 0.3)).astype("float32")
    start = rng.normal(size=6).astype("float32")
    rules = {
        "sgd": keras.optimizers.SGD(0.01),
        "momentum": keras.optimizers.SGD(0.01, momentum=0.9),
        "rmsprop": keras.optimizers.RMSprop(0.01),
        "adam": keras.optimizers.Adam(0.01),
    }
    ends = {}
    for name, rule in rules.items():
        theta = keras.Variable(start)
        for gradient in gradients:
            rule.apply([keras.ops.convert_to_tensor(gradient)], [theta])
        ends[name] = numbers(keras.ops.convert_to_numpy(theta))
    return {"lr": 0.01, "start": numbers(start), "gradients": numbers(gradients), "ends": ends}


def overlaps(n_from: int, begin: float, cell: float) -> np.ndarray:
    """Return how much of each cell every source pixel covers, shape (28, n_from)."""
    left = begin + cell * np.arange(28)[:, None]
    pixel = np.arange(n_from)[None, :]
    covered = np.minimum(left + cell, pixel + 1) - np.maximum(left, pixel)
    return np.maximum(covered, 0) / cell


def digit(ink: np.ndarray) -> np.ndarray:
    """Centre and scale as MNIST was, by two matrix products; shape (28, 28)."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = [(rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)]
    cell = max(high - low for low, high in box) / 20
    matrices = []
    for axis, (low, high) in enumerate(box):
        places = np.arange(ink.shape[axis]) + 0.5
        centre = (ink.sum(axis=1 - axis) * places).sum() / ink.sum()
        begin = min(max(centre - 14 * cell, high - 28 * cell), low)
        matrices.append(overlaps(ink.shape[axis], begin, cell))
    return matrices[0] @ ink @ matrices[1].T


def drawings() -> list:
    """Return dots along three strokes on sheets of different size, and what they become."""
    t = np.linspace(0, 1, 40)
    strokes = [
        (280, 280, 12, 60 + 25 * t, 40 + 200 * t),  # a slanted 1
        (280, 280, 14, 150 + 70 * np.cos(2 * np.pi * t), 120 + 95 * np.sin(2 * np.pi * t)),  # 0
        (150, 90, 5, np.r_[20 + 90 * t, 110 - 60 * t], np.r_[15 + 0 * t, 15 + 65 * t]),  # 7
    ]
    cases = []
    for width, height, radius, xs, ys in strokes:
        dots = np.c_[xs, ys].round(2)
        y, x = np.mgrid[:height, :width] + 0.5
        ink = np.zeros((height, width))
        for cx, cy in dots:
            ink[(x - cx) ** 2 + (y - cy) ** 2 <= radius**2] = 1
        cases.append(
            {
                "width": width,
                "height": height,
                "radius": radius,
                "dots": numbers(dots),
                "image": np.round(digit(ink), 5).ravel().tolist(),
            }
        )
    return cases


def main() -> None:
    """Write every fixture, each with the hash of this script."""
    script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    rng = np.random.default_rng(0)
    contents = {"training": training(rng), "optimizers": optimizers(rng)}
    contents["digits"] = {"cases": drawings()}
    for name, content in contents.items():
        text = json.dumps({"script": script, **content}, separators=(",", ":"))
        text = text.replace(".0,", ",").replace(".0]", "]")  # whole numbers in fewer bytes
        (HERE / "fixtures" / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
