"""The two data sets of the course, from the nearest place that has them.

`load_mnist` and `load_imdb` look in three places, in this order:

1. a folder you name, by ``data_dir`` or by the variable ``NNUTILS_DATA_DIR``;
2. Keras's own cache, filled from Keras's own address when it is empty;
3. a stand-in made on the spot, which says of itself that it is one.

The files are fetched and read here rather than by ``keras.datasets``, which would cost
four seconds and most of a gigabyte for importing TensorFlow, would write a download
straight onto the file it replaces, and would wait without end for one that stalls.
"""

import dataclasses
import functools
import hashlib
import html
import http.client
import io
import json
import math
import os
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Folder = str | os.PathLike[str] | None

LOADED: dict[str, str] = {}
"""Name of each data set loaded so far -> its source, "real" or "stand-in"."""

FOLDER_VARIABLE = "NNUTILS_DATA_DIR"

FILES = {"mnist": ["mnist.npz"], "imdb": ["imdb.npz", "imdb_word_index.json"]}

# Where Keras gets its copies, and the SHA-256 of each (for the word index Keras checks
# an MD5; this is the SHA-256 of the same bytes).
ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
KERAS_SHA256 = {
    "mnist.npz": "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    "imdb.npz": "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    "imdb_word_index.json": "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6",
}
# The same data packed again from the original images and reviews.
REBUILT_SHA256 = {
    "mnist.npz": "6d54bc57e1b752a2327d10378c385f51fe7c194c127e33a6f3dcea6f8ef5d482",
    "imdb.npz": "56405057a8142db1c4ce2576f11ee53adc257cad365ce9cee62c970ebe52284d",
}

PATIENCE = 5.0  # seconds without a byte after which an address or a download is given up

# The layout of the reviews, as `keras.datasets.imdb.load_data` gives them by default.
START, OUT_OF_VOCABULARY, INDEX_FROM, SHUFFLE_SEED = 1, 2, 3, 113

