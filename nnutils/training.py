"""Many small multilayer perceptrons, trained side by side.

One training run says little: another seed gives another network. To see the
spread, a page trains 5 to 50 networks that differ only in their random numbers.
Every array of weights or outputs here has a leading axis with one entry per
network, so that one NumPy call serves all of them. The losses are never averaged
over networks and the update rules work number by number, so each network gets the
very updates it would get alone, in Keras too.
"""

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

_ROWS = 2048  # rows predicted at a time, so that memory does not grow with the data


def _sigmoid(z):
    """Logistic function. Where exp overflows to infinity the result is 0, as it should be."""
    return 1 / (1 + np.exp(-z))


# Each activation, and its derivative in terms of its output a.
_ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "sigmoid": (_sigmoid, lambda a: a * (1 - a)),
}
_LOSSES = ["binary_crossentropy", "sparse_categorical_crossentropy", "mse"]
_RATES = {"sgd": 0.01, "rmsprop": 0.001}  # the default learning rates of Keras


@dataclass(frozen=True, eq=False)  # as arrays have no single equality
class TrainedMany:
    """Trained networks of one architecture, with the record of their training.

    Attributes
    ----------
    kernels : list of ndarray, each (n_nets, n_in, n_out)
        Weight matrices, first layer first.
    biases : list of ndarray, each (n_nets, n_out)
        Bias vectors, first layer first.
    history : dict of str to ndarray, each (epochs, n_nets)
        See `train_many`.
    activation, loss : str
        As given to `train_many`.
    best : TrainedMany or None
        The same networks, each as it was after the epoch in which its ``val_loss`` was
        lowest of all epochs, or as it started if that was never a number. It is what Keras's
        ``EarlyStopping(restore_best_weights=True)`` restores, if patience does not end the
        run before and there is no penalty, which Keras counts. None without validation data.

    Examples
    --------
    >>> from nnutils import make_xor, train_many
    >>> X, y = make_xor(200, rng=0)
    >>> nets = train_many(X, y, loss="binary_crossentropy", epochs=2, n_nets=3, rng=0)
    >>> nets.predict(X[:5]).shape  # networks, rows, outputs
    (3, 5, 1)
    >>> nets.score(X, y).shape
    (3,)
    >>> [w.shape for w in nets.get_weights(0)]
    [(2, 16), (16,), (16, 16), (16,), (16, 1), (1,)]
    """

    kernels: list[np.ndarray] = field(repr=False)
    biases: list[np.ndarray] = field(repr=False)
    history: dict[str, np.ndarray] = field(repr=False)
    activation: str
    loss: str
    best: "TrainedMany | None" = field(default=None, repr=False)

    def get_weights(self, net: int) -> list[np.ndarray]:
        """Copy the weights of one network, in the order of Keras's ``get_weights``.

        Parameters
        ----------
        net : int
            Position of the network, from 0.

        Returns
        -------
        list of ndarray
            Kernel ``(n_in, n_out)`` and bias ``(n_out,)`` of each layer in turn.
        """
        layers = zip(self.kernels, self.biases, strict=True)
        return [w[net].copy() for layer in layers for w in layer]

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Compute the outputs of every network for every row, without dropout.

        Parameters
        ----------
        X : array_like or SciPy CSR, (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray, (n_nets, n_samples, n_outputs)
            The probability of class 1 (one output) for binary cross-entropy, of every
            class for sparse categorical cross-entropy; plain values for ``mse``.

        Raises
        ------
        ValueError
            If `X` is not of the kind or the width that `train_many` takes.
        """
        X = _check_rows(X, "X", self.kernels[0].shape[1])
        with _quiet_and_single_threaded():
            z = _logits(X, self.kernels, self.biases, self.activation)
            return _outputs_and_losses(z, 0, self.loss)[0]

    def score(self, X: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Accuracy of every network.

        Parameters
        ----------
        X : array_like or SciPy CSR, (n_samples, n_features)
            Rows.
        y : array_like of int, (n_samples,) or (n_samples, 1)
            Classes.

        Returns
        -------
        ndarray, (n_nets,)
            Share of the rows put into their class, from 0 to 1.

        Raises
        ------
        ValueError
            If `X` or `y` does not fit, or the networks were trained with ``mse``.
        """
        _require(self.loss != "mse", "accuracy needs classes, so another loss", self.loss)
        p = self.predict(X)
        targets = _check_targets(y, "y", self.loss, *p.shape[1:])
        return (_classes(p) == _classes(targets)).mean(axis=1)


def train_many(
    X: ArrayLike,
    y: ArrayLike,
    *,
    loss: str,
    epochs: int,
    hidden: tuple[int, ...] = (16, 16),
    n_nets: int = 10,
    activation: str = "relu",
    optimizer: str = "rmsprop",
    learning_rate: float | None = None,
    momentum: float = 0.0,
    batch_size: int = 32,
    l2: float | tuple[float, ...] = 0.0,
    dropout: float = 0.0,
    validation_data: tuple[ArrayLike, ArrayLike] | None = None,
    initial_weights: list[list[ArrayLike]] | None = None,
    shared_batches: bool = False,
    rng: int | np.random.Generator | None = None,
) -> TrainedMany:
    """Train many small multilayer perceptrons on the same rows, side by side.

    Parameters
    ----------
    X : array_like or SciPy CSR, (n_samples, n_features)
        Training rows.
    y : array_like, (n_samples,) or (n_samples, 1)
        Classes, as whole numbers from 0. For ``mse``: real numbers, ``(n_samples,)``
        or ``(n_samples, n_outputs)``.
    loss : {"binary_crossentropy", "sparse_categorical_crossentropy", "mse"}
        Loss, which decides the output layer: one sigmoid unit, a softmax over
        ``y.max() + 1`` classes (at least 2), or linear units.
    epochs : int
        Passes over the rows. 0 returns the networks as they start.
    hidden : tuple of int
        Width of each hidden layer; empty for a network without any.
    n_nets : int
        Number of networks.
    activation : {"relu", "tanh", "sigmoid"}
        Activation of the hidden layers.
    optimizer : {"rmsprop", "sgd"}
        Update rule of Keras 3: RMSprop with rho 0.9 and 1e-7 added under the root,
        or gradient descent with `momentum`.
    learning_rate : float, optional
        By default that of Keras: 0.001 for RMSprop, 0.01 for gradient descent.
    momentum : float
        For ``sgd`` only, from 0 to less than 1.
    batch_size : int
        Rows per update; the last batch of an epoch may be shorter.
    l2 : float or tuple of float
        Adds ``l2 * sum(W ** 2)`` to the loss, as Keras's ``L2`` does: one number for
        every kernel, the output layer's too, or one per layer. ``(0.001, 0.001, 0.0)``
        is the usual Keras model whose hidden layers alone have a regularizer.
        Biases have none.
    dropout : float
        Share of the outputs of every hidden layer set to 0 in training, from 0 to less
        than 1; the others are divided by ``1 - dropout``.
    validation_data : tuple (X, y), optional
        Rows to score at the end of each epoch; they also decide what `TrainedMany.best` keeps.
    initial_weights : list of list of array_like, optional
        For each network, its start in the order of Keras's ``get_weights``. By default
        kernels are Glorot-uniform and biases 0, as in Keras.
    shared_batches : bool
        False: each network has its own order of the rows. True: all follow the order
        of the first, which is faster on wide rows. The networks then differ by their
        start (and dropout) alone: the spread between them leaves out the part that
        the order of the rows causes.
    rng : int, Generator or None
        Given to `numpy.random.default_rng`. See Notes.

    Returns
    -------
    TrainedMany
        Its ``history`` holds arrays ``(epochs, n_nets)``:

        - ``loss``, ``accuracy``: means over the rows of the epoch while the weights
          changed and dropout was on, as Keras reports them, but without the penalty;
        - ``val_loss``, ``val_accuracy``: at the end of the epoch, without dropout, and
          again without the penalty, which Keras adds to its ``val_loss``.

        With ``mse`` there is no accuracy; with no epochs the history is empty.

    Raises
    ------
    ValueError
        If a shape, name, label or number breaks the rules above, or data are not finite
        real numbers.

    Notes
    -----
    Network ``i`` draws from ``start, order, mask = rng.spawn(n_nets)[i].spawn(3)``:
    the kernels from ``start``, first layer first; one ``order.permutation(n_samples)``
    per epoch; and with dropout for each batch and each hidden layer one
    ``mask.random((rows, units), numpy.float32)``, which keeps a unit where it is at
    least `dropout`. So with the same integer as `rng` the first 5 of 25 networks are
    the same as 5 trained by themselves, and two calls that differ in one setting
    compare networks with the same start and the same order of rows.

    All arithmetic is in float32, as in Keras. A network that diverges ends in
    infinities or NaN, as in Keras too, and leaves the others alone.

    References
    ----------
    ``keras.optimizers.RMSprop`` and ``keras.optimizers.SGD`` of Keras 3; Glorot and
    Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; Srivastava et al.
    (2014), https://jmlr.org/papers/v15/srivastava14a.html.

    Examples
    --------
    >>> from nnutils import train_many
    >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> nets = train_many(X, [0, 1, 1, 0], loss="binary_crossentropy", epochs=2, n_nets=3, rng=0)
    >>> nets.predict(X).shape, nets.history["loss"].shape
    ((3, 4, 1), (2, 3))
    """
    _require(loss in _LOSSES, f"loss must be one of {_LOSSES}", loss)
    names = [*_ACTIVATIONS]
    _require(activation in names, f"activation must be one of {names}", activation)
    _require(optimizer in [*_RATES], f"optimizer must be one of {[*_RATES]}", optimizer)
    _require(np.iterable(hidden), "hidden must be a tuple of widths, such as (16,)", hidden)
    counts = [("n_nets", n_nets, 1), ("batch_size", batch_size, 1), ("epochs", epochs, 0)]
    for name, value, least in counts + [("every width in hidden", width, 1) for width in hidden]:
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        _require(whole and value >= least, f"{name} must be a whole number, {least} or more", value)
    rate = _RATES[optimizer] if learning_rate is None else learning_rate
    _require(_is_from(0, rate) and rate > 0, "learning_rate must be a positive number", rate)
    fits = _is_from(0, momentum) and (momentum == 0 or (optimizer == "sgd" and momentum < 1))
    _require(fits, "momentum is for 'sgd' alone, from 0 to less than 1", momentum)
    _require(_is_from(0, dropout) and dropout < 1, "dropout must be from 0 to less than 1", dropout)
    l2 = list(l2) if np.ndim(l2) else [l2] * (len(hidden) + 1)
    fits = len(l2) == len(hidden) + 1 and all(_is_from(0, number) for number in l2)
    _require(fits, "l2 must be one number or one per layer, the output's too, 0 or more", l2)

    # A number of NumPy's own would turn the arithmetic into float64.
    rate, momentum, dropout, l2 = float(rate), float(momentum), float(dropout), [*map(float, l2)]

    X = _check_rows(X, "X")
    n, n_features = X.shape
    targets = _check_targets(y, "y", loss, n)
    sizes = [n_features, *hidden, targets.shape[1]]
    if validation_data is not None:
        pair = isinstance(validation_data, (tuple, list)) and len(validation_data) == 2
        _require(pair, "validation_data must be a pair (X, y)", validation_data)
        X_val = _check_rows(validation_data[0], "validation X", n_features)
        y_val = _check_targets(validation_data[1], "validation y", loss, X_val.shape[0], sizes[-1])

    streams = [stream.spawn(3) for stream in np.random.default_rng(rng).spawn(n_nets)]
    starts, orders, masks = zip(*streams, strict=True)
    weights = _start(initial_weights, starts, sizes)
    # All lie in one long array, as one update of it takes less than several of short ones.
    flat = _flat(weights)
    ends = np.cumsum([w.size for w in weights])
    parts = zip(np.split(flat, ends[:-1]), weights, strict=True)
    weights = [part.reshape(w.shape) for part, w in parts]
    kernels, biases = weights[::2], weights[1::2]
    state = np.zeros_like(flat)  # what the optimizer remembers
    best, lowest = [w.copy() for w in weights], np.full(n_nets, np.inf)
    orders = orders[:1] if shared_batches else orders
    history = defaultdict(lambda: np.zeros((epochs, n_nets)))

    def record(prefix, epoch, z, truth, n_rows):
        """Add the share of these rows to the means of the epoch; return their outputs."""
        p, losses = _outputs_and_losses(z, truth, loss)
        history[f"{prefix}loss"][epoch] += losses.sum(axis=(1, 2)) / n_rows
        if loss != "mse":
            hits = (_classes(p) == _classes(truth)).sum(axis=1)
            history[f"{prefix}accuracy"][epoch] += hits / n_rows
        return p

    with _quiet_and_single_threaded():
        for epoch in range(epochs):
            order = np.stack([stream.permutation(n) for stream in orders])
            for first in range(0, n, batch_size):
                rows = order[:, first : first + batch_size]
                x, truth = _gather(X, rows), _gather(targets, rows)
                z, inputs, slopes = _forward(x, kernels, biases, activation, dropout, masks)
                p = record("", epoch, z, truth, n)
                # The gradient of the mean loss of the batch in its logits is p - truth for both
                # cross-entropies; for mse it has a factor.
                delta = (p - truth) * ((2 / sizes[-1] if loss == "mse" else 1) / rows.shape[1])
                gradient = _flat(_backward(delta, kernels, inputs, slopes, l2))
                _update(flat, gradient, state, optimizer, rate, momentum)
            if validation_data is not None:
                z_val = _logits(X_val, kernels, biases, activation)
                record("val_", epoch, z_val, y_val, len(y_val))
                better = history["val_loss"][epoch] < lowest
                lowest = np.where(better, history["val_loss"][epoch], lowest)
                for kept, w in zip(best, weights, strict=True):
                    kept[better] = w[better]
    common = dict(history), activation, loss
    at_best = None if validation_data is None else TrainedMany(best[::2], best[1::2], *common)
    return TrainedMany(kernels, biases, *common, at_best)


def _start(initial_weights, starts, sizes):
    """Kernels (n_nets, n_in, n_out) and biases (n_nets, n_out) by turns, given or drawn."""
    shapes = [shape for n_in, n_out in pairwise(sizes) for shape in ((n_in, n_out), (n_out,))]

    def draw(stream, shape):
        limit = np.sqrt(6 / sum(shape))  # Glorot: variance 2 / (n_in + n_out)
        return stream.uniform(-limit, limit, shape) if len(shape) == 2 else np.zeros(shape)

    if initial_weights is None:
        initial_weights = [[draw(stream, shape) for shape in shapes] for stream in starts]
    found = [[np.shape(w) for w in net] for net in initial_weights]
    rule = f"initial_weights must hold, for each of {len(starts)} nets, arrays of shapes {shapes}"
    _require(found == [shapes] * len(starts), rule, found)
    finite = all(_are_finite(np.asarray(w)) for net in initial_weights for w in net)
    _require(finite, "initial_weights must be finite real numbers in float32", initial_weights)
    return [np.stack(arrays, dtype=np.float32) for arrays in zip(*initial_weights, strict=True)]


@cache
def _ones(n):
    """Vector that adds up n numbers in a product; kept, as it is asked for in every step."""
    return np.ones(n, np.float32)


def _flat(arrays):
    """Copy arrays into one long one."""
    return np.concatenate([array.ravel() for array in arrays])


def _gather(X, rows):
    """Take rows (n_orders, n): one batch for all nets if n_orders is 1, else one for each.

    Dense batches form one array (n_orders, n, n_features). SciPy has no stack of matrices, so
    CSR batches form one matrix (n_orders * n, n_orders * n_features): the batches lie below
    each other, and each has columns of its own.
    """
    if isinstance(X, np.ndarray):
        return X.take(rows, axis=0)  # much faster than X[rows]
    batches = X[rows.ravel()]
    n_orders, n = rows.shape
    if n_orders == 1:
        return batches
    own = np.arange(n_orders, dtype=batches.indices.dtype) * X.shape[1]
    columns = batches.indices + own.repeat(np.diff(batches.indptr[::n]))
    shape = n_orders * n, n_orders * X.shape[1]
    return type(X)((batches.data, columns, batches.indptr), shape=shape)


def _product(a, b, transpose=False):
    """a[i] @ b[i] for every net i, or a[i].T @ b[i]; a single a serves all nets."""
    if isinstance(a, np.ndarray):
        return (a.swapaxes(1, 2) if transpose else a) @ b
    a, (n_nets, n, width) = a.T if transpose else a, b.shape
    if a.shape[1] == n_nets * n:
        return (a @ b.reshape(-1, width)).reshape(n_nets, -1, width)
    c = a @ b.swapaxes(0, 1).reshape(n, -1)  # the matrices b side by side
    return np.ascontiguousarray(c.reshape(-1, n_nets, width).swapaxes(0, 1))


def _forward(x, kernels, biases, activation, dropout=0.0, streams=()):
    """Logits; and for `_backward` the input of each layer, and the slopes of hidden layers.

    All have the axes (n_nets, rows, units). A slope is the derivative of what a layer passes
    on, dropout included, in its weighted sum z.
    """
    activate, derivative = _ACTIVATIONS[activation]
    inputs, slopes = [x], []
    for W, b in zip(kernels[:-1], biases[:-1], strict=True):
        a = activate(_product(inputs[-1], W) + b[:, None])
        slope = derivative(a)
        if dropout:
            drawn = np.stack([stream.random(a.shape[1:], np.float32) for stream in streams])
            mask = (drawn >= dropout) / np.float32(1 - dropout)
            a, slope = a * mask, slope * mask
        inputs.append(a)
        slopes.append(slope)
    return _product(inputs[-1], kernels[-1]) + biases[-1][:, None], inputs, slopes


def _backward(delta, kernels, inputs, slopes, l2):
    """Gradients of all weights, in their order, from the gradient delta of the logits."""
    gradients = []
    for layer in reversed(range(len(kernels))):
        W = kernels[layer]
        W_gradient = _product(inputs[layer], delta, transpose=True)
        if l2[layer]:
            W_gradient += 2 * l2[layer] * W
        # the sum over the rows as a product, which is several times as fast
        b_gradient = _ones(delta.shape[1]) @ delta
        gradients = [W_gradient, b_gradient, *gradients]
        if layer > 0:
            delta = delta @ W.swapaxes(1, 2) * slopes[layer - 1]
    return gradients


def _update(w, g, s, optimizer, rate, momentum):
    """Move the weights w against their gradient g, with optimizer state s, all in place."""
    if optimizer == "rmsprop":
        # in place: new arrays would take as long as the arithmetic
        scratch = np.square(g)
        scratch *= 0.1
        s *= 0.9
        s += scratch
        np.add(s, 1e-7, out=scratch)
        np.sqrt(scratch, out=scratch)
        g *= rate
        g /= scratch
        w -= g
    else:
        s *= momentum
        g *= rate
        s -= g
        w += s


def _logits(X, kernels, biases, activation):
    """Logits (n_nets, n_samples, n_outputs) of all rows, a part at a time, without dropout."""
    order = np.arange(X.shape[0])[None]
    parts = (_gather(X, order[:, i : i + _ROWS]) for i in range(0, X.shape[0], _ROWS))
    return np.concatenate([_forward(x, kernels, biases, activation)[0] for x in parts], axis=1)


def _outputs_and_losses(z, targets, loss):
    """Turn logits z into outputs and losses, all (n_nets, rows, n_outputs)."""
    if loss == "mse":
        return z, np.square(z - targets) / z.shape[-1]
    if loss == "binary_crossentropy":
        return _sigmoid(z), np.logaddexp(0, z) - z * targets
    # Less the largest of its row no logit overflows. NumPy is slow along a last axis as short
    # as this: hence a copy with the classes first, and a product in place of a sum.
    z = z - z.T.copy().max(axis=0).T[..., None]
    e = np.exp(z)
    total = (e @ _ones(z.shape[-1]))[..., None]
    return e / total, (np.log(total) - z) * targets


def _classes(p):
    """Class of each row, from probabilities or from targets."""
    return p[..., 0] > 0.5 if p.shape[-1] == 1 else p.argmax(axis=-1)


@cache
def _blas():
    """Control over the threads of BLAS, or None without threadpoolctl.

    Kept, as the search for it reads which files the process has mapped: milliseconds, where a
    prediction takes less. NumPy has loaded its BLAS before.
    """
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController().select(user_api="blas")


def _quiet_and_single_threaded():
    """Context in which nets may diverge without a warning, and BLAS uses one thread.

    For products as small as these a second thread gains little, and costs several times
    the whole when other programs want the same processor. threadpoolctl comes with
    scikit-learn; without it BLAS keeps its threads and the results are the same.
    """
    stack = ExitStack()
    stack.enter_context(np.errstate(all="ignore"))
    if blas := _blas():
        stack.enter_context(blas.limit(limits=1))
    return stack


def _require(holds, rule, got):
    """Raise an error that states the rule and what came instead, unless it holds."""
    if not holds:
        raise ValueError(f"{rule}; got {got!r}")


def _is_from(least, number):
    """Tell whether something is a finite real number, least or more."""
    return isinstance(number, Real) and least <= number < np.inf


def _are_finite(values):
    """Tell whether all values are real numbers that float32 can hold."""
    largest = np.finfo(np.float32).max
    real = values.dtype.kind in "biuf"  # and NaN fails both comparisons
    return real and values.min(initial=0) >= -largest and values.max(initial=0) <= largest


def _as_array(values):
    """Array of what was given; columns of different types become one of numbers, if they can."""
    values = np.asarray(values)
    return np.asarray(values.tolist()) if values.dtype.kind == "O" else values


def _check_rows(X, name, n_features=None):
    """Rows as float32, an ndarray or a CSR matrix."""
    sparse = isinstance(getattr(X, "format", None), str) and X.format == "csr"
    X = X if sparse else _as_array(X)
    rule = f"{name} must be finite real numbers in float32, an array or a SciPy CSR matrix"
    _require(_are_finite(X.data if sparse else X), rule, X)
    fits = X.ndim == 2 and 0 not in X.shape and n_features in (None, X.shape[1])
    _require(fits, f"{name} must have shape (n > 0, {n_features or 'k > 0'})", X.shape)
    return X.astype(np.float32, copy=False)


def _check_targets(y, name, loss, n, n_outputs=None):
    """Targets (n, n_outputs): what the outputs should be, one-hot for softmax."""
    y = np.atleast_1d(_as_array(y))
    _require(_are_finite(y), f"{name} must be finite real numbers in float32", y)
    width = (n_outputs or max(1, y[:1].size)) if loss == "mse" else 1
    fits = y.shape == (n, width) or y.shape == (n,) == (n * width,)
    _require(fits, f"{name} must have shape ({n}, {width}), or ({n},) for one output", y.shape)
    y = y.reshape(n, width)
    if loss == "mse":
        return y.astype(np.float32)
    n_classes = 2 if loss == "binary_crossentropy" else n_outputs or max(2, int(y.max()) + 1)
    rule = f"{name} must hold whole numbers from 0 to {n_classes - 1} for loss {loss!r}"
    _require(np.isin(y, range(n_classes)).all(), rule, np.unique(y)[:10].tolist())
    return (y if loss == "binary_crossentropy" else y == range(n_classes)).astype(np.float32)
