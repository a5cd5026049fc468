"""A whole lesson in one process: the plain way beside the course's way.

Run: python benchmarks/bench_lesson.py [--full]

The lesson reads digits (784-15-10, 10 epochs, ten answers), trains seven networks on 200 noisy
moons (five widths, L1, dropout; 5,000 updates each) and draws the boundary of each, and trains
four networks on film reviews for 20 epochs. Models, batches, updates and grids are the same.

The plain way is what most people write first: float64 rows, ``fit`` with its defaults, one
``predict`` for each image, a mesh in batches of 32. Its seven trainings of the moons would take
half an hour, so unless ``--full`` is given six of them make a tenth of their updates, and their
seconds are multiplied by what the seventh, run to its end, took more than its own first tenth.
"""

import argparse
import importlib
import json
import os
from collections.abc import Callable
from functools import partial

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from bench_source import N_ANSWERS, network
from bench_tuning import (
    DROPOUT,
    LAM,
    NUM_WORDS,
    RATE,
    REVIEW_EPOCHS,
    UPDATES,
    full_rows,
    moons,
    sparse_rows,
)
from common import Run, in_own_process, peak_mib, timed

DIGITS_EPOCHS, RESOLUTION, DIGITS_BATCH, REVIEWS_BATCH = 10, 474, 128, 512
MOONS = {
    **{f"{width} units": {"width": width} for width in (1, 3, 5, 20)},
    "L1": {"width": 50, "penalty": LAM},
    "dropout": {"width": 50, "dropout": DROPOUT},
    "50 units": {"width": 50},  # the last one: it runs to its end in either way
}
SMALL, L2 = (8, 8), 0.001
REVIEWS = {
    "base": {},
    "smaller": {"hidden": SMALL},
    "with L2": {"hidden": SMALL, "l2": L2},
    "with dropout": {"hidden": SMALL, "l2": L2, "dropout": 0.5},
}
SCORED = ("base", "with dropout")  # on the test half
Sections = dict[str, Run]


