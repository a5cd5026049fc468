"""How fast train_many is, beside Keras training one of the same nets the plain way.

Run: python benchmarks/bench_training.py [xor] [digits] [reviews]

Data are random numbers of the size of the course's data; nothing is learnt from them.
Times are in seconds. CPU time counts all threads, and is the steadier figure where other
programs run. Per net: the CPU time of the whole call divided by its nets.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from nnutils import train_many


def measure(label: str, n_nets: int, work: Callable[[], Any]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{label:52} {n_nets:4} {wall:8.2f} {cpu:8.2f} {cpu / n_nets:8.3f}", flush=True)


def fit_keras(X: Any, y: np.ndarray, *, loss: str, hidden: tuple[int, ...], **fit: Any) -> None:
    """Build, compile and fit one net; sparse rows go in as they are."""
    import keras

    binary = loss == "binary_crossentropy"
    model = keras.Sequential([keras.Input((X.shape[1],), sparse=not isinstance(X, np.ndarray))])
    for units in hidden:
        model.add(keras.layers.Dense(units, "relu"))
    model.add(
        keras.layers.Dense(1 if binary else int(y.max()) + 1, "sigmoid" if binary else "softmax")
    )
    model.compile("rmsprop", loss, metrics=["accuracy"])
    model.fit(X, y, verbose=0, **fit)


def compare(
    name: str, X: Any, y: np.ndarray, n_nets: int, *, sharing: bool, **setting: Any
) -> None:
    measure(name, n_nets, lambda: train_many(X, y, n_nets=n_nets, rng=0, **setting))
    if sharing:
        label = f"{name}, shared batches"
        shared = {"shared_batches": True, "rng": 0, **setting}
        measure(label, n_nets, lambda: train_many(X, y, n_nets=n_nets, **shared))
    measure(f"{name}, Keras", 1, lambda: fit_keras(X, y, **setting))


def xor() -> None:
    """The size of the sign-XOR page."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (10_000, 2)).astype("float32")
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    setting = {"loss": "sparse_categorical_crossentropy", "hidden": (4, 4), "batch_size": 100}
    compare("xor 2-4-4-2, 10,000 rows, 20 epochs", X, y, 10, sharing=False, epochs=20, **setting)


def digits() -> None:
    """The size of the MNIST page."""
    rng = np.random.default_rng(0)
    X, y = rng.random((60_000, 784), dtype="float32"), rng.integers(0, 10, 60_000)
    setting = {"loss": "sparse_categorical_crossentropy", "hidden": (15,), "batch_size": 128}
    compare("digits 784-15-10, 60,000 rows, 2 epochs", X, y, 5, sharing=True, epochs=2, **setting)


def reviews() -> None:
    """The size of the IMDB page: about 140 distinct words in each review, common words first."""
    rng = np.random.default_rng(0)
    n, n_words = 15_000, 10_000
    frequency = 1 / np.arange(1, n_words + 1)
    drawn = rng.choice(n_words, (n, 208), p=frequency / frequency.sum())
    words = [np.unique(row) for row in drawn]
    starts = np.concatenate([[0], np.cumsum([len(w) for w in words])])
    X = csr_array((np.ones(starts[-1], "float32"), np.concatenate(words), starts), (n, n_words))
    print(f"reviews: {X.nnz / n:.0f} words each")
    y = rng.integers(0, 2, n)
    setting = {"loss": "binary_crossentropy", "hidden": (16, 16), "batch_size": 512}
    compare(
        "reviews 16-16-1, 15,000 CSR rows, 2 epochs", X, y, 10, sharing=True, epochs=2, **setting
    )


if __name__ == "__main__":
    parts = {"xor": xor, "digits": digits, "reviews": reviews}
    if set(sys.argv[1:]) - set(parts):
        sys.exit(f"choose from {', '.join(parts)}; got {' '.join(sys.argv[1:])}")
    fit_keras(np.zeros((2, 1)), np.array([0, 1]), loss="binary_crossentropy", hidden=())  # imports
    print(f"{'':52} {'nets':>4} {'wall':>8} {'CPU':>8} {'per net':>8}")
    for part in sys.argv[1:] or parts:
        parts[part]()
