"""Figures the pages share: labelled points, what a classifier answers, a training history.

Each function draws on the Axes it is given, or on a figure of its own, returns
the Axes, and leaves no trace elsewhere: no global setting is read for colour or
size, none is written, and a model is only asked for answers.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

# Okabe and Ito, "Color Universal Design" (2008): told apart with every common form of
# colour blindness. The first reach a contrast of 3 to 1 on white, so they come first.
PALETTE = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # green
    "#CC79A7",  # purple
    "#E69F00",  # orange
    "#56B4E9",  # sky blue
    "#F0E442",  # yellow
    "#000000",  # black
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")  # filled, so that an edge can be drawn

_INK = "#222222"  # marker edges, borders and contour lines
_LABEL_SIZE = 13  # points: about 10 px on a phone, where a 6-inch figure shows at 60 %
_TEXT_SIZE = 12
_WIDTH = 6.0  # inches: 600 px, inside the book's column of about 690
_TINT = 0.35  # how much of a class colour goes into its region; the rest is white
_SHADE = 0.5  # the same for a probability of 1 when shading by probability
_CONFIDENT = (0.75, 0.95)  # probabilities drawn as lines when shading by probability
_ONE_COLUMN = "one column of {} tells two classes apart, y has {}: {}"
_ROUNDING = 1e-3  # how far low-precision probabilities may stray from [0, 1] or a sum of 1


def plot_points(
    X: Any, y: Any, *, ax: Axes | None = None, class_names: Sequence[str] | None = None
) -> Axes:
    """Draw points of the plane with one colour and one marker per class.

    Parameters
    ----------
    X : array-like or DataFrame, shape (n_samples, 2)
        The points, finite real numbers. The column names of a DataFrame become the
        axis labels, otherwise these are x1 and x2.
    y : array-like, shape (n_samples,) or (n_samples, 1)
        The class of each point: integers, booleans or strings, 1 to 8 different
        ones. Whole numbers stored as floats count as integers.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure.
    class_names : sequence of str, optional
        One name per class for the legend, in the sorted order of the classes.

    Returns
    -------
    Axes
        The Axes drawn on.

    Raises
    ------
    TypeError
        If `ax` is not one Axes, or `class_names` is not a sequence of names.
    ValueError
        If `X` is not (n_samples, 2), real and finite, if `y` does not fit it or holds
        something else than 1 to 8 classes, or if `class_names` has the wrong length.

    Examples
    --------
    >>> from nnutils import make_xor, plot_points
    >>> X, y = make_xor(200, rng=0)
    >>> ax = plot_points(X, y, class_names=["same sign", "signs differ"])
    """
    points = _check_points(X)
    classes, codes = _check_classes(y, len(points))
    names = _legend_names(class_names, classes)
    ax = _axes_or_new(ax)
    # Fewer points are drawn larger: 40 square points at most, 12 for crowds.
    size = np.clip(8000 / len(points), 12, 40)
    handles = [
        ax.scatter(
            *points[codes == code].T,
            s=size,
            color=PALETTE[code],
            marker=MARKERS[code],
            edgecolors=_INK,
            linewidths=0.6,
            label=name,
            zorder=3,
        )
        for code, name in enumerate(names)
    ]
    for set_label, name in zip((ax.set_xlabel, ax.set_ylabel), _axis_names(X), strict=True):
        set_label(name, fontsize=_LABEL_SIZE)
    ax.tick_params(labelsize=_TEXT_SIZE)
    # All figures show the same large markers in the legend, whatever the size of the crowd.
    ax.legend(
        handles=handles,
        loc="best",
        fontsize=_TEXT_SIZE,
        framealpha=0.9,
        markerscale=(50 / size) ** 0.5,
    )
    return ax


def plot_decision_boundary(
    model: Any,
    X: Any,
    y: Any,
    *,
    ax: Axes | None = None,
    resolution: int = 200,
    padding: float = 0.1,
    class_names: Sequence[str] | None = None,
    proba: bool = False,
) -> Axes:
    """Colour the plane by the class a model answers, with the points on top.

    The model is asked once, for all the points of a regular mesh, and is neither
    fitted nor changed.

    Parameters
    ----------
    model : object
        The first of these it has is used: ``predict_on_batch`` (a Keras model: one
        batch, nothing printed), ``predict`` (a fitted estimator), or the call
        ``model(X)`` (a function of an array of shape (n, 2)). Its answer is either

        - labels, one per row, all of them among the classes of `y`;
        - one column of booleans: is it the second of two classes?
        - one column of floats in [0, 1]: the probability of the second of two
          classes, which wins above 0.5;
        - one column per class, in sorted order: the largest wins.
    X : array-like or DataFrame, shape (n_samples, 2)
        The points, finite real numbers; they set the limits of the mesh. An
        estimator fitted on a DataFrame is asked with the column names of `X`.
    y : array-like, shape (n_samples,) or (n_samples, 1)
        The class of each point: integers, booleans or strings, 1 to 8 different
        ones. Whole numbers stored as floats count as integers.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure.
    resolution : int, default 200
        Points per side of the mesh: 200 asks the model for 40,000 answers.
    padding : float, default 0.1
        Margin around the points, as a fraction of their range on each axis.
    class_names : sequence of str, optional
        One name per class for the legend, in the sorted order of the classes.
    proba : bool, default False
        Shade by class probability instead of colouring each region evenly: the
        colour fades to white where all classes are as likely, and thin lines mark
        where the answered class has a probability of 75 % and 95 %. An estimator
        is asked for ``predict_proba`` if it has it.

    Returns
    -------
    Axes
        The Axes drawn on.

    Raises
    ------
    TypeError
        If `model` is none of the above, `ax` is not one Axes, `resolution` is not an
        integer, `padding` is not a number, or `class_names` is not a sequence of names.
    ValueError
        If `X` is not (n_samples, 2), real and finite; if `y` does not fit it or holds
        something else than 1 to 8 classes; if `class_names` has the wrong length; if
        `resolution` is below 2 or `padding` negative; or if the model's answer has the
        wrong number of rows or columns, is not finite, holds a label that is not in
        `y`, or numbers that are no probabilities.

    Notes
    -----
    The border is drawn where the leading class and the next one are equally
    probable, interpolated between mesh points; where the model answers labels only,
    it passes between the mesh points of different classes. A shade stands for how far a
    probability is above chance, ``(k p - 1) / (k - 1)`` for k classes.

    Examples
    --------
    >>> from nnutils import make_xor, plot_decision_boundary
    >>> X, y = make_xor(200, rng=0)
    >>> ax = plot_decision_boundary(lambda X: X[:, 0] * X[:, 1] < 0, X, y)
    """
    points = _check_points(X)
    classes, _ = _check_classes(y, len(points))
    class_names = _legend_names(class_names, classes)
    x1, x2 = (_mesh_side(column, resolution, padding) for column in points.T)
    mesh = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    P = _read_answer(*_ask(model, mesh, X, proba), len(mesh), classes, proba)
    P = P.reshape(len(x2), len(x1), len(classes))
    leads = _leads(P)

    # Every complaint is behind us: an error leaves no empty figure.
    ax = _axes_or_new(ax)
    if proba:
        _shade(ax, x1, x2, P)
    else:
        for lead, colour in zip(leads, PALETTE, strict=False):
            if lead.max() > 0:
                ax.contourf(x1, x2, lead, levels=[0, 2], colors=[_tint(colour)], zorder=0)
    # With two classes both leads have the same zero line, and one line is enough.
    for lead in leads[:1] if len(leads) == 2 else leads:
        if lead.min() < 0 < lead.max():
            ax.contour(x1, x2, lead, levels=[0], colors=_INK, linewidths=1.5, zorder=2)
    plot_points(X, y, ax=ax, class_names=class_names)
    ax.set(xlim=x1[[0, -1]], ylim=x2[[0, -1]])
    return ax


def plot_history(
    history: Any, *, metrics: str | Iterable[str] | None = None, axes: Any = None
) -> np.ndarray:
    """Draw the curves of a training run, one panel per metric.

    Training is a solid line with discs; validation, the metric's twin named
    ``val_...``, a dashed line with squares.

    Parameters
    ----------
    history : keras.callbacks.History, mapping or DataFrame
        What ``fit`` returned, or the values per epoch under any metric names.
    metrics : str or iterable of str, optional
        What to draw, without the twins; by default every metric, in the order of the
        history. A ``val_...`` name asked for by itself is drawn by itself.
    axes : Axes or array-like of Axes, optional
        One per metric; by default a new figure with the panels under each other.

    Returns
    -------
    ndarray of Axes, shape (n_metrics,)
        The Axes drawn on, in the order of the metrics. For a logarithmic scale, call
        ``set_yscale("log")`` on the one that needs it.

    Raises
    ------
    KeyError
        If a metric is not in the history; the message lists those that are.
    TypeError
        If `history` is none of the above, or `axes` holds something else than Axes.
    ValueError
        If the history is empty, a metric is not one number per epoch, twins differ in
        length, or `axes` and the metrics differ in number.

    Examples
    --------
    >>> from nnutils import plot_history
    >>> axes = plot_history({"loss": [0.9, 0.5, 0.4], "val_loss": [0.9, 0.6, 0.6]})
    >>> axes[0].set_yscale("log")
    """
    curves = _read_history(history)
    if metrics is None:
        twins = {f"val_{name}" for name in curves}
        metrics = [name for name in curves if name not in twins]
    names = [metrics] if isinstance(metrics, str) else [str(name) for name in metrics]
    if not names:
        raise ValueError("nothing to draw: metrics is empty")
    for name in names:
        if name not in curves:
            raise KeyError(f"no metric {name!r} in the history, which has {list(curves)}")
    series = [_twins(curves, name) for name in names]
    axes = _panels(axes, len(names))
    for ax, name, lines in zip(axes, names, series, strict=True):
        _draw_curves(ax, name, lines)
    return axes


# --- what the user gave ---------------------------------------------------------------


def _plain_array(values: Any, what: str) -> np.ndarray:
    """Turn columns of Python objects, as pandas gives them, into numbers or strings."""
    array = np.asarray(values)
    if array.dtype.kind not in "OT":
        return array
    items = array.ravel().tolist()
    n_strings = sum(isinstance(item, str) for item in items)
    if n_strings not in (0, len(items)):
        raise ValueError(f"{what} must not mix strings with other values, such as missing ones")
    return np.array(items).reshape(array.shape)


def _check_points(X: Any) -> np.ndarray:
    points = _plain_array(X, "X")
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"X must have shape (n_samples, 2), got {points.shape}")
    if points.dtype.kind not in "biuf":
        raise ValueError(f"X must hold real numbers, got dtype {points.dtype}")
    points = points.astype(float)
    if not np.isfinite(points).all():
        raise ValueError("X must hold finite numbers, got NaN or infinity")
    return points


def _check_classes(y: Any, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes of `y`, and for each sample the position of its class."""
    labels = _plain_array(y, "y")
    if labels.shape not in [(n_samples,), (n_samples, 1)]:
        raise ValueError(
            f"y must hold one class per row of X, shape ({n_samples},), got {labels.shape}; "
            "from one column per class, take y.argmax(axis=1)"
        )
    labels = labels.ravel()
    if labels.dtype.kind == "f":
        if not (np.isfinite(labels) & (labels == np.round(labels))).all():
            raise ValueError("y must hold classes, got fractions or missing values")
        labels = labels.astype(int)
    if labels.dtype.kind not in "biuU":
        raise ValueError(
            f"y must hold classes: integers, booleans or strings, got dtype {labels.dtype}"
        )
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) > len(PALETTE):
        raise ValueError(f"y must hold at most {len(PALETTE)} classes, got {len(classes)}")
    return classes, codes


