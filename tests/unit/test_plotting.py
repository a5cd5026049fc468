"""The figures: right regions, right borders, clear errors, and no trace elsewhere."""

import doctest
import logging

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from nnutils import plot_decision_boundary, plot_history, plot_points, plotting
from nnutils.plotting import MARKERS, PALETTE

# Four corners leave the middle of the plane free of markers, so that regions can be read.
CORNERS = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], dtype=float)
LEFT, RIGHT = (-0.6, 0.1), (0.6, 0.1)


@pytest.fixture(autouse=True)
def _agg():
    plt.switch_backend("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


@pytest.fixture
def network(keras):
    """Return a function that builds a Keras layer of known weights on two inputs."""

    def build(weights, biases, activation):
        model = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(len(biases), activation=activation)]
        )
        model.set_weights([np.array(weights, dtype="float32"), np.array(biases, dtype="float32")])
        return model

    return build


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_x1(X):
    """Answer with the probability of lying right of the middle, clearly on both sides."""
    return sigmoid(8 * X[:, 0])


def pixels(ax, *points):
    """Read the colours of the regions at points given in the coordinates of the data."""
    if ax.get_legend():
        ax.get_legend().remove()
    for artist in (*ax.texts, *ax.collections):
        region = isinstance(artist, QuadMesh) or getattr(artist, "filled", False)
        artist.set_visible(region)
    ax.figure.canvas.draw()
    image = np.asarray(ax.figure.canvas.buffer_rgba())
    columns, rows = ax.transData.transform(points).astype(int).T
    return image[image.shape[0] - 1 - rows, columns, :3] / 255


def classes_at(ax, *points):
    """Find the classes whose colours, mixed with white in any strength, were drawn at points."""
    missing = 1 - pixels(ax, *points)
    assert missing.max(axis=1).min() > 0.05, "a region is white"
    colours = 1 - np.array([to_rgb(colour) for colour in PALETTE])
    strengths = missing @ colours.T / (colours**2).sum(axis=1)
    misfits = missing[:, None] - strengths[:, :, None] * colours
    return (misfits**2).sum(axis=2).argmin(axis=1).tolist()


def lines_of(ax, dashed=False):
    """Return the points of all contour lines: the border's, or the dashed ones."""
    paths = [
        path.vertices
        for artist in ax.collections
        if isinstance(artist, QuadContourSet) and not artist.filled
        if (artist.get_linestyle()[0][1] is not None) == dashed
        for path in artist.get_paths()
        if len(path.vertices)
    ]
    return np.concatenate(paths) if paths else np.empty((0, 2))


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# --- palette --------------------------------------------------------------------------


def test_the_palette_is_okabe_and_itos_in_the_order_of_the_course():
    expected = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #F0E442 #000000"
    assert list(PALETTE) == expected.split()
    assert len(MARKERS) == len(set(MARKERS)) == len(PALETTE)
    assert all(marker in mpl.lines.Line2D.filled_markers for marker in MARKERS)


def test_the_first_three_colours_reach_three_to_one_on_white():
    for colour in PALETTE[:3]:
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3


# --- plot_points ----------------------------------------------------------------------


def test_each_class_has_its_own_colour_and_marker_and_a_dark_edge():
    X = np.random.default_rng(0).normal(size=(80, 2))
    y = np.arange(80) % 8
    ax = plot_points(X, y)
    assert len(ax.collections) == 8
    shapes = set()
    for code, points in enumerate(ax.collections):
        np.testing.assert_allclose(points.get_offsets(), X[y == code])
        np.testing.assert_allclose(points.get_facecolor()[0, :3], to_rgb(PALETTE[code]))
        assert points.get_edgecolor()[0, :3].max() < 0.2
        shapes.add(points.get_paths()[0].vertices.tobytes())
    assert len(shapes) == 8


@pytest.mark.parametrize(
    ("y", "names"),
    [
        ([0, 1, 1, 0], ["class 0", "class 1"]),
        ([[1], [-1], [1], [-1]], ["class -1", "class 1"]),
        ([0.0, 1.0, 2.0, 1.0], ["class 0", "class 1", "class 2"]),
        ([True, False, True, True], ["False", "True"]),
        (["b", "a", "b", "c"], ["a", "b", "c"]),
        (pd.Series(["b", "a", "b", "a"]), ["a", "b"]),
        (pd.Series(["b", "a", "b", "a"], dtype="category"), ["a", "b"]),
        (pd.Series([3, 1, 3, 1], dtype="Int64"), ["class 1", "class 3"]),
        (np.array(["b", "a", "b", "a"], dtype=object), ["a", "b"]),
        ([7, 7, 7, 7], ["class 7"]),
    ],
)
def test_classes_of_every_kind_are_sorted_and_named(y, names):
    ax = plot_points(CORNERS, y)
    assert legend_of(ax) == names
    labels = np.ravel(np.asarray(y)).tolist()
    expected = [labels.count(label) for label in sorted(set(labels))]
    assert [len(points.get_offsets()) for points in ax.collections] == expected


def test_class_names_are_used_in_the_order_of_the_classes():
    assert legend_of(plot_points(CORNERS, [1, 0, 1, 0], class_names=["no", "yes"])) == ["no", "yes"]


