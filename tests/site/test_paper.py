"""The cheat sheet on paper."""

import re

import pytest

PAGE = "chapters/reference/cheat_sheet.html"
TEXTS = "#cheat-sheet :is(h1, h2, p, th, td, a, code, pre, span)"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_cheat_sheet_fits_on_two_sides_in_black(visit, theme):
    page = visit(PAGE, theme=theme).page
    paper = page.pdf(prefer_css_page_size=True)
    [box] = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", paper))
    width, height = (float(number) for number in box.split()[2:])
    assert (round(width), round(height)) == (595, 842)  # A4, in points
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2
    page.emulate_media(media="print", color_scheme=theme)
    colours = page.eval_on_selector_all(TEXTS, "all => all.map(e => getComputedStyle(e).color)")
    assert set(colours) == {"rgb(0, 0, 0)"}
    size = page.eval_on_selector("#cheat-sheet td", "e => parseFloat(getComputedStyle(e).fontSize)")
    assert size * 72 / 96 > 7  # points
    assert page.eval_on_selector("#cheat-sheet", "e => e.scrollWidth <= e.clientWidth")