def _legend_names(class_names: Sequence[str] | None, classes: np.ndarray) -> list[str]:
    if class_names is None:
        return [f"class {label}" if classes.dtype.kind in "iu" else str(label) for label in classes]
    if isinstance(class_names, str | Mapping):
        raise TypeError(f"class_names must be a sequence of names, got {class_names!r}")
    names = [str(name) for name in class_names]
    if len(names) != len(classes):
        raise ValueError(
            f"class_names must have one name for each class {classes.tolist()}, got {names}"
        )
    return names


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns") and hasattr(X, "iloc")


def _axis_names(X: Any) -> list[str]:
    names = list(X.columns) if _is_frame(X) else []
    return names if names and all(isinstance(n, str) for n in names) else ["$x_1$", "$x_2$"]


def _axes_or_new(ax: Any) -> Axes:
    if ax is None:
        return plt.subplots(figsize=(_WIDTH, 4.8), layout="constrained")[1]
    return _check_axes(ax)


def _check_axes(ax: Any) -> Axes:
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be one Axes, such as axes[0], got {type(ax).__name__}")
    return ax


# --- what the model answers -----------------------------------------------------------


def _mesh_side(column: np.ndarray, resolution: int, padding: float) -> np.ndarray:
    if isinstance(resolution, bool) or not isinstance(resolution, int | np.integer):
        raise TypeError(f"resolution must be an integer, got {resolution!r}")
    if resolution < 2:
        raise ValueError(f"resolution must be at least 2 points per side, got {resolution}")
    if not 0 <= padding < np.inf:
        raise ValueError(f"padding must be a finite fraction, 0 or more, got {padding!r}")
    low, high = column.min(), column.max()
    # Points on one line have no range: give the mesh the width 1 around them.
    margin = padding * (high - low) if high > low else 0.5
    return np.linspace(low - margin, high + margin, resolution)


