"""Checks of the table of activation functions."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call, shape_of

# Klambauer et al. (2017), the two constants of SELU
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def exercise_1(answer: Any) -> str | None:
    """Floor of SELU: minus the product of its constants, about -1.758."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=2e-3))

    if near(-SCALE * ALPHA):
        return None
    if near(SCALE * ALPHA):
        return "The size is right, the sign is not: the left side of SELU is negative."
    if near(-ALPHA):
        return "The outer factor is missing: SELU multiplies both sides by its scale."
    if near(-1):
        return "That is the floor of ELU. SELU has two more constants."
    return "Let exp(z) vanish in the left half of the formula and see what is left."


def exercise_2(answer: Any) -> str | None:
    """Slope of hard SiLU: 0, then z / 3 + 1 / 2, then 1."""
    z = np.array([[-5.0, -2.0, -0.5], [0.0, 1.0, 7.0]])
    slope = as_array(call(answer, z.copy()), shape=z.shape)

    def hard_silu(z: np.ndarray) -> np.ndarray:
        return z * np.clip(z / 6 + 0.5, 0, 1)

    right = (hard_silu(z + 1e-4) - hard_silu(z - 1e-4)) / 2e-4
    inside = np.abs(z) < 3
    gate = np.clip(z / 6 + 0.5, 0, 1)
    if np.allclose(slope, right, atol=1e-5):
        return None
    if np.allclose(slope, hard_silu(z)):
        return "That is the function itself; its derivative is asked."
    if np.allclose(slope, gate):
        return "Half of the product rule is missing: the gate changes with z as well."
    if np.allclose(slope, inside / 6):
        return "A product is not differentiated factor by factor. Use the product rule."
    if np.allclose(slope[inside], right[inside], atol=1e-5):
        return "Right between the kinks, wrong beyond them: there the function is 0 or z."
    return (
        "Between -3 and 3 the function is z**2 / 6 + z / 2. What is its slope there, and outside?"
    )


def exercise_3(answer: Any) -> str | None:
    """Factor of the absolute value: 1."""
    number = as_number(answer)
    if np.isclose(number, 1, rtol=0, atol=1e-3):
        return None
    if np.isclose(number, 2, rtol=0, atol=1e-3):
        return "That is the ReLU's factor. The ReLU loses the left half, the fold keeps it."
    if np.isclose(number, np.pi / 2, rtol=0, atol=1e-2):
        return "You used the mean of |z|, squared. Take the mean of the square."
    if np.isclose(number, 1 / (1 - 2 / np.pi), rtol=0, atol=1e-2):
        return "You subtracted the mean. The next layer adds up squares, mean included."
    return "For standard normal z, what is the mean of |z| squared? The factor is one over it."


def exercise_4(answer: Any) -> str | None:
    """Diagonal of p minus the outer product of p with itself."""
    z = np.array([1.0, -0.5, 2.0, 0.3])
    p = np.exp(z) / np.exp(z).sum()
    value = call(answer, z.copy())
    if shape_of(value) == z.shape:
        return "You return one slope for each score. Each probability depends on every score."
    J = as_array(value, shape=(4, 4))
    right = np.diag(p) - np.outer(p, p)
    if np.allclose(J, right):
        return None
    if np.allclose(J, -right):
        return "The sign is reversed: a higher score raises its own probability."
    if np.allclose(J, np.diag(p * (1 - p))):
        return "Only the diagonal is filled. A higher score also lowers the other probabilities."
    if np.allclose(J, np.diag(p) + np.outer(p, p)) or np.allclose(J, -np.outer(p, p)):
        return "Almost: it is p on the diagonal, minus the product of p_j and p_k everywhere."
    return "Entry (j, k) is p_j times (1 if j equals k, else 0, minus p_k)."
