"""Decks: what of a page stands on slides, what is left to be said, and what reaches neither."""

import re
from copy import deepcopy
from pathlib import Path

import make_slides
import nbformat
import pytest
import slide_plan
from make_copies import copy_of, known_places
from make_slides import DeckExporter, Renderer, deck_notebook, index, letters, parts_of_course
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from run_notebooks import ROOT, Store, pages_in_toc
from slide_plan import (
    LONGEST_CODE,
    LONGEST_PARAGRAPH,
    SEE_PAGE,
    Slide,
    blocks_of_text,
    cut_lines,
    cut_rows,
    is_picture,
    opening,
    plan,
    sentences,
    short_paragraphs,
    shown_outputs,
    words,
)

PAGES = pages_in_toc()
KNOWN = known_places()
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPgPAAEDAQHyBzsmAAAAAElFTkSuQmCC"
)
HEADINGS = re.compile(r"^#{1,3} (.+)$", re.M)


def by_page(test):
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)(test)


def page_cells(page):
    """The cells of a page as if it had been run: figures draw, cells that print something print."""
    cells = copy_of(page, "student", KNOWN).cells
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs = (
                [new_output("stream", text="printed\n")] if "print(" in cell.source else []
            )
            if "figure" in cell.metadata.get("mystnb", {}):
                cell.outputs.append(new_output("display_data", {"image/png": PIXEL}))
    return cells


@pytest.fixture(scope="module")
def laid_out():
    return {page: plan(page_cells(page), above="Course") for page in PAGES}


def markdown(cells):
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def on_slide(slide):
    return [slide.heading, *slide.text, *slide.reveal]


def everything(slides):
    return "\n".join("\n".join([*on_slide(slide), *slide.notes]) for slide in slides)


def squeezed(text):
    return re.sub(r"[\s>*|-]+", "", text)


@by_page
def test_every_figure_has_one_slide_of_its_own_with_its_alt_text(page, laid_out):
    wanted = [c for c in page_cells(page) if "figure" in c.metadata.get("mystnb", {})]
    found = [slide for slide in laid_out[page] if slide.kind == "figure"]
    assert [slide.cell.id for slide in found] == [cell.id for cell in wanted]
    for slide, cell in zip(found, wanted, strict=True):
        assert re.match(r"Figure \d+\. \S", slide.heading)
        assert not slide.show_code
        assert all(map(is_picture, slide.cell.outputs))
        assert make_slides.alt_text(slide.cell) == cell.metadata.mystnb.image.alt


@by_page
def test_no_picture_stands_elsewhere(page, laid_out):
    others = [s for s in laid_out[page] if s.cell is not None and s.kind != "figure"]
    assert not [o for slide in others for o in slide.cell.outputs if is_picture(o)]


@by_page
def test_every_heading_has_a_slide_and_what_was_learnt_is_the_last(page, laid_out):
    text = re.sub(r"```.*?```", "", markdown(page_cells(page)), flags=re.S)
    wanted = [h for h in HEADINGS.findall(text) if h not in ("References", "In short")]
    kinds = ("title", "section", "exercise")
    assert [slide.heading for slide in laid_out[page] if slide.kind in kinds] == wanted
    assert laid_out[page][0].kind == "title"
    assert laid_out[page][-1].heading == "In short"
    assert [slide.kind for slide in laid_out[page]].count("summary") == 1


@by_page
def test_no_solution_reaches_a_deck(page, laid_out):
    shown = everything(laid_out[page])
    code = [slide.cell.source for slide in laid_out[page] if slide.cell is not None]
    for cell in nbformat.read(ROOT / page, as_version=4).cells:
        if "solution" in cell.metadata.get("tags", []):
            assert cell.source not in [*code, shown]
    assert not re.search(r"solution_\d|Solution of exercise", "\n".join([shown, *code]))


@by_page
def test_slides_hold_short_paragraphs_only(page, laid_out):
    parts = [part for slide in laid_out[page] for text in on_slide(slide) for part in items(text)]
    assert max(map(words, parts)) <= LONGEST_PARAGRAPH


def items(text):
    return [text] if not re.match(r"[-|\d]", text) else re.split(r"\n(?=[-|\d])", text)


@by_page
def test_no_markup_of_the_site_is_left(page, laid_out):
    shown = "\n".join(c.source for c in deck_notebook(laid_out[page]).cells if c.source)
    prose = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", "", shown, flags=re.S)
    assert not re.search(
        r"^:::|^\([\w-]+\)=|\{[a-z-]+\}`|</?(?:details|summary|strong)", prose, re.M
    )
    assert not re.search(r"\]\((?!https?:)[^)]*\.ipynb\)", prose)