@pytest.mark.parametrize(
    ("X", "labels"),
    [
        (CORNERS, ("$x_1$", "$x_2$")),
        (CORNERS.tolist(), ("$x_1$", "$x_2$")),
        (CORNERS.astype(int), ("$x_1$", "$x_2$")),
        (
            pd.DataFrame(CORNERS, columns=["width (cm)", "height (cm)"]),
            ("width (cm)", "height (cm)"),
        ),
        (pd.DataFrame(CORNERS.astype(object), columns=["a", "b"]), ("a", "b")),
    ],
)
def test_axes_are_labelled(X, labels):
    for ax in (plot_points(X, [0, 1, 0, 1]), plot_decision_boundary(by_x1, X, [0, 1, 0, 1])):
        assert (ax.get_xlabel(), ax.get_ylabel()) == labels


# --- the Axes contract ----------------------------------------------------------------


def draw_points(ax):
    return plot_points(CORNERS, [0, 0, 1, 1], ax=ax)


def draw_boundary(ax):
    return plot_decision_boundary(by_x1, CORNERS, [0, 0, 1, 1], ax=ax)


def draw_probabilities(ax):
    return plot_decision_boundary(by_x1, CORNERS, [0, 0, 1, 1], ax=ax, proba=True)


def draw_history(ax):
    axes = plot_history({"loss": [3, 2, 1], "val_loss": [4, 3, 3]}, axes=ax)
    assert isinstance(axes, np.ndarray)
    assert axes.shape == (1,)
    return axes[0]


DRAWINGS = pytest.mark.parametrize(
    "draw", [draw_points, draw_boundary, draw_probabilities, draw_history]
)


@DRAWINGS
def test_with_an_ax_everything_happens_on_that_ax(draw):
    fig, (ours, other) = plt.subplots(1, 2)
    elsewhere = plt.figure()
    before = (
        dict(mpl.rcParams),
        plt.get_fignums(),
        len(other.get_children()),
        len(fig.get_children()),
    )
    place, frame = ours.get_position().bounds, ours.get_aspect()
    limits = other.get_xlim(), other.get_ylim()

    assert draw(ours) is ours
    fig.canvas.draw()

    after = (
        dict(mpl.rcParams),
        plt.get_fignums(),
        len(other.get_children()),
        len(fig.get_children()),
    )
    assert after == before
    assert plt.gcf() is elsewhere
    assert elsewhere.axes == []
    assert fig.axes == [ours, other]  # no colour bar
    assert (ours.get_position().bounds, ours.get_aspect()) == (place, frame)
    assert (other.get_xlim(), other.get_ylim()) == limits
    assert len(ours.get_children()) > len(other.get_children())


@DRAWINGS
def test_without_an_ax_a_new_figure_is_made_and_an_old_one_left_alone(draw):
    old, settings = plt.figure(), dict(mpl.rcParams)
    ax = draw(None)
    assert ax.figure is not old
    assert len(plt.get_fignums()) == 2
    assert old.axes == []
    assert dict(mpl.rcParams) == settings


@DRAWINGS
def test_an_ax_of_a_figure_outside_pyplot_will_do(draw):
    figure = mpl.figure.Figure()
    ax = figure.add_subplot()
    assert draw(ax) is ax
    assert plt.get_fignums() == []


def test_an_equal_aspect_chosen_by_the_caller_survives():
    _, ax = plt.subplots(subplot_kw={"aspect": "equal"})
    assert draw_probabilities(ax).get_aspect() == 1.0


@pytest.mark.parametrize("ax", [[1, 2], "ax"])
@pytest.mark.parametrize("draw", [draw_points, draw_boundary])
def test_an_ax_that_is_none_is_a_type_error(draw, ax):
    with pytest.raises(TypeError, match="ax must be one Axes, such as axes"):
        draw(ax)


@pytest.mark.parametrize(
    "model", [lambda X: X[:, 0] * 9, lambda X: 1 / 0, "no model", lambda X: X[:3, 0] > 0]
)
def test_a_failing_model_leaves_no_figure_behind(model):
    with pytest.raises((TypeError, ValueError, ZeroDivisionError)):
        plot_decision_boundary(model, CORNERS, [0, 0, 1, 1])
    assert plt.get_fignums() == []


# --- X, y and the other arguments -----------------------------------------------------


def both(X, y, **options):
    """Return the two functions that take points, each ready to be called."""
    return [
        lambda: plot_points(X, y, **options),
        lambda: plot_decision_boundary(by_x1, X, y, **options),
    ]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros((4, 3)), r"X must have shape \(n_samples, 2\), got \(4, 3\)"),
        (np.zeros(4), r"X must have shape \(n_samples, 2\), got \(4,\)"),
        (np.zeros((0, 2)), r"X must have shape \(n_samples, 2\), got \(0, 2\)"),
        (np.zeros((4, 2, 1)), r"X must have shape \(n_samples, 2\), got \(4, 2, 1\)"),
        (CORNERS + 1j, "X must hold finite real numbers, got dtype complex128"),
        ([["a", "b"]] * 4, "X must hold finite real numbers, got dtype <U1"),
        (
            np.array([["a", 1]] * 4, dtype=object),
            "X must hold finite real numbers, got values of different kinds",
        ),
        (CORNERS + np.nan, "X must hold finite real numbers, got NaN or infinity"),
        (CORNERS + np.inf, "X must hold finite real numbers, got NaN or infinity"),
    ],
)
def test_points_that_are_no_points_are_a_value_error(X, message):
    for call in both(X, [0, 1, 0, 1]):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 0], r"y must hold one class per row of X, shape \(4,\), got \(3,\)"),
        (np.eye(4), r"got \(4, 4\); .*argmax"),
        ([0.5, 1, 0, 1], "y must hold classes: .* got fractions"),
        ([np.nan, 1, 0, 1], "y must hold classes: .* got NaN or infinity"),
        ([None, 1, 0, 1], "y must hold classes: .* got dtype object"),
        (pd.Series(["a", None, "b", "a"], dtype=object), "y must hold classes: .* dtype object"),
        (pd.Series(["a", np.nan, "b", "a"], dtype=object), "different kinds or missing ones"),
        (np.array([1j, 0, 0, 1]), "got dtype complex128"),
    ],
)
def test_classes_that_are_no_classes_are_a_value_error(y, message):
    for call in both(CORNERS, y):
        with pytest.raises(ValueError, match=message):
            call()


