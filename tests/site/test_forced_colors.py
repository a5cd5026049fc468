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
# Colours of the canvases that are not transparent, and of the text that is not that of the system.
COLOURS = """
name => {
  const lab = document.querySelector(name);
  const pictures = [...lab.querySelectorAll("canvas")].filter(c => c.width && c.offsetParent);
  return pictures.map(c => {
    const bytes = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    const seen = new Set();
    for (let i = 0; i < bytes.length; i += 4) {
      if (bytes[i + 3] > 250) seen.add(`${bytes[i]},${bytes[i + 1]},${bytes[i + 2]}`);
    }
    return seen.size;
  });
}
"""


@pytest.mark.parametrize("element", LABORATORIES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_and_controls_are_there_in_imposed_colours(visit, element, theme):
    opened = visit(LABORATORIES[element], theme=theme, forced_colors="active")
    lab = opened.page.locator(element).first
    lab.scroll_into_view_if_needed()
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert all(count > 1 for count in opened.page.evaluate(COLOURS, element))
    for button in lab.get_by_role("button").all():
        if button.is_visible():
            look = button.evaluate(
                "b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]"
            )
            assert look[0] != look[1]
    assert lab.locator("[role=status]").is_visible()
