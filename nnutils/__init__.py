"""Small helpers shared by the pages of the course.

Names load on first use, so that ``import nnutils`` costs nothing and needs
neither Keras nor scikit-learn, and a page depends only on the parts it calls.
"""

import importlib
from typing import Any

_HOMES = {
    "check": "checking",
    "load_imdb": "datasets",
    "load_mnist": "datasets",
    "make_spirals": "toys",
    "make_xor": "toys",
    "plot_decision_boundary": "plotting",
    "plot_history": "plotting",
    "plot_points": "plotting",
    "train_many": "training",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nnutils' has no attribute {name!r}; it has {__all__}")
    return getattr(importlib.import_module(f"nnutils.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
