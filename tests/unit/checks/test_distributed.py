"""Checks of the page on several workers: each mistake gets its own hint."""

import json

import numpy as np
import pytest

from nnutils import check


def config(env, *, first=0, port=":12345", index=int, job=None, order=1, size=None):
    """Return a TF_CONFIG as a learner's function does, right unless told otherwise."""
    count = int(env["SIZE"]) if size is None else size
    name = f"{job or env['JOB_NAME']}-{{}}.{env['SERVICE']}{port}"
    hosts = [name.format(i + first) for i in range(count)][::order]
    task = {"type": "worker", "index": index(env["JOB_COMPLETION_INDEX"])}
    return json.dumps({"cluster": {"worker": hosts}, "task": task})


def run(w, v, updates):
    for _ in range(updates):
        v = 0.9 * v - 0.1 * w
        w = w + v
    return w, v


UNDISTURBED = run(1, 0, 20)[0]
RESUMED = run(run(1, 0, 5)[0], 0, 15)[0]

RIGHT = [
    (1, 4),
    (1, np.float32(4)),
    (2, 460_860),
    (2, 460_860.0),
    (3, config),
    (4, [15, 7.7586]),
    (4, np.array([15, 7.76])),
    (5, [UNDISTURBED, RESUMED]),
    (5, np.array([0.3447, -0.0015])),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"distributed/{number}", answer).passed


MISTAKES = [
    (1, 5, "plain average"),
    (1, 15, "That is the sum"),
    (1, 400, "Divide by their number"),
    (1, 6.1, "wrong way round"),
    (1, 7, "share of the samples"),
    (2, 115_215, "not bytes"),
    (2, 460_860 * 8, "You counted bits. A"),
    (2, 1.5 * 4 * 75_776, "biases"),
    (2, 307_240, "two workers"),
    (2, 614_480, "many workers only"),
    (2, 921_720, "Twice too much or more: 4 bytes"),
    (2, 6 * 307_240, "one chunk"),
    (2, 115_260, "256 hidden units"),
    (2, 1, "Count the parameters"),
    (3, lambda env: json.loads(config(env)), "json.dumps"),
    (3, lambda env: str(json.loads(config(env))), "double quotes"),
    (3, lambda env: json.dumps([1]), "The form is"),
    (3, lambda env: config(env).replace("type", "kind"), "The form is"),
    (3, lambda env: config(env).replace('"type": "worker"', '"type": "chief"'), "type of every"),
    (3, lambda env: config(env, index=str), "not a text"),
    (3, lambda env: config(env, index=lambda i: 0), "pod's own"),
    (3, lambda env: config(env, size=1), "SIZE"),
    (3, lambda env: config(env, job="digits"), "any cluster"),
    (3, lambda env: config(env, port=""), "end in :12345"),
    (3, lambda env: config(env, first=1), "start at 0"),
    (3, lambda env: config(env, order=-1), "order of the hosts"),
    (3, lambda env: config(env, job="sun"), "reached at"),
    (4, [7.7586, 15], "Swapped"),
    (4, [15, 0.116], "time of a step"),
    (4, [15, 15], "its share"),
    (4, [15, 3], "divided by the shortest"),
    (4, [21, 10], "factor 2"),
    (4, [100, 100], "More is not better"),
    (4, [10, 7], "smallest"),
    (5, [RESUMED, UNDISTURBED], "Swapped"),
    (5, [UNDISTURBED, UNDISTURBED], "kept the velocity"),
    (5, [UNDISTURBED, run(1, 0, 15)[0]], "does not start at"),
    (5, [UNDISTURBED, run(run(1, 0, 5)[0], 0, 20)[0]], "15 updates remain"),
    (5, [0.9**20, 0.9**20], "plain gradient descent"),
    (5, [UNDISTURBED, 0.5], "The first is right"),
    (5, [0.8, 0.5], "Two lines"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"distributed/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


WRONG_KINDS = [
    *[(n, a) for n in (1, 2) for a in ("many", [1, 2], float("nan"), {"a": 1}, lambda: 1)],
    *[(3, a) for a in ("{}", 3, lambda: "{}", lambda env: 3, lambda env: env["HOST"])],
    *[(n, a) for n in (4, 5) for a in (0.5, "text", [1, 2, 3], [[1], [2, 3]], [np.nan, 1])],
]


@pytest.mark.parametrize(("number", "answer"), WRONG_KINDS)
def test_an_answer_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"distributed/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholders_are_open(number):
    assert check(f"distributed/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(3, lambda env: ...), (4, [..., ...]), (5, [..., ...])]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"distributed/{number}", placeholder).status == "open"
