"""The cheat sheet: formulas as on the pages it names, and its NumPy equal to Keras.

The code is taken from the table itself and executed, so that a wrong sign there is seen; the
formula beside it must stand, symbol for symbol, on the page that derives and checks it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from notebook_pages import ROOT, read
from numpy.linalg import norm
from scipy import stats
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

SHEET = ROOT / "chapters" / "reference" / "cheat_sheet.md"
TEXT = SHEET.read_text(encoding="utf-8")


@dataclass
class Row:
    """One row of a table, each cell under the heading of its column."""

    name: str
    cells: dict[str, str]

    @property
    def formulas(self) -> list[str]:
        return re.findall(r"\$([^$]+)\$", self.cells.get("Formula", self.cells.get("Loss", "")))

    @property
    def labels(self) -> list[str]:
        return re.findall(r"\{ref\}`[^`<]+<([^`>]+)>`", self.cells["Page"])

    def code(self, column: str) -> list[str]:
        return re.findall(r"`([^`]+)`", self.cells.get(column, ""))


def table_rows(text: str) -> list[Row]:
    found = []
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        lines = [line.strip("|").split("|") for line in table.splitlines()]
        head, _, *body = [[cell.strip() for cell in line] for line in lines]
        found += [Row(cells[0], dict(zip(head, cells, strict=True))) for cells in body]
    return found


ROWS = {row.name: row for row in table_rows(TEXT)}
WITH_CODE = [name for name, row in ROWS.items() if row.code("NumPy")]


# -- the pages -------------------------------------------------------------------------------


def flat(tex: str) -> str:
    """Return mathematics without what only lays it out."""
    tex = re.sub(r"\\[lr]vert", "|", tex)
    return re.sub(r"&|\\\\|\\,|\\quad|\s", "", tex)


def page_texts() -> dict[str, str]:
    texts = {}
    for path in sorted((ROOT / "chapters").rglob("*.*")):
        if path.suffix in (".md", ".ipynb") and path != SHEET:
            text = read(path).prose if path.suffix == ".ipynb" else path.read_text("utf-8")
            texts |= dict.fromkeys(re.findall(r"\A\((ch-[\w-]+)\)=", text), text)
    return texts


PAGES = page_texts()


def test_names_of_rows_are_unique():
    assert len(ROWS) == len(table_rows(TEXT)) > 40


@pytest.mark.parametrize("name", ROWS)
def test_every_row_leads_to_a_page_that_has_its_formulas(name):
    row = ROWS[name]
    assert row.labels
    for label in row.labels:
        page = flat(PAGES[label])
        assert [tex for tex in row.formulas if flat(tex) not in page] == []


SIGNED = [(name, tex) for name in WITH_CODE for tex in ROWS[name].formulas if set(tex) & set("+-")]


@pytest.mark.parametrize(("name", "tex"), SIGNED)
def test_a_wrong_sign_in_a_formula_is_seen(name, tex):
    page = flat(PAGES[ROWS[name].labels[0]])
    for place, sign in enumerate(tex):
        if sign in "+-":
            wrong = tex[:place] + {"+": "-", "-": "+"}[sign] + tex[place + 1 :]
            assert flat(wrong) not in page, wrong


# -- the code --------------------------------------------------------------------------------

TOOLS = {"np": np, "norm": norm, "pairwise": pairwise, "ttest_1samp": stats.ttest_1samp}
CHECKS: dict[str, Callable] = {}


def row(*names: str) -> Callable:
    """Register the check of one or more rows."""

    def register(check: Callable) -> Callable:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return register


def execute(name: str, **names: object) -> list:
    """Execute the NumPy of a row; return the value of each piece, and change `names` as it does."""
    values = []
    scope = TOOLS | names
    for piece in ROWS[name].code("NumPy"):
        target, is_assignment, expression = piece.partition(" = ")
        if is_assignment and target.isidentifier():
            scope[target] = eval(expression, scope)
            values.append(scope[target])
        else:
            values.append(eval(piece, scope))
    return values


def from_keras(name: str, **names: object):
    """Make what the Keras column of a row says."""
    [call, *_] = ROWS[name].code("Keras")
    homes = (keras.layers, keras.optimizers, keras.optimizers.schedules, keras.regularizers)
    scope = {key: value for home in homes for key, value in vars(home).items()}
    return eval(call, scope | names)


def close(ours, theirs, tolerance=1e-5):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=tolerance, atol=tolerance)


def slope(function: Callable, at: np.ndarray) -> np.ndarray:
    """Return the gradient of a sum by TensorFlow's tape."""
    place = tf.constant(at, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(place)
        total = tf.reduce_sum(function(place))
    return tape.gradient(total, place).numpy()


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_every_row_with_code_has_a_check():
    assert set(CHECKS) == set(WITH_CODE)


@pytest.mark.parametrize("name", WITH_CODE)
def test_code_is_right(name):
    CHECKS[name](name)


@row("layer")
def check_layer(name):
    X, W, b = numbers(5, 3), numbers(3, 4, seed=1), numbers(4, seed=2)
    dense = keras.layers.Dense(4)
    dense.build(X.shape)
    dense.set_weights([W, b])
    close(execute(name, X=X, W1=W, b1=b)[0], dense(X))


@row("ReLU, slope", "tanh, slope", "sigmoid, slope")
def check_activation(name):
    Z = numbers(6, 3)
    function = keras.activations.get(name.removesuffix(", slope").lower())
    ours, derivative = execute(name, Z=Z)
    close(ours, function(Z))
    close(derivative, slope(function, Z))


@row("softmax")
def check_softmax(name):
    Z = numbers(6, 3)
    close(execute(name, Z=Z)[-1], keras.activations.softmax(Z))
    close(execute(name, Z=1000 * Z)[-1], keras.activations.softmax(1000 * Z))


@row("parameters")
def check_parameters(name):
    sizes = [784, 15, 12, 10]
    layers = [keras.Input((784,)), *[keras.layers.Dense(width) for width in sizes[1:]]]
    assert execute(name, sizes=sizes)[0] == keras.Sequential(layers).count_params()


@row("multiplications, forward and back")
def check_multiplications(name):
    # Forward (3, 4)(4, 5) and (3, 5)(5, 2); back (5, 3)(3, 2), (3, 2)(2, 5) and (4, 3)(3, 5).
    assert execute(name, n=3, sizes=[4, 5, 2]) == [60 + 30, 30 + 30 + 60]


@row(
    "number: linear",
    "yes or no, one or several: sigmoid",
    "one of $K$, one-hot: softmax",
    "count: exponential",
)
def check_loss(name):
    P = np.random.default_rng(0).dirichlet(np.full(3, 9), size=7)  # not near 0, where Keras clips
    Y = np.eye(3)[[0, 1, 2, 2, 1, 0, 1]]
    [keras_name] = ROWS[name].code("Keras")
    theirs = np.mean(keras.losses.get(keras_name)(Y, P))
    close(execute(name, Y=Y, Yhat=P)[0], theirs)


@row("one of $K$, class number: softmax")
def check_sparse_loss(name):
    P, y = (
        np.random.default_rng(0).dirichlet(np.full(3, 9), size=7),
        np.array([0, 1, 2, 2, 1, 0, 1]),
    )
    [keras_name] = ROWS[name].code("Keras")
    close(execute(name, n=7, y=y, Yhat=P)[0], np.mean(keras.losses.get(keras_name)(y, P)))


def network(output: str = "softmax", loss: str = "categorical_crossentropy", q: int = 3) -> dict:
    """Return a 4-5-q network with a tanh layer, and TensorFlow's gradient of every array."""
    at = {"X": numbers(6, 4), "W1": numbers(4, 5, seed=1), "b1": numbers(5, seed=2)}
    at |= {"W2": numbers(5, q, seed=3), "b2": numbers(q, seed=4)}
    Y = np.eye(q)[np.arange(6) % q] if q > 1 else np.array([[0.0], [1.0]] * 3)
    t = {key: tf.constant(value) for key, value in at.items()}
    with tf.GradientTape() as tape:
        tape.watch(t)
        t["Z1"] = t["X"] @ t["W1"] + t["b1"]
        t["A1"] = tf.tanh(t["Z1"])
        t["Z2"] = t["A1"] @ t["W2"] + t["b2"]
        t["Yhat"] = keras.activations.get(output)(t["Z2"])
        total = tf.reduce_mean(keras.losses.get(loss)(Y, t["Yhat"]))
    wanted = ["W1", "b1", "Z1", "W2", "b2", "Z2"]
    gradients = tape.gradient(total, [t[key] for key in wanted])
    known = {f"d{key}": g.numpy() for key, g in zip(wanted, gradients, strict=True)}
    return {key: value.numpy() for key, value in t.items()} | known | {"Y": Y, "n": 6}


@row("softmax, or one sigmoid, with its cross-entropy")
def check_first_signal(name):
    for net in (network(), network("sigmoid", "binary_crossentropy", 1)):
        close(execute(name, **net)[0], net["dZ2"])


@row("linear output with `mse`")
def check_signal_of_mse(name):
    net = network("linear", "mse")
    close(execute(name, **net)[0], net["dZ2"])


@row("one layer down")
def check_signal_below(name):
    net = network()
    close(execute(name, **net)[0], net["dZ1"])


@row("weights", "biases")
def check_parameter_gradients(name):
    net = network()
    letter = {"weights": "W", "biases": "b"}[name]
    for layer, ours in enumerate(execute(name, **net), start=1):
        close(ours, net[f"d{letter}{layer}"])


@row("measured slope")
def check_measured_slope(name):
    close(execute(name, f=np.sin, x=0.3, h=1e-5)[0], np.cos(0.3), 1e-9)


@row("check, in 64 bits, $h = 10^{-5}$")
def check_relative_error(name):
    g = numbers(4, 3)
    assert execute(name, g=g, m=g) == [0]
    close(execute(name, g=g, m=40 * g)[0], 39 / 41)
    close(execute(name, g=g, m=-g)[0], 1)


CONSTANTS = {"eta": 0.05, "beta": 0.9, "rho": 0.9, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}
CONSTANTS |= {"decay": 0.1, "limit": 1.0}


def walk(*rules: str, gradients: np.ndarray) -> np.ndarray:
    """Follow the NumPy of some rows, one after the other, along recorded gradients."""
    state = CONSTANTS | {"w": np.ones(gradients.shape[1]), "v": 0.0, "m": 0.0, "s": 0.0}
    for t, g in enumerate(gradients, start=1):
        state |= {"t": t, "g": g}
        for rule in rules:
            names = [piece.partition(" = ")[0] for piece in ROWS[rule].code("NumPy")]
            state |= dict(zip(names, execute(rule, **state), strict=True))
    return state["w"]


RULES = {
    "gradient descent": ["gradient descent"],
    "momentum": ["momentum"],
    "Nesterov": ["Nesterov"],
    "RMSprop": ["RMSprop"],
    "Adam": ["Adam"],
    "AdamW, then as Adam": ["AdamW, then as Adam", "Adam"],
    "clipping": ["clipping", "gradient descent"],
}


@row(*RULES)
def check_update(name):
    gradients = numbers(30, 3)
    weight = keras.Variable(np.ones(3))
    optimizer = from_keras(name, **CONSTANTS)
    for g in gradients:
        optimizer.apply([tf.constant(g, tf.float32)], [weight])
    lengths = norm(gradients, axis=1)
    assert min(lengths) < CONSTANTS["limit"] < max(lengths)  # or clipping would not show
    close(walk(*RULES[name], gradients=gradients), weight, 1e-4)


@row("cosine schedule, $s = t/T$")
def check_cosine(name):
    schedule = from_keras(name, eta=0.3, T=50)
    for t in (0, 1, 20, 50):
        close(execute(name, eta=0.3, t=t, T=50)[0], schedule(t))


@row("effective rate")
def check_effective_rate(name):
    v = 0.0
    for _ in range(400):
        v, _w = execute("momentum", v=v, w=0.0, g=-1.0, eta=0.05, beta=0.9)
    close(v, execute(name, eta=0.05, beta=0.9)[0])


@row("largest stable rate, curvature $\\lambda$")
def check_stability_limit(name):
    for beta in (0.0, 0.9):
        [limit] = execute(name, beta=beta, lam=3.0)
        for share, grows in ((0.99, False), (1.01, True)):
            v, w = 0.0, 1.0
            for _ in range(4000):
                v, w = execute("momentum", v=v, w=w, g=3.0 * w, eta=share * limit, beta=beta)
            assert (abs(w) > 1) == grows


@row("Glorot: tanh, sigmoid", "He: ReLU")
def check_start(name):
    p, q = 300, 100
    ours = execute(name, p=p, q=q, rng=np.random.default_rng(0))[-1]
    [rule] = ROWS[name].code("Keras")
    theirs = np.asarray(keras.initializers.get(rule.strip('"'))((p, q)))
    variance = 2 / (p + q) if "Glorot" in name else 2 / p
    for weights in (ours, theirs):
        assert weights.shape == (p, q)
        assert np.var(weights) == pytest.approx(variance, rel=0.05)
    assert keras.layers.Dense(3).kernel_initializer.__class__.__name__ == "GlorotUniform"


@row("L1", "L2")
def check_penalty(name):
    W = numbers(4, 3)
    penalty = from_keras(name, lam=0.3)
    ours, derivative = execute(name, W=W, lam=0.3)
    close(ours, penalty(W))
    close(derivative, slope(penalty, W))


@row("dropout, in training")
def check_dropout(name):
    A = np.full((200, 100), 2.0)
    ours = execute(name, A=A, p=0.2, rng=np.random.default_rng(0))[0]
    theirs = np.asarray(from_keras(name, p=0.2)(A, training=True))
    for result in (ours, theirs):
        assert set(np.unique(result.round(5))) == {0.0, 2.5}
        assert np.mean(result) == pytest.approx(2, rel=0.02)


@row("batch normalisation, in training", "layer normalisation")
def check_normalization(name):
    Z, gamma, beta = numbers(7, 3), numbers(3, seed=1), numbers(3, seed=2)
    layer = from_keras(name, eps=0.001)
    layer.build(Z.shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    close(execute(name, Z=Z, gamma=gamma, beta=beta, eps=0.001)[-1], layer(Z, training=True))


def some_answers() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 60)
    return truth, np.where(rng.random(60) < 0.7, truth, rng.integers(0, 3, 60))


@row("recall, precision", "F1")
def check_rates_of_classes(name):
    truth, answers = some_answers()
    precision, recall, f1, _ = precision_recall_fscore_support(truth, answers)
    if name == "F1":
        close(execute(name, P=precision, R=recall)[0], f1)
    else:
        ours = execute(name, C=confusion_matrix(truth, answers))
        close(ours, [recall, precision])


@row("at another base rate")
def check_base_rate(name):
    found, missed, alarms, silent = 30, 10, 20, 180  # of 40 cracked and 200 sound parts
    rates = {"r": found / (found + missed), "f": alarms / (alarms + silent), "pi": 40 / 240}
    close(execute(name, **rates)[0], found / (found + alarms))


@row("cheapest threshold")
def check_threshold(name):
    [threshold] = execute(name, c_fp=1, c_fn=50)
    p = np.linspace(0.001, 0.999, 500)
    assert np.array_equal((1 - p) * 1 < p * 50, p > threshold)


@row("standard error of an accuracy $p$")
def check_standard_error(name):
    close(execute(name, p=0.9, n=400)[0], stats.binom(400, 0.9).std() / 400)


@row("two models, differences `d` over seeds")
def check_interval(name):
    d = numbers(8) + 0.5
    [ours] = execute(name, d=d)
    reach = stats.t.ppf(0.975, 7) * d.std(ddof=1) / np.sqrt(8)
    close([ours.low, ours.high], [d.mean() - reach, d.mean() + reach])


def test_keras_program_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    y, y_val, y_test = (rng.integers(0, 10, n) for n in (320, 60, 60))
    parts = y, y_val, y_test
    X, X_val, X_test = (np.eye(10)[part] + rng.normal(0, 0.1, (len(part), 10)) for part in parts)
    scope = {"keras": keras, **locals()}
    exec(re.search(r"```python\n(.*?)```", TEXT, re.S)[1], scope)
    assert scope["accuracy"] > 0.9
    assert np.mean(scope["answers"] == y_test) == pytest.approx(scope["accuracy"])
    assert keras.saving.load_model("model.keras").count_params() == 11 * 64 + 65 * 10
