"""Checks of the page on the 50,000 film reviews."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """Text "[start] the film was not [?] bad"."""
    if not isinstance(answer, str):
        raise HintError(f"The answer should be a string; this is a {type(answer).__name__}.")
    found = answer.lower().replace(",", " ").split()
    right = ["[start]", "the", "film", "was", "not", "[?]", "bad"]
    if found == right:
        return None
    if found[:2] == ["the", "was"] or found[1:2] == ["was"]:
        return "You read the tokens as ranks. The word of rank r is written r + 3: subtract 3."
    if found == right[1:]:
        return "Token 1 is not nothing: write [start] for it."
    if found == [word for word in right if word != "[?]"]:
        return "Token 2 is missing: it stands for a word that is unknown. Write [?] for it."
    if len(found) != len(right):
        return f"There are 7 tokens, and your text has {len(found)} words: one for each token."
    return "Take the tokens one by one: 1 is [start], 2 is [?], any other has the rank token - 3."


def exercise_2(answer: Any) -> str | None:
    """64-64-1 on 10,000 words: 644,289 parameters; 16-16-1 on 5,000: 80,305."""
    counts = as_array(answer, shape=(2,))
    nets = [[10_000, 64, 64, 1], [5_000, 16, 16, 1]]

    def total(sizes: list[int], biases: bool = True) -> int:
        return sum((p + biases) * q for p, q in pairwise(sizes))

    right = np.array([total(sizes) for sizes in nets])
    if np.array_equal(counts, right):
        return None
    if np.array_equal(counts, right[::-1]):
        return "The two numbers are right, but in the other order."
    if np.array_equal(counts, [total(sizes, biases=False) for sizes in nets]):
        return "The biases are missing: each unit has one."
    if np.array_equal(counts, [total([sizes[0], *sizes[2:]]) for sizes in nets]):
        return "A layer is missing: there are two hidden layers, with weights between them."
    if np.array_equal(counts, [total(sizes[:-1]) for sizes in nets]):
        return "The output unit is missing: it has weights and a bias as well."
    if counts[0] == right[0]:
        return "The first is right. For the second only the number of inputs changes, to 5,000."
    if counts[1] == right[1]:
        return "The second is right. For the first both hidden layers have 64 units."
    return "A layer from p to q units has p times q weights and q biases. Add up three layers."


def exercise_3(answer: Any) -> str | None:
    """Dense 16,000 MB; CSR 96.4 MB."""
    dense, csr = as_array(answer, shape=(2,))
    n, columns, words = 100_000, 20_000, 120
    right_dense = n * columns * 8 / 1e6
    right_csr = (n * words * 8 + 4 * (n + 1)) / 1e6

    def near(value: float, target: float) -> bool:
        return bool(np.isclose(value, target, rtol=0.01, atol=0))

    if near(dense, right_csr) and near(csr, right_dense):
        return "The two numbers are right, but in the other order."
    for factor, unit in ((1e6, "bytes"), (1e3, "kilobytes"), (1e-3, "gigabytes")):
        if near(dense, right_dense * factor):
            return f"You count in {unit}; a megabyte is 1,000,000 bytes."
    if near(dense, right_dense / 2):
        return "The dense matrix is in float64: 8 bytes for each number, not 4."
    if not near(dense, right_dense):
        return "Dense, every entry counts, zero or not: rows times columns times 8 bytes."
    if near(csr, right_csr):
        return None
    if near(csr, n * words * 4 / 1e6):
        return "Dense is right. In CSR each entry needs its value and its column: 4 + 4 bytes."
    if near(csr, columns * words * 8 / 1e6):
        return "Dense is right. In CSR the entries are counted by row: 120 for each review."
    return "Dense is right. CSR: 8 bytes for each entry that is not 0, and 4 for each row end."


def exercise_4(answer: Any) -> str | None:
    """Zeros, with ones in the columns named by each review."""
    reviews, n_words = [[1, 4, 4, 2], [3], [1, 6, 1]], 8
    value = call(answer, [list(review) for review in reviews], n_words)
    if hasattr(value, "toarray"):
        return "That is a sparse array; a dense NumPy array is asked for."
    found = as_array(value, shape=(3, 8))
    counts = np.array([np.bincount(review, minlength=n_words) for review in reviews])
    if np.array_equal(found, np.minimum(counts, 1)):
        return None
    if np.array_equal(found, counts):
        return "You count how often a word occurs; a word that occurs twice counts once."
    if np.array_equal(found, np.roll(np.minimum(counts, 1), -1, axis=1)):
        return "Your columns are off by one: token t belongs in column t, counted from 0."
    if not found.any():
        return "There is no 1 in your array: set the columns that each review names."
    if np.array_equal(np.unique(found), [0, 1]):
        return "Zeros and ones, but not in the right places: row i is for review i alone."
    return "The array should hold nothing but 0 and 1."


def exercise_5(answer: Any) -> str | None:
    """2.83 standard errors: 0.004 over the root of 0.05 / 25,000."""
    number = abs(as_number(answer))
    gain, n = 0.004, 25_000

    def near(error: float) -> bool:
        # 2.8 is right as well, and the mistakes lie further apart than that.
        return bool(np.isclose(number, gain / error, rtol=0.015, atol=0))

    if near(np.sqrt(0.05 / n)):
        return None
    if near(np.sqrt(2 * 0.88 * 0.12 / n)) or near(np.sqrt((0.88 * 0.12 + 0.884 * 0.116) / n)):
        return "That is for different reviews. Here the 95% on which both agree cancel out."
    if near(np.sqrt(0.88 * 0.12 / n)):
        return "That is the standard error of one accuracy. Use the share on which they differ, 5%."
    if near(np.sqrt(0.05)):
        return "You forgot to divide the variance by the 25,000 reviews."
    if near(np.sqrt(0.05 * 0.95 / n)):
        return "5% is not an accuracy: the mean of the squares of +1, 0, -1 is the share itself."
    if near(np.sqrt(0.05 / n) / 100):
        return "0.4 points are 0.004 as a share."
    if np.isclose(number, np.sqrt(0.05 / n), rtol=0.02, atol=0):
        return "That is the standard error. How often does it fit into 0.004?"
    return "Divide 0.004 by the root of 0.05 / 25,000."


def exercise_6(answer: Any) -> str | None:
    """Start token, then rank + 3 for known words, 2 for all others."""
    index, limit = {"the": 1, "film": 2, "was": 3, "fine": 5, "good": 6, "rare": 7}, 10
    text, right = "The film was good RARE fine odd", [1, 4, 5, 6, 9, 2, 8, 2]
    value = call(answer, text, dict(index), limit)
    try:
        found = [int(token) for token in value]
    except (TypeError, ValueError):
        raise HintError("The function should return a list of whole numbers.") from None
    if found == right:
        return None
    if found == right[1:]:
        return "The start token is missing: every review begins with 1."
    if found == [1, 1, 2, 3, 6, 7, 5, 2]:
        return "The offset is missing: the word of rank r is written r + 3."
    if found == [1, 4, 5, 6, 9, 10, 8, 2]:
        return "A word whose token is num_words or more must become 2."
    if found == [1, 4, 5, 6, 2, 2, 8, 2]:
        return "The token num_words - 1 stays: only num_words or more becomes 2."
    if found == [1, 2, 5, 6, 9, 2, 8, 2]:
        return "Make the text lower case first: the index knows only lower-case words."
    if len(found) < len(right):
        return "There are too few tokens: a word that is not in the index becomes 2, and stays."
    return f"For {text!r} with {index} and num_words={limit} the tokens should be {right}."