@by_page
def test_every_sentence_is_shown_or_left_to_be_said(page, laid_out):
    shown = squeezed(everything(laid_out[page]))
    for block in slide_plan.blocks(page_cells(page)):
        if block.kind in ("prose", "list", "table", "formula", "quote", "predict"):
            text = re.sub(r"\*\*(?:Predict first|Quick question)\.\*\*", "", block.text)
            for part in sentences(text):
                assert squeezed(part) in shown, part


@by_page
def test_a_prediction_is_answered_on_the_next_slide(page, laid_out):
    slides = laid_out[page]
    asked = [n for n, slide in enumerate(slides) if slide.kind == "predict"]
    assert len(asked) == markdown(page_cells(page)).count("> **Predict first.**")
    assert all(slides[n].text and slides[n + 1].kind == "answer" for n in asked)
    assert all(slides[n + 1].text for n in asked)
    assert [slide.kind for slide in slides].count("answer") == len(asked)


@by_page
def test_questions_show_options_first_and_explanations_step_by_step(page, laid_out):
    asked = [slide for slide in laid_out[page] if slide.kind == "question"]
    assert len(asked) == markdown(page_cells(page)).count('<details class="quick-question">')
    for slide in asked:
        options = [text[:3] for text in slide.text if re.match(r"\([a-z]\)", text)]
        assert len(options) >= 2
        assert [text[:3] for text in slide.reveal if re.match(r"\([a-z]\)", text)] == options
        assert squeezed("".join(slide.reveal)) == squeezed("".join(slide.notes[: len(options)]))


@by_page
def test_exercises_are_statements_without_code(page, laid_out):
    exercises = [slide for slide in laid_out[page] if slide.kind == "exercise"]
    assert exercises
    assert all(slide.text and slide.cell is None and not slide.reveal for slide in exercises)
    listed = next(slide for slide in laid_out[page] if slide.heading == "Exercises").text
    assert [f"Exercise {line}" for line in listed] == [slide.heading for slide in exercises]


@by_page
def test_code_on_slides_is_short_and_no_setup(page, laid_out):
    for slide in laid_out[page]:
        if slide.show_code:
            assert slide.cell.source.count("\n") < LONGEST_CODE
            assert not {"remove-cell", "hide-input", "answer"} & set(
                slide.cell.metadata.get("tags", [])
            )
            assert "google.colab" not in slide.cell.source
            assert not slide_plan.is_setup(slide.cell.source)


def test_the_same_page_gives_the_same_deck(laid_out):
    page, exporter = PAGES[-1], DeckExporter()
    first, again = (
        exporter.from_notebook_node(deck_notebook(slides))[0]
        for slides in (laid_out[page], plan(page_cells(page), above="Course"))
    )
    assert first == again


@pytest.mark.parametrize("page", PAGES[::6], ids=lambda page: page.stem)
def test_a_deck_has_its_formulas_and_asks_nobody_for_anything(page, laid_out):
    html, _ = DeckExporter().from_notebook_node(deck_notebook(laid_out[page]))
    assert "katex-html" in html
    assert not re.search(r"katex-html", "".join(re.findall(r"<aside.*?</aside>", html, re.S)))
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)\"", html)
    assert loaded
    assert all(source.startswith(("../_assets/", "data:image/png")) for source in loaded)
    assert not re.search(r"require\.js|jquery|mathjax", html, re.I)
    assert "Solution" not in html
    bare = re.sub(r"<(pre|code|annotation)\b.*?</\1>", "", html, flags=re.S)
    assert not re.search(r"\$[^$<]+\$", bare)


def test_sentences_end_where_a_reader_ends_them():
    text = "As J. Doe et al. (2013) say, e.g. `a. B` is 0.5. Is $x. Y$\nso? (Yes.) **No.**"
    text += " See [A.\nB](c)."
    assert sentences(text) == [
        "As J. Doe et al. (2013) say, e.g. `a. B` is 0.5.",
        "Is $x. Y$ so?",
        "(Yes.)",
        "**No.**",
        "See [A. B](c).",
    ]


def test_opening_takes_a_second_sentence_only_if_both_are_short():
    assert opening("One two. Three four. Five.") == ("One two. Three four.", "Five.")
    long = "Word " * 39 + "end."
    assert opening(f"One. {long}") == ("One.", long)


def test_a_long_paragraph_is_broken_where_a_sentence_ends():
    part = "Nine words stand here and then there is this."
    broken = short_paragraphs(" ".join(8 * [part]))
    assert [words(p) for p in broken] == [54, 18]


