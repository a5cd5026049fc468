"""The laboratories where the system imposes its own colours (high contrast)."""

import pytest

LABORATORIES = {
    "nn-playground": "chapters/backprop/playground.html",
    "nn-backprop": "chapters/backprop/computational_graphs.html",
    "nn-perceptron": "chapters/history/perceptron.html",
    "nn-optimizer": "chapters/backprop/gradient_descent.html",
    "nn-neuron": "chapters/fundamentals/activations.html",
    "nn-digit": "chapters/fundamentals/mnist.html",
}
# Of each picture that can be seen, how many of its pixels are drawn on.
INK = """
name => [...document.querySelector(name).querySelectorAll("canvas")]
  .filter(c => c.width && c.offsetParent)
  .map(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data
    .filter((value, i) => i % 4 === 3 && value > 0).length)
"""


@pytest.mark.parametrize("element", LABORATORIES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_and_controls_are_there_in_imposed_colours(visit, element, theme):
    opened = visit(LABORATORIES[element], theme=theme, forced_colors="active")
    lab = opened.page.locator(element).first
    lab.scroll_into_view_if_needed()
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("matchMedia('(forced-colors: active)').matches")
    if element == "nn-digit":  # its sheet begins blank
        lab.evaluate("lab => lab.take([0, 1300, 1320, 2600])")
    assert all(opened.page.evaluate(INK, element))
    for button in lab.get_by_role("button").all():
        if button.is_visible():
            look = button.evaluate(
                "b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]"
            )
            assert look[0] != look[1]
    assert lab.locator("[role=status]").is_visible()
