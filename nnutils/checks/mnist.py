"""Checks of the page on handwritten digits."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call, shape_of


def exercise_1(answer: Any) -> str | None:
    """784-100-50-10 has 84,060 parameters."""
    number = as_number(answer)
    sizes = (784, 100, 50, 10)
    weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    biases = sum(sizes[1:])
    if number == weights + biases:
        return None
    if number == weights:
        return "Those are the weights alone. Each unit has a bias as well."
    if number == weights + sum(sizes):
        return "The 784 inputs are no units: they have no bias."
    if number == weights + biases - 10:
        return "The ten output units have a bias too."
    if number == 784 * 100 + 100 + 784 * 50 + 50 + 784 * 10 + 10:
        return "A layer is fed by the layer before it, not by the pixels: 100 into 50, 50 into 10."
    return "For each layer: inputs times units for the weights, plus one bias for each unit."


def exercise_2(answer: Any) -> str | None:
    """Row i has a single one, in column labels[i]."""
    labels = np.array([2, 0, 3, 3, 1, 0])
    n_classes = 5  # class 4 does not occur
    right = np.zeros((len(labels), n_classes))
    for row, label in enumerate(labels):
        right[row, label] = 1
    value = call(answer, labels.copy(), n_classes)
    if shape_of(value) == right.T.shape:
        return "Your matrix is transposed: each sample needs a row, each class a column."
    if shape_of(value) == (len(labels), labels.max() + 1):
        return "A column is missing for the class that does not occur: use n_classes."
    rows = as_array(value, shape=right.shape)
    if np.array_equal(rows, right):
        return None
    if np.array_equal(rows, np.roll(right, -1, axis=1)):
        return "Every one is a column too far left. Classes count from 0, as columns do."
    if np.array_equal(rows, right * labels[:, np.newaxis]):
        return "You wrote the label itself into its column; write a one."
    return "Row i should be zero but for a one in the column labels[i]."


def exercise_3(answer: Any) -> str | None:
    """0.60 standard errors lie between the two accuracies."""
    number = abs(as_number(answer))
    p, n = np.array([0.940, 0.942]), 10_000
    gain, errors = np.diff(p).item(), np.sqrt(p * (1 - p) / n)
    right = gain / np.hypot(*errors)
    if _near(number, right):
        return None
    if any(_near(number, gain / error) for error in errors):
        return "That is the standard error of one accuracy. Both are measured: add the variances."
    if _near(number, gain / errors.sum()):
        return "You added the standard errors. Add their squares, then take the root."
    if _near(number, 100 * right) or _near(number, right / 100):
        return "Points and shares are mixed: use 0.94 and 0.002, or 94 and 0.2, throughout."
    if _near(number, np.hypot(*errors)) or _near(number, 100 * np.hypot(*errors)):
        return "That is the standard error of the difference. Divide the difference by it."
    if _near(number, gain / np.sum(errors**2)):
        return "You divided by the variance. The standard error is its square root."
    return (
        "The variance of an accuracy p is p(1 - p)/n; add both, take the root, divide 0.002 by it."
    )


def exercise_4(answer: Any) -> str | None:
    """Recall is the diagonal divided by the sums of the rows."""
    # Not every diagonal entry is the largest of its row, nor of its column.
    matrix = np.random.default_rng(4).integers(1, 9, size=(4, 4)) + 20 * np.diag([0, 2, 3, 4])
    right = np.array([matrix[k, k] / sum(matrix[k]) for k in range(4)])
    value = call(answer, matrix.copy())
    if shape_of(value) in [(), (1,)] and _near(as_number(value), np.trace(matrix) / matrix.sum()):
        return "That is the accuracy over all classes. Recall is one number for each class."
    recall = as_array(value, shape=(4,))
    if np.allclose(recall, right):
        return None
    if np.allclose(recall, 100 * right):
        return "Right in per cent; a share lies between 0 and 1."
    if np.allclose(recall, np.diag(matrix) / matrix.sum(axis=0)):
        return "You divided by the columns: that is the precision. The true classes are the rows."
    if np.allclose(recall, np.diag(matrix) / matrix.sum()):
        return "Divide by the number of samples of the class, not of all classes."
    if np.allclose(recall, 1 - right):
        return "That is the share that was missed; recall is the share that was found."
    return "Recall of a class: its entry on the diagonal divided by the sum of its row."


def exercise_5(answer: Any) -> str | None:
    """Each row gets the class whose mean is nearest."""
    rng = np.random.default_rng(5)
    # Ten clouds, wide and narrow: nearest mean, nearest row and largest product disagree.
    y_train = np.repeat(np.arange(10), 20)
    centres, widths = rng.uniform(-3, 7, size=(10, 2)), rng.uniform(0.3, 2.5, size=10)
    X_train = centres[y_train] + rng.normal(size=(200, 2)) * widths[y_train, np.newaxis]
    X_test = rng.uniform(-3, 7, size=(300, 2))
    means = np.array([X_train[y_train == k].mean(axis=0) for k in range(10)])
    to_means = np.array([[np.linalg.norm(row - mean) for mean in means] for row in X_test])
    to_rows = np.linalg.norm(X_test[:, np.newaxis] - X_train, axis=2)

    value = call(answer, X_train.copy(), y_train.copy(), X_test.copy())
    if shape_of(value) in [to_means.shape, to_means.T.shape]:
        return "You return one value for each class. Return the class: argmin along the classes."
    classes = as_array(value, shape=(300,))
    if np.array_equal(classes, to_means.argmin(axis=1)):
        return None
    if np.array_equal(classes, to_means.argmax(axis=1)):
        return "You chose the class that is farthest away: argmin, not argmax."
    if np.array_equal(classes, y_train[to_rows.argmin(axis=1)]):
        return "That is the class of the nearest training row. Compare with the class means."
    if np.array_equal(classes, (X_test @ means.T).argmax(axis=1)):
        return (
            "The largest product is not the smallest distance: the length of the mean counts too."
        )
    if np.array_equal(classes, np.abs(X_test[:, np.newaxis] - means).sum(axis=2).argmin(axis=1)):
        return "You added absolute differences. The Euclidean distance adds squared ones."
    return (
        "Average the rows of each class (axis=0), then find the nearest of these means by distance."
    )


def exercise_6(answer: Any) -> str | None:
    """Three trained 784-30-10 networks with a record of their validation accuracy."""
    shapes = [np.shape(kernel) for kernel in getattr(answer, "kernels", [])]
    if not shapes:
        return "The answer should be what train_many returns, the trained networks themselves."
    sizes = [shapes[0][1], *(shape[2] for shape in shapes)]
    if sizes[0] != 784 or sizes[-1] != 10:
        return (
            f"Your networks have {sizes[0]} inputs and {sizes[-1]} outputs, the digits 784 and 10."
        )
    if len(sizes) == 2:
        return "Your networks have no hidden layer: hidden=(30,)."
    if len(sizes) > 3:
        return f"Your hidden layers are {tuple(sizes[1:-1])}. One layer of 30 units is asked for."
    if sizes[1] != 30:
        return f"The hidden layer has {sizes[1]} units; 30 are asked for: hidden=(30,)."
    if shapes[0][0] != 3:
        return f"Train three networks (n_nets=3); here there are {shapes[0][0]}."
    if "val_accuracy" not in answer.history:
        return "There is no validation accuracy: pass validation_data=(X_val, y_val)."
    reached = float(np.min(answer.history["val_accuracy"][-1]))
    if reached < 0.8:
        return (
            f"One network ends with a validation accuracy of only {reached:.0%}. Train for more "
            "epochs, on pixels from 0 to 1."
        )
    return None


def _near(number: float, value: float) -> bool:
    return bool(np.isclose(number, value, rtol=0.02, atol=0))
