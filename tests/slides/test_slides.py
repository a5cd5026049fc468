"""Every deck in a real browser, opened from disk and paged to its end by key."""

import re

import pytest
from browser import faults
from make_slides import DECKS, deck_path
from run_notebooks import ROOT, pages_in_toc

NAMES = [deck_path(page).as_posix() for page in pages_in_toc()]
FOLDER = (ROOT / DECKS).as_uri()

# What a slide at 1280 by 720 is like, measured on the screen.
LOOK = """
() => {
  const slide = Reveal.getCurrentSlide();
  const box = element => element.getBoundingClientRect();
  const seen = selector => [...slide.querySelectorAll(selector)].filter(e => box(e).width > 0);
  const parts = seen(".part, .cell, .output, pre, code, table, .formula, .katex-base, img");
  const size = element => parseFloat(getComputedStyle(element).fontSize);
  // axe leaves contrast open here; behind every text is the card of code, or white.
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const card = light("rgb(244, 247, 250)");
  const contrast = element => (card + 0.05) / (light(getComputedStyle(element).color) + 0.05);
  const covered = seen(".formula").filter(formula => {
    const tag = formula.querySelector(".katex-html > .katex-tag > :last-child");
    return tag && [...formula.querySelectorAll(".katex-html > .katex-base")].some(base =>
      box(base).right > box(tag).left
      && box(base).bottom > box(tag).top && box(base).top < box(tag).bottom);
  });
  return {
    kind: slide.dataset.kind,
    number: document.querySelector(".slide-number-a").textContent,
    height: slide.scrollHeight,
    right: Math.max(...parts.map(e => box(e).right)),
    bottom: Math.max(...parts.map(e => box(e).bottom)),
    code: Math.min(99, ...seen(".highlight pre, .output pre").map(size)),
    letters: Math.min(99, ...seen("h1, h2, p, li, td, th").map(size)),
    contrast: Math.min(...seen("h1, h2, p, li, a, td, th, pre, code, pre span").map(contrast)),
    clipped: seen("pre").filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent),
    covered: covered.map(formula => formula.textContent),
    pictures: seen("img").map(i => [i.naturalWidth, box(i).height, i.alt.length]),
    notes: Boolean(slide.querySelector("aside.notes")?.textContent.trim()),
  };
}
"""


def pages_through(page):
    """Go to the end by key, as a speaker does; return what each slide is like when it is full."""
    looks, before = [], None
    while before != (place := page.evaluate("JSON.stringify(Reveal.getIndices())")):
        look = page.evaluate(LOOK)
        if looks and looks[-1]["number"] == look["number"]:
            looks.pop()  # one more explanation has appeared on it
        looks.append(look)
        before = place
        page.keyboard.press("ArrowRight" if len(looks) % 2 else "Space")
    return looks


@pytest.mark.parametrize("name", NAMES)
def test_deck_is_paged_to_its_end(show, name):
    opened = show(name)
    total = opened.page.evaluate("Reveal.getTotalSlides()")
    looks = pages_through(opened.page)
    assert [look["number"] for look in looks] == [str(k) for k in range(1, total + 1)]
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith((FOLDER, "data:"))] == []
    assert looks[0]["kind"] == "title"
    assert looks[-1]["kind"] == "summary"
    for look in looks:
        assert look["height"] <= 720, look
        assert look["right"] <= 1270, look
        assert look["bottom"] <= 706, look
        assert look["code"] >= 18, look
        assert look["contrast"] >= 4.5, look
        assert look["letters"] >= 18, look
        assert look["clipped"] == look["covered"] == [], look
        assert (len(look["pictures"]) >= 1) == (look["kind"] == "figure"), look
        for width, height, described in look["pictures"]:
            assert width > 100
            assert height > 300 / len(look["pictures"]), look
            assert described >= 30
    assert sum(look["notes"] for look in looks) >= len(looks) // 4


@pytest.mark.parametrize("name", ["history/perceptron.html", "tuning/evaluation.html"])
def test_first_slides_are_accessible(show, name):
    page = show(name).page
    for _ in range(3):
        assert faults(page) == []
        page.keyboard.press("ArrowRight")


def test_s_opens_the_notes_and_they_follow(show):
    page = show("backprop/backpropagation.html").page
    page.keyboard.press("ArrowRight")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.locator("math").first.wait_for(timeout=10_000)
    said = notes.inner_text()
    assert "forward pass" in said
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert notes.inner_text() != said


def test_explanations_appear_one_by_one(show):
    page = show("history/perceptron.html").page
    index = page.evaluate(
        "Reveal.getSlides().findIndex(slide => slide.dataset.kind === 'question')"
    )
    page.evaluate(f"Reveal.slide({index})")
    visible = "Reveal.getCurrentSlide().querySelectorAll('.fragment.visible').length"
    counts = [page.evaluate(visible)]
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        counts.append(page.evaluate(visible))
    assert counts == [0, 1, 2]


def test_every_slide_prints_on_one_page(show):
    page = show("history/perceptron.html", "?print-pdf").page
    page.wait_for_selector(".pdf-page")
    total = page.evaluate("Reveal.getTotalSlides()")
    page.wait_for_timeout(500)
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == total


def test_list_leads_to_every_deck(show):
    opened = show("index.html")
    links = opened.page.locator("main a").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    assert links == NAMES
    assert opened.complaints == []
    assert faults(opened.page) == []


def test_links_between_decks_lead_somewhere():
    for name in NAMES:
        path = ROOT / DECKS / name
        links = re.findall(r'<a href="(?!https?:|#)([^"]+)"', path.read_text(encoding="utf-8"))
        assert all((path.parent / link).is_file() for link in links), name


def test_a_request_to_others_would_be_seen(show):
    opened = show("index.html")
    opened.page.evaluate("fetch('https://third-party.invalid/x').catch(() => {})")
    opened.page.wait_for_timeout(200)
    assert [url for url in opened.requests if not url.startswith((FOLDER, "data:"))]
    assert opened.complaints
