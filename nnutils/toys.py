"""Two toy sets in the plane that scikit-learn lacks: the signs XOR and two spirals.

Both are drawn from the generator they are given, so the same seed gives the
same points, and nothing outside the call changes.
"""

import math
import operator
from numbers import Real
from typing import Any

import numpy as np

_TURNS = 1.5  # each arm of the spirals winds this many times around the centre
_RADIUS = 2.0  # where the arms end: gives each coordinate a standard deviation near 1


def make_xor(n_samples: int, *, noise: float = 0.0, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Draw points whose class says whether the signs of their coordinates differ.

    The points are standard normal in the plane. The class is decided first and
    the noise added after it, so that noise carries some points across an axis
    and no rule can be right on all of them.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 1.
    noise : float, default 0.0
        Standard deviation of the normal noise added to both coordinates, in the
        units of the coordinates. With 0.0 the signs tell the class exactly.
    rng : int, numpy.random.Generator or None
        Anything `numpy.random.default_rng` takes. A generator moves on with each
        call; an integer gives the same points every time; ``None`` gives new ones.

    Returns
    -------
    X : ndarray of float, shape (n_samples, 2)
        The points.
    y : ndarray of int, shape (n_samples,)
        1 where the two signs differed before the noise, else 0; about half are 1.

    Raises
    ------
    TypeError
        If `n_samples` is not an integer, `noise` not a number, or `rng` not a seed.
    ValueError
        If `n_samples` is below 1, or `noise` is negative or not finite.

    Notes
    -----
    XOR as a problem no single threshold unit solves: M. Minsky and S. Papert,
    *Perceptrons*, MIT Press, 1969.

    Examples
    --------
    >>> from nnutils import make_xor
    >>> X, y = make_xor(200, rng=0)
    >>> X.shape, y.shape
    ((200, 2), (200,))
    >>> bool(((X[:, 0] * X[:, 1] < 0) == (y == 1)).all())
    True
    """
    n_samples, noise = _check_size(n_samples), _check_noise(noise)
    rng = np.random.default_rng(rng)
    X = rng.standard_normal((n_samples, 2))
    y = ((X[:, 0] < 0) != (X[:, 1] < 0)).astype(int)
    return X + noise * rng.standard_normal(X.shape), y


def make_spirals(n_samples: int, *, noise: float = 0.0, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Draw points along two spiral arms, one class each, wound around the origin.

    Each arm makes one and a half turns and ends at radius 2; one arm is the
    other turned by half a circle. Along a ray the arms lie 2/3 apart.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 1. The arms take turns: rows 0, 2, 4, ... are
        class 0 and rows 1, 3, 5, ... class 1, so any block of rows is balanced.
    noise : float, default 0.0
        Standard deviation of the normal noise added to both coordinates, in the
        units of the coordinates. Up to about 0.1 the arms stay apart.
    rng : int, numpy.random.Generator or None
        Anything `numpy.random.default_rng` takes. A generator moves on with each
        call; an integer gives the same points every time; ``None`` gives new ones.

    Returns
    -------
    X : ndarray of float, shape (n_samples, 2)
        The points; each coordinate has a standard deviation of about 1.
    y : ndarray of int, shape (n_samples,)
        The arm of each point, 0 or 1.

    Raises
    ------
    TypeError
        If `n_samples` is not an integer, `noise` not a number, or `rng` not a seed.
    ValueError
        If `n_samples` is below 1, or `noise` is negative or not finite.

    Notes
    -----
    After the two-spirals task of K. J. Lang and M. J. Witbrock, "Learning to tell
    two spirals apart", Proceedings of the 1988 Connectionist Models Summer School;
    theirs has three turns and 97 fixed points per arm.

    Examples
    --------
    >>> from nnutils import make_spirals
    >>> X, y = make_spirals(100, noise=0.05, rng=0)
    >>> X.shape, y[:4].tolist()
    ((100, 2), [0, 1, 0, 1])
    """
    n_samples, noise = _check_size(n_samples), _check_noise(noise)
    rng = np.random.default_rng(rng)
    y = np.arange(n_samples) % 2
    # The square root spreads the points evenly over the disc, not crowded at its centre.
    along = np.sqrt(rng.random(n_samples))
    angle = 2 * np.pi * _TURNS * along + np.pi * y
    X = _RADIUS * along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.standard_normal(X.shape), y


def _check_size(n_samples: int) -> int:
    if isinstance(n_samples, bool | np.bool_):
        raise TypeError(f"n_samples must be an integer, got {n_samples!r}")
    try:
        size = operator.index(n_samples)
    except TypeError:
        raise TypeError(f"n_samples must be an integer, got {n_samples!r}") from None
    if size < 1:
        raise ValueError(f"n_samples must be at least 1, got {size}")
    return size


def _check_noise(noise: float) -> float:
    if not isinstance(noise, Real) or isinstance(noise, bool):
        raise TypeError(f"noise must be a number, got {noise!r}")
    value = float(noise)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"noise must be a finite standard deviation, 0 or more, got {value}")
    return value
