"""Many small multilayer perceptrons, trained side by side.

One training run says little: another seed gives another network. To see the
spread, a page trains 5 to 50 networks that differ only in their random numbers.
Every array of weights or outputs here has a leading axis with one entry per
network, so that one NumPy call serves all of them. The losses are never averaged
over networks and the update rules work number by number, so each network gets the
very updates it would get alone, in Keras too.
"""

from collections import defaultdict
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

_CHUNK = 1 << 15  # numbers updated at a time, so that they stay in the processor's cache
_ROWS = 2048  # rows predicted at a time, so that memory does not grow with the data


def _sigmoid(z):
    """Logistic function in place, through tanh because exp(-z) can overflow."""
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5
    return z


# Each activation, in place, and its derivative in terms of its output a.
_ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0, out=z), lambda a: a > 0),
    "tanh": (lambda z: np.tanh(z, out=z), lambda a: 1 - a * a),
    "sigmoid": (_sigmoid, lambda a: a * (1 - a)),
}
_LOSSES = ("binary_crossentropy", "sparse_categorical_crossentropy", "mse")
_RATES = {"sgd": 0.01, "rmsprop": 0.001}  # the default learning rates of Keras


@dataclass(frozen=True)
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
    """

    kernels: list[np.ndarray] = field(repr=False)
    biases: list[np.ndarray] = field(repr=False)
    history: dict[str, np.ndarray] = field(repr=False)
    activation: str
    loss: str

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
        return [parameter[net].copy() for layer in layers for parameter in layer]

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
        TypeError, ValueError
            If `X` is not of the kind or the width that `train_many` takes.
        """
        X = _check_rows(X, "X", self.kernels[0].dtype, self.kernels[0].shape[1])
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
        TypeError, ValueError
            If `X` or `y` does not fit, or the networks were trained with ``mse``.
        """
        if self.loss == "mse":
            raise ValueError("accuracy needs classes; these networks were trained with loss 'mse'")
        p = self.predict(X)
        labels, _ = _check_targets(y, "y", self.loss, p.dtype, *p.shape[1:])
        return (_classes(p) == labels).mean(axis=1)


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
    dropout: float | tuple[float, ...] = 0.0,
    validation_data: tuple[ArrayLike, ArrayLike] | None = None,
    initial_weights: list[list[ArrayLike]] | None = None,
    shared_batches: bool = False,
    rng: int | np.random.Generator | None = None,
    dtype: str = "float32",
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
    dropout : float or tuple of float
        Share of each hidden layer's outputs set to 0 in training, while the others are
        divided by ``1 - dropout``: one number for all hidden layers, or one per layer.
    validation_data : tuple (X, y), optional
        Rows to score at the end of each epoch.
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
    dtype : {"float32", "float64"}
        Precision of all arithmetic.

    Returns
    -------
    TrainedMany
        Its ``history`` holds arrays ``(epochs, n_nets)``:

        - ``loss``, ``accuracy``: means over the rows of the epoch while the weights
          changed and dropout was on, as Keras reports them, but without the penalty;
        - ``val_loss``, ``val_accuracy``: at the end of the epoch, without dropout;
        - ``penalty``, if any `l2` is not 0: the sum of ``l2 * sum(W ** 2)`` at the end
          of the epoch. The ``val_loss`` of Keras is ``val_loss + penalty`` here.

        With ``mse`` there is no accuracy; with no epochs the history is empty.

    Raises
    ------
    TypeError
        If rows are neither real numbers in two dimensions nor SciPy CSR.
    ValueError
        If a shape, name, label or number breaks the rules above, or data are not finite.

    Notes
    -----
    Network ``i`` draws from ``start, order, mask = rng.spawn(n_nets)[i].spawn(3)``:
    the kernels from ``start``, first layer first; one ``order.permutation(n_samples)``
    per epoch; and for each batch and each hidden layer with dropout one
    ``mask.random((rows, units), dtype)``, which keeps a unit where it is at least
    `dropout`. So with the same integer as `rng` the first 5 of 25 networks are the
    same as 5 trained by themselves, and two calls that differ in one setting compare
    networks with the same start and the same order of rows.

    A network that diverges ends in infinities or NaN, as in Keras, and leaves the
    others alone.

    References
    ----------
    ``keras.optimizers.RMSprop`` and ``keras.optimizers.SGD`` of Keras 3; Glorot and
    Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; Srivastava et al.
    (2014), https://jmlr.org/papers/v15/srivastava14a.html.

    Examples
    --------
    >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> nets = train_many(X, [0, 1, 1, 0], loss="binary_crossentropy", epochs=2, n_nets=3, rng=0)
    >>> nets.predict(X).shape, nets.history["loss"].shape
    ((3, 4, 1), (2, 3))
    """
    hidden = np.atleast_1d(np.asarray(hidden, dtype=object)).tolist()
    rate = _RATES.get(optimizer) if learning_rate is None else learning_rate
    for holds, rule, got in (
        (loss in _LOSSES, f"loss must be one of {_LOSSES}", loss),
        (activation in _ACTIVATIONS, f"activation must be one of {(*_ACTIVATIONS,)}", activation),
        (optimizer in _RATES, f"optimizer must be one of {(*_RATES,)}", optimizer),
        (dtype in ("float32", "float64"), "dtype must be 'float32' or 'float64'", dtype),
        (_are_counts(*hidden), "hidden must hold whole numbers of at least 1", hidden),
        (_are_counts(n_nets), "n_nets must be a whole number of at least 1", n_nets),
        (_are_counts(batch_size), "batch_size must be a whole number of at least 1", batch_size),
        (epochs == 0 or _are_counts(epochs), "epochs must be a whole number, 0 or more", epochs),
        (rate is None or 0 < rate < np.inf, "learning_rate must be a positive number", rate),
        (0 <= momentum < 1, "momentum must be at least 0 and less than 1", momentum),
        (not momentum or optimizer == "sgd", "momentum is for optimizer 'sgd' alone", momentum),
    ):
        if not holds:
            raise ValueError(f"{rule}; got {got!r}")
    l2 = _per_layer(l2, "l2", len(hidden) + 1, np.inf)
    dropout = _per_layer(dropout, "dropout", len(hidden), 1)

    X = _check_rows(X, "X", dtype)
    n, n_features = X.shape
    labels, targets = _check_targets(y, "y", loss, dtype, n)
    sizes = [n_features, *hidden, targets.shape[1]]
    if validation_data is not None:
        X_val = _check_rows(validation_data[0], "validation X", dtype, n_features)
        labels_val, targets_val = _check_targets(
            validation_data[1], "validation y", loss, dtype, X_val.shape[0], sizes[-1]
        )

    streams = [child.spawn(3) for child in np.random.default_rng(rng).spawn(n_nets)]
    starts, orders, masks = zip(*streams, strict=True)
    if initial_weights is None:
        initial_weights = [_glorot_uniform(sizes, start) for start in starts]
    kernels, biases = _stack_weights(initial_weights, n_nets, sizes, dtype)
    orders = orders[:1] if shared_batches else orders
    # The axes of a kernel stay (n_nets, n_in, n_out). In memory the first one has the order
    # that its products want: for a shared batch the weights of one feature to all nets side
    # by side; for a batch each n_in last if rows are dense, n_out last if they are CSR.
    axes = (0, 1) if len(orders) == 1 else (1, 2) if isinstance(X, np.ndarray) else (0, 0)
    kernels[0] = np.ascontiguousarray(kernels[0].swapaxes(*axes)).swapaxes(*axes)
    parameters = kernels + biases
    states = [np.zeros_like(p) for p in parameters]
    decays = [*l2, *[0.0] * len(biases)]

    def draw_mask(layer, n_rows):
        if dropout[layer] == 0:
            return None
        drawn = np.stack([stream.random((n_rows, hidden[layer]), dtype) for stream in masks])
        return np.divide(drawn >= dropout[layer], 1 - dropout[layer], dtype=dtype)

    history = defaultdict(lambda: np.zeros((epochs, n_nets)))

    def record(prefix, epoch, p, losses, labels, n_rows):
        history[f"{prefix}loss"][epoch] += losses.sum(axis=(1, 2)) / n_rows
        if loss != "mse":
            history[f"{prefix}accuracy"][epoch] += (_classes(p) == labels).sum(axis=1) / n_rows

    with _quiet_and_single_threaded():
        for epoch in range(epochs):
            order = np.stack([stream.permutation(n) for stream in orders])
            for first in range(0, n, batch_size):
                rows = order[:, first : first + batch_size]
                x, truth = _gather(X, rows), targets[rows]
                z, trace = _forward(x, kernels, biases, activation, draw_mask)
                p, losses = _outputs_and_losses(z, truth, loss)
                record("", epoch, p, losses, labels[rows], n)
                delta = p - truth
                delta *= (2 / sizes[-1] if loss == "mse" else 1) / rows.shape[1]
                gradients = _backward(x, delta, kernels, trace, activation)
                for each in zip(parameters, gradients, states, decays, strict=True):
                    _update(*each, optimizer, rate, momentum)
            if validation_data is not None:
                z = _logits(X_val, kernels, biases, activation)
                p, losses = _outputs_and_losses(z, targets_val, loss)
                record("val_", epoch, p, losses, labels_val, len(labels_val))
            if any(l2):
                squares = [np.square(W).sum(axis=(1, 2), dtype=float) for W in kernels]
                history["penalty"][epoch] = np.dot(l2, squares)
    return TrainedMany(kernels, [b[:, 0] for b in biases], dict(history), activation, loss)


