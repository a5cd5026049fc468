"""What holds for the checks of all pages: tried mistakes, and plain words for any answer."""

import ast
import functools
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from notebook_pages import NOTEBOOKS, exercises, read

from nnutils import check
from nnutils.checking import HintError, _find

PAGES = {path.stem: read(path) for path in NOTEBOOKS}
ANSWER_CELLS = {
    f"{name}/{exercise.number}": cell["source"]
    for name, page in PAGES.items()
    for exercise in exercises(page)
    for cell in exercise.answers
}
EXERCISES = list(ANSWER_CELLS)


@functools.cache
def module_of(page: str) -> ModuleType:
    """Return the module that tests the checks of a page."""
    path = Path(__file__).parent / "checks" / f"test_{page}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tried(exercise_id: str, table: str) -> list:
    """Return the rows on one exercise in a table of the tests, without its number."""
    page, _, number = exercise_id.partition("/")
    return [row[1:] for row in getattr(module_of(page), table) if row[0] == int(number)]


# -- mistakes ------------------------------------------------------------------------------


def hints(exercise_id: str, answers: list) -> set[str]:
    """Return what the check itself says, without its words on answers of the wrong kind."""
    said = set()
    for answer in answers:
        try:
            said.add(_find(exercise_id)(answer))
        except HintError:
            continue
    return said - {None}


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_three_likely_mistakes_and_the_general_hint_are_tried(exercise_id):
    answers = [answer for answer, _ in tried(exercise_id, "MISTAKES")]
    assert len(hints(exercise_id, answers)) >= 4


def test_an_answer_of_the_wrong_kind_is_no_likely_mistake():
    assert hints("perceptron/2", ["many", [1, 2], 400]) == set()
    assert hints("perceptron/2", ["many", 20, 20.0, 7]) == {
        "Almost: the bound is the square of this ratio.",
        "The bound is (R / gamma) squared, with R = 10 and gamma = 0.5.",
    }


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_a_right_answer_is_tried(exercise_id):
    assert tried(exercise_id, "RIGHT")


# -- any answer ----------------------------------------------------------------------------


def raises(*arguments):
    raise ValueError("the first line\nand a second, as TensorFlow likes it")


def tensor(values):
    import tensorflow as tf

    return tf.constant(np.asarray(values))


VALUES = {
    "a text": "some text",
    "an empty text": "",
    "a number as text": "0.5",
    "no number": float("nan"),
    "an infinite number": float("-inf"),
    "a huge number": 1e300,
    "a complex number": 2j,
    "an empty list": [],
    "a list of texts": ["one", "two"],
    "rows of unequal length": [[1.0], [2.0, 3.0]],
    "a set": {1, 2},
    "a dictionary": {"answer": 1},
    "an object": object(),
    "an array of another shape": np.zeros((7, 5, 3)),
    "an array with nan": np.full((2, 2), np.nan),
    "an array of texts": np.array(["one", "two"]),
    "an empty array": np.zeros(0),
    "a tensor of another shape": tensor(np.zeros((7, 5, 3))),
}
FUNCTIONS = {
    "raises": raises,
    "takes nothing": lambda: 1.0,
    "takes too much": lambda a, b, c, d, e, f, g, h, i: a,
    "uses a name of a deleted cell": lambda *_: a_name_of_a_deleted_cell,  # noqa: F821
    "returns nothing": lambda *_: None,
} | {f"returns {name}": lambda *_, value=value: value for name, value in VALUES.items()}


@pytest.mark.parametrize("exercise_id", EXERCISES)
@pytest.mark.parametrize("answers", [VALUES, FUNCTIONS], ids=["values", "functions"])
def test_any_answer_gets_plain_words(exercise_id, answers):
    for kind, answer in answers.items():
        result = check(exercise_id, answer)
        assert result.status == "wrong", kind
        assert is_plain(result.message), f"{kind}: {result.message}"


def is_plain(message: str) -> bool:
    """Whether a message is a sentence or two for people, and not what Python says to itself."""
    noise = re.search(r"cannot read|Traceback|<function|<class| at 0x|\n", message)
    return not noise and len(message) <= 300 and message.endswith((".", "?"))


@pytest.mark.parametrize(
    "message", ["", "No stop", "Two\nlines.", "An <object at 0x7f>.", "a" * 300 + "."]
)
def test_plain_words_can_be_missed(message):
    assert not is_plain(message)


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_no_answer_is_open(exercise_id):
    assert check(exercise_id, None).status == "open"
    assert check(exercise_id, ...).status == "open"


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_an_answer_cell_needs_no_other_cell_but_the_import(exercise_id):
    """A learner may delete cells or come to the exercises first."""
    tree = ast.parse(ANSWER_CELLS[exercise_id])
    names = {"check": check}
    exec(compile(ast.Module(tree.body[:-1], []), exercise_id, "exec"), names)
    assert eval(
        compile(ast.Expression(tree.body[-1].value), exercise_id, "eval"), names
    ).status == ("open")


# -- right answers in other clothes --------------------------------------------------------


def is_table(answer: object) -> bool:
    """Whether the answer is a list, tuple or array of numbers and nothing else."""
    if not isinstance(answer, list | tuple | np.ndarray):
        return False
    try:
        values = np.asarray(answer)
    except ValueError:  # rows of unequal length
        return False
    return values.ndim > 0 and values.dtype.kind in "iuf"


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_list_array_and_tensor_are_all_one(exercise_id):
    for (answer,) in tried(exercise_id, "RIGHT"):
        if is_table(answer):
            for change in (np.asarray, list, tuple, tensor):
                assert check(exercise_id, change(answer)).passed, change
        elif callable(answer):
            for change in (np.asarray, np.ndarray.tolist, tensor):
                result = check(exercise_id, dressed(answer, change))
                assert result.passed, (change, result)


def dressed(function, change):
    """Return the function with arrays of numbers in its result changed."""

    def changed(*arguments):
        value = function(*arguments)
        return change(value) if isinstance(value, np.ndarray) and is_table(value) else value

    return changed