@contextmanager
def _no_retracing_remarks() -> Iterator[None]:
    """Hold back what TensorFlow logs when several models are asked in a row.

    It takes the first call of each new model for one function traced over and over.
    """

    def keep(record: logging.LogRecord) -> bool:
        return "tf.function retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)


def _ask(model: Any, mesh: np.ndarray, X: Any, proba: bool) -> tuple[Any, Any]:
    """Return the model's answer for all of the mesh, and the classes of its columns if known."""
    ask: Callable[[Any], Any] | None = None
    columns = None
    if not isinstance(model, type):
        if hasattr(model, "predict_on_batch"):
            ask = model.predict_on_batch
        elif hasattr(model, "predict"):
            ask = model.predict
            if proba and hasattr(model, "predict_proba"):
                ask, columns = model.predict_proba, getattr(model, "classes_", None)
            if _is_frame(X) and hasattr(model, "feature_names_in_"):
                mesh = type(X)(mesh, columns=X.columns)
        elif callable(model):
            ask = model
    if ask is None:
        what = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(
            "model must be a Keras model, a fitted estimator with predict, or a function of an "
            f"array of shape (n, 2), got {what}"
        )
    with _no_retracing_remarks():
        return ask(mesh), columns


def _read_answer(
    answer: Any, columns: Any, n_rows: int, classes: np.ndarray, proba: bool
) -> np.ndarray:
    """Return the probability of each class in each row; labels count as 0 and 1."""
    answer = _plain_array(answer, "the model's answers")
    if answer.ndim not in (1, 2) or len(answer) != n_rows:
        raise ValueError(
            f"the model must answer each of the {n_rows} rows it is given with a label or with "
            f"probabilities, got shape {answer.shape}"
        )
    if answer.dtype.kind not in "biufU":
        raise ValueError(
            f"the model's answers must be labels or probabilities, got dtype {answer.dtype}"
        )
    if answer.dtype.kind == "f" and not np.isfinite(answer).all():
        raise ValueError("the model's answers must be finite numbers, got NaN or infinity")
    if columns is not None or (answer.ndim == 2 and answer.shape[1] != 1):
        return _read_columns(answer, columns, classes, proba)
    return _read_column(answer.ravel(), classes, proba)


