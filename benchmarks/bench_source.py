"""Small nets, digits, single answers and boundaries: the plain way beside the course's way.

Run: python benchmarks/bench_source.py [xor] [digits] [answers] [boundary] [--rounds N]

Models, data, batches and updates are the same within a part. The plain way is what most people
write first: ``fit`` with its defaults, float64 rows, one ``predict`` for each image, a mesh in
batches of 32. Trainings of the moons and of the film reviews are in bench_tuning.py.

Every measurement is a process of its own, as there; the clocks start once the libraries are
imported, and the peak memory includes them.
"""

import os
from functools import partial

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from common import main

XOR_EPOCHS, DIGITS_EPOCHS, N_ANSWERS = 20, 3, 10
SPARSE = "sparse_categorical_crossentropy"


def network(n_inputs: int, *widths: int, **compile_arguments):
    """ReLU layers of these widths, the last of them a softmax."""
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(units, activation="relu") for units in widths[:-1]]
    layers += [keras.layers.Dense(widths[-1], activation="softmax")]
    model = keras.Sequential([keras.Input((n_inputs,)), *layers])
    model.compile("rmsprop", loss=SPARSE, metrics=["accuracy"], **compile_arguments)
    return model


def xor_keras(**compile_arguments) -> None:
    from nnutils import make_xor

    model = network(2, 4, 4, 2, **compile_arguments)
    model.fit(*make_xor(10_000, rng=0), batch_size=100, epochs=XOR_EPOCHS, verbose=0)


def xor_many() -> None:
    from nnutils import make_xor, train_many

    recipe = {"loss": SPARSE, "hidden": (4, 4), "batch_size": 100, "epochs": XOR_EPOCHS}
    train_many(*make_xor(10_000, rng=0), n_nets=10, rng=0, **recipe)


def digits_keras(dtype: type, batch: int, **compile_arguments) -> None:
    from nnutils import load_mnist

    data = load_mnist()
    X, X_test = (x.reshape(-1, 784) / dtype(255) for x in (data.x_train, data.x_test))
    model = network(784, 15, 10, **compile_arguments)
    model.fit(X, data.y_train, batch_size=128, epochs=DIGITS_EPOCHS, verbose=0)
    model.evaluate(X_test, data.y_test, batch_size=batch, verbose=0)


def digits_many() -> None:
    from nnutils import load_mnist, train_many

    data = load_mnist()
    X, X_test = (x.reshape(-1, 784) / np.float32(255) for x in (data.x_train, data.x_test))
    recipe = {"loss": SPARSE, "hidden": (15,), "batch_size": 128, "epochs": DIGITS_EPOCHS}
    train_many(X, data.y_train, n_nets=5, rng=0, **recipe).score(X_test, data.y_test)


def answers_one_by_one() -> None:
    model, X = network(784, 15, 10), np.random.default_rng(0).random((N_ANSWERS, 784))
    for row in X:
        model.predict(row[np.newaxis], verbose=0)


def answers_at_once() -> None:
    model, X = network(784, 15, 10), np.random.default_rng(0).random((N_ANSWERS, 784))
    model.predict_on_batch(X)


def boundary(way: str) -> None:
    import bench_plotting

    from nnutils import make_spirals

    X, y = make_spirals(200, noise=0.1, rng=0)
    figure = getattr(bench_plotting, way)(bench_plotting.make_network(), X, y)
    figure.canvas.draw()


KERAS, MANY = ["keras"], ["scipy.sparse", "sklearn"]
WAYS = {
    "xor": {
        "plain fit": (xor_keras, KERAS, 1),
        "fit, 20 steps at a time": (partial(xor_keras, steps_per_execution=20), KERAS, 1),
        "train_many": (xor_many, MANY, 10),
    },
    "digits": {
        "plain fit, float64": (partial(digits_keras, np.float64, 32), KERAS, 1),
        "fit, float32, 10 steps at a time": (
            partial(digits_keras, np.float32, 1000, steps_per_execution=10),
            KERAS,
            1,
        ),
        "train_many, float32": (digits_many, MANY, 5),
    },
    "answers": {
        "one predict for each image": (answers_one_by_one, KERAS, 1),
        "one batch": (answers_at_once, KERAS, 1),
    },
    "boundary": {
        "predict in batches of 32": (partial(boundary, "plain"), ["bench_plotting"], 1),
        "plot_decision_boundary": (partial(boundary, "ours"), ["bench_plotting"], 1),
    },
}


if __name__ == "__main__":
    main(WAYS, __file__, __doc__, rounds=3)
