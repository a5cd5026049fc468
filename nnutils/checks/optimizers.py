"""Checks of the page on optimisers: momentum, Nesterov, RMSprop, Adam."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """Rate 0.004, since 0.02 / 0.1 = 0.004 / 0.02."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.01, atol=0))

    if near(0.02 * 0.02 / 0.1):
        return None
    if near(0.02):
        return "With the same rate the effective rate becomes five times as large."
    if near(0.02 * 0.1 / 0.02):
        return "The wrong way round: a longer memory adds up more gradients, so the rate shrinks."
    if near(0.02 / 0.1):
        return "That is the effective rate. Which rate over 1 - 0.98 gives the same?"
    if near(0.02 * 0.9 / 0.98):
        return "Not beta itself but 1 - beta counts: the velocity grows to eta / (1 - beta)."
    return "Solve rate / (1 - 0.98) = 0.02 / (1 - 0.9)."


def exercise_2(answer: Any) -> str | None:
    """About 0.8734: a step of 0.1 down, then one of 0.0266 down."""
    number = as_number(answer)

    def two_steps(
        *, correct_m: bool = True, correct_s: bool = True, root: bool = True, sign: float = -1
    ) -> float:
        w, m, s = 1.0, 0.0, 0.0
        for t, g in ((1, 2.0), (2, -1.0)):
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
            mean = m / (1 - 0.9**t) if correct_m else m
            square = s / (1 - 0.999**t) if correct_s else s
            w += sign * 0.1 * mean / (np.sqrt(square) if root else square)
        return w

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=6e-4))

    if near(two_steps()):
        return None
    if near(two_steps(sign=1)):
        return "The sign is reversed: a step goes against the gradient, so the first is downwards."
    if near(two_steps(correct_m=False, correct_s=False)):
        return "The correction is missing: divide m by 1 - 0.9**t and s by 1 - 0.999**t."
    if near(two_steps(correct_s=False)) or near(two_steps(correct_m=False)):
        return "You corrected one of the two means only. Both start from zero."
    if near(two_steps(root=False)):
        return "The root is missing: divide by the square root of s."
    if near(1.0):
        return "The steps are not plus and minus 0.1: after the first gradient m remembers it."
    if near(0.9):
        return "That is the weight after one step. Take the second."
    if near(1 - (1 - two_steps()) + 2 * (0.9 - two_steps())):
        return "The second step still goes down: m is 0.08, positive, although the gradient is not."
    return "First m and s, then correct both, then w - 0.1 m / root(s). The first step is 0.1."


def exercise_3(answer: Any) -> str | None:
    """Limit 2 (1 + 0.9) / 10 = 0.38."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.005, atol=0))

    if near(2 * (1 + 0.9) / 10):
        return None
    if near(2 / 10):
        return "That is the limit without momentum. Momentum widens the stable range."
    if near(2 * (1 - 0.9) / 10):
        return (
            "You put the effective rate below 2/lambda. That is a habit against noise; the limit "
            "of stability is wider than without momentum."
        )
    if near(2 * (1 + 0.9)):
        return "That is eta times lambda. Divide by lambda."
    if near((1 + 0.9) / 10):
        return "The factor 2 is missing: r = -1 gives 1 + (1 + beta - eta lambda) + beta = 0."
    return "Put r = -1 into r**2 - (1 + beta - eta lambda) r + beta = 0 and solve for eta."


def exercise_4(answer: Any) -> str | None:
    """Velocity beta v - eta grad(w + beta v), by which w moves."""
    w, v, eta, beta = np.array([1.0, -0.5]), np.array([0.3, 0.8]), 0.13, 0.7

    def grad(point: Any) -> np.ndarray:
        return np.array([1.0, 3.0]) * np.asarray(point) + 0.2

    def step(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        new = beta * v - eta * grad(point)
        return w + new, new

    value = call(answer, grad, w.copy(), v.copy(), eta, beta)
    if not isinstance(value, list | tuple) and np.shape(value) == (2, 2):  # both in one array
        value = list(np.asarray(value))
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        return "Return two things, the new w and the new v."
    new_w, new_v = (as_array(part, shape=(2,)) for part in value)

    def same(pair: tuple[np.ndarray, np.ndarray]) -> bool:
        return np.allclose(new_w, pair[0]) and np.allclose(new_v, pair[1])

    right = step(w + beta * v)
    if same(right):
        return None
    if same(right[::-1]):
        return "The two are swapped: return w first, then v."
    if same(step(w)):
        return "That is plain momentum: take the gradient at the point ahead, w + beta v."
    if same(step(w + v)):
        return "The point ahead is w + beta v: only the share beta of the velocity will survive."
    if same(step(w - beta * v)):
        return "You look back: the velocity is added to w, so the point ahead is w + beta v."
    ahead = w + beta * v
    if same((ahead + right[1], right[1])):
        return "The gradient is taken ahead, but the step starts from w, not from the point ahead."
    library = beta * v - eta * grad(w)
    if same((w + beta * library - eta * grad(w), library)):
        return "That is the library's form, with the gradient at w. Take it at w + beta v instead."
    if np.allclose(new_v, right[1]) and np.allclose(new_w, w + v):
        return "The new v is right; move by the new v, not by the old one."
    return "First the gradient g at w + beta v, then v = beta v - eta g, then w + v."


def exercise_5(answer: Any) -> str | None:
    """About 0.00030, since epsilon stands under the root."""
    number = as_number(answer)
    g, eta, eps = 1e-4, 1e-3, 1e-7

    def near(value: float) -> bool:
        return bool(np.isclose(abs(number), value, rtol=0.01, atol=0))

    if near(eta * g / np.sqrt(g**2 + eps)):
        return None
    if near(eta):  # with epsilon outside the root, 0.000999
        return "That is the step with epsilon outside the root, or without it. It stands inside."
    if near(eta * g):
        return "That is the step of plain SGD. RMSprop divides by the root of s + epsilon."
    if near(eta * g / (g**2 + eps)):
        return "The root is missing: divide by the root of s + epsilon."
    if near(eta * g / np.sqrt(0.1 * g**2 + eps)):
        return "That is the first step. After a long time s has grown to the square of g."
    if near(eta / np.sqrt(g**2 + eps)):
        return "That is the rate of this weight. Multiply it by the gradient."
    return "After a long time s = g**2. Then the step is eta g / root(s + epsilon)."


def exercise_6(answer: Any) -> str | None:
    """Just 0.99, where 1 - beta2 is the square of 1 - beta1."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=1e-4))

    if near(1 - (1 - 0.9) ** 2):
        return None
    if near((1 - 0.9) ** 2):
        return "That is 1 - beta2. One step more."
    if near(0.9):
        return "With equal betas numerator and s agree, but the denominator is the root of s."
    if near(0.9**2):
        return "Not beta but 1 - beta is squared: (1 - beta1) = root(1 - beta2)."
    if near(1 - np.sqrt(1 - 0.9)):
        return "The root is on the other side: (1 - beta1) = root(1 - beta2)."
    if near(0.999):
        return "With 0.999 the first step is root(10) times the rate."
    return "The first step is eta (1 - beta1) / root(1 - beta2). When is that eta?"
