"""Checks of the page on debugging: six broken notebooks, repaired."""

import re
import tracemalloc
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """Sorted rows of the truth table that never occur, for any number of columns."""
    tables = {
        ((0, 0), (1, 0), (0, 1), (0, 0)): [(1, 1)],
        ((1, 1, 0), (0, 0, 0), (1, 1, 0), (0, 1, 1), (1, 0, 0)): [
            (0, 0, 1),
            (0, 1, 0),
            (1, 0, 1),
            (1, 1, 1),
        ],
        ((0, 0), (0, 1), (1, 0), (1, 1)): [],
    }
    for table, missing in tables.items():
        cases = call(answer, np.array(table))
        try:
            found = [tuple(int(value) for value in case) for case in cases]
        except (TypeError, ValueError):
            return "Return a list of rows, each a tuple of zeros and ones."
        if found == missing:
            continue
        if sorted(found) == missing:
            return "These are the right cases, but not in sorted order."
        if sorted(set(found)) == missing:
            return "A missing case comes more than once in your list."
        if set(found) == set(table):
            return "These are the cases that do occur. The others are asked for."
        if len(table[0]) != 2:
            return "Right for two columns only? A table of three columns has 2 ** 3 cases."
        return f"For the rows {list(table)} the missing cases are {missing}, not {found}."
    return None


def exercise_2(answer: Any) -> str | None:
    """Compiled Keras model: two softmax units and the sparse loss, or one sigmoid and the binary.

    With ``from_logits`` the last layer is linear.
    """
    model = call(answer)
    try:
        units, activation = model.layers[-1].units, model.layers[-1].activation.__name__
        hidden = [layer.units for layer in model.layers[:-1] if hasattr(layer, "units")]
        loss = model.loss
    except (AttributeError, IndexError, TypeError):
        raise HintError("Return a Keras model that ends in a Dense layer.") from None
    if loss is None:
        return "The network is not compiled: it has no loss."
    from_logits = bool(getattr(loss, "_fn_kwargs", {}).get("from_logits", False))
    name = _loss_name(loss).replace("crossentropy", "").strip("_")
    if from_logits and activation != "linear":
        return "from_logits=True says that the outputs are logits, but yours are probabilities."
    if not from_logits and activation == "linear":
        return "A linear output gives logits: the loss has to be told by from_logits=True."
    if units == 1 and activation == "softmax":
        return "A softmax over a single unit always says 1. One unit wants a sigmoid."
    if name == "categorical":
        return "That is the loss for one-hot rows. The labels here are whole numbers."
    kinds = {"sparse_categorical": (2, "softmax"), "binary": (1, "sigmoid")}
    if name not in kinds:
        return "The targets are classes: the loss should be one of the cross-entropies."
    right_units, right_activation = kinds[name]
    if name == "binary" and units == 2:
        return "Still the old pair: the binary loss wants a single sigmoid unit."
    if units != right_units:
        return f"With this loss the last layer needs {right_units} unit(s); yours has {units}."
    if not from_logits and activation != right_activation:
        return f"With this loss the last layer needs a {right_activation}, not a {activation}."
    if hidden != [4]:
        return "The output is repaired. The network should keep one hidden layer, of four units."
    # Without an Input the model is not built yet, and takes any number of inputs.
    if getattr(model, "built", False) and model.input_shape[-1] != 2:
        return "The network should have two inputs."
    # The activation may also be a layer of its own, which then comes last but one.
    if getattr(getattr(model.layers[-2], "activation", None), "__name__", "") == "linear":
        return "A hidden layer without an activation adds nothing: give it one, such as relu."
    return None