def _forward(x, kernels, biases, activation, draw_mask=None):
    """Logits (n_nets, rows, n_outputs); and of each hidden layer its output, mask, product."""
    trace, a = [], x
    for layer, (W, b) in enumerate(zip(kernels, biases, strict=True)):
        z = a @ W if layer else _first_product(x, W)
        z += b
        if layer < len(kernels) - 1:
            h = _ACTIVATIONS[activation][0](z)
            mask = draw_mask and draw_mask(layer, h.shape[1])
            a = h if mask is None else h * mask
            trace.append((h, mask, a))
    return z, trace


def _backward(x, delta, kernels, trace, activation):
    """Gradients of all kernels, then of all biases, from that of the logits."""
    kernel_gradients, bias_gradients = [], []
    for layer in range(len(kernels) - 1, -1, -1):
        # the sum over the rows as a product, which is several times as fast
        bias_gradients.insert(0, np.ones((1, delta.shape[1]), delta.dtype) @ delta)
        if layer == 0:
            kernel_gradients.insert(0, _first_gradient(x, delta))
            break
        h, mask, a = trace[layer - 1]
        kernel_gradients.insert(0, a.swapaxes(1, 2) @ delta)
        delta = delta @ kernels[layer].swapaxes(1, 2)
        delta *= _ACTIVATIONS[activation][1](h)
        if mask is not None:
            delta *= mask
    return kernel_gradients + bias_gradients


