"""Checks of the page on outputs and losses: which loss belongs to which output, and why."""

import re
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """Entropy of a class share of 0.3 in natural logarithms: about 0.611."""
    number = as_number(answer)
    share = np.array([0.3, 0.7])

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=2e-3))

    entropy = -np.sum(share * np.log(share))
    if near(entropy):
        return None
    if near(np.log(2)):
        return "That is ln 2, the loss of always saying 0.5. Knowing the class share does better."
    if near(-entropy):
        return "The sign is reversed: a loss is the negative logarithm."
    if near(entropy / np.log(2)):
        return "That is in bits. The losses of this page use the natural logarithm."
    if np.any(np.isclose(number, -share * np.log(share), rtol=0, atol=2e-3)):
        return "One of the two terms is missing: 30% of the targets are 1 and 70% are 0."
    if np.any(np.isclose(number, -np.log(share), rtol=0, atol=2e-3)):
        return "That is the loss of one kind of sample. Take the mean over both kinds."
    if near(0.3) or near(0.7):
        return (
            "That is the constant it predicts, or a share of right answers. Now compute its loss."
        )
    return "Write the mean loss of a constant q, find the q where its slope is zero, put it in."


def exercise_2(answer: Any) -> str | None:
    """Letters A, C, B, D, E: mse, sparse categorical, binary, categorical, poisson."""
    letters = _letters(answer)
    why = {
        (0, "E"): "An exponential is never negative, and a temperature in winter can be.",
        (1, "D"): "Task 2: the targets are class numbers, and this loss wants one-hot rows.",
        (2, "C"): "Task 3: a softmax picks one instrument, but several may play.",
        (2, "D"): "Task 3: a softmax picks one instrument, but several may play.",
        (3, "F"): "Task 4 is the riddle of the page: this pairing squares the odds.",
        (3, "C"): "Task 4: the sparse loss wants class numbers, and these targets are rows.",
        (
            3,
            "B",
        ): "Task 4: two sigmoids are two separate questions; these classes exclude each other.",
        (4, "A"): "Task 5: calls are counts. A linear output may predict fewer than none.",
    }
    for task, (given, right) in enumerate(zip(letters, "ACBDE", strict=True)):
        if given != right:
            return why.get(
                (task, given),
                f"Task {task + 1} needs another one. Ask which distribution its target has.",
            )
    return None


def _letters(answer: Any) -> list[str]:
    """Five capital letters from A to F, or a hint; a string may hold blanks and commas too."""
    if isinstance(answer, str):
        answer = re.sub(r"[^A-Za-z]", "", answer)
    parts = list(answer) if isinstance(answer, str | list | tuple | np.ndarray) else None
    if parts is None or len(parts) != 5:
        raise HintError("The answer should be a list of five letters, one for each task.")
    letters = [str(part).strip().upper() for part in parts]
    if not set(letters) <= set("ABCDEF"):
        raise HintError(f"Each answer should be a letter from A to F; got {letters}.")
    return letters


def exercise_3(answer: Any) -> str | None:
    """Minus log(1 + exp(-z)), finite for any score."""
    ordinary = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
    huge = np.array([-1000.0, 1000.0, -40.0, 40.0])
    with np.errstate(all="ignore"):  # overflow gets a hint below, not a warning
        values = as_array(call(answer, ordinary.copy()), shape=ordinary.shape)
        huge_values = as_array(call(answer, huge.copy()), shape=huge.shape, finite=False)
    right = -np.log1p(np.exp(-ordinary))
    if np.allclose(values, -right):
        return "The sign is reversed: the logarithm of a probability is never positive."
    if np.allclose(values, np.exp(right)):
        return "That is the sigmoid itself. Its logarithm is asked for."
    if np.allclose(values, right - ordinary):
        return "That is the logarithm of 1 minus the sigmoid: check the sign of z."
    if np.allclose(values, right / np.log(10)) or np.allclose(values, right / np.log(2)):
        return "Take the natural logarithm, np.log."
    if not np.allclose(values, right):
        return (
            "Wrong on small scores. Start from the sigmoid, 1 / (1 + exp(-z)), and take logarithms."
        )
    if not np.all(np.isfinite(huge_values)):
        return (
            "Right on small scores, not finite at -1000 or 1000. Write it as a log-sum-exp of the "
            "two scores 0 and -z, and shift by the larger one."
        )
    if not np.allclose(huge_values, [-1000, 0, -40, 0]):
        return "Right on small scores, wrong on large ones: clipping hides a loss of 1,000."
    return None


