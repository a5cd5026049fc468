"""Exercises that answer back, on the learner's own machine.

``check("first_network/2", answer)`` looks for ``exercise_2`` in
``nnutils/checks/first_network.py``. Such a function gets the answer and
returns None if it is right, else a sentence that names the likely mistake.
The helpers below turn an answer of the wrong kind into such a sentence.
"""

import html
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnutils import checks


class HintError(Exception):
    """Raised by the helpers below when an answer is of the wrong kind; holds the hint."""


class NotAnsweredError(Exception):
    """Raised when an answer, or what it returns, is still the placeholder."""


@dataclass(frozen=True)
class Result:
    """What a check says about an answer.

    Attributes
    ----------
    exercise_id : str
        Such as ``"first_network/2"``.
    status : {"right", "wrong", "open"}
        ``"open"`` means not answered yet.
    message : str
        One or two sentences for the learner.

    Examples
    --------
    >>> from nnutils import check
    >>> result = check("anatomy/1", "five")
    >>> result.status, result.passed
    ('wrong', False)
    """

    exercise_id: str
    status: Literal["right", "wrong", "open"]
    message: str

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    @property
    def _verdict(self) -> str:
        return {"right": "✓ Right.", "wrong": "✗ Not yet.", "open": "○ Not answered yet."}[
            self.status
        ]

    def __repr__(self) -> str:
        return f"{self._verdict} {self.message}".strip()

    def _repr_html_(self) -> str:
        # A border and a word carry the verdict, never colour alone; both themes can read it.
        style = {"right": "solid #009E73", "wrong": "solid #D55E00", "open": "dashed #767676"}
        return (
            f'<div role="status" style="border-left:5px {style[self.status]};'
            'padding:.3em .9em;margin:.5em 0">'
            f"<strong>{self._verdict}</strong> {html.escape(self.message)}</div>"
        )


def check(exercise_id: str, answer: Any) -> Result:
    """Check an answer to an exercise and name the likely mistake.

    Parameters
    ----------
    exercise_id : str
        Page and number, such as ``"first_network/2"``.
    answer : object
        The learner's answer; ``...`` and None count as not answered yet.

    Returns
    -------
    Result
        Shown well by JupyterLab, Colab and a plain terminal.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> from nnutils import check
    >>> check("first_network/1", ...)
    ○ Not answered yet. Replace the dots (...) with your answer and run the cell again.
    """
    function = _find(exercise_id)
    if answer is None:
        return Result(
            exercise_id,
            "open",
            "The answer is None, which is also what print and a function without return give.",
        )
    try:
        if _is_placeholder(answer):
            raise NotAnsweredError
        hint = function(answer)
    except NotAnsweredError:
        return Result(
            exercise_id, "open", "Replace the dots (...) with your answer and run the cell again."
        )
    except HintError as error:
        hint = str(error)
    except Exception as error:  # an answer of a kind nobody foresaw must not end in a traceback
        hint = (
            f"The answer is a {type(answer).__name__} that the check cannot read "
            f"({type(error).__name__}: {_said(error)}). "
            "Read again what kind of answer is asked for."
        )
    if hint is None:
        return Result(exercise_id, "right", "")
    return Result(exercise_id, "wrong", hint)


def _find(exercise_id: str) -> Callable[[Any], str | None]:
    pages = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    page, _, number = str(exercise_id).partition("/")
    if page not in pages:
        raise ValueError(f"no page has the exercise {exercise_id!r}; pages are {pages}")
    module = importlib.import_module(f"nnutils.checks.{page}")
    function = getattr(module, f"exercise_{number}", None)
    if function is None:
        known = sorted(f"{page}/{n[9:]}" for n in vars(module) if n.startswith("exercise_"))
        raise ValueError(f"there is no exercise {exercise_id!r}; this page has {known}")
    return function


def _is_placeholder(answer: Any) -> bool:
    if isinstance(answer, dict):
        answer = list(answer.values())
    elif isinstance(answer, np.ndarray) and answer.dtype == object:
        answer = answer.ravel().tolist()
    if isinstance(answer, list | tuple):
        return any(map(_is_placeholder, answer))
    return answer is Ellipsis