def _logits(X, kernels, biases, activation):
    """Logits (n_nets, n_samples, n_outputs) of all rows, a part at a time, without dropout."""
    biases = [b.reshape(len(b), 1, -1) for b in biases]
    starts = range(0, X.shape[0], _ROWS)
    parts = [_forward(X[i : i + _ROWS], kernels, biases, activation)[0] for i in starts]
    return np.concatenate(parts, axis=1)


def _gather(X, rows):
    """Take rows (n_orders, n): one batch for all nets if n_orders is 1, else one for each.

    Batches of CSR rows become the blocks of one block-diagonal matrix, so that one sparse
    product serves all nets.
    """
    if isinstance(X, np.ndarray):
        return X.take(rows if len(rows) > 1 else rows[0], axis=0)
    from scipy.sparse import csr_array

    batch = X[rows.ravel()]
    shifts = np.arange(len(rows), dtype=batch.indices.dtype) * X.shape[1]
    indices = batch.indices + np.repeat(shifts, np.diff(batch.indptr[:: rows.shape[1]]))
    shape = (rows.size, len(rows) * X.shape[1])
    return csr_array((batch.data, indices, batch.indptr), shape=shape)


def _first_product(x, W):
    """Rows times the first kernels, (n_nets, rows, units)."""
    if x.ndim == 3:  # dense, a batch for each net
        return x @ W
    n_nets, n_features, units = W.shape
    if x.shape[1] == n_features:  # one batch for all nets, dense or CSR
        z = x @ W.swapaxes(0, 1).reshape(n_features, -1)
        return z.reshape(-1, n_nets, units).swapaxes(0, 1)
    return (x @ W.reshape(-1, units)).reshape(n_nets, -1, units)  # CSR blocks