def test_blocks_of_text():
    text = (
        "## Head\n\nOne\nline.\n\n$$\na\n\nb\n$$\n\n- x\n  y\n\n| a |\n|---|\n\n*Table 1. T*\n\n"
        "> **Predict first.** Q?\n\n> said\n\n```\nc\n\nd\n```\n\n<details><summary>Q\n\n(a) R"
        "</summary></details>"
    )
    kinds = [block.kind for block in blocks_of_text(text)]
    assert kinds == [
        *("heading", "prose", "formula", "list", "table", "caption"),
        *("predict", "quote", "fence", "details"),
    ]
    assert blocks_of_text(text)[3].text == "- x\n  y"


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("import keras\nfrom a import b", True),
        ("assert a == 1", True),
        ("rng = np.random.default_rng(1)", True),
        ("a = draw(np.random.default_rng(1))", False),
        ("import keras\nkeras.x()", False),
        ("%%writefile a.py\nx", False),
    ],
)
def test_is_setup(source, answer):
    assert slide_plan.is_setup(source) is answer


def test_long_output_is_cut_visibly():
    assert cut_lines("a\nb\nc", 3) == "a\nb\nc"
    assert cut_lines("a\nb\nc\nd", 3) == f"a\nb\n{SEE_PAGE}"
    assert cut_lines("x" * 200, 3).endswith("x …")


def table_of(n):
    rows = "".join(f"<tr><th>{k}</th><td>1</td></tr>\n" for k in range(n))
    return f"<table><thead><tr><th></th></tr></thead><tbody>{rows}</tbody></table>"


def test_long_table_is_cut_visibly():
    whole, left = cut_rows(table_of(3), 400)
    assert whole.count("<tr") == 4
    assert left == 400 - 4 * slide_plan.ROW_HEIGHT
    cut, _ = cut_rows(table_of(30), 400)
    assert SEE_PAGE in cut
    assert cut.count("<tr") == 400 // slide_plan.ROW_HEIGHT
    assert cut.endswith("</table>")


def test_outputs_that_no_slide_shows():
    pre = {"text/html": "<pre>rich</pre>", "text/plain": "plain"}
    outputs = [
        new_output("stream", name="stderr", text="warned"),
        new_output("display_data", {"image/png": PIXEL, "text/plain": "Figure"}),
        new_output("display_data", pre),
        new_output("stream", text="\n".join(map(str, range(99)))),
        new_output("stream", text="too late"),
    ]
    before = deepcopy(outputs)
    shown = shown_outputs(outputs, 300)
    assert shown[0].data == {"text/plain": "plain"}
    assert shown[1].text.endswith(SEE_PAGE)
    assert len(shown) == 2
    assert outputs == before


HEAD = new_markdown_cell("# T\n\nHook one. Hook two.\n\n**You will learn** to\n\n- a;\n- b.")
TAIL = [new_markdown_cell("## In short\n\n- Done."), new_markdown_cell("## References\n\n- Doe.")]


def small_page(*parts):
    cells = [new_markdown_cell(p) if isinstance(p, str) else p for p in parts]
    return plan([deepcopy(c) for c in [HEAD, *cells, *TAIL]])


def printing(source, text="out\n"):
    return new_code_cell(source, outputs=[new_output("stream", text=text)])


def test_a_section_opens_and_announces_its_code():
    one, two = "One. Two. Three is said.", "Now we run it."
    slides = small_page(f"## S\n\n{one} {two}", printing("f()"), "Read it. And so on.")
    section, code = slides[1], slides[2]
    assert (section.text, section.notes) == (["One. Two."], ["Three is said."])
    assert (code.kind, code.text, code.show_code) == ("code", [two], True)
    assert code.notes == ["Read it. And so on."]


def test_long_code_shows_only_what_it_prints():
    long = "\n".join(f"a{k} = {k}" for k in range(LONGEST_CODE + 1))
    silent = new_code_cell(long)
    slides = small_page("## S\n\nOne.", printing(long), "Two.", silent, "Three.")
    assert [slide.kind for slide in slides] == ["title", "section", "code", "summary"]
    assert not slides[2].show_code
    assert slides[2].notes == ["Two.", "Three."]


def test_code_that_prepares_a_run_comes_before_the_question():
    question = "## S\n\nOpen.\n\n> **Predict first.** How many?\n\nWe define."
    slides = small_page(
        question, new_code_cell("x = 1"), "Run.", printing("g(x)"), "Three. Not two."
    )
    assert [slide.kind for slide in slides][1:5] == ["section", "code", "predict", "answer"]
    assert slides[4].text == ["Three. Not two."]
    assert slides[4].cell.source == "g(x)"


