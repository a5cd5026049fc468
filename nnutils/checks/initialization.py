"""Checks of the page on initialization: how a random start scales signals and gradients."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """About 0.0816: the square root of 2 / 300."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.005, atol=0))

    if near(np.sqrt(2 / 300)):
        return None
    if near(2 / 300):
        return "That is the variance. The standard deviation is its square root."
    if near(np.sqrt(1 / 300)):
        return "The 2 is missing: a ReLU keeps only half of the squares."
    if near(np.sqrt(2 / 400)):
        return "That is Glorot's compromise. He's rule asks for the inputs alone."
    if near(np.sqrt(2 / 100)):
        return "You used the 100 units. A unit adds up as many products as it has inputs."
    return "The variance should be 2 / n_in; give its square root."


def exercise_2(answer: Any) -> str | None:
    """Half per layer, so 2 to the power -10, about 0.00098."""
    number = as_number(answer)
    variance = 200 * 0.05**2 / 2  # per layer, with the half of the ReLU

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.03, atol=0))  # "a thousandth" passes

    if near(variance**5):
        return None
    if near(variance**0.5):
        return "That is the factor of one layer. Ten layers multiply."
    if near(variance**10):
        return "That is the factor of the variance. The size is its square root."
    if near((2 * variance) ** 5):
        return "The half is missing: a ReLU keeps only half of the squares."
    if near((200 * 0.05 / 2) ** 5):
        return "The formula holds the variance of the weights: square the standard deviation."
    if near(variance**-5):
        return "That is the reciprocal: this signal shrinks."
    if near(10 * variance**0.5):
        return "Ten layers multiply their factors; they do not add them up."
    return "One layer: the square root of 200 times 0.05 squared, over 2. Then ten of them."


def exercise_3(answer: Any) -> str | None:
    """Zero for dW1, db1, dW2, db2; not zero for dW3 and db3."""
    zero = as_array(answer, shape=(6,))
    if not np.all(np.isin(zero, [0, 1])):
        return "Give six truth values: True where the gradient is exactly zero."
    right = np.array([1, 1, 1, 1, 0, 0])
    if np.array_equal(zero, right):
        return None
    if np.array_equal(zero, 1 - right):
        return "Right, but the wrong way round: True stands for a gradient that is zero."
    if np.array_equal(zero, [1, 1, 1, 1, 1, 0]):
        return (
            "That is the all-zero start. Here the last hidden activations are not zero, "
            "and the gradient of W3 is made of them."
        )
    if np.array_equal(zero, [1, 0, 1, 0, 0, 0]):
        return "A bias of a hidden layer hears of the loss only through W3, as its weights do."
    if zero[5]:
        return "Nothing stands between the loss and the output bias: its gradient is not zero."
    if np.array_equal(zero, [0, 0, 0, 0, 1, 1]) or zero[4]:
        return "A zero array may well have a gradient: that of W3 is A2.T @ dZ3."
    return "Follow the gradient back: which arrays does it reach only through W3, which is zero?"


def exercise_4(answer: Any) -> str | None:
    """Mean 0 and variance 2 / ((1 + alpha**2) n_in), shape (n_in, n_out)."""
    n_in, n_out, alpha = 300, 120, 0.5
    W = as_array(call(answer, np.random.default_rng(4), n_in, n_out, alpha), shape=(n_in, n_out))
    mean, std = W.mean(), W.std()

    def near(value: float, spread: float = std) -> bool:
        return bool(np.isclose(spread, value, rtol=0.02, atol=0))

    right = np.sqrt(2 / ((1 + alpha**2) * n_in))
    if near(right**2):
        return "The standard deviation of your weights is what their variance should be."
    if near(np.sqrt(2 / n_in)):
        return "That is He's rule for the plain ReLU: alpha changes nothing in your weights."
    if near(np.sqrt(2 / ((1 + alpha) * n_in))):
        return "The slope enters squared: the squares on the negative side shrink by alpha**2."
    if near(np.sqrt(2 / ((1 + alpha**2) * n_out))):
        return "You used n_out. The signal adds up n_in products."
    if near(np.sqrt(2 * (1 + alpha**2) / n_in)):
        return "The leak passes on more, so the weights must be smaller, not larger."
    if not near(right):
        return "The mean of the squares is (1 + alpha**2) / 2 times Var(z). The factor must be 1."
    if abs(mean) > 6 * right / np.sqrt(W.size):
        return "The spread is right, but the weights should have the mean zero."
    if not np.any(np.abs(W) > 3 * right):  # of so many normal numbers about a hundred are
        return "The spread is right, but the weights are not normal."
    second = call(answer, np.random.default_rng(5), n_in, n_out, alpha)
    if np.array_equal(W, second):
        return "Two generators gave the same weights: draw them from the rng you are given."
    if not np.array_equal(W, call(answer, np.random.default_rng(4), n_in, n_out, alpha)):
        return "The same generator state gave other numbers: draw from the rng you are given."
    linear = as_array(call(answer, np.random.default_rng(6), 250, 400, 1.0), shape=(250, 400))
    if not near(np.sqrt(1 / 250), linear.std()):
        return "Right for one choice of n_in and alpha, wrong for another: use the arguments."
    return None


def exercise_5(answer: Any) -> str | None:
    """About 1.6 per layer: between 1.5 and 1.75."""
    number = as_number(answer)
    if 1.5 <= number <= 1.75:
        return None
    if number > 1e4:
        return "That is the growth over all layers. Take the root: to the power 1 / DEPTH."
    if 0.97 <= number <= 1.005:
        return "That is the plain tower. Did you pass skip=True?"
    if 1.005 < number <= 1.05:
        return "That is the tower with weights of 0.01. Use those of He's rule."
    if np.isclose(number, np.sqrt(2), atol=0.02):
        return "A good prediction for two unrelated parts. Now measure it: they partly agree."
    if 0.55 <= number <= 0.68:
        return "That is the reciprocal: divide the size at the bottom by the size at the top."
    if 1.75 < number <= 3:
        return "Close, but it looks like another quantity: take the gradient, per layer."
    return "Call through(stds['He'], 'relu', skip=True) and compare down[0] with down[-1]."


def exercise_6(answer: Any) -> str | None:
    """48 layers: the first whole number above log(1.4e-45) / log(0.113), which is 47.4."""
    number = as_number(answer)
    variance = 256 * 0.01**2 / 2
    tiny = float(np.finfo(np.float32).smallest_subnormal)

    def layers(smallest: float, factor: float) -> float:
        return np.log(smallest) / np.log(factor)

    exact = layers(tiny, variance**0.5)
    if number == np.ceil(exact):
        return None
    if np.floor(exact) <= number < np.ceil(exact):
        return "Round up: after 47 layers the size is still above the smallest number."
    if abs(number - layers(tiny, variance)) < 1:
        return "That is where the squares run out, the surprise of the second part."
    if abs(number - layers(float(np.finfo(np.float32).tiny), variance**0.5)) < 1:
        return "That is where precision begins to fade (tiny); smaller numbers exist below it."
    if abs(number - layers(tiny, (2 * variance) ** 0.5)) < 1:
        return "The half is missing: a ReLU keeps only half of the squares."
    if abs(number - layers(5e-324, variance**0.5)) < 1.5:
        return "That is the limit of 64 bits. In 32 bits the smallest number is about 1.4e-45."
    return "Solve factor**layers < 1.4e-45 with the factor sqrt(256 * 0.01**2 / 2), by logarithms."