def _read_columns(answer: np.ndarray, columns: Any, classes: np.ndarray, proba: bool) -> np.ndarray:
    codes = {label: code for code, label in enumerate(classes.tolist())}
    labels = list(codes) if columns is None else np.asarray(columns).tolist()
    if not set(labels) <= codes.keys():
        raise ValueError(_absent(labels, classes))
    if answer.shape[1] != len(labels):
        raise ValueError(
            f"the model must answer with one column per class, got {answer.shape[1]} columns "
            f"for the classes {labels}"
        )
    _check_probabilities(answer)
    sums = answer.sum(axis=1)
    if answer.dtype.kind == "b" and not (sums == 1).all():
        raise ValueError(
            "one column of booleans per class must hold one True in each row: give the "
            "probabilities themselves, or their argmax(axis=1)"
        )
    if proba and abs(sums - 1).max() > _ROUNDING:
        raise ValueError(
            "proba=True needs class probabilities that add up to 1 in each row, got sums from "
            f"{sums.min():.3g} to {sums.max():.3g}: end the model with a softmax"
        )
    P = np.zeros((len(answer), len(classes)))  # a class the model never saw has probability 0
    P[:, [codes[label] for label in labels]] = answer
    return P


def _read_column(answer: np.ndarray, classes: np.ndarray, proba: bool) -> np.ndarray:
    two = len(classes) == 2
    if answer.dtype.kind == "b" and len(classes) > 2:  # True would pass for the class 1
        raise ValueError(_ONE_COLUMN.format("booleans", len(classes), classes.tolist()))
    if answer.dtype.kind == "b" and two:
        # A probability somebody has compared with a threshold: True is the second class,
        # whatever the two are called.
        answer = classes[answer.astype(int)]
    in_range = (
        answer.dtype.kind == "f" and answer.min() >= -_ROUNDING and answer.max() <= 1 + _ROUNDING
    )
    # Python's own equality, so that the number 0 is never taken for the string "0".
    found, where = np.unique(answer, return_inverse=True)
    codes = {label: code for code, label in enumerate(classes.tolist())}
    is_labels = set(found.tolist()) <= codes.keys()

    if two and in_range and (proba or not is_labels):
        return np.column_stack([1 - answer, answer])
    if is_labels and not proba:
        return np.eye(len(classes))[[codes[label] for label in found.tolist()]][where]
    if is_labels:
        raise ValueError(
            "proba=True needs a model that answers with probabilities, this one answers with "
            "labels: leave proba out"
        )
    if answer.dtype.kind != "f" or (found == np.round(found)).all():
        raise ValueError(_absent(found.tolist(), classes))
    _check_probabilities(answer)
    raise ValueError(_ONE_COLUMN.format("probabilities", len(classes), classes.tolist()))


