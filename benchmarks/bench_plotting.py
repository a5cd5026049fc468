"""Time `plot_decision_boundary` against the plain way of asking a Keras model.

Run it from the root of the project::

    python benchmarks/bench_plotting.py

Both ways colour the same mesh for the same network and draw the whole figure.
The plain way is what most people write first: ``model.predict`` with its default
batch of 32 and one filled contour. The runs are interleaved, so that a busy moment
of the machine hits both; the tables say medians.
"""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from nnutils import make_spirals, plot_decision_boundary

RESOLUTION = 200  # points per side
N_RUNS = 5
TARGET = 0.5  # seconds, for one boundary with its drawing


def make_network() -> keras.Model:
    """One hidden layer of 50 units, as on the page about overfitting; untrained."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(50, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def ours(model: keras.Model, X: np.ndarray, y: np.ndarray) -> plt.Figure:
    return plot_decision_boundary(model, X, y, resolution=RESOLUTION).figure


def plain(model: keras.Model, X: np.ndarray, y: np.ndarray) -> plt.Figure:
    margin = 0.1 * np.ptp(X, axis=0)
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(*np.linspace(low, high, RESOLUTION).T)
    Z = model.predict(np.column_stack([xx.ravel(), yy.ravel()]), verbose=0) > 0.5
    fig, ax = plt.subplots()
    ax.contourf(xx, yy, Z.reshape(xx.shape))
    ax.scatter(*X.T, c=y, edgecolors="k")
    return fig


def measure(draw: Callable, model: keras.Model, X: np.ndarray, y: np.ndarray) -> tuple:
    """Wall and processor seconds from the call to the last pixel."""
    wall, cpu = time.perf_counter(), time.process_time()
    figure = draw(model, X, y)
    figure.canvas.draw()
    times = time.perf_counter() - wall, time.process_time() - cpu
    plt.close(figure)
    return times


def main() -> None:
    X, y = make_spirals(200, noise=0.1, rng=0)
    ways = {"model.predict, batches of 32": plain, "plot_decision_boundary": ours}
    runs: dict[str, list] = {name: [] for name in ways}
    # A new network for each run, as on a page: building its graph is part of the price. The
    # very first run of each way warms up fonts and libraries, and is left out.
    for run in range(N_RUNS + 1):
        for name, draw in ways.items():
            times = measure(draw, make_network(), X, y)
            if run > 0:
                runs[name].append(times)

    print(f"50-unit network, {RESOLUTION} x {RESOLUTION} points, drawn; median of {N_RUNS}")
    print(f"{'':32}{'wall s':>8}{'cpu s':>8}")
    medians = {}
    for name, times in runs.items():
        wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        medians[name] = wall, cpu
        print(f"{name:32}{wall:8.3f}{cpu:8.3f}")
    (slow, slow_cpu), (fast, fast_cpu) = medians.values()
    print(f"{'ratio':32}{slow / fast:7.1f}x{slow_cpu / fast_cpu:7.1f}x")
    print(f"target under {TARGET} s: {'met' if fast < TARGET else 'MISSED'}")


if __name__ == "__main__":
    main()