def _first_gradient(x, delta):
    """Gradient of the first kernels by the same three routes, in their order of memory."""
    if x.ndim == 3:
        return (delta.swapaxes(1, 2) @ x).swapaxes(1, 2)
    n_nets, n_rows, units = delta.shape
    if x.shape[0] == n_rows:
        g = x.T @ delta.swapaxes(0, 1).reshape(n_rows, -1)
        return g.reshape(-1, n_nets, units).swapaxes(0, 1)
    return (x.T @ delta.reshape(-1, units)).reshape(n_nets, -1, units)


def _update(p, g, s, l2, optimizer, rate, momentum):
    """Move the parameters p against their gradient g, in place, with optimizer state s."""
    p, g, s = (array.ravel("K") for array in (p, g, s))  # views, in order of memory
    for first in range(0, p.size, _CHUNK):
        P, G, S = (array[first : first + _CHUNK] for array in (p, g, s))
        if l2:
            G += (2 * l2) * P
        if optimizer == "rmsprop":
            S *= 0.9
            square = G * G
            square *= 1 - 0.9
            S += square
            root = np.sqrt(np.add(S, 1e-7, out=square), out=square)
            G *= rate
            G /= root
            P -= G
        else:
            G *= rate
            S *= momentum
            S -= G
            P += S


def _outputs_and_losses(z, targets, loss):
    """Turn logits z into outputs and losses, all (n_nets, rows, n_outputs); no exp overflows."""
    if loss == "mse":
        return z, np.square(z - targets) / z.shape[-1]
    if loss == "binary_crossentropy":
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1, e) / (1 + e), np.maximum(z, 0) - z * targets + np.log1p(e)
    z = z - z.T.copy().max(axis=0).T[..., None]  # much faster than max(axis=-1) of few classes
    e = np.exp(z)
    total = e @ np.ones((z.shape[-1], 1), z.dtype)
    return e / total, (np.log(total) - z) * targets


def _classes(p):
    """Class of each row from the probabilities, (n_nets, rows)."""
    return p[..., 0] > 0.5 if p.shape[-1] == 1 else p.argmax(axis=-1)


def _quiet_and_single_threaded():
    """Context in which nets may diverge without a warning, and BLAS uses one thread.

    For products as small as these a second thread gains little, and costs several times
    the whole when other programs want the same processor. threadpoolctl comes with
    scikit-learn; without it BLAS keeps its threads and the results are the same.
    """
    stack = ExitStack()
    stack.enter_context(np.errstate(over="ignore", invalid="ignore"))
    with suppress(ImportError):
        from threadpoolctl import threadpool_limits

        stack.enter_context(threadpool_limits(1, user_api="blas"))
    return stack


def _glorot_uniform(sizes, stream):
    """Draw kernels with variance 2 / (n_in + n_out); biases are 0."""
    weights = []
    for n_in, n_out in pairwise(sizes):
        limit = np.sqrt(6 / (n_in + n_out))
        weights += [stream.uniform(-limit, limit, (n_in, n_out)), np.zeros(n_out)]
    return weights


