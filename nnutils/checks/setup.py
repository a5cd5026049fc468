"""Checks of the page on the environment."""

import random

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from nnutils.checking import HintError, as_array, as_number, call
from nnutils.plotting import MARKERS, PALETTE


def exercise_1(answer):
    """Give 2 GB: 25,000 x 10,000 entries of 8 bytes."""
    gigabytes = as_number(answer)
    entries = 25_000 * 10_000
    mistakes = [
        (entries * 8 / 2**30, "That is in GiB, of 2**30 bytes each; a GB here is 10**9 bytes."),
        (entries * 4 / 1e9, "That is float32, with 4 bytes for an entry; how many has float64?"),
        (entries * 64 / 1e9, "A float64 has 64 bits; how many bytes is that?"),
        (entries * 8 / 1e6, "That is in MB; 1 GB is 10**9 bytes."),
        (entries * 8, "That is in bytes; divide by the bytes of one GB."),
        (entries, "That is the number of entries; each takes some bytes."),
        (entries / 1e9, "That gives each entry one byte; a float64 takes more."),
    ]
    if np.isclose(gigabytes, 2.0):
        return None
    for value, hint in mistakes:
        if np.isclose(gigabytes, value, rtol=0.01):
            return hint
    return "Multiply rows by columns by the bytes of one entry, then divide by 10**9."


def exercise_2(answer):
    """Compare versions number by number, with missing numbers counted as zero."""
    questions = [
        (("3.0", "2.0"), True, "It says that 3.0 is older than 2.0: are the arguments swapped?"),
        (("2.0", "3.0"), False, "It says that 2.0 is at least as new as 3.0."),
        (("2.9", "2.21"), False, "Text and decimals put 2.9 above 2.21; compare whole numbers."),
        (("10.0", "9.9"), True, "It says that 10.0 is older than 9.9: compare whole numbers."),
        (("3.5.0", "3.5.0"), True, "A version is at least as new as itself: is it >= or >?"),
        (("3.5", "3.5.0"), True, "3.5 and 3.5.0 are the same: fill up the shorter with zeros."),
        (("3.5.0", "3.5"), True, "3.5.0 and 3.5 are the same: fill up the shorter with zeros."),
        (("1.26.4", "2.0"), False, "It says that 1.26.4 is at least as new as 2.0."),
        (("2.0", "1.26.4"), True, "It says that 2.0 is older than 1.26.4."),
        (("3.4.9", "3.5.0"), False, "It says that 3.4.9 is at least as new as 3.5.0."),
        (
            ("3.5.1", "3.5.2"),
            False,
            "It says that 3.5.1 is at least as new as 3.5.2: compare all the numbers.",
        ),
    ]
    for versions, right, hint in questions:
        if _yes_or_no(answer, *versions) != right:
            return hint
    for versions, right in [(("2.22.0rc1", "2.21"), True), (("2.20.0rc1", "2.21"), False)]:
        try:
            given = _yes_or_no(answer, *versions)
        except HintError as error:
            return f"It stumbles over 2.22.0rc1: keep only the numbers at the start. {error}"
        if given != right:
            return f"With {versions[0]} and {versions[1]} it should say {right}."
    return None


def exercise_3(answer):
    """Draw five standard normal numbers from a generator made from the seed."""
    draws = as_array(call(answer, 0), shape=(5,))
    if not np.array_equal(as_array(call(answer, 0), shape=(5,)), draws):
        return "Two calls with seed 0 differ: make the generator inside, from the seed."
    other = as_array(call(answer, 1), shape=(5,))
    if np.array_equal(draws, other):
        return "Seeds 0 and 1 give the same draws: does the function use its argument?"
    legacy = np.random.RandomState(0)  # only to recognise it
    if np.allclose(draws, legacy.normal(size=5)):
        return "That is NumPy's old generator; use np.random.default_rng(seed)."
    if np.allclose(draws, np.random.default_rng(0).random(5)):
        return "Those are uniform draws between 0 and 1; standard normal ones are asked for."
    for seed, given in [(0, draws), (1, other)]:
        if not np.allclose(given, np.random.default_rng(seed).normal(size=5)):
            return "Call normal(size=5), or standard_normal(5), on np.random.default_rng(seed)."
    if _moves_the_global_generator(answer, 0):
        return "The function changes the global seed: the generator made from the seed is enough."
    return None


def exercise_4(answer):
    """Draw y = x, 2x, 3x in three colours of the palette's first four, with three markers."""
    if not isinstance(answer, Axes):
        kind = type(answer).__name__
        return f"The answer should be the Axes; this is a {kind}. Try: fig, ax = plt.subplots()."
    lines = [line for line in answer.get_lines() if len(line.get_xdata()) > 1]
    if len(lines) != 3:
        return f"There should be three lines on the Axes; there are {len(lines)}."
    x = np.arange(11)
    found = []
    for line in lines:
        same_x = np.array_equal(np.asarray(line.get_xdata(), dtype=float), x)
        y = np.asarray(line.get_ydata(), dtype=float)
        found += [slope for slope in (1, 2, 3) if same_x and np.allclose(y, slope * x)]
    if sorted(found) != [1, 2, 3]:
        return "The lines should be y = x, y = 2x and y = 3x at x = 0, 1, ..., 10."
    colours = [to_hex(line.get_color()).upper() for line in lines]
    if not set(colours) <= {colour.upper() for colour in PALETTE[:4]}:
        return f"Take the colours from PALETTE[:4]; these are {', '.join(colours)}."
    if len(set(colours)) < 3:
        return "Two lines have the same colour."
    markers = [str(line.get_marker()) for line in lines]
    if {"None", "none", "", " "} & set(markers):
        return "A line has no marker: without colour it cannot be told from the others."
    if not set(markers) <= set(MARKERS):
        return "Take the markers from MARKERS."
    if len(set(markers)) < 3:
        return "Two lines have the same marker: without colour they cannot be told apart."
    if not (answer.get_xlabel() and answer.get_ylabel()):
        return "Name both axes, with set_xlabel and set_ylabel."
    legend = answer.get_legend()
    if legend is None or len({text.get_text() for text in legend.get_texts()}) < 3:
        return "Give each line a label of its own, then call legend() on the Axes."
    return None