# The made-up reviews. Each holds 9 feeling words, and each of those takes the side of
# the review's label with probability 0.7. Their ranks are low, so that small values of
# `num_words` keep them all, and they are about as frequent as words of that rank are.
SYNTHETIC_WORDS = 20_000
FEELING_WORDS_PER_SIDE, FIRST_FEELING_RANK = 20, 81
FEELINGS_PER_REVIEW, AGREEMENT = 9, 0.7


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Arrays for training and testing, and where they came from.

    Attributes
    ----------
    name : str
        ``"mnist"`` or ``"imdb"``.
    x_train, x_test : ndarray
        Images, ``(n, 28, 28)``, uint8 from 0 (paper) to 255 (ink); or reviews, ``(n,)``,
        an object array whose entries are int32 arrays of different lengths.
    y_train, y_test : ndarray of shape (n,)
        Labels: integers that index `class_names`.
    class_names : tuple of str
        What each label stands for.
    source : str
        ``"real"`` or ``"stand-in"``.
    origin : str
        One sentence: where the data came from, and for a stand-in why it stands in.
    word_index : dict of str to int, or None
        For reviews: word -> rank, 1 the most frequent, as Keras's ``get_word_index``.
        In a review a word of rank ``r`` is written ``r + 3``.
    best_accuracy : float or None
        The accuracy on new data that no classifier can beat, where it is known: the
        stand-in reviews only.

    Examples
    --------
    >>> from nnutils import load_mnist
    >>> digits = load_mnist(stand_in=True)
    >>> digits.source, digits.class_names[:3]
    ('stand-in', ('0', '1', '2'))
    >>> X = digits.x_train.reshape(len(digits.x_train), -1) / 255
    >>> X.shape, float(X.min()), float(X.max())
    ((1500, 784), 0.0, 1.0)
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str
    origin: str
    word_index: dict[str, int] | None = None
    best_accuracy: float | None = None

    def __repr__(self) -> str:
        return (
            f"<{self.name.upper()}, {self.source}: x_train {self.x_train.shape}, "
            f"x_test {self.x_test.shape}, {len(self.class_names)} classes>"
        )

    def _sentences(self) -> list[str]:
        """Return what a reader must know of the origin; the first one is the headline."""
        if self.source == "real":
            return ["Real data.", self.origin]
        return [
            "STAND-IN: this is not the real data set.",
            self.origin,
            "Sentences about the real set do not apply to this run.",
            f"To get the real set, put that right (KERAS_HOME names another place for downloads), "
            f"or name a folder that holds {' and '.join(FILES[self.name])} by data_dir or "
            f"{FOLDER_VARIABLE}.",
        ]

    def _repr_html_(self) -> str:
        headline, *rest = self._sentences()
        # Border and text share the page's own text colour: readable in light and dark.
        border = "1px solid" if self.source == "real" else "4px double"
        return (
            f'<div role="note" style="border: {border} currentColor; padding: 0.5em 1em">'
            f"<strong>{html.escape(headline)}</strong> {html.escape(' '.join(rest))}<br>"
            f"<code>{html.escape(repr(self))}</code></div>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the same in IPython where only text can be shown."""
        printer.text("\n".join([repr(self), *self._sentences()]))


def load_mnist(data_dir: Folder = None, *, stand_in: bool = False) -> Dataset:
    """Load the MNIST handwritten digits: 60,000 for training, 10,000 for testing.

    Parameters
    ----------
    data_dir : path, optional
        Folder that holds ``mnist.npz``. By default the folder named by
        ``NNUTILS_DATA_DIR``; if that is not set either, Keras's cache, which is filled
        by a download (11 MB) when it is empty.
    stand_in : bool, default=False
        Give the stand-in without looking for the real set, whatever `data_dir` is.

    Returns
    -------
    Dataset
        Images ``(n, 28, 28)``, uint8, 0 to 255; labels ``(n,)``, uint8, 0 to 9.

    Raises
    ------
    OSError
        The folder was named, but lacks the file, or may not be read.
    ValueError
        The file in that folder is damaged or holds something else.
    ImportError
        The stand-in is needed and scikit-learn is not installed.

    Notes
    -----
    Without a network the stand-in is scikit-learn's 1,797 digits of 8x8 pixels, enlarged to
    20x20 and framed to 28x28: the first 1,500 for training and the other 297 for testing.
    scikit-learn keeps the order of the original file, which goes from writer to writer,
    so that the test digits are mostly by other hands.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86(11), 1998, pp. 2278-2324.

    Examples
    --------
    >>> from nnutils import load_mnist
    >>> load_mnist(stand_in=True)  # without the argument: the real set, where it can be had
    <MNIST, stand-in: x_train (1500, 28, 28), x_test (297, 28, 28), 10 classes>
    """
    return _load("mnist", data_dir, stand_in, _real_digits, _stand_in_digits)


def load_imdb(
    num_words: int | None = 10_000, *, data_dir: Folder = None, stand_in: bool = False
) -> Dataset:
    """Load the 50,000 film reviews of IMDB, as sequences of word numbers.

    The same reviews in the same order with the same numbers as
    ``keras.datasets.imdb.load_data(num_words=num_words)``, with each review an int32 array
    instead of a list.

    Parameters
    ----------
    num_words : int or None, default=10_000
        Keep numbers below this; any other becomes 2. None keeps all but the largest,
        as Keras does.
    data_dir : path, optional
        Folder that holds ``imdb.npz`` and ``imdb_word_index.json``. By default the folder
        named by ``NNUTILS_DATA_DIR``; if that is not set either, Keras's cache, which is
        filled by a download (19 MB) when it is empty.
    stand_in : bool, default=False
        Give the stand-in without looking for the real set, whatever `data_dir` is.

    Returns
    -------
    Dataset
        25,000 + 25,000 reviews; 1 starts a review, 2 is a word left out, ``r + 3`` is the
        word of rank ``r``; labels ``(25000,)``, int64, 0 negative and 1 positive.

    Raises
    ------
    OSError
        The folder was named, but lacks a file, or may not be read.
    ValueError
        `num_words` is no integer above 3; or a file in that folder is damaged or is not
        the one that is expected. Reviews are stored as a pickle, which can run any code
        when it is opened: only the two files whose SHA-256 is known are.

    Notes
    -----
    Without a network the stand-in is 50,000 made-up reviews of made-up words, always the
    same: word frequencies fall as 1/rank, lengths are those of the real reviews. Each holds
    9 different feeling words from two sets of 20, that end in *joy* and *woe*; each takes
    the side of the label with probability 0.7. Nothing else depends on the label, so
    the majority of the 9 is the best possible answer, right with probability
    P(Binomial(9, 0.7) >= 5) = 0.901: `Dataset.best_accuracy`. The feeling words
    have the ranks 81 to 120; a `num_words` below 124 removes some, and
    `best_accuracy` is then None.

    Source: A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts, "Learning Word
    Vectors for Sentiment Analysis", ACL-HLT 2011, pp. 142-150.

    Examples
    --------
    >>> from nnutils import load_imdb
    >>> reviews = load_imdb(stand_in=True)  # without it: the real set, where it can be had
    >>> reviews
    <IMDB, stand-in: x_train (25000,), x_test (25000,), 2 classes>
    >>> int(reviews.x_train[0][0]), reviews.class_names
    (1, ('negative', 'positive'))
    """
    is_count = isinstance(num_words, int | np.integer) and num_words > INDEX_FROM
    if not (num_words is None or is_count):
        raise ValueError(
            f"num_words must be None or an integer above {INDEX_FROM} (0 to {INDEX_FROM} "
            f"are not words), got {num_words!r}"
        )
    read = functools.partial(_real_reviews, num_words)
    return _load("imdb", data_dir, stand_in, read, lambda: _stand_in_reviews(num_words))


# --- the three places ----------------------------------------------------------------


class _NoRealDataError(Exception):
    """The cache has no good copy and none can be fetched; the text says why."""


def _load(name: str, data_dir: Folder, stand_in: bool, read: Callable, make: Callable) -> Dataset:
    """Go through the three places in order, and note the source in `LOADED`."""
    named_by = "data_dir" if data_dir is not None else FOLDER_VARIABLE
    folder = data_dir if data_dir is not None else os.environ.get(FOLDER_VARIABLE)
    try:
        if stand_in:
            raise _NoRealDataError("it was asked for with stand_in=True")
        if folder:
            paths = [Path(os.path.expanduser(folder)) / file for file in FILES[name]]
            data = read(*(_read_named(path, named_by) for path in paths))
            # The path itself stays out: it would be printed on every published page.
            where = f"read from the folder named by {named_by}"
        else:
            data = read(*(_read_cached(file) for file in FILES[name]))
            where = "read from Keras's cache"
    except _NoRealDataError as error:
        data = make()
        where = f"in place of the real set because {error}"
    LOADED[name] = data.source
    return dataclasses.replace(data, origin=f"{data.origin}, {where}.")


def _read_named(path: Path, named_by: str) -> bytes:
    """Read a file of a folder the reader named, or say what is wrong with it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise type(error)(
            f"{path}, in the folder named by {named_by}, cannot be read ({error.strerror}): put a "
            f"good, readable {path.name} there, or name no folder to use Keras's cache"
        ) from error


def _read_cached(file: str) -> bytes:
    """Read a file of Keras's cache; fetch it first if it is missing or damaged."""
    home = os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")
    target = Path(os.path.expanduser(home)) / "datasets" / file
    damage = ""
    try:
        if target.exists():
            content = target.read_bytes()
            if _sha256(content) in _known(file):
                return content
            damage = f"the cached file {target} is damaged, and "
        _fetch(file, target)
        return target.read_bytes()
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # a refusal has a page of its own, still open
        raise _NoRealDataError(
            f"{damage}{file} could be neither read from {target.parent} nor downloaded to it "
            f"({error or type(error).__name__})"
        ) from error


def _fetch(file: str, target: Path) -> None:
    """Download next to the target, check, and only then put in place in one step."""
    with urllib.request.urlopen(ADDRESS + file, timeout=PATIENCE) as response:
        # On stderr: a page that happened to download must read the same as one that did not.
        print(f"Downloading {file} to {target.parent}", file=sys.stderr)
        target.parent.mkdir(parents=True, exist_ok=True)
        # The folder goes whatever happens here, an interrupted kernel included.
        with tempfile.TemporaryDirectory(prefix=f".{file}-", dir=target.parent) as folder:
            part = Path(folder) / file
            with part.open("wb") as copy:
                shutil.copyfileobj(response, copy)
            if _sha256(part.read_bytes()) != KERAS_SHA256[file]:
                raise OSError("what arrived is incomplete or is not the file Keras publishes")
            os.replace(part, target)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _known(file: str) -> set[str]:
    return {KERAS_SHA256[file], REBUILT_SHA256.get(file, KERAS_SHA256[file])}


# --- digits --------------------------------------------------------------------------

_DIGIT_NAMES = tuple("0123456789")


def _real_digits(content: bytes) -> Dataset:
    """Read and check the arrays of ``mnist.npz``; a pickle in it is refused, not opened."""
    members = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = [archive[member] for member in members]
    # NumPy and zipfile raise a dozen kinds of error on damaged input; all mean the same here.
    except Exception as error:
        raise ValueError(
            f"mnist.npz must be an archive of the plain arrays {', '.join(members)}; this one is "
            f"damaged or another file ({error!r}): delete it and get a fresh copy"
        ) from error
    for part, x, y in (("train", *arrays[:2]), ("test", *arrays[2:])):
        images = x.ndim == 3 and x.shape[1:] == (28, 28) and len(x) and x.dtype == np.uint8
        labels = images and y.shape == x.shape[:1] and y.dtype.kind in "iu"
        if not (labels and y.min() >= 0 and y.max() <= 9):
            raise ValueError(
                f"mnist.npz must hold, for {part}, uint8 images of shape (n, 28, 28) and n labels "
                f"from 0 to 9, got {x.dtype} of shape {x.shape} and {y.dtype} of shape {y.shape} "
                f"holding {np.unique(y)[:12]}: delete it and get a fresh copy"
            )
    origin = "The MNIST handwritten digits of LeCun, Cortes and Burges"
    return Dataset("mnist", *arrays, _DIGIT_NAMES, "real", origin)


def _stand_in_digits() -> Dataset:
    """Enlarge scikit-learn's digits to the layout of MNIST."""
    try:
        from scipy.ndimage import zoom
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            "the stand-in for MNIST needs scikit-learn: install it with `pip install scikit-learn`"
        ) from error
    bunch = load_digits()
    images = bunch.images * 255 / 16
    enlarged = zoom(images, (1, 2.5, 2.5), order=1, mode="nearest", grid_mode=True)
    x = np.pad(np.rint(enlarged).astype(np.uint8), ((0, 0), (4, 4), (4, 4)))
    y = bunch.target.astype(np.uint8)
    origin = (
        "scikit-learn's 1,797 handwritten digits of 8x8 pixels, enlarged to 20x20 and framed to "
        "28x28 (the first 1,500 for training, 297 for testing)"
    )
    halves = x[:1500], y[:1500], x[1500:], y[1500:]
    return Dataset("mnist", *halves, _DIGIT_NAMES, "stand-in", origin)