def _stack_weights(initial_weights, n_nets, sizes, dtype):
    """Kernels (n_nets, n_in, n_out) and biases (n_nets, 1, n_out) of all nets, copied."""
    shapes = [shape for n_in, n_out in pairwise(sizes) for shape in ((n_in, n_out), (n_out,))]
    found = [[np.shape(w) for w in weights] for weights in initial_weights]
    if found != [shapes] * n_nets:
        raise ValueError(
            f"initial_weights must hold, for each of {n_nets} nets, arrays of shapes {shapes}; "
            f"got {found}"
        )
    stacked = [np.stack(arrays, dtype=dtype) for arrays in zip(*initial_weights, strict=True)]
    return stacked[::2], [b[:, None] for b in stacked[1::2]]


def _are_counts(*values):
    """Whether all values are whole numbers of at least 1."""
    return all(isinstance(v, (int, np.integer)) and v >= 1 for v in values)


def _per_layer(value, name, n_layers, bound):
    """One number for each layer, from 0 to less than the bound."""
    numbers = np.asarray(value, dtype=float)
    if numbers.shape not in ((), (n_layers,)) or not ((numbers >= 0) & (numbers < bound)).all():
        raise ValueError(
            f"{name} must be one number, or one for each of {n_layers} layers, "
            f"from 0 to less than {bound}; got {value!r}"
        )
    return np.broadcast_to(numbers, n_layers).tolist()


def _check_rows(X, name, dtype, n_features=None):
    """Rows as an ndarray or csr_array of the given dtype, or an error."""
    sparse = getattr(X, "format", None) == "csr"
    rows = X if sparse else np.asarray(X)
    if rows.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must be an array of real numbers or a SciPy CSR matrix; "
            f"got {type(X).__name__} of dtype {rows.dtype}"
        )
    if rows.ndim != 2 or 0 in rows.shape or n_features not in (None, rows.shape[1]):
        expected = f"(n_samples, {n_features or 'n_features'})"
        raise ValueError(f"{name} must have shape {expected}, none 0; got {rows.shape}")
    if sparse:
        from scipy.sparse import csr_array

        rows = csr_array(rows, dtype=dtype)
    else:
        rows = rows.astype(dtype, copy=False)
    values = rows.data if sparse else rows
    if not np.isfinite([values.min(initial=0), values.max(initial=0)]).all():
        raise ValueError(f"{name} must be finite; got NaN or infinity")
    return rows


def _check_targets(y, name, loss, dtype, n, n_outputs=None):
    """Labels (n,) and targets (n, n_outputs): what the outputs should be, one-hot for softmax."""
    y = np.asarray(y)
    if loss != "mse" and y.shape == (n, 1):
        y = y[:, 0]
    if y.shape[:1] != (n,) or y.ndim > (2 if loss == "mse" else 1):
        raise ValueError(f"{name} must hold one entry for each of {n} rows; got shape {y.shape}")
    if y.dtype.kind not in "biuf" or not np.isfinite(y).all():
        raise ValueError(f"{name} must hold finite numbers; got dtype {y.dtype} or NaN, infinity")
    if loss == "mse":
        targets = y.reshape(n, -1).astype(dtype)
        if n_outputs not in (None, targets.shape[1]):
            raise ValueError(f"{name} must have {n_outputs} columns; got shape {y.shape}")
        return y, targets
    n_classes = 2 if loss == "binary_crossentropy" else n_outputs or max(2, int(y.max()) + 1)
    labels = y.astype(int)
    if (labels != y).any() or labels.min() < 0 or labels.max() >= n_classes:
        raise ValueError(
            f"{name} must hold whole numbers from 0 to {n_classes - 1} for loss {loss!r}; "
            f"got {np.unique(y)[:10]}"
        )
    one_hot = np.eye(n_classes, dtype=dtype)[labels]
    return labels, one_hot[:, 1:] if loss == "binary_crossentropy" else one_hot