def test_nine_classes_are_one_too_many():
    for call in both(np.zeros((9, 2)), range(9)):
        with pytest.raises(ValueError, match="at most 8 classes, got 9"):
            call()


def test_class_names_must_fit():
    for call in both(CORNERS, [0, 1, 0, 1], class_names=["only one"]):
        with pytest.raises(
            ValueError, match=r"one name for each class \[0, 1\], got \['only one'\]"
        ):
            call()
    for names in ("ab", {0: "a", 1: "b"}):
        for call in both(CORNERS, [0, 1, 0, 1], class_names=names):
            with pytest.raises(ValueError, match="class_names must be a list of one name for"):
                call()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"resolution": 1}, ValueError, "resolution must be an integer, 2 or more, got 1"),
        ({"resolution": 20.0}, ValueError, "resolution must be an integer, 2 or more, got 20.0"),
        ({"resolution": True}, ValueError, "resolution must be an integer, 2 or more, got True"),
        ({"padding": -0.1}, ValueError, "padding must be a finite fraction, 0 or more, got -0.1"),
        ({"padding": np.nan}, ValueError, "padding must be a finite fraction"),
        ({"padding": "wide"}, TypeError, "str"),
    ],
)
def test_impossible_meshes_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        plot_decision_boundary(by_x1, CORNERS, [0, 0, 1, 1], **options)


def test_options_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        plot_decision_boundary(by_x1, CORNERS, [0, 0, 1, 1], None)
    with pytest.raises(TypeError, match="positional"):
        plot_points(CORNERS, [0, 0, 1, 1], None)


# --- how the model is asked -----------------------------------------------------------


class Spy:
    """Answer by the sign of x1, and remember each question; the methods are given by name."""

    def __init__(self, *methods):
        self.asked = []
        for name in methods:
            setattr(self, name, lambda X, name=name: self.answer(name, X))

    def answer(self, name, X):
        self.asked.append((name, X))
        right = (np.asarray(X)[:, 0] > 0).astype(float)
        return np.column_stack([1 - right, right]) if name == "predict_proba" else right


class CallableSpy(Spy):
    def __call__(self, X):
        return self.answer("call", X)


@pytest.mark.parametrize(
    ("model", "proba", "used"),
    [
        (CallableSpy("predict_on_batch", "predict", "predict_proba"), False, "predict_on_batch"),
        (CallableSpy("predict_on_batch", "predict", "predict_proba"), True, "predict_on_batch"),
        (CallableSpy("predict", "predict_proba"), False, "predict"),
        (CallableSpy("predict", "predict_proba"), True, "predict_proba"),
        (CallableSpy("predict"), True, "predict"),
        (CallableSpy(), False, "call"),
        (CallableSpy(), True, "call"),
    ],
)
def test_the_model_is_asked_once_in_the_agreed_order(model, proba, used):
    ax = plot_decision_boundary(model, CORNERS, [0, 0, 1, 1], proba=proba)
    [(name, mesh)] = model.asked
    assert name == used
    assert mesh.shape == (200 * 200, 2)
    assert classes_at(ax, LEFT, RIGHT) == [0, 1]


def test_the_mesh_covers_the_points_with_padding_and_in_the_right_orientation():
    model = CallableSpy()
    X = np.array([[0, 10], [2, 50], [1, 20]])
    ax = plot_decision_boundary(model, X, [0, 1, 1], resolution=30, padding=0.25)
    mesh = model.asked[0][1]
    assert mesh.shape == (900, 2)
    assert len(np.unique(mesh, axis=0)) == 900
    np.testing.assert_allclose(mesh.min(axis=0), [-0.5, 0])
    np.testing.assert_allclose(mesh.max(axis=0), [2.5, 60])
    assert ax.get_xlim() == pytest.approx((-0.5, 2.5))
    assert ax.get_ylim() == pytest.approx((0, 60))


def test_points_on_one_line_still_have_a_plane_around_them():
    X = np.array([[1.0, 3], [1, 4], [1, 5]])
    ax = plot_decision_boundary(lambda X: X[:, 1] > 4.2, X, [0, 0, 1])
    assert ax.get_xlim() == (0.5, 1.5)
    assert classes_at(ax, (0.8, 3.5), (0.8, 4.8)) == [0, 1]


@pytest.mark.parametrize("model", ["no", None, 3, object(), LogisticRegression, np.zeros(3)])
def test_a_thing_that_is_no_model_is_a_type_error(model):
    with pytest.raises(TypeError, match=r"model must be a Keras model, a fitted estimator .* got "):
        plot_decision_boundary(model, CORNERS, [0, 0, 1, 1])


# --- what the model answers: right regions --------------------------------------------


