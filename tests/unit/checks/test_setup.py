import ast
import json
import random
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnutils import check
from nnutils.checking import NotAnsweredError
from nnutils.checks import setup
from nnutils.plotting import MARKERS, PALETTE

ROOT = Path(__file__).parents[3]
X = np.arange(11)


def as_tuple(version):
    return tuple(int(part) for part in re.match(r"\d+(\.\d+)*", version)[0].split("."))


def new_enough(version, floor):
    ours, theirs = as_tuple(version), as_tuple(floor)
    length = max(len(ours), len(theirs))
    return ours + (0,) * (length - len(ours)) >= theirs + (0,) * (length - len(theirs))


def close(a, b):
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))


class Model:
    """Stands for a Keras model: all the check asks for is its weights."""

    def __init__(self, *weights):
        self.weights = weights

    def get_weights(self):
        return list(self.weights)


def network(hidden, output):
    """Return a 2-4-1 network whose two kernels are drawn from the given generators."""
    kernels = hidden.normal(size=(2, 4)), output.normal(size=(4, 1))
    return Model(kernels[0], np.zeros(4), kernels[1], np.zeros(1))


def seeded():
    return network(np.random.default_rng(1), np.random.default_rng(2))


def axes(**changes):
    """Return Axes with three lines, right unless told otherwise."""
    options = {
        "slopes": (1, 2, 3),
        "colours": PALETTE[:3],
        "markers": MARKERS[:3],
        "named": True,
        "legend": True,
        "labels": ("a", "b", "c"),
        "x": X,
    } | changes
    ax = Figure().subplots()
    x = options["x"]
    for slope, colour, marker, label in zip(
        *(options[key] for key in ("slopes", "colours", "markers", "labels")), strict=False
    ):
        ax.plot(x, slope * x, color=colour, marker=marker, label=label)
    if options["named"]:
        ax.set(xlabel="x", ylabel="y")
    if options["legend"]:
        ax.legend()
    return ax


# --- right answers -------------------------------------------------------------------