def _check_probabilities(answer: np.ndarray) -> None:
    if answer.dtype.kind == "U":
        raise ValueError("one column per class must hold probabilities, got strings")
    if answer.min() < -_ROUNDING or answer.max() > 1 + _ROUNDING:
        raise ValueError(
            "the model's answers must be labels of y or probabilities in [0, 1], got values from "
            f"{answer.min():.3g} to {answer.max():.3g}: end the model with a sigmoid (one column) "
            "or a softmax (one column per class), or wrap it in a function that gives labels, "
            f"such as lambda X: f(X){' > 0' if answer.ndim == 1 else '.argmax(axis=1)'}"
        )


def _absent(labels: list, classes: np.ndarray) -> str:
    known = classes.tolist()
    odd = [label for label in labels if label not in known]
    return (
        f"the model answers {odd[:5]}{'...' if len(odd) > 5 else ''}, not among the classes "
        f"{known} of y: encode y as the model was trained, or map its answers to the classes of y"
    )


# --- drawing --------------------------------------------------------------------------


def _leads(P: np.ndarray) -> list[np.ndarray]:
    """Return, for each class, by how much it leads the best other: positive where it wins."""
    classes = range(P.shape[-1])
    if len(classes) == 1:
        return [np.ones(P.shape[:-1])]
    least = 1e-9
    leads = [P[..., c] - np.delete(P, c, axis=-1).max(axis=-1) for c in classes]
    if np.isin(P, (0, 1)).all():
        # Labels do not say where between two mesh points the border lies: averaging over
        # neighbours draws a line there, where bare zeros and ones would draw stairs. The
        # least lead keeps an island of a single mesh point in sight.
        leads, least = [_average(_average(lead)) for lead in leads], 0.2
    # No average moves a mesh point across a border. Where classes tie, the first wins; zero
    # is kept for the border alone, or a plateau of ties would belong to no region.
    winner = P.argmax(axis=-1)
    return [
        np.where(winner == c, np.maximum(lead, least), np.minimum(lead, -least))
        for c, lead in zip(classes, leads, strict=True)
    ]


