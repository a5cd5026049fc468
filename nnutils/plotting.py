"""Figures the pages share: labelled points, what a classifier answers, a training history.

Each function draws on the Axes it is given, or on a figure of its own, returns
the Axes, and leaves no trace elsewhere: no global setting is read for colour or
size, none is written, and a model is only asked for answers.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
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
        If `ax` is not one Axes.
    ValueError
        If `X` is not (n_samples, 2), real and finite, if `y` does not fit it or holds
        something else than 1 to 8 classes, or if `class_names` does not name each class.

    Examples
    --------
    >>> from nnutils import make_xor, plot_points
    >>> X, y = make_xor(200, rng=0)
    >>> ax = plot_points(X, y, class_names=["same sign", "signs differ"])
    """
    points, classes, codes = _check_data(X, y)
    names = _legend_names(class_names, classes)
    ax = _check_axes(ax)
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
    _label(ax, *(X.columns if _is_frame(X) else ("$x_1$", "$x_2$")))
    # All figures show the same large markers in the legend, whatever the size of the crowd.
    # "best" is the default, but unless it is said a slow machine warns.
    look = {"loc": "best", "fontsize": _TEXT_SIZE, "framealpha": 0.9}
    ax.legend(handles=handles, markerscale=(50 / size) ** 0.5, **look)
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
        If `model` is none of the above, or `ax` is not one Axes.
    ValueError
        If `X` is not (n_samples, 2), real and finite; if `y` does not fit it or holds
        something else than 1 to 8 classes; if `class_names` does not name each class; if
        `resolution` is no integer of 2 or more, or `padding` negative; if a model shaded by
        probability was fitted on other classes; or if the model's answer has the
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
    points, classes, _ = _check_data(X, y)
    names = _legend_names(class_names, classes)
    x1, x2 = (_mesh_side(column, resolution, padding) for column in points.T)
    mesh = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    if _is_frame(X) and hasattr(model, "feature_names_in_"):
        mesh = type(X)(mesh, columns=X.columns)
    answer = _ask(model, mesh, classes, proba)
    P = _probabilities(answer, len(mesh), classes, proba).reshape(len(x2), len(x1), -1)

    # Every complaint is behind us: an error leaves no empty figure.
    ax = _check_axes(ax)
    if proba:
        _shade(ax, x1, x2, P)
    winner = P.argmax(axis=-1)
    for code, colour in enumerate(PALETTE[: len(classes)]):
        # By how much the class leads the best other. Zero is kept for the border alone: a
        # plateau of ties, which goes to the first class, would belong to no region.
        lead = P[..., code] - np.delete(P, code, axis=-1).max(axis=-1, initial=0)
        lead = np.where(winner == code, np.maximum(lead, 1e-9), np.minimum(lead, -1e-9))
        if not proba and lead.max() > 0:
            tint = 1 - _TINT * (1 - np.array(to_rgb(colour)))
            ax.contourf(x1, x2, lead, levels=[0, 2], colors=[tint], zorder=0)
        # The borders of the last class are those of the others with it.
        if code < len(classes) - 1 and lead.min() < 0 < lead.max():
            ax.contour(x1, x2, lead, levels=[0], colors=_INK, linewidths=1.5, zorder=2)
    plot_points(X, y, ax=ax, class_names=names)
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
        If `history` is none of the above.
    ValueError
        If the history is empty, a metric is not one number per epoch, twins differ in
        length, or `axes` does not hold one Axes per metric.

    Examples
    --------
    >>> from nnutils import plot_history
    >>> axes = plot_history({"loss": [0.9, 0.5, 0.4], "val_loss": [0.9, 0.6, 0.6]})
    >>> axes[0].set_yscale("log")
    """
    curves = history if _is_frame(history) else getattr(history, "history", history)
    if not (_is_frame(curves) or isinstance(curves, Mapping)):
        raise TypeError(
            "history must be what fit returned, a mapping or a DataFrame, got "
            f"{type(history).__name__}"
        )
    if metrics is None:
        twins = {f"val_{name}" for name in curves}
        metrics = [name for name in curves if name not in twins]
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    if not names:
        raise ValueError("nothing to draw: train for at least one epoch, name at least one metric")
    panels = [_read_curves(curves, name) for name in names]
    if axes is None:
        size = (_WIDTH, 0.4 + 2.8 * len(names))
        axes = plt.subplots(len(names), figsize=size, layout="constrained")[1]
    axes = np.array(axes, dtype=object).ravel()
    if len(axes) != len(names) or not all(isinstance(ax, Axes) for ax in axes):
        raise ValueError(f"axes must hold one Axes per metric of {names}, got {axes.tolist()}")
    for ax, name, panel in zip(axes, names, panels, strict=True):
        _draw_curves(ax, str(name), panel)
    return axes


# --- what the user gave ---------------------------------------------------------------


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns")


def _plain(values: Any, rule: str, kinds: str = "biufU") -> np.ndarray:
    """Return an array of numbers or strings, also from the Python objects pandas holds."""
    array = np.asarray(values)
    if array.dtype.kind in "OT":
        objects = array.tolist()
        array = np.array(objects)
        if array.tolist() != objects:  # NumPy makes strings of numbers and NaN among strings
            raise ValueError(f"{rule}, got values of different kinds or missing ones")
    if array.dtype.kind not in kinds:
        raise ValueError(f"{rule}, got dtype {array.dtype}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{rule}, got NaN or infinity")
    return array


def _check_data(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points, the sorted classes, and for each point the position of its class."""
    points = _plain(X, "X must hold finite real numbers", "biuf").astype(float)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"X must have shape (n_samples, 2), got {points.shape}")
    rule = "y must hold classes: integers, booleans or strings"
    labels = _plain(y, rule)
    if labels.shape not in [(len(points),), (len(points), 1)]:
        raise ValueError(
            f"y must hold one class per row of X, shape ({len(points)},), got {labels.shape}; "
            "from one column per class, take y.argmax(axis=1)"
        )
    if labels.dtype.kind == "f":
        if (labels % 1).any():
            raise ValueError(f"{rule}, got fractions")
        labels = labels.astype(int)
    classes, codes = np.unique(labels.ravel(), return_inverse=True)
    if len(classes) > len(PALETTE):
        raise ValueError(f"y must hold at most {len(PALETTE)} classes, got {len(classes)}")
    return points, classes, codes


