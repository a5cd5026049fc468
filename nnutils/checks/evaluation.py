"""Checks of the page on evaluation: what a score tells and what it hides."""

from typing import Any

import numpy as np

from nnutils.checking import as_array, as_number, call


def _near(value: float, wanted: float) -> bool:
    return bool(np.isclose(value, wanted, rtol=0, atol=2e-3))


def exercise_1(answer: Any) -> str | None:
    """Precision 0.6, recall 0.75, F1 0.667; precision 0.126 at the other base rate."""
    values = as_array(answer, shape=(4,))
    tp, fp, fn, tn = 30, 20, 10, 940
    precision, recall, f1 = tp / (tp + fp), tp / (tp + fn), tp / (tp + (fp + fn) / 2)
    faulty = 4_000_000  # of a thousand million parts, counted instead of by formula
    alarms = faulty * recall, (1_000_000_000 - faulty) * fp / (fp + tn)
    elsewhere = alarms[0] / sum(alarms)
    if _near(values[0], recall) and _near(values[1], precision):
        return "Precision and recall are swapped: precision divides by the alarms."
    if np.any(values > 1):
        return "Give shares between 0 and 1, not counts or per cent."
    if _near(values[0], (tp + tn) / 1000):
        return "The first number is the accuracy. Precision looks at the 50 alarms only."
    if not _near(values[0], precision):
        return "Precision: of the 50 alarms, how many were right?"
    if not _near(values[1], recall):
        return "Recall: of the 40 faulty parts, how many raised an alarm?"
    if _near(values[2], (precision + recall) / 2):
        return "F1 is the harmonic mean, 2PR / (P + R), not the ordinary one."
    if not _near(values[2], f1):
        return "F1 is 2PR / (P + R)."
    if _near(values[3], elsewhere):
        return None
    if _near(values[3], precision):
        return "The precision does change: the sound parts, and their false alarms, are more."
    if _near(values[3], precision / 10):
        return (
            "A tenth of the faults is not a tenth of the precision: use the formula with π = 0.004."
        )
    among_all = 0.004 * recall / (0.004 * recall + 0.996 * fp / 1000)
    if abs(values[3] - among_all) < 6e-4:  # 0.13 is no more than the right answer, rounded
        return "The share of false alarms is among the 960 sound parts, not among all 1,000."
    return "Keep recall and the share 20/960 of false alarms, and put the base rate 0.004 in."


def exercise_2(answer: Any) -> str | None:
    """Send the engineer from a probability of 0.2 on."""
    number = as_number(answer)
    visit, missed = 60, 300
    if _near(number, visit / missed):
        return None
    if _near(number, visit / (visit + missed)):
        return "That counts a right alarm as free. Here the visit costs 60 then too."
    if _near(number, 1 - visit / missed) or _near(number, missed / (visit + missed)):
        return "The wrong way round: the dearer a missed fault, the lower the threshold."
    if _near(number, 0.5):
        return "One half is right only if both mistakes cost the same."
    if number > 1:
        return "Give a probability between 0 and 1."
    return "Compare two mean costs at probability p: of going, 60, and of staying, 300 p."


def exercise_3(answer: Any) -> str | None:
    """Sum over the bins of n_b / n times |accuracy - confidence|."""
    rng = np.random.default_rng(3)
    P = rng.dirichlet([0.5, 0.5, 0.5], size=60)
    P[0], P[1] = [1, 0, 0], [0, 0, 1]  # certain, and in the last bin
    labels, n_bins = rng.integers(3, size=60), 8
    labels[:2] = 0
    # The last bin gets a gap of the other sign, or it would not matter who shares it.
    sure = (P.max(axis=1) >= 7 / 8) & (P.max(axis=1) < 1)
    labels[sure] = P[sure].argmax(axis=1)
    confidence = [max(row) for row in P]
    right = [int(np.argmax(row) == label) for row, label in zip(P, labels, strict=True)]

    gaps = []
    for b in range(n_bins):
        members = [
            i for i, c in enumerate(confidence) if b <= c * n_bins < b + 1 or (c == 1 and b == 7)
        ]
        if members:
            gap = np.mean([right[i] - confidence[i] for i in members])
            gaps.append((len(members) / 60, gap))
    shares, gap = np.array(gaps).T

    value = as_number(call(answer, P.copy(), labels.copy(), n_bins))

    def is_(wanted: float) -> bool:
        return bool(np.isclose(value, wanted, rtol=0, atol=1e-6))

    if is_(shares @ np.abs(gap)):
        return None
    if is_(np.mean(np.abs(gap))) or is_(np.sum(np.abs(gap)) / n_bins):
        return "You gave each bin the same weight. Weigh it by its share of the answers."
    if is_(abs(shares @ gap)) or is_(shares @ gap) or is_(-(shares @ gap)):
        return "The gaps cancel: take the absolute value in each bin, before the sum."
    if is_(np.max(np.abs(gap))):
        return "That is the largest gap; the ECE is their weighted mean."
    if is_(shares @ gap**2):
        return "You squared the gaps; take absolute values."
    if is_(60 * (shares @ np.abs(gap))):
        return "Divide by the number of answers n."
    if is_(100 * (shares @ np.abs(gap))):
        return "Right in per cent; give a share."
    lost, own_bin = _ece_otherwise_at_one(confidence, right, n_bins)
    if is_(lost):
        return "Answers with a confidence of exactly 1 got lost. They belong to the last bin."
    if is_(own_bin):
        return "A confidence of exactly 1 got a bin of its own. It belongs to the last bin."
    if is_(np.mean(np.abs(np.array(right) - confidence))):
        return "You averaged |right - confidence| answer by answer. Average inside each bin first."
    return "In each bin: |share right − mean of the largest probability|, weighted by n_b / n."