# --- reviews -------------------------------------------------------------------------


def _real_reviews(num_words: int | None, content: bytes, index_content: bytes) -> Dataset:
    """Follow the steps of Keras's ``load_data`` with its default arguments."""
    digest = _sha256(content)
    if digest not in _known("imdb.npz"):
        raise ValueError(
            f"imdb.npz is not a file this course knows, and opening an unknown one could run "
            f"any code, so it was not opened; its SHA-256 is {digest}, one of "
            f"{sorted(_known('imdb.npz'))} was expected: delete it and get a fresh copy"
        )
    rng = np.random.RandomState(SHUFFLE_SEED)  # the generator Keras shuffles with
    halves = []
    # NumPy 2.4.0 to 2.4.4 warn of the way Python 2 pickled an array, as this file has it.
    with warnings.catch_warnings(), np.load(io.BytesIO(content), allow_pickle=True) as archive:
        warnings.filterwarnings(
            "ignore", r"dtype\(\): align", np.exceptions.VisibleDeprecationWarning
        )
        for part in ("train", "test"):
            y = archive[f"y_{part}"]
            order = np.arange(len(y))
            rng.shuffle(order)
            # Lists of Python integers are large: one half of them at a time becomes arrays.
            reviews = [
                np.array([START - INDEX_FROM, *review], dtype=np.int32) + INDEX_FROM
                for review in archive[f"x_{part}"][order]
            ]
            halves.append((reviews, y[order]))
    word_index = _read_word_index(index_content)
    largest = _largest(halves) - INDEX_FROM
    if largest > len(word_index):
        raise ValueError(
            f"imdb_word_index.json does not belong to imdb.npz: it has {len(word_index)} words, "
            f"the reviews use {largest}: delete it and get a fresh copy"
        )
    return _reviews(
        halves,
        num_words,
        source="real",
        origin="The IMDB film reviews of Maas and others (2011) as Keras numbers their words",
        word_index=word_index,
    )


