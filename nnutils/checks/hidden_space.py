"""Checks of the page on hidden spaces, where layers bend the plane until a line will do."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """Point (0.9, -0.3) lands at (0.6, 0): the sum is 0.6, too small for the second unit."""
    point = as_array(answer, shape=(2,))
    total = 0.9 + -0.3

    def near(first: float, second: float) -> bool:
        return np.allclose(point, [first, second], rtol=0, atol=1e-6)

    if near(max(total, 0), max(total - 1, 0)):
        return None
    if near(total, total - 1):
        return "The ReLU is missing: a negative pre-activation becomes 0."
    if near(total, total):
        return "The bias is missing: the second unit subtracts 1 from the sum first."
    if near(0, total):
        return "The units have changed places: a1 comes first."
    if near(0.9, 0):
        return "ReLU of each input is something else: both units see the sum x1 + x2."
    return "Add the two inputs first. a1 is the ReLU of the sum, a2 the ReLU of the sum minus 1."


def exercise_2(answer: Any) -> str | None:
    """Any positive multiple of (1, -1, 1) and the bias -5 times it, or whatever separates."""
    w1, w2, w3, b = as_array(answer, shape=(4,))
    half = np.array([0.02, 0.1, 0.5, 1, 2, 3, 4, 4.9])  # close to the axes, but not on them
    side = np.concatenate([-half, half])
    x1, x2 = (x.ravel() for x in np.meshgrid(side, side))
    differ = x1 * x2 < 0

    def share(bias: float) -> float:
        """Share of the points that get the right sign with this output bias."""
        z = w1 * np.maximum(0, x1 - x2) + w2 * np.maximum(0, x1 + x2) + bias
        return np.mean((z + w3 * np.maximum(0, x2 + 5) > 0) == differ)

    if share(b) == 1:
        return None
    if share(b) < 0.01:
        return "All signs are reversed: multiply everything by -1."
    if share(b - 5 * w3) == 1 or share(-5 * w3) == 1:
        return "The weights are fine. a3 is x2 + 5, so the bias has to take 5 times w3 away."
    return (
        f"{share(b):.0%} of the points in the four quadrants are right. Try one point on each "
        "side, such as (2, 1), (1, 2), (-2, 1) and (1, -2), and solve for the weights."
    )


def exercise_3(answer: Any) -> str | None:
    """Columns of W1, entries of b1 and rows of W2 in the new order; b2 as it was."""
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=shape) for shape in ((2, 4), (4,), (4, 3), (3,))]
    order = np.array([2, 0, 3, 1])
    handed, handed_order = [w.copy() for w in weights], order.copy()
    given = call(answer, handed, handed_order)
    if not isinstance(given, list | tuple) or len(given) != 4:
        return "Return a list of four arrays: [W1, b1, W2, b2]."
    W1, b1, W2, b2 = (
        as_array(new, shape=old.shape) for new, old in zip(given, weights, strict=True)
    )
    old_W1, old_b1, old_W2, old_b2 = weights
    inverse = np.argsort(order)
    if np.array_equal(W1, old_W1):
        return "W1 is unchanged. Each hidden unit owns one of its columns."
    if np.array_equal(W1, old_W1[:, inverse]):
        return "That is the reverse order: unit order[k] of the old network becomes unit k."
    if not np.array_equal(W1, old_W1[:, order]):
        return "W1 is not in the new order: take its columns, W1[:, order]."
    if not np.array_equal(b1, old_b1[order]):
        return "The biases b1 belong to the hidden units and have to move with them."
    if np.array_equal(W2, old_W2):
        return "The function has changed: the rows of W2 leave the hidden units and move too."
    if not np.array_equal(W2, old_W2[order]):
        return "W2 is not in the new order: take its rows, W2[order]."
    if not np.array_equal(b2, old_b2):
        return "The output bias b2 belongs to the output and stays as it is."
    kept = len(handed) == 4 and all(map(np.array_equal, handed, weights))
    if not (kept and np.array_equal(handed_order, order)):
        return "Your function changes its argument: work on a copy."
    return None


def exercise_4(answer: Any) -> str | None:
    """Two units for the bits, three for the quadrants, three for the ring."""
    bits, quadrants, ring = as_array(answer, shape=(3,))
    if bits < 2:
        return "A single hidden unit gives one straight border, and the bits need more."
    if bits > 2:
        return "Bits: the page folds the plane with fewer units."
    if quadrants < 3:
        return "Quadrants: two units can be proved never to suffice."
    if quadrants > 3:
        return "Quadrants: look at exercise 2 again, and count its hidden units."
    if ring < 3:
        return "Ring: two tanh units are a rubber sheet, and what is enclosed stays enclosed."
    if ring > 3:
        return "Ring: one dimension more than the plane is enough to lift the inner circle out."
    return None if (bits, quadrants, ring) == (2, 3, 3) else "Give three whole numbers."


def exercise_5(answer: Any) -> str | None:
    """Line on 300 random ReLU features separates the spirals: at least 0.97."""
    number = as_number(answer)
    if not 0 <= number <= 1:
        return "Give a share between 0 and 1, as the method score does."
    if number >= 0.97:
        return None
    if 0.55 <= number <= 0.8:
        return (
            "That is no better than a line on the inputs. Is the ReLU there, and are the biases "
            "random too? Without them all folds pass through the origin."
        )
    if number < 0.55:
        return "That is near a coin's toss. Use the same random weights for training and test."
    return "Good, but 300 units reach more. Have you drawn 300 columns and 300 biases?"


def exercise_6(answer: Any) -> str | None:
    """With a third of the ring gone width 2 is enough: a median of at least 0.97."""
    number = as_number(answer)
    if not 0 <= number <= 1:
        return "Give a share between 0 and 1, as the method score does."
    if number >= 0.97:
        return None
    if 0.82 <= number <= 0.95:
        return "That looks like the closed ring. Train and score on the points that are left."
    if number < 0.7:
        return "Too low: did points of the small circle go too? Keep all of y_ring == 1."
    return "Keep the small circle and two thirds of the ring, and take the median of 20 accuracies."
