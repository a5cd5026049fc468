"""The colours of figures under simulated colour-vision deficiencies."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from notebook_pages import ROOT

from nnutils.plotting import PALETTE

# Machado, Oliveira and Fernandes (2009), https://doi.org/10.1109/TVCG.2009.113, severity 1.0:
# what a person sees of linear red, green and blue.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# IEC 61966-2-1: linear sRGB to CIE XYZ under daylight (D65).
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
APART = 15  # in units of CIELAB; the page on accessibility says so


def linear(colours) -> np.ndarray:
    rgb = np.array([to_rgb(colour) for colour in colours])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIELAB coordinates, shape (n, 3), of linear sRGB, shape (n, 3)."""
    ratio = rgb @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def closest(colours, vision: str) -> float:
    """Return the smallest difference between two colours, as seen, in units of CIELAB."""
    seen = lab(np.clip(linear(colours) @ np.transpose(VISION[vision]), 0, 1))
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))


def test_known_colours():
    np.testing.assert_allclose(lab(linear(["white"])), [[100, 0, 0]], atol=0.02)
    np.testing.assert_allclose(lab(linear(["red"])), [[53.24, 80.09, 67.20]], atol=0.05)


def test_greys_stay_grey_and_red_and_green_come_together():
    for vision in VISION:
        assert closest(["0.3", "0.7"], vision) == pytest.approx(
            closest(["0.3", "0.7"], "normal"), abs=0.1
        )
    assert closest(["#c05050", "#508050"], "deuteranopia") < 0.5 * closest(
        ["#c05050", "#508050"], "normal"
    )


@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart(vision):
    assert closest(PALETTE, vision) >= APART


def test_the_page_states_the_difference():
    text = (ROOT / "chapters" / "reference" / "accessibility.md").read_text(encoding="utf-8")
    assert f"differ by at least {APART} units" in text