def _average(values: np.ndarray) -> np.ndarray:
    """Weigh each value with its eight neighbours, 1-2-1 along both sides."""
    padded = np.pad(values, 1, mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4


def _tint(colour: str) -> tuple[float, ...]:
    return tuple(1 - _TINT * (1 - channel) for channel in to_rgb(colour))


def _shade(ax: Axes, x1: np.ndarray, x2: np.ndarray, P: np.ndarray) -> None:
    """Mix the class colours by how far each probability is above chance, white at chance."""
    k = P.shape[-1]
    above_chance = np.clip((k * P - 1) / (k - 1), 0, 1) if k > 1 else P
    missing_light = 1 - np.array([to_rgb(colour) for colour in PALETTE[:k]])
    image = np.clip(1 - _SHADE * above_chance @ missing_light, 0, 1)
    half = (x1[1] - x1[0]) / 2, (x2[1] - x2[0]) / 2  # a mesh point is the centre of its cell
    ax.imshow(
        image,
        origin="lower",
        extent=(x1[0] - half[0], x1[-1] + half[0], x2[0] - half[1], x2[-1] + half[1]),
        aspect=ax.get_aspect(),
        interpolation="bilinear",
        zorder=0,
    )
    top = P.max(axis=-1)
    levels = [level for level in _CONFIDENT if top.min() < level < top.max()]
    if levels:
        lines = ax.contour(
            x1, x2, top, levels=levels, colors=_INK, linewidths=0.8, linestyles="dashed", zorder=2
        )
        for text in ax.clabel(lines, fmt=lambda p: f"{p:.0%}", fontsize=_TEXT_SIZE - 1):
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})


# --- training history -----------------------------------------------------------------


def _read_history(history: Any) -> dict[str, Any]:
    given = isinstance(history, Mapping) or _is_frame(history)
    values = history if given else getattr(history, "history", None)
    if not (given or isinstance(values, Mapping)):
        raise TypeError(
            "history must be what fit returned, a mapping or a DataFrame, got "
            f"{type(history).__name__}"
        )
    curves = {str(name): values[name] for name in values}
    if not any(len(np.atleast_1d(curve)) for curve in curves.values()):
        raise ValueError("the history is empty: train for at least one epoch")
    return curves


def _twins(curves: dict[str, Any], name: str) -> list[tuple[str, np.ndarray]]:
    """Return what one panel shows: the curve of that name, and its validation twin if any."""
    found = []
    for key in (name, f"val_{name}"):
        if key in curves:
            try:
                curve = np.asarray(curves[key], dtype=float)
            except (TypeError, ValueError):
                curve = np.empty((0, 0))
            if curve.ndim != 1 or len(curve) == 0:
                raise ValueError(
                    f"metric {key!r} must be one number per epoch, got {curves[key]!r}"
                )
            found.append(("validation" if key.startswith("val_") else "training", curve))
    if len({len(curve) for _, curve in found}) > 1:
        raise ValueError(
            f"{name!r} has {len(found[0][1])} values and 'val_{name}' {len(found[1][1])}: both "
            "need one per epoch (with a validation_freq of 1), or NaN where there is none"
        )
    return found


def _panels(axes: Any, n_metrics: int) -> np.ndarray:
    if axes is None:
        size = (_WIDTH, 0.4 + 2.8 * n_metrics)
        return plt.subplots(n_metrics, figsize=size, layout="constrained", squeeze=False)[1][:, 0]
    axes = np.array(axes, dtype=object).ravel()
    if len(axes) != n_metrics:
        raise ValueError(f"axes must be one per metric, got {len(axes)} for {n_metrics} metrics")
    return np.array([_check_axes(ax) for ax in axes], dtype=object)


def _draw_curves(ax: Axes, name: str, lines: list[tuple[str, np.ndarray]]) -> None:
    for label, curve in lines:
        role = 1 if label == "validation" else 0
        ax.plot(
            np.arange(1, len(curve) + 1),
            curve,
            color=PALETTE[role],
            linestyle=("solid", "dashed")[role],
            linewidth=1.8,
            marker=MARKERS[role],
            markersize=5,
            markevery=max(1, len(curve) // 12),  # a long run is a line, not a row of markers
            label=label,
        )
    ax.set_xlabel("epoch", fontsize=_LABEL_SIZE)
    ax.set_ylabel(name, fontsize=_LABEL_SIZE)
    ax.tick_params(labelsize=_TEXT_SIZE)
    ax.grid(color="#dddddd", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    # Half an epoch of room, so that no tick stands at an epoch 0; also after a second run.
    n_epochs = max(len(line.get_xdata()) for line in ax.lines)
    ax.set_xlim(0.5, n_epochs + 0.5, auto=True)
    ax.legend(loc="best", fontsize=_TEXT_SIZE, framealpha=0.9)
