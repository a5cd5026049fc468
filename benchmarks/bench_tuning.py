"""The trainings of the tuning part, beside the plain way of doing the same work.

Run: python benchmarks/bench_tuning.py [moons] [reviews] [--rounds N]

*moons*: 50 tanh units on 200 points, 5,000 updates on the full batch, without a penalty,
with L1, with dropout. The plain way is one ``fit`` of 5,000 epochs. Beside it the same
updates as many steps per epoch, and `train_many` (which has no L1; the page's own loop
is of the same kind).

*reviews*: the base model of the page on film reviews, 20 epochs, scored on the test half,
on the real data where the machine has or can get them. The plain way fills two float64
matrices. Beside it one Keras run on sparse rows, and ten nets at once by `train_many`.

Every measurement is a process of its own, so that its peak memory is its own; the clocks
start once the libraries are imported. The ways are alternated in each round; tables say
medians, and with several rounds the range. All ways of the moons take some 12 minutes,
most of them in the plain one.
"""

import os
from functools import partial

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from common import main

UPDATES, RATE, LAM, DROPOUT = 5000, 0.1, 0.001, 0.25
REVIEW_EPOCHS, NUM_WORDS = 20, 10_000


def moons() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import make_moons

    X, y = make_moons(200, noise=0.40, random_state=0)
    return X.astype("float32"), y.astype("float32")[:, np.newaxis]


def moons_network(kind: str, **compile_arguments):
    """One hidden layer of 50 tanh units: plain, with L1, or with dropout."""
    import keras

    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L1(LAM) if kind == "L1" else None
    layers = [keras.layers.Dense(50, activation="tanh", kernel_regularizer=penalty)]
    layers += [keras.layers.Dropout(DROPOUT)] if kind == "dropout" else []
    layers += [keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.compile(keras.optimizers.SGD(RATE), loss="binary_crossentropy", **compile_arguments)
    return model


def moons_plain(kind: str) -> None:
    X, y = moons()
    moons_network(kind).fit(X, y, batch_size=200, epochs=UPDATES, verbose=0)


def moons_steps(kind: str) -> None:
    import tensorflow as tf

    rows = tf.data.Dataset.from_tensors(moons()).repeat()
    model = moons_network(kind, steps_per_execution=25)
    model.fit(rows, epochs=UPDATES // 100, steps_per_epoch=100, shuffle=False, verbose=0)


def moons_many(kind: str) -> None:
    from nnutils import train_many

    X, y = moons()
    train_many(
        X,
        y,
        loss="binary_crossentropy",
        hidden=(50,),
        activation="tanh",
        optimizer="sgd",
        learning_rate=RATE,
        batch_size=200,
        epochs=UPDATES,
        n_nets=10,
        dropout=DROPOUT if kind == "dropout" else 0.0,
        rng=0,
    )


def sparse_rows(reviews: np.ndarray):
    from scipy.sparse import csr_array

    words = [np.unique(review) for review in reviews]
    ends = np.cumsum([0, *map(len, words)])
    values = np.ones(ends[-1], np.float32)
    return csr_array((values, np.concatenate(words), ends), shape=(len(words), NUM_WORDS))


def full_rows(reviews: np.ndarray) -> np.ndarray:
    rows = np.zeros((len(reviews), NUM_WORDS))
    for row, review in zip(rows, reviews, strict=True):
        row[review] = 1.0
    return rows


def keras_on_reviews(vectorize, *, sparse: bool) -> None:
    import keras

    from nnutils import load_imdb

    data = load_imdb(NUM_WORDS)
    X, X_test = vectorize(data.x_train), vectorize(data.x_test)
    y, y_test = (labels.astype("float32") for labels in (data.y_train, data.y_test))
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(16, activation="relu") for _ in range(2)]
    layers += [keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input((NUM_WORDS,), sparse=sparse), *layers])
    model.compile("rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    held = X[:10_000], y[:10_000]
    fit = {"epochs": REVIEW_EPOCHS, "batch_size": 512, "validation_data": held, "verbose": 0}
    model.fit(X[10_000:], y[10_000:], **fit)
    model.evaluate(X_test, y_test, verbose=0, batch_size=512 if sparse else 32)


def reviews_plain() -> None:
    keras_on_reviews(full_rows, sparse=False)


def reviews_sparse() -> None:
    keras_on_reviews(sparse_rows, sparse=True)


def reviews_many() -> None:
    from nnutils import load_imdb, train_many

    data = load_imdb(NUM_WORDS)
    X, y = sparse_rows(data.x_train), data.y_train
    nets = train_many(
        X[10_000:],
        y[10_000:],
        loss="binary_crossentropy",
        epochs=REVIEW_EPOCHS,
        batch_size=512,
        n_nets=10,
        validation_data=(X[:10_000], y[:10_000]),
        shared_batches=True,
        rng=0,
    )
    nets.score(sparse_rows(data.x_test), data.y_test)


LIBRARIES = ["scipy.sparse", "sklearn.datasets"]
WAYS = {
    "moons": {
        f"{kind}: {name}": (partial(way, kind), LIBRARIES + extra, nets)
        for kind in ("no penalty", "L1", "dropout")
        for name, way, extra, nets in (
            ("plain fit", moons_plain, ["keras"], 1),
            ("many steps per epoch", moons_steps, ["keras"], 1),
            ("train_many", moons_many, [], 10),
        )
        if (kind, name) != ("L1", "train_many")
    },
    "reviews": {
        "plain, float64": (reviews_plain, [*LIBRARIES, "keras"], 1),
        "Keras on sparse rows": (reviews_sparse, [*LIBRARIES, "keras"], 1),
        "train_many on sparse rows": (reviews_many, LIBRARIES, 10),
    },
}


if __name__ == "__main__":
    main(WAYS, __file__, __doc__, rounds=1)