CLASSES = pytest.mark.parametrize(
    "classes", [[0, 1], [-1, 1], [1, 2], [3, 7], [False, True], ["ham", "spam"]]
)
ANSWERS = {
    "labels": lambda right, classes: classes[right.astype(int)],
    "column of labels": lambda right, classes: classes[right.astype(int)][:, None],
    "object labels": lambda right, classes: classes[right.astype(int)].astype(object),
    "list of labels": lambda right, classes: classes[right.astype(int)].tolist(),
    "booleans": lambda right, classes: right,
    "column of booleans": lambda right, classes: right[:, None],
    "probabilities": lambda right, classes: np.where(right, 0.9, 0.2),
    "column of float32": lambda right, classes: np.where(right, 0.9, 0.2)[:, None].astype(
        "float32"
    ),
    "two columns": lambda right, classes: np.column_stack([~right * 0.8 + 0.1, right * 0.8 + 0.1]),
    "one-hot": lambda right, classes: np.column_stack([~right, right]).astype(int),
    "one-hot booleans": lambda right, classes: np.column_stack([~right, right]),
}


@CLASSES
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_kind_of_answer_colours_the_right_side(classes, answer):
    classes = np.array(classes)
    y = classes[[0, 0, 1, 1]]
    ax = plot_decision_boundary(lambda X: answer(X[:, 0] > 0, classes), CORNERS, y)
    assert classes_at(ax, LEFT, RIGHT) == [0, 1]
    border = lines_of(ax)
    assert len(border) > 100
    assert abs(border[:, 0]).max() < 2.4 / 199  # within one cell of the mesh


def test_float_labels_are_labels():
    ax = plot_decision_boundary(lambda X: np.sign(X[:, 0]), CORNERS, [-1, -1, 1, 1])
    assert classes_at(ax, LEFT, RIGHT) == [0, 1]


def test_minus_one_plus_one_with_probabilities_has_its_border_at_one_half():
    """With a border at zero instead, no probability would ever lie on the other side."""
    ax = plot_decision_boundary(lambda X: sigmoid(X[:, 0] - 0.5), CORNERS, [-1, -1, 1, 1])
    assert classes_at(ax, LEFT, (0.4, 0.1), (0.6, 0.1)) == [0, 0, 1]
    assert lines_of(ax)[:, 0] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("answer", "y", "odd"),
    [
        (lambda X: np.where(X[:, 0] > 0, 2, 0), [0, 0, 1, 1], r"\[2\]"),
        (lambda X: np.where(X[:, 0] > 0, 3.0, 0.0), [0, 1, 2, 2], r"\[3.0\]"),
        (lambda X: np.where(X[:, 0] > 0, "c", "a"), ["a", "a", "b", "b"], r"\['c'\]"),
        (lambda X: (X[:, 0] > 0).astype(int), [-1, -1, 1, 1], r"\[0\]"),
        (lambda X: (X[:, 0] > 0).astype(int), ["0", "0", "1", "1"], r"\[0, 1\]"),
        (lambda X: (X[:, 0] > 0).astype(int).astype(str), [0, 0, 1, 1], r"\['0', '1'\]"),
        (lambda X: X[:, 0] > 0, [1, 1, 1, 1], r"\[False, True\]"),
        (lambda X: X[:, 0] > 0, [0, 1, 2, 2], r"\[False, True\]"),  # True equals 1 in Python
    ],
)
def test_a_label_that_is_not_in_y_is_never_coloured_as_another(answer, y, odd):
    with pytest.raises(ValueError, match=rf"the model answers \[?.*{odd}.*, not among the classes"):
        plot_decision_boundary(answer, CORNERS, y)


@pytest.mark.parametrize("n_classes", range(1, 9))
@pytest.mark.parametrize("labels", [np.arange(8) * 10 - 20, np.array(list("abcdefgh"))])
def test_one_to_eight_classes_in_stripes(n_classes, labels):
    middles = np.arange(n_classes) + 0.5
    X = np.column_stack([np.repeat(middles, 2), np.tile([0, 1], n_classes)])
    stripe = np.clip(np.floor(X[:, 0]), 0, n_classes - 1).astype(int)

    def model(X):
        return labels[np.clip(np.floor(X[:, 0]), 0, n_classes - 1).astype(int)]

    def columns(X):
        distance = (X[:, :1] - middles) ** 2
        return np.exp(-distance) / np.exp(-distance).sum(axis=1, keepdims=True)

    for way in (model, columns)[: min(n_classes, 2)]:
        ax = plot_decision_boundary(way, X, labels[stripe])
        assert classes_at(ax, *[(x, 0.4) for x in middles]) == list(range(n_classes))
        border = np.unique(np.round(lines_of(ax)[:, 0]))
        assert border.tolist() == list(range(1, n_classes))


def test_a_small_island_of_one_label_is_kept():
    X = np.array([[0.0, 0], [20, 20]])
    ax = plot_decision_boundary(
        lambda X: (X == 10).all(axis=1), X, [False, True], resolution=21, padding=0
    )
    assert classes_at(ax, (10, 10), (9, 10), (10, 11)) == [1, 0, 0]


def test_one_class_alone_has_no_border():
    ax = plot_decision_boundary(lambda X: np.full(len(X), "a"), CORNERS, ["a"] * 4)
    assert classes_at(ax, LEFT, RIGHT) == [0, 0]
    assert len(lines_of(ax)) == 0


def test_a_model_that_always_gives_one_class_colours_all_with_it():
    ax = plot_decision_boundary(lambda X: np.full(len(X), 0.7), CORNERS, [0, 0, 1, 1])
    assert classes_at(ax, LEFT, RIGHT) == [1, 1]
    assert len(lines_of(ax)) == 0