RIGHT = [
    (1, 2.0),
    (1, 2),
    (1, np.float32(2.0)),
    (2, new_enough),
    (2, lambda v, f: np.bool_(new_enough(v, f))),
    (3, lambda seed: np.random.default_rng(seed).normal(size=5)),
    (3, lambda seed: np.random.default_rng(seed).standard_normal(5).tolist()),
    (4, axes()),
    (4, axes(slopes=(3, 1, 2))),
    (4, axes(colours=PALETTE[1:4])),
    (4, axes(colours=[colour.lower() for colour in PALETTE[:3]])),
    (5, close),
    (5, lambda a, b: np.isclose(a, b, rtol=1e-9, atol=0) or close(a, b)),
    (6, seeded),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right(number, answer):
    assert check(f"setup/{number}", answer).passed


def test_right_figure_may_hold_a_guide_line():
    ax = axes()
    ax.plot(0, 0, marker="o")
    assert check("setup/4", ax).passed


# --- likely mistakes -----------------------------------------------------------------


MISTAKES = [
    (1, 1.8626, "GiB"),
    (1, 1.0, "float32"),
    (1, 16.0, "how many bytes"),
    (1, 2000.0, "MB"),
    (1, 2e9, "in bytes"),
    (1, 25_000 * 10_000, "number of entries"),
    (1, 0.25, "one byte"),
    (1, 3.0, "Multiply rows"),
    (1, -2.0, "Multiply rows"),
]


def stumbles(version, floor):
    ours, theirs = (tuple(int(part) for part in v.split(".")) for v in (version, floor))
    return ours + (0,) * (3 - len(ours)) >= theirs + (0,) * (3 - len(theirs))


MISTAKES += [
    (2, lambda v, f: v >= f, "Text and decimals"),
    (2, lambda v, f: float(v[:4].rstrip(".")) >= float(f[:4].rstrip(".")), "Text and decimals"),
    (2, lambda v, f: as_tuple(v) >= as_tuple(f), "fill up the shorter"),
    (2, lambda v, f: new_enough(v, f) and not new_enough(f, v), "is it >= or >"),
    (2, lambda v, f: not new_enough(v, f), "swapped"),
    (2, lambda v, f: new_enough(f, v), "swapped"),
    (2, lambda v, f: False, "swapped"),
    (2, lambda v, f: True, "2.0 is at least as new as 3.0"),
    (2, lambda v, f: as_tuple(v)[1] >= as_tuple(f)[1], "2.0 is at least as new as 3.0"),
    (2, lambda v, f: new_enough(v, f) and v.count(".") >= f.count("."), "fill up the shorter"),
    (2, lambda v, f: new_enough(v, f) and v[:2] != "10", "10.0 is older"),
    (2, lambda v, f: as_tuple(v)[:2] >= as_tuple(f)[:2], "compare all the numbers"),
    (2, lambda v, f: as_tuple(v)[:1] >= as_tuple(f)[:1], "Text and decimals"),
    (2, stumbles, "stumbles over 2.22.0rc1"),
    (2, lambda v, f: "rc" in v or new_enough(v, f), "2.20.0rc1 and 2.21"),
    (2, lambda v, f: 1, "True or False"),
    (2, lambda v: True, "should take 2 arguments"),
]


shared = np.random.default_rng(0)


def sets_the_global_seed_too(seed):
    np.random.seed(seed)  # noqa: NPY002 (the mistake)
    return np.random.default_rng(seed).normal(size=5)


MISTAKES += [
    (3, sets_the_global_seed_too, "changes the global seed"),
    (3, lambda seed: np.random.default_rng().normal(size=5), "Two calls with seed 0 differ"),
    (3, lambda seed: shared.normal(size=5), "Two calls with seed 0 differ"),
    (3, lambda seed: np.random.default_rng(0).normal(size=5), "use its argument"),
    (3, lambda seed: np.random.RandomState(seed).normal(size=5), "old generator"),
    (3, lambda seed: np.random.default_rng(seed).random(5), "uniform"),
    (3, lambda seed: np.random.default_rng(seed).normal(2, 1, size=5), "normal(size=5)"),
    (3, lambda seed: np.random.default_rng(seed + 1).normal(size=5), "normal(size=5)"),
    (3, lambda seed: np.random.default_rng(seed).normal(), "shape (5,)"),
    (3, lambda seed: np.random.default_rng(seed), "array of numbers"),
    (3, lambda seed: None, "returns nothing"),
    (4, axes(slopes=(1, 2)), "there are 2"),
    (4, axes(slopes=(1, 2, 4)), "y = 3x"),
    (4, axes(slopes=(1, 2, 2)), "y = 3x"),
    (4, axes(x=np.arange(10)), "0, 1, ..., 10"),
    (4, axes(colours=("red", "green", "blue")), "PALETTE[:4]"),
    (4, axes(colours=PALETTE[4:7]), "PALETTE[:4]"),
    (4, axes(colours=PALETTE[:1] * 3), "same colour"),
    (4, axes(markers=("o", "s", None)), "no marker"),
    (4, axes(markers=("o", "s", "o")), "same marker"),
    (4, axes(markers=("o", "s", "+")), "from MARKERS"),
    (4, axes(named=False), "Name both axes"),
    (4, axes(legend=False), "call legend()"),
    (4, axes(labels=("a", "a", "a")), "label of its own"),
    (5, lambda a, b: a == b, "0.1 + 0.2"),
    (5, lambda a, b: True, "1 and 2 should not"),
    (5, lambda a, b: bool(np.isclose(a, b)), "measure by size"),
    (5, lambda a, b: abs(a - b) <= 1e-9, "measure by size"),
    (5, lambda a, b: abs(a - b) <= 1e-13 or a == b, "1e12 and 1e12 + 1"),
    (5, lambda a, b: a - b <= 1e-9 * max(abs(a), abs(b)), "with abs"),
    (5, lambda a, b: b - a <= 1e-9 * max(abs(a), abs(b)), "with abs"),
    (5, lambda a, b: abs(a - b) <= 1e-9 * max(a, b), "negative numbers"),
    (5, lambda a, b: abs(abs(a) - abs(b)) <= 1e-9 * max(abs(a), abs(b)), "-1 and 1"),
    (5, lambda a, b: abs(a - b) < 1e-9 * max(abs(a), abs(b)), "two zeros"),
    (5, lambda a, b: abs(a - b) <= 1e-9 * max(abs(a), abs(b)) + 1e-100, "0 and 1e-300"),
    (5, lambda a, b: abs(a - b) <= 1e-8 * max(abs(a), abs(b)), "tolerance should be 1e-9"),
    (5, lambda a, b: abs(a - b) <= 3e-12 * max(abs(a), abs(b)), "tolerance should be 1e-9"),
    (5, lambda a, b: abs(a - b) / max(abs(a), abs(b)) <= 1e-9, "ZeroDivisionError"),
    (5, lambda a, b: abs(a - b), "True or False"),
]


fresh = np.random.default_rng()
built_once = seeded()


def sets_the_global_seed():
    np.random.seed(3)  # noqa: NPY002 (the mistake)
    return seeded()


def sets_the_seed_of_python():
    random.seed(3)
    draw = np.random.default_rng(random.randrange(100))
    return network(draw, draw)


MISTAKES += [
    (6, sets_the_seed_of_python, "changes the global seed"),
    (6, lambda: network(fresh, fresh), "Two calls start differently"),
    (6, lambda: network(np.random.default_rng(1), fresh), "The output layer"),
    (6, lambda: network(fresh, np.random.default_rng(1)), "The hidden layer"),
    (6, sets_the_global_seed, "changes the global seed"),
    (6, lambda: Model(*(np.zeros(s) for s in [(2, 4), 4, (4, 1), 1])), "learn the same"),
    (6, lambda: Model(*(np.ones(s) for s in [(2, 4), 4, (4, 1), 1])), "learn the same"),
    (6, lambda: Model(), "no weights yet"),
    (6, lambda: Model(np.ones((2, 3)), np.ones(3)), "have the shapes"),
    (6, lambda: Model(*seeded().weights[:3]), "have the shapes"),
    (6, lambda: 3, "should return a Keras model"),
    (6, lambda: built_once, "same model"),
]


@pytest.mark.parametrize(("number", "answer", "hint"), MISTAKES)
def test_each_mistake_gets_its_hint(number, answer, hint):
    result = check(f"setup/{number}", answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_figure_of_another_kind():
    ax = axes()
    for answer in (ax.figure, (ax.figure, ax), ax.get_lines()[0], 3):
        assert "should be the Axes" in check("setup/4", answer).message


def test_looking_for_a_global_seed_leaves_the_global_state_alone():
    before = np.random.get_state()  # noqa: NPY002
    for answer in (seeded, sets_the_global_seed, lambda: 3):
        check("setup/6", answer)
        after = np.random.get_state()  # noqa: NPY002
        assert np.array_equal(before[1], after[1])
        assert before[2] == after[2]


def test_a_global_seed_is_seen_even_where_the_same_one_was_set_before():
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    message = check("setup/6", sets_the_global_seed).message
    np.random.set_state(before)  # noqa: NPY002
    assert "changes the global seed" in message


# --- wrong kinds, and no answer yet --------------------------------------------------


@pytest.mark.parametrize("number", range(1, 7))
@pytest.mark.parametrize("answer", ["two", [1, 2, 3], np.zeros((2, 2)), {"a": 1}, object(), np.nan])
def test_wrong_kinds_get_a_hint(number, answer):
    result = check(f"setup/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message
    assert "The answer should be" in result.message


@pytest.mark.parametrize("number", range(1, 7))
def test_placeholder_is_open(number):
    assert check(f"setup/{number}", ...).status == "open"


@pytest.mark.parametrize("number", [2, 3, 5, 6])
def test_function_that_returns_the_placeholder_is_open(number):
    assert check(f"setup/{number}", lambda *arguments: ...).status == "open"
    with pytest.raises(NotAnsweredError):
        getattr(setup, f"exercise_{number}")(lambda *arguments: ...)


# --- the page and the package agree --------------------------------------------------


def test_floors_on_the_page_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["pages"]]
    declared = dict(requirement.split(">=") for requirement in declared)
    notebook = json.loads((ROOT / "chapters" / "start" / "setup.ipynb").read_text())
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    floors = ast.literal_eval(re.search(r"^FLOORS = (\{.*?\})", code, re.M | re.S)[1])
    assert declared.items() <= floors.items()
    assert new_enough(project["version"], floors["nnutils"])
    assert f'"{project["requires-python"].removeprefix(">=")}", *verdict' in code
