"""Checks of the page on computational graphs, which builds an engine for derivatives."""

import math
from typing import Any

import numpy as np

from nnutils.checking import HintError, NotAnsweredError, as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """Slope of (x y + y) squared along y at (2, 4): 72."""
    number = as_number(answer)
    x, y = 2, 4
    v = x * y + y
    if np.isclose(number, 2 * v * (x + 1)):
        return None
    if np.isclose(number, 2 * v * x):
        return "That is the path through u alone. y also goes into v directly: add both paths."
    if np.isclose(number, 2 * v):
        return "That is the direct path alone. y also reaches v through u = x y: add both paths."
    if np.isclose(number, 2 * v * y):
        return "That is the derivative along x. Along y the local derivative of u is x, not y."
    if np.isclose(number, v * (x + 1)):
        return "The local derivative of v squared is 2 v: a factor of 2 is missing."
    if np.isclose(number, x + 1):
        return "That is the derivative of v. One more line leads from v to f."
    if np.isclose(number, v**2):
        return "That is f itself. Its derivative along y is asked."
    return "Start with 1 at f, multiply by 2 v on the way to v, then add what two paths bring to y."


def exercise_2(answer: Any) -> str | None:
    """500 outputs and 3 inputs: 3 forward passes, 500 reverse passes."""
    forward, reverse = as_array(answer, shape=(2,))
    if (forward, reverse) == (3, 500):
        return None
    if (forward, reverse) == (500, 3):
        return "Swapped: a forward pass belongs to one input, a reverse pass to one output."
    if reverse == 1:
        return "One reverse pass is enough for one output only. Here are 500 of them."
    if forward == 1:
        return "One forward pass is enough for one input only. Here are 3 of them."
    if 1500 in (forward, reverse):
        return "1,500 is the number of derivatives. One pass gives a whole column or a whole row."
    if 6 in (forward, reverse) or 1000 in (forward, reverse):
        return "Nothing is measured twice here: that is how central differences count."
    return "Ask of each mode: does one pass belong to one input or to one output?"


def exercise_3(answer: Any) -> str | None:
    """Larger number, with slope 1 along it and 0 along the other; 1 in all where both are equal."""
    cases = {(3.0, 2.0): (3, 1, 0), (2.0, 5.0): (5, 0, 1), (-4.0, -6.0): (-4, 1, 0)}
    got = {pair: as_array(call(answer, *pair), shape=(3,)) for pair in cases}

    def all_are(rule: Any) -> bool:
        return all(np.allclose(got[a, b], rule(a, b, *cases[a, b])) for a, b in cases)

    if all_are(lambda a, b, value, da, db: (min(a, b), db, da)):
        return "That is the minimum."
    if not all(np.isclose(got[pair][0], cases[pair][0]) for pair in cases):
        return "The first of the three numbers should be the larger one, for negative numbers too."
    if all_are(lambda a, b, value, da, db: (value, db, da)):
        return "The two slopes are swapped: the larger number is the one that matters."
    if all_are(lambda a, b, value, da, db: (value, 1, 1)):
        return "The smaller number may change a little without any effect: its slope is not 1."
    if all_are(lambda a, b, value, da, db: (value, a, b)):
        return (
            "These are the numbers themselves. A slope says how fast the result follows a number."
        )
    if not all_are(lambda a, b, *right: right):
        return "Nudge the larger number, then the smaller one: how much does the result move?"
    value, *slopes = as_array(call(answer, 4.0, 4.0), shape=(3,))
    if value != 4 or not np.isclose(sum(slopes), 1) or min(slopes) < 0:
        return "Right, except where both are equal: there the two slopes should add up to 1."
    return None


class _Node:
    """What a walk may use: gradient and parents. Counts how often the parents are read."""

    reads = 0

    def __init__(self, *parents: tuple["_Node", float], grad: float = 0.0):
        self.grad = grad
        self._parents = parents

    @property
    def parents(self) -> tuple[tuple["_Node", float], ...]:
        self.reads += 1
        return self._parents


def _walk(answer: Any, output: _Node) -> None:
    """Let the answer walk back from the output. It sets gradients and may return anything."""
    if not callable(answer):
        call(answer)  # raises the hint
    if call(lambda node: (answer(node),), output)[0] is Ellipsis:
        raise NotAnsweredError