def _legend_names(class_names: Sequence[str] | None, classes: np.ndarray) -> Sequence[str]:
    if class_names is None:
        return [f"class {label}" if classes.dtype.kind in "iu" else str(label) for label in classes]
    if isinstance(class_names, str | Mapping) or len(class_names) != len(classes):
        raise ValueError(
            f"class_names must be a list of one name for each class {classes.tolist()}, "
            f"got {class_names!r}"
        )
    return class_names


def _check_axes(ax: Any) -> Axes:
    if ax is None:
        return plt.subplots(figsize=(_WIDTH, 4.8), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be one Axes, such as axes[0], got {type(ax).__name__}")
    return ax


def _mesh_side(column: np.ndarray, resolution: int, padding: float) -> np.ndarray:
    if not (isinstance(resolution, int | np.integer) and resolution >= 2):
        raise ValueError(f"resolution must be an integer, 2 or more, got {resolution!r}")
    if not 0 <= padding < np.inf:
        raise ValueError(f"padding must be a finite fraction, 0 or more, got {padding!r}")
    low, high = column.min(), column.max()
    # Points on one line have no range: give the mesh the width 1 around them.
    margin = padding * (high - low) if high > low else 0.5
    return np.linspace(low - margin, high + margin, resolution)


# --- what the model answers -----------------------------------------------------------


def _ask(model: Any, mesh: Any, classes: np.ndarray, proba: bool) -> Any:
    methods = ["predict_on_batch", "predict", "__call__"]
    if proba:
        methods.insert(1, "predict_proba")
    ask = next((getattr(model, name) for name in methods if hasattr(model, name)), None)
    if ask is None or isinstance(model, type):
        raise TypeError(
            "model must be a Keras model, a fitted estimator with predict, or a function of an "
            f"array of shape (n, 2), got {model!r:.80}"
        )
    known = np.asarray(getattr(model, "classes_", classes)).tolist()
    if proba and known != classes.tolist():
        raise ValueError(
            f"proba=True needs a model fitted on the classes of y, {classes.tolist()}, got one "
            f"fitted on {known}"
        )
    # TensorFlow takes the first answers of several new models for one function traced over
    # and over, and says so at length: hold back that remark, and no other.
    logger = logging.getLogger("tensorflow")
    logger.addFilter(_is_no_retracing_remark)
    try:
        return ask(mesh)
    finally:
        logger.removeFilter(_is_no_retracing_remark)


def _is_no_retracing_remark(record: logging.LogRecord) -> bool:
    return "tf.function retracing" not in record.getMessage()


def _probabilities(answer: Any, n_rows: int, classes: np.ndarray, proba: bool) -> np.ndarray:
    """Return the probability of each class in each row; labels count as 0 and 1."""
    known = classes.tolist()
    answer = np.asarray(answer)
    if answer.shape == (n_rows, 1):
        answer = answer[:, 0]
    if answer.shape not in [(n_rows,), (n_rows, len(known))]:
        raise ValueError(
            f"the model must answer each of the {n_rows} rows it is given with one label, one "
            f"probability, or one column for each of the classes {known}, got shape {answer.shape}"
        )
    rule = f"the model must answer with labels of y, {known}, or with probabilities in [0, 1]"
    answer = _plain(answer, rule, "biufU" if answer.ndim == 1 else "biuf")
    if answer.ndim == 1:
        two = len(known) == 2
        if answer.dtype.kind == "b" and two:
            answer = classes[answer.astype(int)]  # True is the second class, whatever its name
        found, where = np.unique(answer, return_inverse=True)
        # Python's own equality: the number 0 is not the string "0". But True equals 1.
        confused = answer.dtype.kind == "b" and classes.dtype.kind != "b"
        odd = [label for label in found.tolist() if confused or label not in known]
        may_be_probability = answer.dtype.kind == "f" and two
        if odd and not may_be_probability:
            raise ValueError(
                f"the model answers {odd[:3]}, not among the classes {known} of y: encode y as the "
                "model was trained, or map its answers to the classes of y; one column of "
                "probabilities or booleans tells two classes apart, no more"
            )
        if not odd and not (may_be_probability and proba):
            if proba:
                raise ValueError(
                    "proba=True needs a model that answers with probabilities, this one answers "
                    "with labels: leave proba out"
                )
            return np.eye(len(known))[[known.index(label) for label in found.tolist()]][where]
    if answer.min() < -_ROUNDING or answer.max() > 1 + _ROUNDING:
        raise ValueError(
            f"{rule}, got values from {answer.min():.3g} to {answer.max():.3g}: end the model "
            "with a sigmoid (one column) or a softmax (one column per class), or wrap it in a "
            "function that gives labels, such as lambda X: f(X) > 0 or f(X).argmax(axis=1)"
        )
    if answer.ndim == 1:
        return np.column_stack([1 - answer, answer])
    sums = answer.sum(axis=1)
    if (proba or answer.dtype.kind == "b") and abs(sums - 1).max() > _ROUNDING:
        raise ValueError(
            "one column per class must hold probabilities that add up to 1 in each row, got sums "
            f"from {sums.min():.3g} to {sums.max():.3g}: end the model with a softmax, and give "
            "what it answers without a threshold"
        )
    return answer.astype(float)


# --- drawing --------------------------------------------------------------------------


def _shade(ax: Axes, x1: np.ndarray, x2: np.ndarray, P: np.ndarray) -> None:
    """Mix the class colours by how far each probability is above chance, white at chance."""
    k = P.shape[-1]
    above_chance = np.clip((k * P - 1) / (k - 1), 0, 1)
    missing_light = 1 - np.array([to_rgb(colour) for colour in PALETTE[:k]])
    image = np.clip(1 - _SHADE * above_chance @ missing_light, 0, 1)
    ax.pcolormesh(x1, x2, image, shading="nearest", rasterized=True, zorder=0)
    top = P.max(axis=-1)
    levels = [level for level in _CONFIDENT if top.min() < level < top.max()]
    if levels:
        lines = ax.contour(
            x1, x2, top, levels=levels, colors=_INK, linewidths=0.8, linestyles="dashed", zorder=2
        )
        for text in ax.clabel(lines, fmt=lambda p: f"{p:.0%}", fontsize=_TEXT_SIZE - 1):
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})