def test_a_tie_goes_to_the_first_class_even_over_a_whole_area():
    """A dead network answers exactly 0.5: ``> 0.5`` and argmax both give the first class."""
    ax = plot_decision_boundary(
        lambda X: np.where(X[:, 0] > 0, 0.8, 0.5), CORNERS, [0, 0, 1, 1], resolution=50
    )
    assert classes_at(ax, LEFT, RIGHT) == [0, 1]
    assert abs(lines_of(ax)[:, 0]).max() < 2.4 / 49


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda X: 5 * X[:, 0], r"probabilities in \[0, 1\], got values from -6 to 6: .*sigmoid"),
        (lambda X: 5 * X[:, :1], r"end the model with a sigmoid .*lambda X: f\(X\) > 0"),
        (lambda X: 5 * X, r"softmax .*f\(X\)\.argmax\(axis=1\)"),
        (lambda X: 1, r"each of the 40000 rows .*got shape \(\)"),
        (lambda X: X[0] > 0, r"each of the 40000 rows .*got shape \(2,\)"),
        (lambda X: X.T, r"got shape \(2, 40000\)"),
        (lambda X: X[:, :, None], r"got shape \(40000, 2, 1\)"),
        (lambda X: np.where(X[:, 0] > 0, 2.0, 0.0), r"labels of y, \[0, 1\], .* from 0 to 2"),
        (lambda X: np.full(len(X), np.nan), r"probabilities in \[0, 1\], got NaN or infinity"),
        (lambda X: np.full((len(X), 2), np.inf), r"in \[0, 1\], got NaN or infinity"),
        (
            lambda X: np.full((len(X), 3), 1 / 3),
            r"each of the classes \[0, 1\], got shape \(40000, 3\)",
        ),
        (lambda X: np.full((len(X), 2), False), "add up to 1 in each row, .* without a threshold"),
        (lambda X: np.full((len(X), 2), "a"), r"probabilities in \[0, 1\], got dtype <U1"),
        (lambda X: np.full((len(X), 2), 1j), r"in \[0, 1\], got dtype complex"),
        (lambda X: [None] * len(X), r"in \[0, 1\], got dtype object"),
    ],
)
def test_answers_that_cannot_be_read_say_what_to_do(answer, message):
    with pytest.raises(ValueError, match=message):
        plot_decision_boundary(answer, CORNERS, [0, 0, 1, 1])


@pytest.mark.parametrize("y", [[0, 1, 2, 2], [5, 5, 5, 5]])
def test_one_column_of_probabilities_needs_two_classes(y):
    with pytest.raises(ValueError, match=r"one column of probabilities .* tells two classes apart"):
        plot_decision_boundary(by_x1, CORNERS, y)


# --- shading by probability -----------------------------------------------------------


@CLASSES
def test_shading_fades_to_white_at_one_half_and_lines_carry_their_probability(classes):
    y = np.array(classes)[[0, 0, 1, 1]]
    ax = plot_decision_boundary(lambda X: sigmoid(4 * X[:, 0]), CORNERS, y, proba=True)
    far_left, left, right, far_right = pixels(ax, *[(x, 0.1) for x in (-1, -0.12, 0.12, 1)])
    assert classes_at(ax, (-1, 0.1), (-0.5, 0.1), (0.5, 0.1), (1, 0.1)) == [0, 0, 1, 1]
    assert far_left.sum() < left.sum()
    assert far_right.sum() < right.sum()
    assert pixels(ax, (0, 0.1)).min() > 0.95
    assert abs(lines_of(ax)[:, 0]).max() < 1e-3
    # The sigmoid is 0.75 where 4 x = ln 3, and 0.95 where 4 x = ln 19.
    distances = np.unique(np.round(abs(lines_of(ax, dashed=True)[:, 0]), 3))
    np.testing.assert_allclose(distances, [np.log(3) / 4, np.log(19) / 4], atol=2e-3)
    assert {text.get_text() for text in ax.texts} <= {"75%", "95%"}
    assert len(ax.texts) >= 2


def shades(ax):
    [mesh] = [artist for artist in ax.collections if isinstance(artist, QuadMesh)]
    return mesh.get_array()


def test_shading_is_white_at_chance_and_full_at_certainty():
    def model(X):
        return np.clip(0.5 + X[:, 0] / 2, 0, 1)

    ax = plot_decision_boundary(model, CORNERS, [0, 0, 1, 1], proba=True, resolution=101)
    image = shades(ax)
    assert image.shape == (101, 101, 3)
    np.testing.assert_allclose(image[50, 50], 1, atol=1e-6)  # p = 0.5
    certain, half = (
        1 - image[50, 100],
        1 - image[50, np.argmin(abs(np.linspace(-1.2, 1.2, 101) - 0.5))],
    )
    blame = 1 - np.array(to_rgb(PALETTE[1]))
    np.testing.assert_allclose(certain / certain.max(), blame / blame.max(), atol=1e-6)
    assert half.max() / certain.max() == pytest.approx(0.5, abs=0.02)


def test_three_classes_are_mixed_by_probability():
    P = np.array([[1, 0, 0], [0, 0, 1], [0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3]])
    X = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    ax = plot_decision_boundary(
        lambda mesh: P, X, [0, 1, 2, 2], proba=True, resolution=2, padding=0
    )
    missing = 1 - shades(ax).reshape(4, 3)
    colours = 1 - np.array([to_rgb(colour) for colour in PALETTE[:3]])
    strength = missing[0].max() / colours[0].max()
    np.testing.assert_allclose(missing[0], strength * colours[0], atol=1e-9)
    np.testing.assert_allclose(missing[1], strength * colours[2], atol=1e-9)
    np.testing.assert_allclose(missing[2], strength * (colours[0] + colours[1]) / 4, atol=1e-9)
    np.testing.assert_allclose(missing[3], 0, atol=1e-9)