def moons_model(width: int, penalty: float = 0.0, dropout: float = 0.0, **compile_arguments):
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L1(penalty) if penalty else None
    hidden = [layers.Dense(width, "tanh", kernel_regularizer=penalty)]
    hidden += [layers.Dropout(dropout)] if dropout else []
    model = keras.Sequential([keras.Input((2,)), *hidden, layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.SGD(RATE), loss="binary_crossentropy", **compile_arguments)
    return model


# -- the plain way -------------------------------------------------------------------------


def digits_plain() -> None:
    from keras.utils import to_categorical

    from nnutils import load_mnist

    data = load_mnist()
    X, X_test = (x.reshape(-1, 784) / 255 for x in (data.x_train, data.x_test))
    y, y_test = map(to_categorical, (data.y_train, data.y_test))
    model = network(784, 15, 10)
    model.compile("rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, y, batch_size=DIGITS_BATCH, epochs=DIGITS_EPOCHS, verbose=0)
    model.evaluate(X_test, y_test, verbose=0)
    for row in X_test[:N_ANSWERS]:
        model.predict(row[np.newaxis], verbose=0)


def boundary_plain(model) -> None:
    X, y = moons()
    low, high = X.min(axis=0) - 0.5, X.max(axis=0) + 0.5
    xx, yy = np.meshgrid(*np.linspace(low, high, RESOLUTION).T)
    Z = model.predict(np.column_stack([xx.ravel(), yy.ravel()]), verbose=0)
    fig, ax = plt.subplots()
    ax.contourf(xx, yy, Z.reshape(xx.shape))
    ax.scatter(*X.T, c=y, edgecolors="k")
    fig.canvas.draw()
    plt.close(fig)


def total(runs: list[Run]) -> Run:
    return {what: sum(run[what] for run in runs) for what in ("wall", "cpu")}


def moons_plain(full: bool) -> Sections:
    def train(model, updates: int) -> Run:
        return timed(partial(model.fit, *moons(), batch_size=200, epochs=updates, verbose=0))

    models = [moons_model(**recipe) for recipe in MOONS.values()]
    starts = [train(model, UPDATES // 10) for model in models]
    ends = [train(model, UPDATES * 9 // 10) for model in (models if full else models[-1:])]
    trainings = total(starts + ends)
    if not full:
        last, begun = total([starts[-1], *ends]), total(starts)
        trainings = {what: begun[what] * last[what] / starts[-1][what] for what in last}
    boundaries = [timed(partial(boundary_plain, model)) for model in models]
    return {"moons, trainings": trainings, "moons, boundaries": total(boundaries)}


def reviews_plain() -> None:
    import keras

    from nnutils import load_imdb

    data = load_imdb(NUM_WORDS)
    X, X_test = map(full_rows, (data.x_train, data.x_test))
    y, y_test = (labels.astype("float32") for labels in (data.y_train, data.y_test))
    for name, recipe in REVIEWS.items():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((NUM_WORDS,))])
        for width in recipe.get("hidden", (16, 16)):
            penalty = keras.regularizers.L2(L2) if "l2" in recipe else None
            model.add(keras.layers.Dense(width, "relu", kernel_regularizer=penalty))
            if "dropout" in recipe:
                model.add(keras.layers.Dropout(recipe["dropout"]))
        model.add(keras.layers.Dense(1, "sigmoid"))
        model.compile("rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
        held = X[:10_000], y[:10_000]
        fit = {"epochs": REVIEW_EPOCHS, "batch_size": REVIEWS_BATCH, "verbose": 0}
        model.fit(X[10_000:], y[10_000:], validation_data=held, **fit)
        if name in SCORED:
            model.evaluate(X_test, y_test, verbose=0)


# -- the course's way ----------------------------------------------------------------------


def digits_ours() -> None:
    from nnutils import load_mnist

    data = load_mnist()
    X, X_test = (x.reshape(-1, 784) / np.float32(255) for x in (data.x_train, data.x_test))
    model = network(784, 15, 10, steps_per_execution=67)
    model.fit(X, data.y_train, batch_size=DIGITS_BATCH, epochs=DIGITS_EPOCHS, verbose=0)
    model.evaluate(X_test, data.y_test, batch_size=1000, verbose=0)
    model.predict_on_batch(X_test[:N_ANSWERS])


def moons_ours() -> Sections:
    import tensorflow as tf

    from nnutils import plot_decision_boundary

    X, y = moons()
    models = [moons_model(**recipe, steps_per_execution=100) for recipe in MOONS.values()]

    def train() -> None:
        rows = tf.data.Dataset.from_tensors((X, y)).repeat()
        for model in models:
            model.fit(rows, epochs=UPDATES // 100, steps_per_epoch=100, shuffle=False, verbose=0)

    def draw() -> None:
        for model in models:
            figure = plot_decision_boundary(model, X, y.ravel(), resolution=RESOLUTION).figure
            figure.canvas.draw()
            plt.close(figure)

    return {"moons, trainings": timed(train), "moons, boundaries": timed(draw)}


def reviews_ours() -> None:
    from nnutils import load_imdb, train_many

    data = load_imdb(NUM_WORDS)
    X, X_test = map(sparse_rows, (data.x_train, data.x_test))
    for name, recipe in REVIEWS.items():
        recipe = recipe | {"l2": (recipe.get("l2", 0.0),) * 2 + (0.0,)}
        nets = train_many(
            X[10_000:],
            data.y_train[10_000:],
            loss="binary_crossentropy",
            epochs=REVIEW_EPOCHS,
            batch_size=REVIEWS_BATCH,
            n_nets=1,
            validation_data=(X[:10_000], data.y_train[:10_000]),
            rng=0,
            **recipe,
        )
        if name in SCORED:
            nets.score(X_test, data.y_test)


# ------------------------------------------------------------------------------------------


def imports() -> None:
    for name in ("keras", "scipy.sparse", "seaborn", "sklearn.datasets"):
        importlib.import_module(name)


def run_here(way: str, full: bool) -> dict:
    """Do the whole lesson in this process; return its sections and the peak memory."""
    plain = way == "plain"
    sections = {"imports": timed(imports)}
    sections["digits"] = timed(digits_plain if plain else digits_ours)
    sections |= moons_plain(full) if plain else moons_ours()
    sections["film reviews"] = timed(reviews_plain if plain else reviews_ours)
    return {"sections": sections, "peak": peak_mib()}


def measure(full: bool, say: Callable[[str], None] = print) -> dict:
    """Do the lesson in both ways, each in a process of its own."""
    found = {}
    for way in ("ours", "plain"):
        say(f"a whole lesson, {way}")
        found[way] = in_own_process(__file__, way, *(["--full"] * full))
    return found


def rows(found: dict) -> list[list[str]]:
    """Return the table of both ways: seconds of each section, all of them, and memory."""
    plain, ours = (found[way]["sections"] for way in ("plain", "ours"))
    lines = []
    for what in [*plain, "together"]:
        both = [total([s[what]] if what in s else [*s.values()]) for s in (plain, ours)]
        cells = [f"{run[clock]:.1f}" for run in both for clock in ("wall", "cpu")]
        lines.append([what, *cells, f"{both[0]['cpu'] / both[1]['cpu']:.1f}×"])
    peaks = [found[way]["peak"] for way in ("plain", "ours")]
    memory = [text for peak in peaks for text in ("", f"{peak:,.0f}")]
    return [*lines, ["peak memory, MiB", *memory, f"{peaks[0] / peaks[1]:.1f}×"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", nargs="?", choices=["plain", "ours"], help=argparse.SUPPRESS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="every training to its end")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(run_here(options.way, options.full)))
        return
    print(f"{'':20}{'plain, wall s':>14}{'cpu s':>14}{'ours, wall s':>14}{'cpu s':>14}{'gain':>14}")
    for name, *numbers in rows(measure(options.full, lambda _: None)):
        print(f"{name:20}" + "".join(f"{number:>14}" for number in numbers))


if __name__ == "__main__":
    main()