def _label(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x, fontsize=_LABEL_SIZE)
    ax.set_ylabel(y, fontsize=_LABEL_SIZE)
    ax.tick_params(labelsize=_TEXT_SIZE)


def _read_curves(curves: Any, name: str) -> dict[str, np.ndarray]:
    """Return what one panel shows: the curve of that name, and its validation twin if any."""
    if name not in curves:
        raise KeyError(f"no metric {name!r} in the history, which has {list(curves)}")
    panel = {}
    for key in (name, f"val_{name}"):
        if key in curves:
            curve = np.asarray(curves[key])
            if curve.ndim != 1 or len(curve) == 0 or curve.dtype.kind not in "biuf":
                raise ValueError(
                    f"metric {key!r} must be one number per epoch, got {curves[key]!r}"
                )
            panel["validation" if str(key).startswith("val_") else "training"] = curve
    if len({len(curve) for curve in panel.values()}) > 1:
        raise ValueError(
            f"{name!r} and 'val_{name}' need one value per epoch each (validation_freq=1), got "
            f"{len(panel['training'])} and {len(panel['validation'])}"
        )
    return panel


def _draw_curves(ax: Axes, name: str, panel: dict[str, np.ndarray]) -> None:
    for label, curve in panel.items():
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
    _label(ax, "epoch", name)
    ax.grid(color="#dddddd", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    # Half an epoch of room, so that no tick stands at an epoch 0; also after a second run.
    n_epochs = max(len(line.get_xdata()) for line in ax.lines)
    ax.set_xlim(0.5, n_epochs + 0.5, auto=True)
    ax.legend(loc="best", fontsize=_TEXT_SIZE, framealpha=0.9)