def test_shading_needs_probabilities():
    y = [0, 0, 1, 1]
    for labels in (lambda X: (X[:, 0] > 0).astype(int), lambda X: X[:, 0] > 0):
        with pytest.raises(ValueError, match="proba=True needs a model that answers with prob"):
            plot_decision_boundary(labels, CORNERS, y, proba=True)
    with pytest.raises(ValueError, match=r"add up to 1 in each row, got sums from 0.4 to 0.4"):
        plot_decision_boundary(lambda X: np.full((len(X), 2), 0.2), CORNERS, y, proba=True)


def test_shading_reads_whole_floats_as_probabilities():
    """A saturated sigmoid gives exactly 1.0, which is also a class when y holds 1 and 2."""
    ax = plot_decision_boundary(lambda X: np.ones(len(X)), CORNERS, [1, 1, 2, 2], proba=True)
    assert classes_at(ax, LEFT, RIGHT) == [1, 1]


# --- scikit-learn ---------------------------------------------------------------------


@pytest.fixture
def blobs():
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [4, 0], [0, 4]])
    code = np.arange(90) % 3
    return centres[code] + 0.3 * rng.normal(size=(90, 2)), np.array(["ant", "bee", "cat"])[code]


SPOTS = [(1.2, 0.7), (2.8, 0.7), (0.7, 2.8)]  # one in each class, away from the points


@pytest.mark.parametrize("proba", [False, True])
@pytest.mark.parametrize("kind", ["array", "frame"])
@pytest.mark.parametrize("fit_names", [str, "category", object])
def test_estimators_and_pipelines_with_string_labels(blobs, proba, kind, fit_names):
    X, y = blobs
    if kind == "frame":
        X, y = pd.DataFrame(X, columns=["width", "height"]), pd.Series(y, dtype=fit_names)
    for estimator in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())):
        ax = plot_decision_boundary(estimator.fit(X, y), X, y, proba=proba)
        assert classes_at(ax, *SPOTS) == [0, 1, 2]


def test_a_pipeline_that_picks_columns_by_name(blobs):
    X, y = blobs
    X = pd.DataFrame(X, columns=["width", "height"])
    pick = make_column_transformer((StandardScaler(), ["height", "width"]))
    ax = plot_decision_boundary(make_pipeline(pick, LogisticRegression()).fit(X, y), X, y)
    assert classes_at(ax, *SPOTS) == [0, 1, 2]


def test_an_estimator_fitted_without_names_takes_a_frame_too(blobs):
    X, y = blobs
    model = LogisticRegression().fit(X, y)
    ax = plot_decision_boundary(model, pd.DataFrame(X, columns=["a", "b"]), y)
    assert classes_at(ax, *SPOTS) == [0, 1, 2]


def test_the_border_is_the_one_of_the_coefficients(blobs):
    X, y = blobs
    X, y = X[y != "cat"], np.where(y[y != "cat"] == "bee", 1, -1)
    model = LogisticRegression(C=0.01).fit(X, y)
    learnt = model.coef_.copy(), model.intercept_.copy()
    border = lines_of(plot_decision_boundary(model, X, y, proba=True))
    assert len(border) > 100
    np.testing.assert_allclose(border @ learnt[0][0] + learnt[1][0], 0, atol=1e-4)
    np.testing.assert_array_equal(model.coef_, learnt[0])
    np.testing.assert_array_equal(model.intercept_, learnt[1])


def test_the_model_is_never_fitted_again(blobs, monkeypatch):
    X, y = blobs
    model = LogisticRegression().fit(X, y)
    monkeypatch.setattr(LogisticRegression, "fit", lambda *_: pytest.fail("fitted again"))
    plot_decision_boundary(model, X, y)


def test_an_estimator_that_knows_other_classes_than_y(blobs):
    """As many classes, but others: the columns of predict_proba must not be taken for y's."""
    X, y = blobs
    ours, theirs = y != "cat", y != "ant"
    model = LogisticRegression().fit(X[theirs], y[theirs])
    with pytest.raises(ValueError, match=r"the model answers \['cat'\], not among the classes"):
        plot_decision_boundary(model, X[ours], y[ours], padding=2)
    with pytest.raises(ValueError, match=r"classes of y, \['ant', 'bee'\], got .* \['bee', 'cat'"):
        plot_decision_boundary(model, X[ours], y[ours], proba=True)
    assert classes_at(plot_decision_boundary(model, X, y), *SPOTS[1:]) == [1, 2]


def test_estimators_without_probabilities(blobs):
    X, y = blobs
    model = SVC().fit(X, y)
    assert classes_at(plot_decision_boundary(model, X, y), *SPOTS) == [0, 1, 2]
    with pytest.raises(ValueError, match="this one answers with labels: leave proba out"):
        plot_decision_boundary(model, X, y, proba=True)


def test_a_regression_is_told_to_become_a_classifier():
    model = LinearRegression().fit(CORNERS, [0, 0, 1, 1])
    with pytest.raises(ValueError, match="end the model with a sigmoid"):
        plot_decision_boundary(model, CORNERS, [0, 0, 1, 1])
    ax = plot_decision_boundary(lambda X: model.predict(X) > 0.5, CORNERS, [0, 0, 1, 1])
    assert classes_at(ax, LEFT, RIGHT) == [0, 1]


