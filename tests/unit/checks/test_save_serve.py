import io
import zipfile
import zlib

import numpy as np
import pytest

from nnutils import check


def fits(content, max_bytes):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        return False
    return sum(part.file_size for part in parts) <= max_bytes


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.infolist()


def gate(X, *, within=lambda X: (X >= 0) & (X <= 255), kinds="uif", width=784):
    try:
        X = np.asarray(X)
    except ValueError:
        return False
    if X.ndim != 2 or (width and X.shape[1] != width) or len(X) == 0:
        return False
    return X.dtype.kind in kinds and bool(np.all(within(X)))


def first_image(X):
    return (
        gate(X)
        if len(np.shape(X)) != 2
        else gate(X, within=lambda X: (X >= 0)[:1] & (X <= 255)[:1])
    )


def unpacks(content, limit):
    """Refuse with an error, or quietly, what cannot be unpacked."""
    if not fits(content, limit):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(len(archive.read(part)) for part in archive.infolist()) <= limit


def quietly_unpacks(content, limit):
    try:
        return unpacks(content, limit)
    except zlib.error:
        return False


def by_axis(axis, *, rounded=True, codes=False, with_zero=True):
    def restored(W, bits):
        low, high = W.min(axis=axis, keepdims=True), W.max(axis=axis, keepdims=True)
        if with_zero:
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        scale = (high - low) / (2**bits - 1)
        zero = np.round(-low / scale) if rounded else -low / scale
        Q = np.round(W / scale) + zero if rounded else np.round(W / scale + zero)
        Q = np.clip(Q, 0, 2**bits - 1)
        return Q if codes else scale * (Q - zero)

    return restored


PARAMETERS = 101_770
ACCEPTED = {
    1: [12 * PARAMETERS, 12 * PARAMETERS + 12, float(12 * PARAMETERS)],
    2: [fits, lambda content, limit: np.bool_(fits(content, limit))],
    3: [108, 108.0, np.int64(108)],
    4: [gate, lambda X: np.bool_(gate(X))],
    5: [by_axis(0), lambda W, bits: by_axis(0)(W, bits).astype(np.float32)],
}
RIGHT = [(n, answer) for n, answers in ACCEPTED.items() for answer in answers]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    result = check(f"save_serve/{number}", answer)
    assert result.passed, result


MISTAKES = [
    (1, 4 * PARAMETERS, "parameters alone"),
    (1, 8 * PARAMETERS, "as RMSprop has"),
    (1, 3 * PARAMETERS, "You counted numbers"),
    (1, 96 * PARAMETERS, "Those are bits"),
    (1, 12 * (PARAMETERS - 138), "left out the biases"),
    (1, 1_000_000, "Count the parameters"),
    (2, lambda content, limit: False, "500 bytes is refused"),
    (2, lambda content, limit: len(content) <= limit, "not when packed"),
    (
        2,
        lambda content, limit: max(part.file_size for part in parts_of(content)) <= limit,
        "Add up the sizes",
    ),
    (2, lambda content, limit: fits(content, limit - 1), "still allowed"),
    (
        2,
        lambda content, limit: not content.startswith(b"PK\x03") or fits(content, limit),
        "no ZIP archive",
    ),
    (2, lambda content, limit: sum(p.file_size for p in parts_of(content)) <= limit, "BadZipFile"),
    (2, lambda content, limit: 1, "Return True or False"),
    (2, unpacks, "You unpack a part"),
    (2, quietly_unpacks, "You unpack a part"),
    (3, 12, "half of its ceiling"),
    (3, 120, "The 0.9 stays with a"),
    (3, 109, "already reach 90%"),
    (3, 0.75, "Turned round"),
    (3, 1.8, "That is a rate"),
    (3, 50, "The ceiling is 1/b"),
    (4, lambda X: False, "refused when they come as int64"),
    (4, lambda X: isinstance(X, np.ndarray) and gate(X), "a list of lists"),
    (4, lambda X: gate(X, kinds="ui"), "refused when they come as float32"),
    (4, lambda X: gate(X, within=lambda X: ~((X < 0) | (X > 255))), "NaN passes"),
    (4, lambda X: gate(X, within=lambda X: np.isfinite(X)), "outside 0 to 255"),
    (4, first_image, "in the last of three images"),
    (4, lambda X: gate(X, within=lambda X: (np.trunc(X) >= 0) & (X <= 255)), "passes: -0.5"),
    (4, lambda X: gate(X, within=lambda X: (X >= 0) & (X < 256)), "passes: 255.5"),
    (4, lambda X: gate(X, width=None), "wrong shape passes"),
    (4, lambda X: (np.shape(X) == (0, 784)) or gate(X), "No image at all"),
    (4, lambda X: gate(np.asarray(X, dtype=float)), "Text or objects"),
    (4, lambda X: X is None or gate(X), "no table of numbers"),
    (4, lambda X: "yes", "Return True or False"),
    (5, by_axis(None), "One scale serves the whole matrix"),
    (5, by_axis(1), "each row its scale"),
    (5, by_axis(0, codes=True), "numbers of the levels"),
    (5, lambda W, bits: W, "nothing was rounded"),
    (5, by_axis(0, rounded=False), "does not come back as zero"),
    (5, by_axis(0, with_zero=False), "must hold zero"),
    (5, lambda W, bits: by_axis(0)(W, bits) + np.nan, "not finite"),
    (5, lambda W, bits: 0.5 * by_axis(0)(W, bits), "For each column"),
    (5, lambda W, bits: by_axis(0)(W, bits)[0], "should have the shape"),
]


@pytest.mark.parametrize(("number", "answer", "hint"), MISTAKES)
def test_typical_mistakes_get_their_own_hint(number, answer, hint):
    result = check(f"save_serve/{number}", answer)
    assert result.status == "wrong"
    assert hint in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("answer", ["some text", [1, 2, 3], np.zeros((2, 2)), {}, object()])
def test_wrong_kinds_get_a_hint(number, answer):
    result = check(f"save_serve/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_placeholder_is_open(number):
    assert check(f"save_serve/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "answer"), [(2, lambda c, m: ...), (4, lambda X: ...), (5, lambda W, b: ...)]
)
def test_function_with_the_placeholder_is_open(number, answer):
    assert check(f"save_serve/{number}", answer).status == "open"
