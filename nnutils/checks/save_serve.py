"""Checks of the page on saving, serving, and files from strangers."""

import io
import zipfile
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call


def exercise_1(answer: Any) -> str | None:
    """1,221,240 bytes: 101,770 parameters, three numbers for each, four bytes for a number."""
    number = as_number(answer)
    sizes = ((784, 128), (128, 10))
    weights = sum(n_in * n_out for n_in, n_out in sizes)
    parameters = weights + sum(n_out for _, n_out in sizes)
    right = parameters * 3 * 4
    if right <= number <= right + 100:  # with or without the few single numbers
        return None
    if number == parameters * 4:
        return "Those are the parameters alone. Adam keeps two more numbers for each of them."
    if number == parameters * 2 * 4:
        return "That is one more number for each parameter, as RMSprop has. Adam keeps two."
    if number == parameters * 3:
        return "You counted numbers. Each of them has 32 bits, that is four bytes."
    if number == parameters * 3 * 32:
        return "Those are bits. A byte has eight of them."
    if number == weights * 3 * 4:
        return "You left out the biases, which have their own place in Adam's memory, too."
    return "Count the parameters, times three numbers for each, times four bytes for a number."


def exercise_2(answer: Any) -> str | None:
    """Allow a ZIP archive whose parts together unpack to at most `max_bytes`."""

    def archive(*sizes: int) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for number, size in enumerate(sizes):
                packed.writestr(f"part{number}", bytes(size))
        return file.getvalue()

    def says(content: bytes, max_bytes: int) -> bool:
        value = call(answer, content, max_bytes)
        if not isinstance(value, bool | np.bool_):
            raise HintError(f"Return True or False; this is a {type(value).__name__}.")
        return bool(value)

    small, one_large, many = archive(300, 200), archive(100, 50_000), archive(*[400] * 50)
    if not says(small, 1000):
        return "An archive of 500 bytes is refused at a limit of 1,000."
    if says(one_large, 10_000):
        return (
            "An archive that unpacks to 50 kB passes at a limit of 10 kB: look at the size of "
            "its parts when unpacked (file_size), not when packed."
        )
    if says(many, 10_000):
        return "Fifty parts of 400 bytes pass at a limit of 10,000. Add up the sizes of all parts."
    if not says(small, 500):
        return "Exactly at the limit is still allowed: at most, not less than."
    if says(b"PK, but no archive", 1000) or says(b"", 1000):
        return "What is no ZIP archive should get False."
    # The table at the end still tells the sizes; whoever unpacks the part gets an error.
    damaged = bytearray(small)
    damaged[30 + len("part0")] ^= 0xFF  # its first byte, after a header of 30 bytes and the name
    try:
        unread = says(bytes(damaged), 1000)
    except HintError:
        unread = False
    if not unread:
        return "You unpack a part, it seems. Its file_size in the table says how large it would be."
    return None


def exercise_3(answer: Any) -> str | None:
    """108 images: bn / (a + bn) reaches 0.9 at n = 9 a / b."""
    number = as_number(answer)
    a, b = 6.0, 0.5
    if number == round(9 * a / b):
        return None
    if number == round(a / b):
        return "There the rate is half of its ceiling: a and bn are equal. 90% are asked for."
    if number == round(10 * a / b):
        return "Almost: from bn = 0.9 (a + bn) follows 0.1 bn = 0.9 a. The 0.9 stays with a."
    if number == round(9 * a / b) + 1:
        return "108 images already reach 90%, not more and not less."
    if np.isclose(number, 9 * b / a):
        return "Turned round: the more a request costs beside its images, the larger the batch."
    if np.isclose(number, 0.9 / b) or number in (1800, 2000):
        return "That is a rate. The number of images in a request is asked for."
    return "The ceiling is 1/b. Solve n / (a + bn) = 0.9 / b for n."


def exercise_4(answer: Any) -> str | None:
    """Shape (n, 784), n at least 1, numbers, all from 0 to 255."""
    good = np.random.default_rng(4).integers(0, 256, size=(3, 784))

    def passes(X: Any) -> bool:
        value = call(answer, X)
        if not isinstance(value, bool | np.bool_):
            raise HintError(f"Return True or False; this is a {type(value).__name__}.")
        return bool(value)

    def with_one(value: float) -> np.ndarray:
        changed = good.astype(float)
        changed[-1, 400] = value  # not in the first image, which alone may be looked at
        return changed

    for X in (good, good.tolist(), good[:1].astype(np.float32), good.astype(np.uint8)):
        if not passes(X):
            kind = X.dtype.name if isinstance(X, np.ndarray) else "a list of lists"
            return f"Good images are refused when they come as {kind}."
    with np.errstate(all="ignore"):
        for value in (256, -1, np.inf, -0.5, 255.5):
            if passes(with_one(value)):
                return f"A number outside 0 to 255 passes: {value} in the last of three images."
        if passes(with_one(np.nan)):
            return (
                "NaN passes. Every comparison with it is false, so ask for what is good: "
                "(X >= 0) & (X <= 255)."
            )
    if passes(good[:, :783]) or passes(good.reshape(3, 28, 28)) or passes(good[0]):
        return "A wrong shape passes: two axes are needed, the second of length 784."
    if passes(good[:0]):
        return "No image at all passes. At least one is needed."
    if passes(good.astype(str)) or passes(good.astype(object)):
        return "Text or objects pass. Look at the dtype: its kind must be u, i or f."
    if passes([[0] * 784, [0] * 783]) or passes("seven") or passes(None):
        return "Something that is no table of numbers passes."
    return None


def exercise_5(answer: Any) -> str | None:
    """Each column is quantised with its own scale and zero point."""
    rng = np.random.default_rng(5)
    W = rng.normal(size=(40, 3)) * np.array([0.1, 1.0, 10.0]) + np.array([0.02, 0.0, -40.0])
    W[0, :2] = 0.0  # the third column is negative throughout, so its range must be told of zero

    def restored(values: np.ndarray, bits: int) -> np.ndarray:
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        scale = (high - low) / (2**bits - 1)
        zero = np.round(-low / scale)
        levels = np.clip(np.round(values / scale) + zero, 0, 2**bits - 1)
        return scale * (levels - zero)

    for bits in (8, 3):
        right = np.stack([restored(column, bits) for column in W.T], axis=1)
        with np.errstate(all="ignore"):
            value = call(answer, W.copy(), bits)
        got = as_array(value, shape=W.shape, finite=False)
        if np.allclose(got, right, rtol=1e-6, atol=1e-5):
            continue
        if np.allclose(got, restored(W, bits), rtol=0, atol=1e-5):
            return "One scale serves the whole matrix. Take min and max of each column: axis=0."
        rows = np.stack([restored(row, bits) if np.any(row) else row for row in W])
        if np.allclose(got[1:], rows[1:], rtol=0, atol=1e-5):
            return "You gave each row its scale. A column holds the weights of one unit: axis=0."
        if np.allclose(got, np.round(got)) and np.abs(got).max() > 2:
            return "These are the numbers of the levels. Restore: scale * (q - zero point)."
        if np.allclose(got, W):
            return "The weights are unchanged: nothing was rounded."
        if np.any(np.abs(got[0, :2]) > 1e-9):
            return "A weight of zero does not come back as zero: round the zero point."
        if not np.all(np.isfinite(got)):
            return "The answer holds values that are not finite (nan or inf)."
        if np.allclose(got[:, :2], right[:, :2], rtol=1e-6, atol=1e-5):
            return "The range of a column must hold zero, also where all weights are negative."
        return "For each column: scale from its own min and max (with zero between), then round."
    return None