def _read_word_index(content: bytes) -> dict[str, int]:
    """Parse ``imdb_word_index.json``, which must rank its words 1, 2, 3, ... once each."""
    try:
        index = json.loads(content)
        ranks = sorted(index.values())
        well_formed = ranks == list(range(1, len(ranks) + 1)) and len(ranks) > 0
    except (ValueError, AttributeError, TypeError, RecursionError):
        well_formed = False
    if not well_formed:
        raise ValueError(
            "imdb_word_index.json must be one JSON object of words and their ranks 1, 2, 3, ..., "
            "each rank once; it is damaged or holds something else: delete it and get a fresh copy"
        )
    return index


def _reviews(
    halves: list[tuple[list[np.ndarray], np.ndarray]], num_words: int | None, **fields: Any
) -> Dataset:
    """Apply `num_words` to the (reviews, labels) of training and testing."""
    limit = num_words or _largest(halves)
    columns = []
    for reviews, y in halves:
        x = np.empty(len(reviews), dtype=object)
        for i, review in enumerate(reviews):
            review[review >= limit] = OUT_OF_VOCABULARY
            x[i] = review
        columns += [x, y]
    return Dataset("imdb", *columns, class_names=("negative", "positive"), **fields)


def _largest(halves: list[tuple[list[np.ndarray], np.ndarray]]) -> int:
    return max(review.max() for reviews, _ in halves for review in reviews)


