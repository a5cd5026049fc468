"""Checks of the page on computational graphs: right answers pass, each mistake gets its hint."""

import math
from collections import Counter

import numpy as np
import pytest

from nnutils import check


def order_of(output):
    """Kahn's order, users before parents."""
    waiting, found = Counter(), [output]
    while found:
        for parent, _ in found.pop().parents:
            waiting[parent] += 1
            if waiting[parent] == 1:
                found.append(parent)
    order, ready = [], [output]
    while ready:
        order.append(ready.pop())
        for parent, _ in order[-1].parents:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return order


def sweep(order, *, add=True, clear=True, start=1.0):
    for node in order if clear else []:
        node.grad = 0.0
    order[0].grad = start
    for node in order:
        for parent, slope in node.parents:
            parent.grad = add * parent.grad + slope * node.grad


def right_walk(output):
    sweep(order_of(output))


def overwriting_walk(output):
    sweep(order_of(output), add=False)


def forgetful_walk(output):
    sweep(order_of(output), clear=False)


def half_forgetful_walk(output):
    order = order_of(output)
    for node in order:
        node.grad = 0.0 if node.parents else node.grad
    sweep(order, clear=False)


def unseeded_walk(output):
    sweep(order_of(output), start=0.0)


def doubled_walk(output):
    sweep(order_of(output), start=2.0)


def queue_walk(output):
    output.grad = 1.0
    queue = [output]
    while queue:
        node = queue.pop(0)
        for parent, slope in node.parents:
            parent.grad += slope * node.grad
            queue.append(parent)


def first_come_walk(output):
    """By distance from the output, each node once: wrong where paths differ in length."""
    order, seen = [output], {output}
    for node in order:
        for parent, _ in node.parents:
            if parent not in seen:
                seen.add(parent)
                order.append(parent)
    sweep(order)


def every_path_walk(output):
    for node in order_of(output):
        node.grad = 0.0
    stack = [(output, 1.0)]
    while stack:
        node, part = stack.pop()
        node.grad += part
        stack.extend((parent, part * slope) for parent, slope in node.parents)


def recursive_walk(output):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent, _ in node.parents:
                visit(parent)
            order.append(node)

    visit(output)
    sweep(order[::-1])


def right_walk_that_leaves_one(output):
    right_walk(output)
    output.grad = 2.0


def sigmoid_pair(z):
    e = math.exp(-abs(z))
    return (1 if z >= 0 else e) / (1 + e), e / (1 + e) ** 2


def plain_sigmoid(z):
    y = 1 / (1 + math.exp(-z))
    return y, y * (1 - y)


def numpy_sigmoid(z):
    return np.exp(z) / (1 + np.exp(z)), np.exp(z) / (1 + np.exp(z)) ** 2


def half_numpy_sigmoid(z):
    y = 1 / (1 + np.exp(-z))
    return y, y * (1 - y)


def tanh_sigmoid(z):
    y = 0.5 * (1 + math.tanh(z / 2))
    return y, y * (1 - y)


RIGHT = [
    (1, 72),
    (1, np.float64(72)),
    (2, [3, 500]),
    (2, np.array([3, 500])),
    (3, lambda a, b: (max(a, b), float(a >= b), float(a < b))),
    (3, lambda a, b: [max(a, b), (1 + np.sign(a - b)) / 2, (1 - np.sign(a - b)) / 2]),
    (4, right_walk),
    (5, sigmoid_pair),
    (5, lambda z: np.array(sigmoid_pair(z))),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    result = check(f"computational_graphs/{number}", answer)
    assert result.passed, result.message


MISTAKES = [
    (1, 48, "path through u alone"),
    (1, 24, "direct path alone"),
    (1, 96, "along x"),
    (1, 36, "factor of 2"),
    (1, 3, "derivative of v"),
    (1, 144, "f itself"),
    (1, 7, "Start with 1 at f"),
    (2, [500, 3], "Swapped"),
    (2, [3, 1], "one output only"),
    (2, [1, 500], "one input only"),
    (2, [1500, 1500], "number of derivatives"),
    (2, [6, 500], "central differences"),
    (2, [3, 1000], "central differences"),
    (2, [4, 7], "Ask of each mode"),
    (3, lambda a, b: (min(a, b), float(a < b), float(a > b)), "minimum"),
    (3, lambda a, b: (max(abs(a), abs(b)), 1.0, 0.0), "negative numbers"),
    (3, lambda a, b: (max(a, b), float(a < b), float(a > b)), "swapped"),
    (3, lambda a, b: (max(a, b), 1.0, 1.0), "smaller number may change"),
    (3, lambda a, b: (max(a, b), a, b), "numbers themselves"),
    (3, lambda a, b: (max(a, b), 0.5, 0.5), "Nudge the larger"),
    (3, lambda a, b: (max(a, b), float(a > b), float(a < b)), "except where both are equal"),
    (3, lambda a, b: (max(a, b), float(a >= b), float(a <= b)), "except where both are equal"),
    (3, lambda a, b: max(a, b), "shape (3,)"),
    (4, lambda output: None, "still 0"),
    (4, unseeded_walk, "still 0"),
    (4, doubled_walk, "21 and 16"),
    (4, right_walk_that_leaves_one, "output itself should be 1"),
    (4, overwriting_walk, "+= instead of ="),
    (4, queue_walk, "Still 36"),
    (4, forgetful_walk, "called again"),
    (4, half_forgetful_walk, "called again"),
    (4, first_come_walk, "latest user"),
    (4, every_path_walk, "every path"),
    (4, recursive_walk, "RecursionError"),
    (4, lambda output: output.data, "stopped with AttributeError"),
    (5, lambda z: sigmoid_pair(z)[::-1], "swapped"),
    (5, lambda z: sigmoid_pair(-z), "sigmoid of -z"),
    (5, lambda z: (math.tanh(z), 1 - math.tanh(z) ** 2), "value is not"),
    (5, lambda z: (sigmoid_pair(z)[0], -sigmoid_pair(z)[1]), "sign of the slope"),
    (5, lambda z: (sigmoid_pair(z)[0], sigmoid_pair(z)[0]), "slope is not"),
    (5, plain_sigmoid, "overflows at z = -1000"),
    (5, numpy_sigmoid, "overflows at z = 1000"),
    (5, half_numpy_sigmoid, "overflows at z = -1000"),
    (5, tanh_sigmoid, "far to the left"),
    (5, lambda z: plain_sigmoid(min(max(z, -5), 5)), "wrong at z = 1000"),
    (5, lambda z: sigmoid_pair(z)[0], "shape (2,)"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"computational_graphs/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(answer):
    result = check("computational_graphs/1", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [3, "text", [3, 500, 1], [[3], [500]], [float("nan"), 3]])
def test_a_pair_of_the_wrong_kind_gets_a_hint(answer):
    result = check("computational_graphs/2", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [3, 4, 5])
@pytest.mark.parametrize("answer", [1.0, "walk", np.ones(3), lambda: 1, lambda *_: "text"])
def test_a_function_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"computational_graphs/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholders_are_open(number):
    assert check(f"computational_graphs/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [(2, [..., ...]), (3, lambda a, b: ...), (4, lambda output: ...), (5, lambda z: ...)],
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"computational_graphs/{number}", placeholder).status == "open"