# --- Keras ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y", [[0, 0, 1, 1], [-1, -1, 1, 1], list("aabb"), [False, False, True, True]]
)
@pytest.mark.parametrize("proba", [False, True])
def test_a_keras_sigmoid_has_its_border_on_the_line_of_its_weights(network, capfd, y, proba):
    model = network([[3], [-1.5]], [0.6], "sigmoid")
    before = model.get_weights()
    capfd.readouterr()
    ax = plot_decision_boundary(model, CORNERS, y, proba=proba)
    assert capfd.readouterr() == ("", "")
    assert classes_at(ax, (-0.9, 0.2), (0.8, 0.2), (-0.2, 0.9), (0.2, -0.9)) == [0, 1, 0, 1]
    border = lines_of(ax)
    assert len(border) > 100
    np.testing.assert_allclose(border @ [3, -1.5] + 0.6, 0, atol=1e-3)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("proba", [False, True])
def test_a_keras_softmax_has_the_regions_of_its_largest_unit(network, proba):
    weights, biases = np.array([[-4.0, 4, 0], [-2, -2, 4]]), np.array([0, 0.5, 0])
    X = np.vstack([CORNERS, [[0, 0.99]]])
    ax = plot_decision_boundary(
        network(weights, biases, "softmax"), X, ["l", "l", "r", "r", "up"], proba=proba
    )
    spots = np.array([(-0.7, -0.4), (0.7, -0.4), (0.1, 0.7), (0.6, 0.1), (-0.7, 0.2)])
    assert classes_at(ax, *spots) == (spots @ weights + biases).argmax(axis=1).tolist()
    scores = np.sort(lines_of(ax) @ weights + biases, axis=1)
    # On every border the two best units are equal; the third never leads there.
    assert np.median(scores[:, 2] - scores[:, 1]) < 1e-3


def test_a_keras_model_in_a_lambda_with_a_threshold(network):
    model = network([[3], [-1.5]], [0.6], "sigmoid")
    ax = plot_decision_boundary(
        lambda X: model.predict(X, batch_size=len(X), verbose=0) > 0.9, CORNERS, [-1, -1, 1, 1]
    )
    border = lines_of(ax) @ [3, -1.5] + 0.6
    assert border == pytest.approx(np.log(9), abs=0.06)
    assert classes_at(ax, (0.0, 0.1), (0.9, 0.2)) == [0, 1]


def test_a_keras_model_without_an_output_activation_is_explained(network):
    with pytest.raises(ValueError, match="end the model with a sigmoid"):
        plot_decision_boundary(network([[3], [-1]], [0], None), CORNERS, [0, 0, 1, 1])
    with pytest.raises(ValueError, match="softmax"):
        plot_decision_boundary(network([[3, 1], [1, 3]], [0, 0], None), CORNERS, [0, 0, 1, 1])


def test_only_the_remark_on_retracing_is_held_back():
    """TensorFlow warns when it meets the fifth new model in a row; real warnings must pass."""
    logger = logging.getLogger("tensorflow")
    heard = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())
    logger.addHandler(handler)
    filters = list(logger.filters)

    def model(X):
        logger.warning("5 out of the last %d calls triggered tf.function retracing.", 5)
        logger.warning("something else is wrong")
        return X[:, 0] > 0

    try:
        plot_decision_boundary(model, CORNERS, [0, 0, 1, 1])
        with pytest.raises(ZeroDivisionError):
            plot_decision_boundary(lambda X: 1 / 0, CORNERS, [0, 0, 1, 1])
    finally:
        logger.removeHandler(handler)
    assert heard == ["something else is wrong"]
    assert logger.filters == filters


# --- plot_history ---------------------------------------------------------------------


RUN = {
    "accuracy": [0.5, 0.7, 0.8],
    "loss": [3.0, 2.0, 1.0],
    "val_accuracy": [0.4, 0.6, 0.6],
    "val_loss": [3.5, 3.0, 2.9],
    "learning_rate": [0.1, 0.1, 0.01],
}


def values_of(ax):
    return {line.get_label(): list(line.get_ydata()) for line in ax.lines}


@pytest.mark.parametrize("history", [RUN, pd.DataFrame(RUN)], ids=["mapping", "frame"])
def test_each_metric_has_a_panel_with_its_twin(history):
    axes = plot_history(history)
    assert isinstance(axes, np.ndarray)
    assert axes.shape == (3,)
    assert [ax.get_ylabel() for ax in axes] == ["accuracy", "loss", "learning_rate"]
    assert {ax.get_xlabel() for ax in axes} == {"epoch"}
    assert values_of(axes[0]) == {"training": RUN["accuracy"], "validation": RUN["val_accuracy"]}
    assert values_of(axes[1]) == {"training": RUN["loss"], "validation": RUN["val_loss"]}
    assert values_of(axes[2]) == {"training": RUN["learning_rate"]}
    assert [legend_of(ax) for ax in axes] == [["training", "validation"]] * 2 + [["training"]]
    assert len(plt.get_fignums()) == 1


def test_training_is_solid_and_validation_dashed_with_other_colour_and_marker():
    training, validation = plot_history(RUN, metrics="loss")[0].lines
    assert training.get_linestyle() == "-"
    assert validation.get_linestyle() == "--"
    assert training.get_color() == PALETTE[0]
    assert validation.get_color() == PALETTE[1]
    assert training.get_marker() != validation.get_marker()


