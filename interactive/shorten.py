"""Shorten the weights of the digit network for the page: whole numbers with one scale a layer."""

import base64
import io
import json
from collections.abc import Sequence

import numpy as np

# Measured on six 784-15-10 networks after 10 epochs on MNIST, over the 10,000 test images, as the
# largest error of a probability and the size after gzip: 8000 levels 0.0008 and 22.4 kB, 12000
# 0.0006 and 23.0 kB, 16000 0.0005 and 23.5 kB. The aims are 0.001 and 24 kB.
LEVELS = 12000


def shorten(weights: Sequence[np.ndarray], *, act: str, levels: int = LEVELS) -> dict:
    """Turn a network's weights into what `DigitNetwork` of interactive/src/digit.mjs reads.

    Parameters
    ----------
    weights : sequence of ndarray
        Kernel (p, q), bias (q,), kernel, ..., in the order of ``model.get_weights``.
    act : str
        Activation of the hidden layers, by its Keras name; the output is a softmax.
    levels : int, default LEVELS
        Largest whole number a weight may become, 1 to 32767; fewer compress better.

    Returns
    -------
    dict
        ``act`` and ``layers``, ready for ``json.dump``. Of each layer: ``shape``; ``scale``, the
        size of one level; ``kernel``, base64 of all low bytes and then all high bytes of 16-bit
        numbers by rows (the high bytes resemble each other, so they compress well side by side);
        ``bias``, unshortened.

    Raises
    ------
    ValueError
        If the arrays are not kernel and bias in turn with matching shapes, or not finite.
    """
    if not 1 <= levels <= 32767:
        raise ValueError(f"levels must be from 1 to 32767, got {levels}")
    if len(weights) % 2:
        raise ValueError(f"weights must be kernel and bias in turn, got {len(weights)} arrays")
    layers = []
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        if kernel.ndim != 2 or bias.shape != kernel.shape[1:]:
            shapes = f"{kernel.shape} and {bias.shape}"
            raise ValueError(f"kernel and bias must have shapes (p, q) and (q,), got {shapes}")
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise ValueError("weights must be finite numbers, got NaN or infinity")
        scale = float(np.abs(kernel).max()) / levels or 1.0  # all zeros: any scale will do
        levelled = np.rint(kernel / scale).astype("<i2").ravel()
        planes = levelled.view(np.uint8).reshape(-1, 2).T.tobytes()
        layers.append(
            {
                "shape": list(kernel.shape),
                "scale": scale,
                "kernel": base64.b64encode(planes).decode(),
                "bias": [float(f"{b:.9g}") for b in bias],
            }
        )
    return {"act": act, "layers": layers}


def weights_script(handed: dict) -> str:
    """Turn what a page's run handed over into the script that the page fetches.

    Parameters
    ----------
    handed : dict
        ``npz``, base64 of what ``np.savez(file, *model.get_weights())`` writes; ``act``, activation
        of the hidden layers; ``data``, "real" or "stand-in": what the network learnt from.

    Returns
    -------
    str
        A plain script, as pages opened from disk may load no data. It sets one global, once, to
        what `shorten` returns and a ``note`` on the data.
    """
    with np.load(io.BytesIO(base64.b64decode(handed["npz"]))) as file:
        weights = [file[name] for name in file.files]
    stand_in = " The network learnt from the stand-in digits, not from MNIST."
    note = "" if handed["data"] == "real" else stand_in
    short = shorten(weights, act=handed["act"]) | {"note": note}
    return f"globalThis.nnWeights ??= {json.dumps(short, separators=(',', ':'))};\n"