def exercise_4(answer: Any) -> str | None:
    """Lowest loss after a second softmax: ln(1 + 9 / e), about 1.461."""
    number = as_number(answer)
    scores = np.zeros(10)
    scores[0] = 1  # the best that the first softmax can do

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=5e-3))

    if near(np.log(np.exp(scores).sum()) - 1):
        return None
    if near(0):
        return "Without the second softmax, yes. What does softmax make of the scores 1, 0, ..., 0?"
    if near(np.log(1 + 2 / np.e)):
        return "That is the floor for three classes. Here there are ten."
    if near(np.log(10)):
        return "That is the loss of saying 1/10 to all. The first softmax can do better than that."
    if near(np.e / (np.e + 9)):
        return "That is the probability of the right class. The loss is minus its logarithm."
    if near(np.log(1 + 10 / np.e)):
        return "There are nine other classes, not ten."
    return "Put the best output of the first softmax, one 1 and nine 0, into the second as scores."


def exercise_5(answer: Any) -> str | None:
    """Mean of exp(z) - y z."""
    rng = np.random.default_rng(5)
    z, y = rng.uniform(0.2, 2, size=8), rng.poisson(3, size=8)
    value = call(answer, z.copy(), y.copy())
    if shape_of(value) == z.shape:
        return "You return one loss for each sample. Take their mean."
    number = as_number(value)
    each = np.exp(z) - y * z
    log_factorial = np.array([np.sum(np.log(np.arange(1, count + 1))) for count in y])

    def near(losses: np.ndarray) -> bool:
        return bool(np.isclose(number, np.mean(losses)))

    if near(each):
        return None
    if near(-each):
        return "The sign is reversed: the loss is minus the logarithm of the probability."
    if near(each * len(z)):
        return "You added up the losses of the samples; take their mean."
    if near(each + log_factorial):
        return "Right, but ln y! does not depend on z. Leave it out."
    if near((np.exp(z) - y) ** 2) or near((z - y) ** 2):
        return "That is a squared error, the loss of a Gaussian. Take the Poisson distribution."
    if near(z - y * np.log(z)):
        return "The rate is exp(z), not z: put it into y_hat - y ln(y_hat)."
    if near(np.exp(z) - y):
        return "That is the slope of the loss. The loss itself is asked for."
    return "Take minus the logarithm of p with y_hat = exp(z); then ln(y_hat) is just z."


def exercise_6(answer: Any) -> str | None:
    """Mean over both columns of log(1 + exp(z)) - y z: a sigmoid loss, without any softmax."""
    rng = np.random.default_rng(6)
    Z, Y = 2 * rng.normal(size=(7, 2)), np.eye(2)[[0, 1, 1, 0, 1, 0, 0]]
    huge, huge_Y = np.array([[1000.0, -1000.0], [0.0, 1000.0]]), np.eye(2)[[1, 1]]
    with np.errstate(all="ignore"):  # overflow gets a hint below, not a warning
        value = call(answer, Z.copy(), Y.copy())
        if np.prod(shape_of(value)) > 1:
            return "You return several numbers. Take the mean over samples and columns."
        number = as_number(value)
        huge_value = call(answer, huge.copy(), huge_Y.copy())
    each = np.logaddexp(0, Z) - Y * Z
    log_p = Z - np.logaddexp.reduce(Z, axis=1)[:, np.newaxis]

    def near(value: float) -> bool:
        return bool(np.isclose(number, value))

    if near(-np.mean(np.sum(Y * log_p, axis=1))):
        return (
            "That is the loss on the softmax probabilities, which Keras should have computed. "
            "What if each logit gets a sigmoid of its own?"
        )
    if near(np.mean(np.logaddexp(0, np.exp(log_p)) - Y * np.exp(log_p))):
        return "You put the sigmoid on the softmax probabilities. Put it on the logits Z."
    if near(-np.mean(each)):
        return "The sign is reversed: a loss is the negative logarithm."
    if near(np.mean(each.sum(axis=1))):
        return "You added up the two columns. Keras takes the mean over them as well."
    if near(np.sum(each)):
        return "You added up all entries. Take their mean."
    if near(np.mean(-Y * (Z - np.logaddexp(0, Z)))):
        return "The term for y = 0 is missing: each column is a yes-or-no question."
    if np.any(np.isclose(number, each.mean(axis=0))):
        return "That is one column. Keras takes both and averages."
    if not near(np.mean(each)):
        return "Each logit goes through a sigmoid, then binary cross-entropy, then the mean of all."
    if not np.all(np.isfinite(np.asarray(huge_value, dtype=float))):
        return (
            "You found the formula. It overflows on scores of 1,000: use exercise 3, and "
            "1 - sigmoid(z) = sigmoid(-z)."
        )
    if not np.isclose(as_number(huge_value), (1000 + 1000 + np.log(2) + 0) / 4):
        return "You found the formula, but clipping hides large losses: work with the logits."
    return None
