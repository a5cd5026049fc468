"""Checks of the page on the learning rate: schedules, range test, batch size, noise floor."""

from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call


def _cosine(share: float) -> float:
    """Share of the peak rate that a cosine schedule has left after a share of its way."""
    return (1 + np.cos(np.pi * share)) / 2


def exercise_1(answer: Any) -> str | None:
    """Rate 0.341: a quarter of the cosine's 800 updates is done."""
    number = as_number(answer)

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0, atol=2e-3))

    if near(0.4 * _cosine(200 / 800)):
        return None
    if near(_cosine(200 / 800)):
        return "That is the share of the peak. Multiply it by 0.4."
    if near(0.4 * _cosine(400 / 1000)):
        return "The cosine does not start at t = 0: the first 200 updates are the climb."
    if near(0.4 * _cosine(400 / 800)):
        return "400 updates are done, but only the ones after the climb belong to the cosine."
    if near(0.4 * _cosine(200 / 1000)):
        return "The cosine is shorter than the run: it has 1000 - 200 updates."
    if near(0.4 * (1 - 200 / 800)):
        return "That is a straight line down. The schedule falls along a cosine."
    if near(0.4 * np.cos(np.pi / 4)):
        return "The share is (1 + cos(pi s)) / 2, so that it ends at 0, not at -1."
    return "How long is the cosine, and what share s of it is done at t = 400? Then (1 + cos) / 2."


def exercise_2(answer: Any) -> str | None:
    """Batch times 8: rate 0.4, 500 updates, 50 of them warm-up."""
    rate, updates, warmup = as_array(answer, shape=(3,))
    k = 256 / 32
    if np.isclose(rate, 0.05):
        return "The same rate with an eighth of the updates goes an eighth of the way."
    if np.isclose(rate, 0.05 / k):
        return "The rate moves the other way: a larger batch allows a larger step."
    if np.isclose(rate, 0.05 * np.sqrt(k), atol=1e-3):
        return "That is square-root scaling. Linear scaling multiplies the rate by 8 itself."
    if not np.isclose(rate, 0.05 * k):
        return "The batch grows by the factor 256 / 32; the rate grows by the same factor."
    if np.isclose(updates, 4000):
        return "The same epochs with batches eight times as large: fewer updates than 4,000."
    if not np.isclose(updates, 4000 / k):
        return "The rate is right. The samples stay the same: updates times batch is constant."
    if np.isclose(warmup, 400):
        return "400 would be most of the run now. The warm-up is counted in updates as well."
    if not np.isclose(warmup, 400 / k):
        return "Rate and updates are right. The warm-up stays the same share of the run, a tenth."
    return None


def _smooth(losses: np.ndarray, *, corrected: bool = True) -> np.ndarray:
    """Exponential averages with beta 0.9 as explicit weighted sums."""
    averages = []
    for t in range(1, len(losses) + 1):
        weights = 0.1 * 0.9 ** np.arange(t - 1, -1, -1)
        average = weights @ losses[:t]
        averages.append(average / weights.sum() if corrected else average)
    return np.array(averages)


def exercise_3(answer: Any) -> str | None:
    """Half of the rate at which the bias-corrected average of the losses is lowest."""
    rng = np.random.default_rng(3)
    etas = np.geomspace(1e-4, 10, 120)
    valley = 1 + 0.1 * np.log10(etas / 0.5) ** 2
    losses = valley + 0.02 * rng.standard_normal(120)
    losses[[50, 97]] = 0.5, 5.0  # one lucky batch on the way down, one disaster after the turn
    number = as_number(call(answer, etas.copy(), losses.copy()))
    broken = np.where(np.arange(120) < 110, losses, np.nan)  # the run has blown up at the end
    value = np.ravel(call(answer, etas.copy(), broken))
    broken_number = as_array(value, shape=(1,), finite=False)[0]

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=1e-6))

    reading = etas[_smooth(losses).argmin()]
    if near(reading / 2) and not np.isclose(broken_number, number):
        return (
            "Right, except where losses end in nan: argmin takes a nan for the lowest. nanargmin?"
        )
    if near(reading / 2):
        return _short_range_test(answer)
    if near(reading):
        return "That is the lowest point itself. Return half of it."
    if near(etas[losses.argmin()] / 2) or near(etas[losses.argmin()]):
        return "You read the raw losses, and the lowest one is a lucky batch. Smooth first."
    wrong = etas[_smooth(losses, corrected=False).argmin()]
    if near(wrong / 2) or near(wrong):
        return "Without the division by 1 - beta**t the average starts near 0: its first is lowest."
    if np.isclose(number, _smooth(losses).min()) or number == _smooth(losses).argmin():
        return "Return a rate: etas at the position (argmin) of the lowest smoothed loss, halved."
    return "Smooth with beta = 0.9, divide by 1 - beta**t, take the position of the minimum."


def _short_range_test(answer: Any) -> str | None:
    """Try a second case, short and noisy, in which each slip in the formula moves the minimum."""
    etas = np.geomspace(1e-4, 10, 120)[::6]
    noise = 0.15 * np.random.default_rng(35).standard_normal(len(etas))
    losses = 1 + 0.3 * np.log10(etas / etas[6]) ** 2 + noise
    number = as_number(call(answer, etas.copy(), losses.copy()))
    if np.isclose(number, etas[_smooth(losses).argmin()] / 2, rtol=1e-6):
        return None
    return (
        "Right for one range test, wrong for a shorter one: is beta 0.9, does s start at 0, "
        "and is the first loss number t = 1 in 1 - beta**t?"
    )


