"""Checks of the film reviews: right answers pass, each mistake gets its own hint."""

import numpy as np
import pytest

from nnutils import check

TEXT = "[start] the film was not [?] bad"
PAIRED = 0.004 / np.sqrt(0.05 / 25_000)


def multi_hot(reviews, n_words, *, count=False, shift=0):
    rows = np.zeros((len(reviews), n_words))
    for row, review in enumerate(reviews):
        for token in review:
            rows[row, token + shift] = rows[row, token + shift] * count + 1
    return rows


def tokens(text, word_index, num_words, *, start=True, offset=3, cut=True, lower=True, keep=True):
    found = [1] * start
    for word in (text.lower() if lower else text).split():
        if word not in word_index:
            found += [2] * keep
        else:
            token = word_index[word] + offset
            found.append(2 if cut and token >= num_words else token)
    return found


def sparse_multi_hot(reviews, n_words):
    from scipy import sparse

    return sparse.csr_matrix(multi_hot(reviews, n_words))


RIGHT = [
    (1, TEXT),
    (1, "[START] The film was not [?] bad"),
    (2, [644_289, 80_305]),
    (2, np.array([644_289.0, 80_305.0])),
    (3, [16_000, 96.400004]),
    (3, (16_000, 96)),
    (4, multi_hot),
    (4, lambda reviews, n: multi_hot(reviews, n).astype(int).tolist()),
    (5, PAIRED),
    (5, 2.83),
    (5, 2.8),
    (5, -2.83),
    (6, tokens),
    (6, lambda *args: np.array(tokens(*args))),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"imdb/{number}", answer).passed


MISTAKES = [
    (1, "the was bad my eye and ?", "subtract 3"),
    (1, "[start] was bad my eye [?] x", "subtract 3"),
    (1, "the film was not [?] bad", "write [start]"),
    (1, "[start] the film was not bad", "Token 2 is missing"),
    (1, "[start] the film", "7 tokens"),
    (1, "[start] the film was not and bad", "one by one"),
    (2, [80_305, 644_289], "other order"),
    (2, [644_160, 80_272], "biases are missing"),
    (2, [640_129, 80_033], "two hidden layers"),
    (2, [644_224, 80_288], "output unit is missing"),
    (2, [644_289, 160_305], "first is right"),
    (2, [160_305, 80_305], "second is right"),
    (2, [1, 2], "p times q weights"),
    (3, [96.4, 16_000], "other order"),
    (3, [16e9, 96.4e6], "in bytes"),
    (3, [16, 0.0964], "in gigabytes"),
    (3, [8_000, 96.4], "not 4"),
    (3, [240, 96.4], "every entry counts"),
    (3, [16_000, 48], "its value and its column"),
    (3, [16_000, 19.2], "counted by row"),
    (3, [16_000, 1], "each row end"),
    (4, lambda reviews, n: multi_hot(reviews, n, count=True), "counts once"),
    (4, lambda reviews, n: multi_hot(reviews, n, shift=-1), "off by one"),
    (4, lambda reviews, n: np.zeros((len(reviews), n)), "no 1 in your array"),
    (4, lambda reviews, n: multi_hot(reviews[::-1], n), "row i is for review i"),
    (4, lambda reviews, n: 5 * multi_hot(reviews, n), "nothing but 0 and 1"),
    (4, lambda reviews, n: multi_hot(reviews, n).T, "shape (3, 8)"),
    (4, sparse_multi_hot, "a sparse array"),
    (4, lambda reviews, n: reviews[9], "stopped with IndexError"),
    (5, 0.004 / np.sqrt(2 * 0.88 * 0.12 / 25_000), "different reviews"),
    (5, 0.004 / np.sqrt(0.88 * 0.12 / 25_000), "one accuracy"),
    (5, 0.004 / np.sqrt(0.05), "divide the variance"),
    (5, 0.004 / np.sqrt(0.05 * 0.95 / 25_000), "not an accuracy"),
    (5, 100 * PAIRED, "0.004 as a share"),
    (5, np.sqrt(0.05 / 25_000), "That is the standard error"),
    (5, 7, "Divide 0.004"),
    (6, lambda *args: tokens(*args, start=False), "start token is missing"),
    (6, lambda *args: tokens(*args, offset=0), "offset is missing"),
    (6, lambda *args: tokens(*args, cut=False), "must become 2"),
    (6, lambda text, index, limit: tokens(text, index, limit - 1), "num_words - 1 stays"),
    (6, lambda *args: tokens(*args, lower=False), "lower case first"),
    (6, lambda *args: tokens(*args, keep=False), "too few tokens"),
    (6, lambda *args: tokens(*args)[::-1], "the tokens should be"),
    (6, lambda *args: 5, "list of whole numbers"),
    (6, lambda *args: "abc", "list of whole numbers"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"imdb/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("answer", [1.5, [1, 2, 3], float("nan"), {"a": 1}, np.ones((2, 2))])
def test_an_answer_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"imdb/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    ("number", "placeholder"),
    [
        *((n, ...) for n in range(1, 7)),
        (2, [..., ...]),
        (3, [..., ...]),
        (4, lambda reviews, n_words: ...),
        (6, lambda text, word_index, num_words: ...),
    ],
)
def test_placeholders_are_open(number, placeholder):
    assert check(f"imdb/{number}", placeholder).status == "open"