def exercise_5(answer):
    """Compare the difference with 1e-9 of the larger size, in both signs and at every scale."""
    questions = [
        ((0.1 + 0.2, 0.3), True, "0.1 + 0.2 and 0.3 should count as close."),
        ((1e-12, 2e-12), False, "One of 1e-12 and 2e-12 is twice the other: measure by size."),
        ((1e12, 1e12 + 1.0), True, "1e12 and 1e12 + 1 agree to 12 digits: measure by size."),
        ((-3.0, -3.0 - 1e-12), True, "It fails for negative numbers: take abs of both numbers."),
        ((-1.0, 1.0), False, "-1 and 1 have the same size but are not close."),
        ((0.0, 0.0), True, "Equal numbers are close, also two zeros: 'at most' is <=."),
        ((0.0, 1e-300), False, "Measured by the larger of them, 0 and 1e-300 are not close."),
        ((1e-300, 0.0), False, "It matters which number comes first: take the larger size."),
    ]
    if _yes_or_no(answer, 2.0, 1.0) != _yes_or_no(answer, 1.0, 2.0):
        return "2 and 1 should do as 1 and 2 do: take the size of the difference, with abs."
    if _yes_or_no(answer, 1.0, 2.0):
        return "1 and 2 should not count as close."
    for numbers, right, hint in questions:
        if _yes_or_no(answer, *numbers) != right:
            return hint
    for gap, right in [(0.9e-9, True), (1.2e-9, False)]:
        if _yes_or_no(answer, 1.0, 1.0 + gap) != right:
            return "The tolerance should be 1e-9 of the larger size."
    return None


def exercise_6(answer):
    """Return a 2-4-1 network whose kernels have initialisers with seeds of their own."""
    state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002 (put back)
    try:
        np.random.random()  # noqa: NPY002 (so that setting a seed cannot go unseen)
        random.random()
        before, python_before = np.random.get_state(), random.getstate()  # noqa: NPY002
        one = call(answer)
        first, python_between = _starting_weights(one), random.getstate()
        two = call(answer)
        second, python_after = _starting_weights(two), random.getstate()
        after = np.random.get_state()  # noqa: NPY002
    finally:
        np.random.set_state(state)  # noqa: NPY002
        random.setstate(python_state)
    wanted, got = [(2, 4), (4,), (4, 1), (1,)], [weights.shape for weights in first]
    if not got:
        return "The network has no weights yet: begin it with keras.Input((2,))."
    if got != wanted:
        return f"The weights of a 2-4-1 network have the shapes {wanted}; these have {got}."
    if any(np.all(kernel == kernel.flat[0]) for kernel in (first[0], first[2])):
        return "All weights of a layer are alike: its units would all learn the same."
    if one is two:
        return "Both calls return the same model: build a new one inside the function."
    # Keras may draw from Python's generator, from which it takes default seeds. Only one that
    # was set stands in the same place after both calls and in another one before them.
    python_set = python_before != python_between == python_after
    if python_set or not (np.array_equal(before[1], after[1]) and before[2] == after[2]):
        return "The function changes the global seed: give each initialiser its own instead."
    same = [np.array_equal(one, two) for one, two in zip(first, second, strict=True)]
    if same[0] != same[2]:
        layer = "output" if same[0] else "hidden"
        return f"The {layer} layer starts differently each time: it needs a seed as well."
    if not all(same):
        return "Two calls start differently: give each kernel_initializer a seed of its own."
    return None


def _yes_or_no(answer, *arguments):
    """Call the answer; it must say True or False."""
    value = call(answer, *arguments)
    if not isinstance(value, bool | np.bool_):
        kind = type(value).__name__
        raise HintError(f"Your function should return True or False; it returned a {kind}.")
    return bool(value)


def _moves_the_global_generator(answer, *arguments):
    """Return whether a call moves NumPy's global generator, which is put back."""
    state = np.random.get_state()  # noqa: NPY002 (put back)
    try:
        np.random.random()  # noqa: NPY002 (so that setting a seed cannot go unseen)
        before = np.random.get_state()  # noqa: NPY002
        call(answer, *arguments)
        after = np.random.get_state()  # noqa: NPY002
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return not (np.array_equal(before[1], after[1]) and before[2] == after[2])


def _starting_weights(model):
    """Return copies of the weights of what must be a model."""
    if not hasattr(model, "get_weights"):
        kind = type(model).__name__
        raise HintError(f"Your function should return a Keras model; it returned a {kind}.")
    return [np.array(weights) for weights in model.get_weights()]