def _stand_in_reviews(num_words: int | None) -> Dataset:
    """Make 25,000 + 25,000 reviews of made-up words, always the same."""
    rng = np.random.default_rng(2011)
    feelings = FIRST_FEELING_RANK + np.arange(2 * FEELING_WORDS_PER_SIDE)
    # Inverse of the cumulative frequencies in a million cells: a draw is one look-up.
    ranks = np.setdiff1d(np.arange(1, SYNTHETIC_WORDS + 1), feelings)
    cumulated = np.cumsum(1 / ranks)
    cells = (np.arange(2**20) + 0.5) / 2**20 * cumulated[-1]
    neutral = (ranks[np.searchsorted(cumulated, cells)] + INDEX_FROM).astype(np.int32)

    halves = [_make_reviews(25_000, neutral, rng) for _ in ("train", "test")]
    all_kept = num_words is None or num_words > feelings[-1] + INDEX_FROM
    n, p = FEELINGS_PER_REVIEW, AGREEMENT
    best = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n // 2 + 1, n + 1))
    return _reviews(
        halves,
        num_words,
        source="stand-in",
        origin=f"Made-up reviews of made-up words, on which no classifier can be right more "
        f"often than {best:.1%} on average",
        word_index={_made_up_word(rank): rank for rank in range(1, SYNTHETIC_WORDS + 1)},
        best_accuracy=best if all_kept else None,
    )


def _make_reviews(
    n_reviews: int, neutral: np.ndarray, rng: np.random.Generator
) -> tuple[list[np.ndarray], np.ndarray]:
    """Draw one half, as (reviews, labels); `neutral` holds the tokens to draw from."""
    y = rng.permutation(np.arange(n_reviews) % 2)
    # Median 174 words, mean about 230, between 10 and 2,500: much as the real ones.
    lengths = np.exp(rng.normal(np.log(174), 0.75, n_reviews)).clip(10, 2500).astype(np.int64)
    ends = np.cumsum(lengths + 1)  # one more each, for the start token
    starts = ends - lengths - 1
    tokens = neutral[rng.integers(0, len(neutral), ends[-1], dtype=np.int32)]
    tokens[starts] = START

    # One feeling word in each ninth of a review, at a random place of it: (n_reviews, 9).
    slots = np.arange(FEELINGS_PER_REVIEW + 1) * lengths[:, None] // FEELINGS_PER_REVIEW
    places = starts[:, None] + 1 + rng.integers(slots[:, :-1], slots[:, 1:])
    words = np.tile(np.arange(FEELING_WORDS_PER_SIDE), (n_reviews, 1))
    words = rng.permuted(words, axis=1)[:, :FEELINGS_PER_REVIEW]
    agrees = rng.random(words.shape) < AGREEMENT
    positive = agrees == (y[:, None] == 1)
    tokens[places] = INDEX_FROM + FIRST_FEELING_RANK + 2 * words + positive
    return np.split(tokens, starts[1:]), y


def _made_up_word(rank: int) -> str:
    """Spell a rank in three syllables; feeling words end in "joy" or "woe", all others in "k"."""
    syllables = [consonant + vowel for consonant in "lmnrtv" for vowel in "aeiou"]
    # 377 has no divisor in common with 30: no word comes twice, and neighbours look different.
    number = rank * 377
    stem = "".join(syllables[number // 30**place % 30] for place in range(3))
    if 0 <= rank - FIRST_FEELING_RANK < 2 * FEELING_WORDS_PER_SIDE:
        return stem + ("woe", "joy")[(rank - FIRST_FEELING_RANK) % 2]
    return stem + "k"
