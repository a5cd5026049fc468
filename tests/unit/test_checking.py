"""The exercise checks: placeholders, hints, wrong kinds, and what a learner sees."""

import functools
import math
import sys
import types
from fractions import Fraction

import numpy as np
import pytest

from nnutils import checking, checks
from nnutils.checking import Result, as_array, as_number, call, check


@pytest.fixture(autouse=True)
def demo_page(tmp_path, monkeypatch):
    """A page `demo` whose first exercise wants 42, second a function, third a crash."""
    module = types.ModuleType("nnutils.checks.demo")

    def exercise_1(answer):
        number = as_number(answer)
        if number == 34:
            return "You left out the biases."
        return None if number == 42 else "Count again."

    def exercise_2(answer):
        return None if call(answer, 3.0) == 9.0 else "Not the square."

    def exercise_3(answer):
        return answer.no_such_attribute

    def exercise_4(answer):
        return None if as_array(answer, shape=(2,)).sum() == 3 else "Wrong sum."

    for function in (exercise_1, exercise_2, exercise_3, exercise_4):
        setattr(module, function.__name__, function)
    (tmp_path / "demo.py").write_text("")
    monkeypatch.setattr(checks, "__path__", [str(tmp_path)])
    monkeypatch.setitem(sys.modules, "nnutils.checks.demo", module)


@pytest.mark.parametrize("answer", [42, [42.0], np.array([42], dtype=object), Fraction(42)])
def test_right_answer_passes(answer):
    assert check("demo/1", answer).passed


@pytest.mark.parametrize("answer", [max, np.square, functools.partial(pow, exp=2)])
def test_functions_without_a_plain_signature_are_called(answer):
    assert check("demo/2", answer).passed == (answer is not max)


def fails_at_length(x):
    raise ValueError("the first line.\nAnd a second.")


@pytest.mark.parametrize(
    "answer", [..., None, [1, ...], {"a": ...}, (..., ...), np.array([1, ...]), [[..., 1]]]
)
def test_placeholder_is_not_answered_yet(answer):
    assert check("demo/1", answer).status == "open"


def test_function_with_placeholder_is_not_answered_yet():
    assert check("demo/2", lambda x: ...).status == "open"
    assert check("demo/2", lambda x: (1.0, ...)).status == "open"


def test_none_is_told_from_the_dots():
    assert "The answer is None" in check("demo/1", None).message
    assert "Replace the dots" in check("demo/1", ...).message


def test_likely_mistake_gets_its_own_hint():
    assert check("demo/1", 34) == Result("demo/1", "wrong", "You left out the biases.")


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("demo/1", "many", "one number; this is a str"),
        ("demo/1", [1, 2], "one number; this is a list"),
        ("demo/1", float("nan"), "finite"),
        ("demo/1", object(), "one number"),
        ("demo/2", 9.0, "should be a function"),
        ("demo/1", "42", "one number; this is a str"),
        ("demo/1", 42j, "one number; this is a complex"),
        ("demo/2", lambda: 9.0, "should take one argument; this one takes ()."),
        ("demo/2", lambda x, y: 9.0, "this one takes (x, y)."),
        ("demo/2", lambda x: math.sqrt("a"), "stopped with TypeError"),
        ("demo/1", [1, None], "one number; this is a list of 2 (NoneType, int)"),
        ("demo/2", lambda x: lost, "name 'lost' is not defined. Run the cells above"),  # noqa: F821
        ("demo/2", fails_at_length, "stopped with ValueError: the first line."),
        ("demo/2", lambda x: sys.exit("enough"), "stopped with SystemExit: enough."),
        ("demo/2", lambda x: sys.exit(), "stopped with SystemExit: no message."),
        ("demo/2", lambda x: None, "return statement"),
        ("demo/2", lambda x: x + 1, "Not the square"),
        ("demo/3", 1, "AttributeError"),
        ("demo/4", [[1, 2]], "shape (2,)"),
        ("demo/4", "ab", "array of numbers"),
        ("demo/4", [np.inf, 1], "not finite"),
        ("demo/4", [[1], [2, 3]], "a list of 2 (list of 1 (int), list of 2 (int))"),
        ("demo/4", ["1", "2"], "a list of 2 (str)"),
        ("demo/4", [], "shape (2,)"),
        ("demo/4", [1, None], "array of numbers; this is a list of 2 (NoneType, int)"),
        ("demo/4", np.array(["1", 2], dtype=object), "array of numbers"),
        ("demo/1", np.array(["42"], dtype=object), "one number"),
        ("demo/1", np.array([42], dtype="m8[s]"), "one number"),
        ("demo/4", np.array(["1970-01-02", "1970-01-03"], dtype="M8[D]"), "array of numbers"),
    ],
)
def test_wrong_kind_is_a_hint_never_a_traceback(exercise_id, answer, words):
    result = check(exercise_id, answer)
    assert result.status == "wrong"
    assert words in result.message


@pytest.mark.parametrize("exercise_id", ["nowhere/1", "demo/99", "demo", "", 3])
def test_unknown_exercise_names_what_there_is(exercise_id):
    with pytest.raises(ValueError, match="demo"):
        check(exercise_id, 1)


def test_plain_text_and_html_carry_the_same_words():
    result = check("demo/1", 34)
    assert repr(result) == "✗ Not yet. You left out the biases."
    assert "<strong>✗ Not yet.</strong> You left out the biases." in result._repr_html_()


def test_html_escapes_what_the_learner_typed():
    result = Result("demo/1", "wrong", "<script>alert(1)</script>")
    assert "<script>" not in result._repr_html_()


def test_every_check_module_of_the_course_has_checks(monkeypatch):
    monkeypatch.undo()
    import importlib
    import pkgutil

    names = [module.name for module in pkgutil.iter_modules(checks.__path__)]
    modules = [importlib.import_module(f"nnutils.checks.{name}") for name in names]
    assert all(any(n.startswith("exercise_") for n in vars(module)) for module in modules)
    assert checking.checks is checks