@pytest.mark.parametrize("n_epochs", [1, 2, 3, 7, 60])
def test_epochs_start_at_one_and_ticks_are_whole(n_epochs):
    [ax] = plot_history({"loss": np.arange(n_epochs)})
    ax.figure.canvas.draw()
    assert list(ax.lines[0].get_xdata()) == list(range(1, n_epochs + 1))
    low, high = ax.get_xlim()
    assert 0 < low < 1
    assert high > n_epochs
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)
    assert ax.lines[0].get_marker() == "o"  # one epoch alone is still seen


def test_a_second_longer_run_on_the_same_axes_is_not_cut_off():
    axes = plot_history({"loss": np.ones(5)})
    plot_history({"loss": np.ones(9)}, axes=axes)
    plot_history({"loss": np.ones(3)}, axes=axes)
    assert axes[0].get_xlim()[1] > 9


def test_metrics_are_drawn_in_the_order_asked_for():
    axes = plot_history(RUN, metrics=["loss", "val_accuracy"])
    assert [ax.get_ylabel() for ax in axes] == ["loss", "val_accuracy"]
    assert values_of(axes[1]) == {"validation": RUN["val_accuracy"]}
    assert axes[1].lines[0].get_linestyle() == "--"


def test_any_metric_names_will_do():
    history = {
        "val_score": [1, 2],
        "value": [3, 4],
        "F1 (macro)": [5, 6],
        7: [8, 9],
        "val_7": [1, 1],
    }
    axes = plot_history(history)
    assert [ax.get_ylabel() for ax in axes] == ["val_score", "value", "F1 (macro)", "7"]
    assert values_of(axes[0]) == {"validation": [1, 2]}
    assert values_of(axes[3]) == {"training": [8, 9], "validation": [1, 1]}


def test_a_metric_called_history_in_a_frame():
    assert values_of(plot_history(pd.DataFrame({"history": [1, 2]}))[0]) == {"training": [1, 2]}


def test_given_axes_are_used_in_their_order():
    fig, grid = plt.subplots(2, 2)
    axes = plot_history(RUN, metrics=["loss", "accuracy"], axes=grid[0])
    assert axes.tolist() == grid[0].tolist()
    assert [ax.get_ylabel() for ax in grid[0]] == ["loss", "accuracy"]
    assert [len(ax.lines) for ax in grid[1]] == [0, 0]
    assert plt.get_fignums() == [fig.number]


def test_gaps_are_left_where_a_value_is_missing():
    [ax] = plot_history({"loss": [1, np.nan, 3], "val_loss": [np.nan, 2, np.nan]})
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [np.nan, 2, np.nan])


def test_the_scale_can_be_made_logarithmic_by_the_caller():
    [ax] = plot_history(RUN, metrics="loss")
    ax.set_yscale("log")
    ax.figure.canvas.draw()
    assert ax.get_yscale() == "log"


def test_a_missing_metric_lists_those_there_are():
    with pytest.raises(
        KeyError, match=r"no metric 'acc' in the history, which has \['accuracy', 'l"
    ):
        plot_history(RUN, metrics=["loss", "acc"])
    assert plt.get_fignums() == []


@pytest.mark.parametrize("n_axes", [1, 2, 4])
def test_axes_and_metrics_must_be_as_many(n_axes):
    _, axes = plt.subplots(1, n_axes)
    with pytest.raises(
        ValueError, match=r"axes must hold one Axes per metric of \['accuracy', 'loss', 'l"
    ):
        plot_history(RUN, axes=axes)


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        ({}, ValueError, "nothing to draw: train for at least one epoch"),
        ({"loss": []}, ValueError, r"'loss' must be one number per epoch, got \[\]"),
        ({"loss": [[1, 2], [3, 4]]}, ValueError, "'loss' must be one number per epoch"),
        ({"loss": 0.3}, ValueError, "'loss' must be one number per epoch, got 0.3"),
        ({"loss": ["low", "lower"]}, ValueError, "'loss' must be one number per epoch"),
        (
            {"loss": [1, 2, 3, 4], "val_loss": [1, 2]},
            ValueError,
            "'val_loss' need one value per epoch .* got 4 and 2",
        ),
        ([1, 2, 3], TypeError, "history must be what fit returned, .* got list"),
        (None, TypeError, "got NoneType"),
    ],
)
def test_a_history_that_is_none_is_explained(history, error, message):
    with pytest.raises(error, match=message):
        plot_history(history)
    assert plt.get_fignums() == []


def test_nothing_to_draw_and_things_that_are_no_axes():
    with pytest.raises(ValueError, match=r"nothing to draw: .* name at least one metric"):
        plot_history(RUN, metrics=[])
    with pytest.raises(ValueError, match=r"axes must hold one Axes per metric .* got .None"):
        plot_history(RUN, metrics="loss", axes=[None])
    with pytest.raises(TypeError, match="positional"):
        plot_history(RUN, ["loss"])


def test_what_keras_fit_returns(keras, network):
    model = network([[3], [-1.5]], [0.6], "sigmoid")
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
    y = np.array([0.0, 0, 1, 1])
    history = model.fit(CORNERS, y, epochs=3, validation_data=(CORNERS, y), verbose=0)
    axes = plot_history(history)
    assert sorted(ax.get_ylabel() for ax in axes) == ["accuracy", "auc", "loss"]
    for ax in axes:
        name = ax.get_ylabel()
        assert values_of(ax) == {
            "training": history.history[name],
            "validation": history.history[f"val_{name}"],
        }
    with pytest.raises(TypeError, match=r"history must be what fit returned, .* got Sequential"):
        plot_history(model)


def test_the_examples_of_the_docstrings_work():
    result = doctest.testmod(plotting)
    assert result.attempted >= 8
    assert result.failed == 0