def as_number(answer: Any) -> float:
    """Return the answer as a float, or raise a hint if it is not one number.

    Examples
    --------
    >>> from nnutils.checking import as_number
    >>> as_number([0.5])
    0.5
    >>> as_number("a half")
    Traceback (most recent call last):
    nnutils.checking.HintError: The answer should be one number; this is a str.
    """
    values = _as_floats(answer)
    if values is None or values.size != 1:
        raise HintError(f"The answer should be one number; this is a {_describe(answer)}.")
    number = values.item()
    if not np.isfinite(number):
        raise HintError(f"The answer should be a finite number; this is {number}.")
    return number


def as_array(answer: Any, *, shape: tuple[int, ...], finite: bool = True) -> np.ndarray:
    """Return the answer as a float array of a given shape, or raise a hint.

    Where nan and inf deserve a hint of their own, let them pass with ``finite=False``.

    Examples
    --------
    >>> from nnutils.checking import as_array
    >>> as_array([[1, 2]], shape=(1, 2))
    array([[1., 2.]])
    """
    values = _as_floats(answer)
    if values is None:
        raise HintError(f"The answer should be an array of numbers; this is a {_describe(answer)}.")
    if values.shape != shape:
        raise HintError(f"The answer should have the shape {shape}; this one has {values.shape}.")
    if finite and not np.all(np.isfinite(values)):
        raise HintError("The answer holds values that are not finite (nan or inf).")
    return values


def shape_of(answer: Any) -> tuple[int, ...]:
    """Return the shape of the answer, or raise a hint if its rows differ in length.

    Examples
    --------
    >>> from nnutils.checking import shape_of
    >>> shape_of([[1, 2]])
    (1, 2)
    """
    try:
        return np.shape(answer)
    except ValueError:
        raise HintError(
            f"The answer should be an array of numbers; this is a {_describe(answer)}."
        ) from None


def call(answer: Any, *args: Any) -> Any:
    """Call an answer that should be a function, or raise a hint if that fails.

    Examples
    --------
    >>> from nnutils.checking import call
    >>> call(lambda z: max(0, z), -2)
    0
    """
    if not callable(answer):
        raise HintError(f"The answer should be a function; this is a {_describe(answer)}.")
    _expect_arguments(answer, len(args))
    try:
        value = answer(*args)
    except (Exception, SystemExit) as error:  # sys.exit() would end the learner's notebook
        # A cell was skipped or deleted, or a name changed: the function cannot know where it stood.
        lost = type(error) is NameError
        advice = " Run the cells above it from the top, or correct the name." if lost else ""
        raise HintError(
            f"Your function stopped with {type(error).__name__}: {_said(error)}.{advice}"
        ) from None
    if value is None:
        raise HintError("Your function returns nothing: is there a return statement?")
    if _is_placeholder(value):
        raise NotAnsweredError
    return value


def _as_floats(answer: Any) -> np.ndarray | None:
    """Return the answer as a float array, or None where it is no real numbers."""
    try:
        values = np.asarray(answer)
        # NumPy would read the text "3" as the number 3, None as nan and a date as its days, and
        # drop imaginary parts with a warning.
        if values.dtype.kind in "UScmM" or (
            values.dtype == object
            and any(value is None or isinstance(value, str | bytes) for value in values.flat)
        ):
            return None
        return values.astype(float)
    except Exception:  # whatever an object of another library raises, it is no array of numbers
        return None


def _expect_arguments(function: Callable, count: int) -> None:
    """Raise a hint if the function cannot be called with so many arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have none
        return
    try:
        signature.bind(*[None] * count)
    except TypeError:
        arguments = "one argument" if count == 1 else f"{count or 'no'} arguments"
        raise HintError(
            f"Your function should take {arguments}; this one takes {signature}."
        ) from None


def _said(error: BaseException) -> str:
    """Return the first line of an error's message, without the full stop."""
    lines = str(error).strip().splitlines() or ["no message"]
    return textwrap.shorten(lines[0], 160, placeholder=" ...").rstrip(".")


def _describe(answer: Any) -> str:
    kind = type(answer).__name__
    if isinstance(answer, list | tuple):
        parts = ", ".join(sorted({_describe(part) for part in answer}))  # unequal rows show up
        return f"{kind} of {len(answer)} ({textwrap.shorten(parts, 80) or 'nothing'})"
    shape = getattr(answer, "shape", None)
    return kind + (f" of shape {tuple(shape)}" if shape else "")