def _loss_name(loss: Any) -> str:
    """Return a name such as "binary_crossentropy" for a name, a loss object or a function."""
    if isinstance(loss, str) and loss not in (
        "sparse_categorical_crossentropy",
        "binary_crossentropy",
    ):
        import keras  # slow, and without need for the two usual names

        try:
            loss = keras.losses.get(loss)  # "bce" is a name as well
        except ValueError:
            return loss
    if isinstance(loss, str):
        return loss
    # Not the attribute `name` of a loss object, which anyone may choose.
    name = getattr(loss, "__name__", type(loss).__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def exercise_3(answer: Any) -> str | None:
    """Rate and momentum under which the loss neither jumps nor lags: about (0.02, 0.9)."""
    from nnutils import make_xor, train_many

    rate, momentum = as_array(answer, shape=(2,))
    if not (rate > 0 and 0 <= momentum < 1):
        return "The rate must be positive, and the momentum from 0 to less than 1, in this order."
    X, y = make_xor(1000, rng=0)
    nets = train_many(
        X,
        y,
        loss="sparse_categorical_crossentropy",
        hidden=(4, 4),
        epochs=60,
        n_nets=12,
        optimizer="sgd",
        learning_rate=rate,
        momentum=momentum,
        batch_size=100,
        rng=0,
    )
    losses = nets.history["loss"]
    climb = np.median((losses / np.minimum.accumulate(losses)).max(axis=0))
    end = np.median(losses[-1])
    if not climb < 1.5:
        same = np.isclose(rate / (1 - momentum), 1, rtol=0.1)
        why = (
            "The effective rate, rate / (1 - momentum), is still that of the broken notebook."
            if same
            else "Make the effective rate, rate / (1 - momentum), smaller."
        )
        return f"It still climbs to {climb:.1f} times its best. {why}"
    # At a tiny rate it ends there as well, where the untrained network stood.
    if end > 0.7 and rate / (1 - momentum) > 1:
        return "It ends worse than a coin: lower the effective rate."
    if not end < 0.1:
        return f"Calm, but too slow: it ends at {end:.2f}. Raise the effective rate a little."
    return None


def exercise_4(answer: Any) -> str | None:
    """Wrong predictions as a data frame with the columns true and predicted, rows from 0."""
    true, predicted = np.array([3, 8, 1, 5, 5, 0]), np.array([3, 3, 7, 5, 6, 0])
    frame = call(answer, true, predicted)
    columns = list(getattr(frame, "columns", []))
    if sorted(map(str, columns)) != ["predicted", "true"]:
        return "Return a data frame with the columns 'true' and 'predicted'."
    if columns != ["true", "predicted"]:
        return "The columns are in the wrong order: 'true' comes first. Is there a set in it?"
    if len(frame) == len(true):
        return "All rows are there. Only the wrong predictions are asked for."
    if len(frame) != 3:
        return f"Three of the predictions are wrong; your table has {len(frame)} rows."
    if frame["true"].tolist() == [3, 7, 6]:
        return "The headings have changed places: under 'true' stand the predictions."
    if frame.to_numpy().tolist() != [[8, 3], [1, 7], [5, 6]]:
        return "The rows are not those of the wrong predictions, in their order."
    if list(frame.index) != [0, 1, 2]:
        return "The rows are right but keep their old numbers: reset the index."
    return None


def exercise_5(answer: Any) -> str | None:
    """Fit on three quarters drawn by chance, score on the other quarter, rows with their labels."""
    X = np.arange(40, dtype=float).reshape(40, 1)
    y = (X[:, 0] * 7 % 5).astype(int)
    log: dict[str, np.ndarray] = {}

    class Recorder:
        def __init__(self, X: Any, y: Any) -> None:
            log["fit"] = np.asarray(X)
            log["paired"] = np.array_equal(np.asarray(y), np.asarray(X)[:, 0] * 7 % 5)

        def score(self, X: Any, y: Any) -> float:
            log["score"] = np.asarray(X)
            log["paired"] = log["paired"] and np.array_equal(y, np.asarray(X)[:, 0] * 7 % 5)
            return 0.625

    def run(seed: int) -> Any:
        return call(answer, Recorder, X.copy(), y.copy(), np.random.default_rng(seed))

    value = run(5)
    if "fit" not in log or "score" not in log:
        return "Call fit(X, y) with some of the rows, and score of what it returns with the others."
    fitted, scored = log["fit"].ravel(), log["score"].ravel()
    if np.isin(scored, fitted).any():
        return "Some rows are fitted and scored as well: these are known by heart."
    if not log["paired"]:
        return "Rows and labels have come apart: cut both with the same permutation."
    if len(scored) != 10 or len(fitted) != 30:
        return f"Put aside a quarter, 10 of 40 rows, and fit on 30: {len(scored)}, {len(fitted)}."
    drawn = np.sort(scored)
    if np.array_equal(drawn, np.arange(10)) or np.array_equal(drawn, np.arange(30, 40)):
        return "The rows put aside are the first or last ones. Files are often sorted: draw them."
    if not np.isclose(as_number(value), 0.625):
        return "Return what score says of the rows put aside."
    run(5)
    if not np.array_equal(np.sort(log["score"].ravel()), drawn):
        return "The same generator draws other rows the second time: draw from rng alone."
    run(6)
    if np.array_equal(np.sort(log["score"].ravel()), drawn):
        return "Another generator puts the same rows aside: draw them with rng."
    return None


def exercise_6(answer: Any) -> str | None:
    """Multi-hot table as a CSR array: ones where a word occurs, however often."""
    reviews = [np.array([3, 1, 3, 3]), np.array([0]), np.array([], dtype=int), np.array([4, 2, 4])]
    expected = np.zeros((4, 6))
    for row, review in enumerate(reviews):
        expected[row, review] = 1
    table = call(answer, reviews, 6)
    if isinstance(table, np.ndarray):
        return "That is a full array again, zeros and all. Build a scipy.sparse.csr_array."
    if getattr(table, "format", None) != "csr":
        return "The answer should be a SciPy sparse array in the format CSR."
    if table.shape != expected.shape:
        return f"The shape should be (number of reviews, num_words) = (4, 6), not {table.shape}."
    dense = table.toarray()
    if np.array_equal(dense, expected):
        return _full_on_the_way(answer, reviews)
    if np.array_equal(dense > 0, expected > 0):
        return "A word that occurs twice is counted twice. Every entry should be 0 or 1."
    if np.array_equal(dense[:, :-1] > 0, expected[:, 1:] > 0):
        return "All is shifted by one column: word number w belongs in column w."
    return "The ones stand in the wrong places: row i holds the words of review i."


def _full_on_the_way(answer: Any, reviews: list[np.ndarray]) -> str | None:
    """Return a hint if the answer makes a full table first, seen by the memory it takes."""
    # Large enough to stand out, small enough for a table of Python lists to be made in a second.
    many, columns = 100 * reviews, 10_000
    tracemalloc.start()
    try:
        call(answer, many, columns)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if peak < 0.9 * len(many) * columns:  # even the smallest full table has a byte for each entry
        return None
    return "You make the full table on the way. Build the csr_array from rows and columns."
