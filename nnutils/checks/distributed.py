"""Checks of the page on training with several workers."""

import json
from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """4: each shard's gradient counts by its share of the samples."""
    number = as_number(answer)
    if np.isclose(number, 0.5 * 2 + 0.3 * 4 + 0.2 * 9):
        return None
    if np.isclose(number, (2 + 4 + 9) / 3):
        return "That is the plain average. The shards are unequal: weigh each by its samples."
    if np.isclose(number, 2 + 4 + 9):
        return "That is the sum. The gradients are means already; their weights must add up to 1."
    if np.isclose(number, 50 * 2 + 30 * 4 + 20 * 9):
        return "Almost: this sums over all samples. Divide by their number."
    if np.isclose(number, 0.2 * 2 + 0.3 * 4 + 0.5 * 9):
        return "The weights are the wrong way round: the largest shard counts most."
    return "Multiply each gradient by the share of the samples in its shard, and add up."


def exercise_2(answer: Any) -> str | None:
    """460,860 bytes: three halves of 76,810 parameters of 4 bytes."""
    number = as_number(answer)
    kernels = 64 * 1024 + 1024 * 10
    size = 4 * (kernels + 1024 + 10)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=1e-9))

    if near(1.5 * size):
        return None
    if near(1.5 * size / 4):
        return "These are numbers, not bytes: a float32 takes 4 bytes."
    if near(1.5 * 8 * size):
        return "You counted bits. A float32 has 4 bytes."
    if near(1.5 * 4 * kernels):
        return "The biases are missing: 1,024 and 10 more numbers."
    if near(size):
        return "That is one gradient, as for two workers. With four the factor is 2 (K - 1) / K."
    if near(2 * size):
        return "Almost: the factor is 2 (K - 1) / K, which approaches 2 for many workers only."
    if near(3 * size) or near(6 * size):
        return "Twice too much or more: 4 bytes for a number, and each message is one chunk of K."
    if near(1.5 * 4 * 19_210):
        return "That is for 256 hidden units. The hidden layer has 1,024 now."
    return "Count the parameters of 64-1024-10 first, then 2 (K - 1) / K times their bytes, K = 4."


def exercise_3(answer: Any) -> str | None:
    """JSON with the hosts in order, of the right number, and the own index as a whole number."""
    for size, index in ((3, 1), (2, 0)):
        env = {"JOB_NAME": "moon", "SERVICE": "net", "SIZE": f"{size}"}
        text = call(answer, env | {"JOB_COMPLETION_INDEX": f"{index}"})
        if not isinstance(text, str):
            return f"TF_CONFIG is a text; this is a {type(text).__name__}. See json.dumps."
        try:
            config = json.loads(text)
        except ValueError:
            return "The text is no JSON: names need double quotes. json.dumps writes them."
        hint = _wrong_config(config, size, index)
        if hint:
            return hint
    return None


def _wrong_config(config: Any, size: int, index: int) -> str | None:
    """Return what is wrong with the TF_CONFIG of one of `size` workers, if anything."""
    try:
        hosts, task = config["cluster"]["worker"], config["task"]
        kind, number = task["type"], task["index"]
    except (KeyError, TypeError):
        return 'The form is {"cluster": {"worker": [...]}, "task": {"type": ..., "index": ...}}.'
    if kind != "worker":
        return 'The type of every task is "worker" here.'
    if not isinstance(number, int):
        return "The index must be a whole number, not a text: int() turns one into the other."
    if number != index:
        return "The index is the pod's own, from JOB_COMPLETION_INDEX."
    right = [f"moon-{i}.net:12345" for i in range(size)]
    if hosts == right:
        return None
    if not isinstance(hosts, list) or len(hosts) != size:
        return "The list needs one host for each of the SIZE workers, this pod included."
    if any("digits" in str(host) or "ring" in str(host) for host in hosts):
        return "Take the names of job and service from env, so that the function fits any cluster."
    if not all(str(host).endswith(":12345") for host in hosts):
        return "An address is host and port: each must end in :12345."
    if hosts == [f"moon-{i + 1}.net:12345" for i in range(size)]:
        return "The numbers of the pods start at 0."
    if sorted(map(str, hosts)) == sorted(right):
        return "The order of the hosts must be the same on every worker: 0, 1, 2, ..."
    return "Worker i is reached at <job>-<i>.<service>, port 12345."


def exercise_4(answer: Any) -> str | None:
    """15 workers, 7.76 times as fast as one."""
    workers, speed_up = as_array(answer, shape=(2,))
    count = np.arange(1, 1001)
    step = 0.9 / count + 2 * (count - 1) * 0.002
    best, top = count[step.argmin()], 0.9 / step.min()
    if workers == best and abs(speed_up - top) < 0.05:
        return None
    if abs(workers - top) < 0.05 and speed_up == best:
        return "Swapped: the number of workers comes first, the speed-up second."
    if workers == best and abs(speed_up - step.min()) < 0.005:
        return "That is the time of a step. The speed-up is the time of one worker over it."
    if workers == best and speed_up == best:
        return "Fifteen is right, but not fifteen times as fast: the ring takes its share."
    if workers == best:
        return "The number of workers is right. The speed-up is 0.9 divided by the shortest step."
    if abs(workers - np.sqrt(0.9 / 0.002)) < 0.8:
        return "There are 2 (K - 1) rounds, not K - 1: the factor 2 is missing."
    if workers >= 100:
        return "More is not better here: at 100 workers the ring alone takes 0.4 seconds."
    return "Compute the step for K = 1, 2, 3, ... and take the smallest."


def exercise_5(answer: Any) -> str | None:
    """About 0.345 undisturbed and -0.0015 resumed without the velocity."""
    pair = as_array(answer, shape=(2,))

    def run(w: float, v: float, updates: int) -> tuple[float, float]:
        for _ in range(updates):
            v = 0.9 * v - 0.1 * w
            w = w + v
        return w, v

    halfway = run(1.0, 0.0, 5)[0]
    right = np.array([run(1.0, 0.0, 20)[0], run(halfway, 0.0, 15)[0]])
    if np.allclose(pair, right, rtol=0, atol=1e-3):
        return None
    if np.allclose(pair, right[::-1], rtol=0, atol=1e-3):
        return "Swapped: the undisturbed run comes first."
    if np.allclose(pair, right[0], rtol=0, atol=1e-3):
        return "Both are equal, so you kept the velocity. Set v = 0 for the second part."
    if abs(pair[1] - run(1.0, 0.0, 15)[0]) < 1e-3:
        return "The second run does not start at w = 1, but where the first five updates ended."
    if abs(pair[1] - run(halfway, 0.0, 20)[0]) < 1e-3:
        return "After the break 15 updates remain, not 20."
    if np.allclose(pair[0], 0.9**20, rtol=0, atol=1e-3):
        return "That is plain gradient descent. Momentum carries 0.9 v over to the next update."
    if abs(pair[0] - right[0]) < 1e-3:
        return "The first is right. For the second: 5 updates, then v = 0, then 15 more."
    return "Two lines in a loop: first the new velocity, then the step with it. 20 updates."