ALL_ZERO = (
    "All rates are 0. An array from np.zeros_like(t) holds whole numbers, as t does: "
    "give it dtype=float."
)


def exercise_4(answer: Any) -> str | None:
    """Four corners: 0.1, 1, 0.1 and 0 times the peak at 0, 0.4, 0.8 and 1 of the run."""
    total, peak = 200, 0.6
    t = np.array([0, 20, 40, 80, 100, 120, 160, 170, 180, 199])
    shares = np.array([0.1, 0.325, 0.55, 1, 0.775, 0.55, 0.1, 0.075, 0.05, 0.0025])
    rates = as_array(call(answer, t.copy(), total, peak), shape=t.shape)
    if not np.any(rates):
        return ALL_ZERO
    single = as_number(call(answer, 80, total, peak))
    if np.allclose(rates, shares):
        return "The peak is missing: multiply the shares by it."
    if not np.isclose(rates[3], peak):
        return "The rate should reach the peak at s = 0.4, with s = t / total."
    if not np.isclose(rates[0], 0.1 * peak):
        return "The climb starts at a tenth of the peak, at t = 0."
    if not np.allclose(rates[:4], peak * shares[:4]):
        return "Start and peak are right, but the way up is not a straight line."
    if np.isclose(rates[-1], 0.1 * peak, rtol=0.05):
        return "After s = 0.8 the rate does not stay at a tenth: it goes on down to 0 at s = 1."
    if not np.allclose(rates[:7], peak * shares[:7]):
        return "The way down is wrong: from the peak at s = 0.4 to a tenth of it at s = 0.8."
    if not np.allclose(rates, peak * shares):
        return "The last stretch is wrong: a straight line from a tenth at s = 0.8 to 0 at s = 1."
    if not np.isclose(single, peak):
        return "Right for arrays, wrong for a single number t."
    return None


def exercise_5(answer: Any) -> str | None:
    """Peak times the smaller of number / warmup and sqrt(warmup / number), number = t + 1."""
    warmup, peak = 8, 0.4
    t = np.arange(40)
    right = np.array([min((k + 1) / warmup, (warmup / (k + 1)) ** 0.5) * peak for k in t])
    with np.errstate(all="ignore"):  # a division by zero gets a hint below, not a warning
        rates = as_array(call(answer, t.copy(), warmup, peak), shape=t.shape, finite=False)
    if not np.any(rates):
        return ALL_ZERO
    if not np.isfinite(rates[0]):
        return "At t = 0 something is divided by zero. Number the updates from 1: t + 1."
    rates = as_array(rates, shape=t.shape)
    if np.allclose(rates, right):
        try:
            single = as_number(call(answer, 3, warmup, peak))
        except HintError:  # it worked before: t[...] and len(t) need an array
            single = np.nan
        only_arrays = "Right for arrays, wrong for a single number t."
        return None if np.isclose(single, right[3]) else only_arrays
    if np.allclose(rates, right / peak):
        return "The peak is missing: multiply by it."
    if rates[0] == 0 and np.all(rates[1 : warmup - 2] == 0):
        return (
            "The rate is 0 during the warm-up: // divides without remainder (use /), "
            "or the array holds whole numbers."
        )
    if rates[0] == 0:
        return "The first update has the rate 0 and is wasted. Number the updates from 1: t + 1."
    if rates.max() < 0.99 * peak:
        return "The peak is never reached: at number warmup both branches should be exactly 1."
    if rates.max() > 1.01 * peak:
        return "The rate goes above the peak: take the smaller of the two branches."
    if np.allclose(rates[:warmup], right[:warmup]):
        return "The climb is right. After it the rate falls like sqrt(warmup / number)."
    return "Climb: number / warmup. Fall: sqrt(warmup / number). Take the smaller, times the peak."


def exercise_6(answer: Any) -> str | None:
    """Rate 1/6, and a quarter of the floor: 0.0125."""
    rate, floor = as_array(answer, shape=(2,))
    lam, sigma, target = 2.0, 1.0, 0.05

    def near(value: float, wanted: float) -> bool:
        return bool(np.isclose(value, wanted, rtol=5e-3))

    if near(rate, 2 * target * lam / sigma**2):
        return "That is the rule of thumb for small rates. Solve the exact formula for eta."
    if near(rate, target * sigma**2 / (lam * (2 - target * lam))):
        return "You put 0.05 in as the rate. It is the floor; solve for the rate."
    # Without a division, which fails at rate 1; 0.17, rounded to two decimals, is near enough.
    if not np.isclose(rate * sigma**2, target * lam * (2 - rate * lam), rtol=0.03):
        return "Put your rate into eta sigma^2 / (lambda (2 - eta lambda)): it does not give 0.05."
    if near(floor, target / 2):
        return "The rate is right. sigma is halved, but the floor holds its square."
    if near(floor, target / 16):
        return "The rate is right. sigma falls like 1 / sqrt(B), so its square like 1 / B."
    if near(floor, target):
        return "The rate is right. But a larger batch makes the noise smaller, and so the floor."
    if near(floor, target * 4):
        return "The rate is right. A larger batch makes the noise smaller, not larger."
    if not near(floor, target / 4):
        return "The rate is right. How does sigma^2 change when the batch is four times as large?"
    return None
