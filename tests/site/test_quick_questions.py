"""Quick questions in a real browser: pick, read why; without scripts a fold."""

import re

import pytest
from browser import LOOKS, faults
from site_pages import HTML

REVIEW = "chapters/reference/review.html"


def asked(name: str) -> int:
    """Count the questions in a page's source."""
    return (HTML / name).read_text(encoding="utf-8").count('<details class="quick-question">')


def test_every_question_of_a_page_becomes_choices_that_answer(visit, name):
    expected = asked(name)
    page = visit(name).page
    boxes = page.locator("fieldset.quick-question")
    assert boxes.count() == expected
    for box in boxes.all()[:5]:
        verdicts = []
        for n, choice in enumerate(box.locator("input").all()):
            choice.check()
            reply = box.locator("[role=status]")
            assert reply.inner_text().strip().startswith(f"({'abcde'[n]})")
            verdicts.append(reply.get_attribute("data-verdict"))
        assert verdicts.count("right") == 1
        assert len(verdicts) >= 3


def test_review_asks_everything_that_the_pages_ask(visit):
    pages = {p.relative_to(HTML).as_posix() for p in HTML.glob("chapters/*/*.html")} - {REVIEW}
    assert asked(REVIEW) == sum(map(asked, pages)) > 0


def test_keys_choose_and_the_fold_explains_all(visit):
    page = visit(REVIEW).page
    box = page.locator("fieldset.quick-question").first
    box.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    assert box.locator("input").nth(1).is_checked()
    assert box.locator("[role=status]").inner_text().strip().startswith("(b)")
    summary = box.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    answers = box.locator("details").inner_text()
    assert re.search(r"\(a\).*\(b\).*\(c\)", answers, re.S)


def test_one_answer_leaves_the_other_questions_alone(visit):
    page = visit(REVIEW).page
    boxes = page.locator("fieldset.quick-question")
    boxes.nth(0).locator("input").first.check()
    boxes.nth(1).locator("input").nth(1).check()
    assert boxes.nth(0).locator("input").first.is_checked()
    assert page.locator("fieldset [data-verdict]").count() == 2


def test_without_scripts_the_fold_has_options_and_answers(visit):
    page = visit(REVIEW, java_script_enabled=False).page
    fold = page.locator("details.quick-question").first
    assert re.search(r"\(a\).*\(b\)", fold.locator("summary").inner_text(), re.S)
    assert page.locator("fieldset").count() == 0
    fold.locator("summary").click()
    assert "Right" in fold.inner_text() or "Yes" in fold.inner_text()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_questions_are_accessible(visit, width, theme):
    page = visit(REVIEW, width=width, theme=theme).page
    for choice in page.locator("fieldset.quick-question input:first-of-type").all()[:6]:
        choice.check()
    assert faults(page, "fieldset") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