def _ece_otherwise_at_one(confidence: Any, right: Any, n_bins: int) -> tuple[float, float]:
    """Errors if confidences of exactly 1 drop out, and if they have a bin of their own."""
    sums = np.zeros(n_bins + 1)
    for c, r in zip(confidence, right, strict=True):
        sums[int(c * n_bins)] += r - c
    gaps = np.abs(sums) / len(confidence)
    return float(gaps[:-1].sum()), float(gaps.sum())


def exercise_4(answer: Any) -> str | None:
    """Powers 1 / T of the probabilities, divided by their row sums."""
    rng = np.random.default_rng(4)
    scores, T = rng.normal(size=(6, 4)), 2.5

    def softmax(Z: np.ndarray) -> np.ndarray:
        return np.stack([np.exp(row) / sum(np.exp(row)) for row in Z])

    P = softmax(scores)
    cooled = as_array(call(answer, P.copy(), T), shape=P.shape)
    if np.allclose(cooled, softmax(scores / T)):
        return None
    if np.allclose(cooled, P):
        return "Nothing has changed: dividing probabilities by T cancels in the row sum."
    if np.allclose(cooled, P / T):
        return "The rows do not sum to 1. It is the scores, the logarithms, that are divided by T."
    if np.allclose(cooled, softmax(P / T)):
        return "You took the probabilities for scores. Their logarithms can stand in for scores."
    if np.allclose(cooled, softmax(scores * T)):
        return "That sharpens: the exponent is 1 / T, not T."
    if np.allclose(cooled, P ** (1 / T)):
        return "The powers are right; now divide each row by its sum."
    if np.allclose(cooled.sum(axis=0), 1):
        return "Your columns sum to 1. Each row is a sample: sum along axis=1, keepdims=True."
    return "Scores may be replaced by log P: divide by T, exponentiate, divide by the row sum."


def exercise_5(answer: Any) -> str | None:
    """Two-sided binomial probability of a split as uneven as 30 to 52: about 0.020."""
    number = as_number(answer)
    total = 30 + 52
    tail = _binomial_tail(30, total)
    z = (9052 - 9030) / np.sqrt(9030 * 970 / 10_000 + 9052 * 948 / 10_000)

    def is_(wanted: float) -> bool:
        return bool(np.isclose(number, wanted, rtol=0.02, atol=0))

    if is_(2 * tail):
        return None
    if is_(tail):
        return "That is one side. Either model might have been ahead: double it."
    if np.isclose(number, _normal_two_sided(z), rtol=0, atol=0.02):
        return "That is the unpaired comparison. Count only the images where one is right."
    if is_(_normal_two_sided((52 - 30) / np.sqrt(total))):
        return "That is the normal approximation. The exact binomial probability is asked."
    if number > 1:
        return "A p-value is a probability between 0 and 1."
    return "Toss a fair coin 82 times: how probable is a split at least as uneven as 30 to 52?"


def _binomial_tail(k: int, n: int) -> float:
    """Probability of at most k heads in n tosses, by Pascal's triangle."""
    row = np.array([1.0])
    for _ in range(n):
        row = (np.append(row, 0) + np.append(0, row)) / 2
    return float(row[: k + 1].sum())


def _normal_two_sided(z: float) -> float:
    from math import erfc

    return erfc(abs(z) / np.sqrt(2))


def exercise_6(answer: Any) -> str | None:
    """Temperatures of three networks trained for 10 epochs: near 1."""
    T = as_array(answer, shape=(3,))
    if np.any(T <= 0):
        return "A temperature is positive. fit_temperature returns T itself, not its logarithm."
    if np.ptp(T) == 0:
        return "Three networks have three temperatures: fit each on its own scores."
    if np.all((T > 0.45) & (T < 1.4)):
        return None
    if np.all(T >= 1.4):
        return "That looks like 40 epochs. Override them: settings | {'epochs': 10, 'n_nets': 3}."
    return "Fit each T with fit_temperature on the scores of the validation images."