def test_a_prediction_without_a_run_is_answered_in_words():
    slides = small_page(
        "## S\n\nOpen.\n\n> **Predict first.** How?\n\n> Laboratory.\n\nSo.", "## R\n\nX."
    )
    assert [(slide.kind, slide.text) for slide in slides][2:4] == [
        ("predict", ["How?"]),
        ("answer", ["So."]),
    ]
    assert slides[2].notes == ["> Laboratory."]


def test_a_formula_waits_for_the_answer():
    text = "## S\n\nOpen.\n\n> **Predict first.** How?\n\nIt is\n\n$$\na = b\n$$"
    slides = small_page(text, printing("h()"), "Read.")
    assert [slide.kind for slide in slides][2:5] == ["predict", "answer", "formula"]
    assert slides[4].text == ["It is", "$$\na = b\n$$"]
    assert slides[3].text == ["Read."]


def test_first_formula_of_a_section_stands_on_its_slide_and_the_next_on_one_of_its_own():
    slides = small_page("## S\n\nOpen. It is\n\n$$\na\n$$\n\nSo then\n\n$$\nb\n$$")
    assert slides[1].text == ["Open. It is", "$$\na\n$$"]
    assert (slides[2].kind, slides[2].text) == ("formula", ["So then", "$$\nb\n$$"])


def test_references_are_said_with_what_was_learnt():
    slides = small_page("## Exercises", "### Exercise 1. E\n\nDo it.")
    assert slides[-1].heading == "In short"
    assert slides[-1].text == ["- Done."]
    assert slides[-1].notes == ["**References**", "- Doe."]
    assert slides[-2].text == ["Do it."]


def test_letters_follow_how_much_there_is():
    assert letters(Slide("exercise", "E", ["Few words."])) == "large"
    assert letters(Slide("exercise", "E", ["word " * 60])) == "normal"
    assert letters(Slide("exercise", "E", ["word " * 90])) == "small"
    assert letters(Slide("formula", "F", [f"$${'a' * 120}$$"])) == "small"


def test_formulas_are_html_on_slides_and_plain_mathml_in_notes():
    rows = Renderer(in_notes=False).block_math(r"a \\ b \tag{3}")
    assert "katex-html" in rows
    assert "tag" in rows
    assert Renderer(in_notes=True).inline_math("a^2").startswith("<math")


def test_every_page_is_in_a_part():
    assert sorted(p for pages in parts_of_course().values() for p in pages) == sorted(PAGES)


def test_list_of_decks_leads_to_each():
    html = index("A & B", {"Part": [("T < U", 7, Path("a/b.html"))]})
    assert '<a href="a/b.html">T &lt; U</a> <span>7 slides</span>' in html
    assert "A &amp; B" in html
    assert "LISTS" not in html


@pytest.fixture
def empty_store(tmp_path, monkeypatch):
    store = Store(tmp_path)
    monkeypatch.setattr(make_slides, "Store", lambda: store)
    monkeypatch.setattr(store, "reason_to_run", lambda page: "never run")
    monkeypatch.setattr(make_slides, "pages_in_toc", lambda: PAGES[:1])
    return store


def test_a_page_that_was_not_run_is_run_first(empty_store, monkeypatch, capsys):
    ran, made = [], []
    monkeypatch.setattr(make_slides, "run", lambda pages, **_: ran.append(pages))
    monkeypatch.setattr(make_slides, "make", made.append)
    assert make_slides.main() == 0
    assert ran == [PAGES[:1]]
    assert made == [empty_store]
    assert "running 1 notebooks first" in capsys.readouterr().out


def test_a_page_that_fails_gives_no_deck_and_one_clear_line(empty_store, monkeypatch, capsys):
    monkeypatch.setattr(make_slides, "run", lambda pages, **_: 1)
    monkeypatch.setattr(make_slides, "make", lambda *_: pytest.fail("made"))
    assert make_slides.main() == 1
    assert "slides: FAILED. A notebook failed" in capsys.readouterr().out


def test_an_empty_store_has_no_outputs(tmp_path):
    assert not make_slides.in_cache(PAGES[0], Store(tmp_path))


def test_vendored_reveal_names_version_and_licence():
    folder = ROOT / "_vendor" / "slides" / "reveal"
    version = re.match(r"reveal\.js ([\d.]+)", (folder / "VERSION").read_text())[1]
    assert version in (folder / "reveal.js").read_text(encoding="utf-8")
    assert "Permission is hereby granted, free of charge" in (folder / "LICENSE").read_text()