def exercise_4(answer: Any) -> str | None:
    """Walk that adds, waits for all users, uses each line once, starts from 0, never recurses."""
    # f = a b (a + b) at (2, 3), and u u with u = 3 a at a = 1, as on the page
    a, b = _Node(), _Node()
    u, v = _Node((a, 3.0), (b, 2.0)), _Node((a, 1.0), (b, 1.0))
    output = _Node((u, 5.0), (v, 6.0))
    _walk(answer, output)
    first = (a.grad, b.grad)
    if output.grad == 0 and first == (0, 0):
        return "All gradients are still 0. That of the output itself is 1; start there."
    if first in {(15, 10), (6, 6)}:
        return "A node used twice keeps only one contribution. Add them: += instead of =."
    if not np.allclose(first, (21, 16)):
        return "For a b (a + b) at a = 2, b = 3 the gradients should be 21 and 16."
    if output.grad != 1:
        return "The gradient of the output itself should be 1."
    a = _Node()
    u = _Node((a, 3.0))
    square = _Node((u, 3.0), (u, 3.0))
    _walk(answer, square)
    if np.isclose(a.grad, 36):
        return "Still 36: u passes on its whole gradient twice. It must wait for all users first."
    if not np.isclose(a.grad, 18):
        return f"For u = 3 a, f = u u at a = 1 the gradient should be 18; yours is {a.grad}."
    for _ in range(2):
        _walk(answer, output)
    if not np.allclose((output.grad, *(p.grad for p, _ in output.parents), b.grad), (1, 5, 6, 16)):
        return "Right once, wrong when called again: set every gradient to 0 before the walk."
    return _shapes_of_graphs(answer)


def _shapes_of_graphs(answer: Any) -> str | None:
    """Judge a walk on a user that is far away, on many paths and on a deep graph."""
    # f = a + g(h(a)): the direct line from f reaches a long before the other one does
    a = _Node()
    h = _Node((a, 2.0))
    late = _Node((h, 5.0))
    start = _Node((a, 3.0))
    output = _Node((start, 1.0), (h, 1.0), (late, 1.0))
    _walk(answer, output)
    if not np.isclose(a.grad, 3 + 2 * (1 + 5)):
        return "Wrong where two paths have different lengths: a node must wait for its latest user."
    ladder = [_Node()]
    for _ in range(12):
        ladder.append(_Node((ladder[-1], 1.0), (ladder[-1], 1.0)))
    _walk(answer, ladder[-1])
    if not np.isclose(ladder[0].grad, 2**12):
        return "Wrong on a graph with many paths: each step doubles, so 12 steps give 4,096."
    if sum(node.reads for node in ladder) > 20 * len(ladder):
        return "Right, but it follows every path, and their number explodes: use each line once."
    chain = [_Node()]
    for _ in range(20_000):
        chain.append(_Node((chain[-1], 1.0)))
    try:
        _walk(answer, chain[-1])
    except HintError as error:
        if "RecursionError" not in str(error):
            raise
        return "Right, but a long chain ends in a RecursionError: keep a list of nodes instead."
    return None if chain[0].grad == 1 else "Wrong on a chain of 20,000 nodes with slope 1."


def exercise_5(answer: Any) -> str | None:
    """Sigmoid from exp(-|z|), with its slope: finite everywhere, accurate far to the left."""

    def sigmoid(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    def pair(z: float) -> np.ndarray:
        try:
            with np.errstate(all="ignore", over="raise"):  # a hint, not a warning
                values = call(answer, z)
            return as_array(values, shape=(2,))
        except HintError as error:
            if abs(z) < 10 or not any(w in str(error) for w in ("verflow", "ZeroDiv", "finite")):
                raise
            raise HintError(
                f"Right for small z, but it overflows at z = {z:g}: compute exp(-|z|) only."
            ) from None

    got = np.array([pair(z) for z in (0.0, 2.0, -3.0)])
    value = np.array([sigmoid(z) for z in (0.0, 2.0, -3.0)])
    slope = value * (1 - value)
    if np.allclose(got, np.transpose([slope, value])):
        return "Value and slope are swapped: the value comes first."
    if np.allclose(got[:, 0], 1 - value):
        return "That is the sigmoid of -z. It should rise from 0 to 1."
    if not np.allclose(got[:, 0], value):
        return "The value is not 1 / (1 + exp(-z)) for small z."
    if np.allclose(got[:, 1], -slope):
        return "The sign of the slope is wrong: the sigmoid rises."
    if not np.allclose(got[:, 1], slope):
        return "The value is right, the slope is not: it is sigmoid(z) times (1 - sigmoid(z))."
    far = np.array([pair(z) for z in (1000.0, -1000.0)])
    if not np.allclose(far, [[1, 0], [0, 0]]):
        return "Right for small z, wrong at z = 1000 or -1000: there the slope is 0."
    left = pair(-40.0)
    if not np.allclose(left, math.exp(-40), rtol=1e-9, atol=0):
        return "Right, except far to the left: at z = -40 both should be about exp(-40), not 0."
    return None
