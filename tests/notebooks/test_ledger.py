"""The ledger of truth holds no number without a guard, and its finder can go red."""

import pytest
from guards import INF, Guard, Reader, javascript_guards
from notebook_pages import ROOT
from notebooks.ledger import agrees, entries, ledger, page_of, pages
from statements import blocks, numbers


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_no_stated_result_is_unguarded(path):
    found = [
        f"{path.relative_to(ROOT)}, cell {e.cell}, line {e.line}: {e.number} in: {e.sentence}"
        for e in ledger(path)
        if e.state == "unguarded"
    ]
    assert not found, "\n".join(found)


def test_the_ledger_is_not_empty():
    states = [entry.state for path in pages() for entry in ledger(path)]
    assert states.count("asserted") > 500
    assert states.count("cited") > 500


# -- small pages ---------------------------------------------------------------------------


def markdown(text):
    return {"cell_type": "markdown", "source": text, "metadata": {}}


def code(text, **metadata):
    return {"cell_type": "code", "source": text, "metadata": metadata}


def states(*cells, linked=lambda label: None):
    return [entry.state for entry in entries(page_of(cells), linked)]


ASSERTED = code("assert 0.9 < accuracy < 0.94")
SAID = markdown("## Result\n\nThe accuracy is about 0.92.")


def test_a_decimal_with_an_assertion_is_asserted():
    assert states(SAID, ASSERTED) == ["asserted"]


@pytest.mark.parametrize(
    "text",
    [
        "print(accuracy)",  # removed
        "assert 0.1 < accuracy < 0.94",  # too wide
        "assert accuracy > 0.9",  # no range
        "assert 0.93 < accuracy < 0.94",  # another number
        "assert accuracy == best",  # two computed values
        "ax.plot(x, 0.92)",  # drawn, not computed
    ],
)
def test_a_decimal_without_its_assertion_is_found(text):
    assert states(SAID, code(text)) == ["unguarded"]


def test_an_assertion_far_away_guards_only_what_was_guarded_before():
    far = [markdown("## Far"), code("pass; 1"), markdown("It is 0.92 again."), code("pass; 1")]
    assert states(ASSERTED, markdown("## Between"), *far) == ["unguarded"]
    assert states(SAID, ASSERTED, *far) == ["asserted", "asserted"]


def test_the_summary_may_use_any_assertion():
    between = [markdown("## Other"), code("1")]
    assert states(ASSERTED, *between, markdown("## In short\n\nIt is 0.92.")) == ["asserted"]


def test_a_caption_and_a_description_state_results():
    shown = {"mystnb": {"figure": {"caption": "At 0.92."}, "image": {"alt": "A line at 0.95."}}}
    assert states(code("draw()", **shown)) == ["unguarded", "unguarded"]
    assert states(code("assert 0.9 < x < 0.94", **shown)) == ["asserted", "unguarded"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("It took 42 hours (Rosenblatt, 1958).", ["cited", "cited"]),
        ("Rosenblatt (1958) built it.", ["cited"]),
        ("Some 60 million ([source](https://example.org)).", ["cited"]),
        ("- It has 8.5 layers.\n  As [they](https://example.org) say.", ["cited"]),
        ("| a | b |\n|---|---|\n| 8.5 | [source](https://example.org) |", ["cited"]),
        ("It took 42 hours.", ["unguarded"]),
        ("It was built in 1958.", ["unguarded"]),
        ("It was 1958.\n\n## References\n\n- A (1958). [B](https://example.org)", ["cited"] * 2),
        ("We take 200 points with noise 0.3.", ["given", "given"]),
        ("It takes 70% of them.", ["unguarded"]),
        ("See $0.5 + 0.25 = 0.75$ and `0.77`.", []),
        ("A formula for $x$ that is $0.75$.", ["unguarded"]),
        ("It falls to $10^{-8}$.", ["unguarded"]),
        ("Three of four, 7 of 9.", []),
        ("Is it 0.75, or 80%?", []),
        ("The 95% interval and version 3.15 of Keras 3.", []),
        ("A 2-4-4-2 network in 32-bit numbers.", []),
        (":::{exercise} One\n:label: a\n\nLet x be 0.77.\n:::", []),
        (":::{note}\nIt is 0.77.\n:::", ["unguarded"]),
        ("[0.77](page.md) {ref}`0.77 <ch-a>`", ["unguarded"]),
        (":::{glossary}\na\n  It is 0.77.\n:::", ["unguarded"]),
        ("<details>\n<summary>A?<br>(a) 0.77</summary>\n\n(a) Not 0.77, 0.78.\n\n</details>",
         ["given", "unguarded"]),
        ("{glue:text}`score`", ["glued"]),
        ("It needs 1.9 GiB.", ["unguarded"]),
        ("No page needs more than 1.5 GiB.", ["asserted"]),
    ],
)  # fmt: skip
def test_each_rule(text, state):
    assert states(markdown(text), code("X = draw(200, noise=0.3)")) == state


def test_given_decimals_stand_near_and_whole_numbers_anywhere():
    cells = [
        code("X = draw(200, 0.3)"),
        markdown("## B"),
        code("1"),
        markdown("200 and 0.3."),
        code("1"),
    ]
    assert states(*cells) == ["given", "unguarded"]


def test_the_data_of_an_exercise_are_given_in_its_solution():
    task = markdown("## Exercises\n\n:::{exercise} A\nLet x be 0.77.\n:::")
    assert states(task, code("1"), markdown("With 0.77 it is 0.78.")) == ["given", "unguarded"]


def test_a_link_leads_to_the_assertion():
    other = page_of([ASSERTED])
    said = markdown("As {ref}`ch-other` measures, it is 0.92.\n\nBut it is 0.92.")
    pages_by_label = {"ch-other": other}
    assert states(said, linked=pages_by_label.get) == ["asserted", "asserted"]
    assert states(said, linked={}.get) == ["unguarded", "unguarded"]


def test_lines_are_those_of_the_page():
    found = blocks("One.\n\n- Two.\n- Three.\n\n:::{note}\n:class: a\n\nFour.\n:::\n")
    assert [(b.text, b.line) for b in found] == [
        ("One.", 1),
        ("Two.", 3),
        ("Three.", 4),
        ("Four.", 9),
    ]


# -- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "unit", "side"),
    [
        ("some 60,000 rows", 60_000, "", ""),
        ("a loss of −0.25", -0.25, "", ""),
        ("more than 85%", 85, "%", "above"),
        ("no more than 85%", 85, "%", "below"),
        ("none reaches 93%", 93, "%", "below"),
        ("no width comes below 0.45", 0.45, "", "above"),
        ("At most 12 points", 12, "points", "below"),
        ("1.5 GiB or more", 1.5, "GiB", "above"),
        ("right 97 times in 100", 97, "times in 100", ""),
        ("about 3e-8", 3e-8, "", ""),
        ("near 2 · 10⁻¹⁶", 2e-16, "", ""),
    ],
)
def test_numbers_are_read(text, value, unit, side):
    (number,) = numbers(blocks(text)[0].text)
    assert (number.value, number.unit, number.side) == (value, unit, side)


def test_both_ends_of_a_range_have_its_unit():
    assert [n.unit for n in numbers("between 92 and 93%")] == ["%", "%"]


# -- guards --------------------------------------------------------------------------------


def guards(source):
    reader = Reader()
    reader.read(source)
    return {(guard.low, guard.high) for guard in reader.guards}


@pytest.mark.parametrize(
    ("source", "low", "high"),
    [
        ("assert x == 3", 3, 3),
        ("assert (a, b) == (18, 34)", 34, 34),
        ("assert 10 * 9 + 1 == n", 91, 91),
        ("assert 1 < x < 2", 1, 2),
        ("assert 1 < x < y < 2", 1, 2),
        ("assert x > 1\nassert x < 2", 1, 2),
        ("assert x > 1", 1, INF),
        ("assert all(v < 2 for v in x)", -INF, 2),
        ("assert abs(x - 5) < 1", 4, 6),
        ("assert np.abs(x - 5).max() < 1", 4, 6),
        ("assert x.between(1, 2).all()", 1, 2),
        ("np.testing.assert_allclose(x, [8, 4], rtol=0.5)", 4, 12),
        ("table = [8]\nassert np.allclose(x, table, atol=1, rtol=0)", 7, 9),
        ("bands = {'gain': (1, 2)}\nassert within('gain', x)", 1, 2),
        ("assert x < 0.5 * y", 2, INF),
        ("assert x < y - 2", 2, INF),
        ("assert small or 1 < x < 2", 1, 2),
        ("assert abs(x - (8 if small else 5)) < 1", 4, 6),
    ],
)
def test_assertions_are_read(source, low, high):
    assert (low, high) in guards(source)


@pytest.mark.parametrize("source", ["x = 3", "assert x", "assert x == y", "assert f(x)"])
def test_what_pins_no_number_is_no_guard(source):
    assert guards(source) == set()


def test_two_sides_that_exclude_each_other_are_no_range():
    assert (0.8, 0.9) not in guards("assert np.all((x < 0.8) | (x > 0.9))")


def test_assertions_in_javascript_are_read():
    source = "const a = 3; assert.ok(b.max < 0.7 && c >= 2);\nassert.deepEqual([d, e], [60, 15]);"
    found = {(guard.low, guard.high) for guard in javascript_guards(source)}
    assert found == {(-INF, 0.7), (2, INF), (60, 60), (15, 15)}


@pytest.mark.parametrize(
    ("text", "low", "high", "right"),
    [
        ("about 0.3", 0.25, 0.35, True),
        ("about 0.3", 0.1, 0.5, False),  # wider than half of the number
        ("about 0.3", 0.3, INF, False),
        ("30%", 0.28, 0.34, True),
        ("0.3", 28, 34, False),
        ("98%", 0.96, 1.0, True),
        ("86%", 0.6, 0.95, False),  # narrow for the number, wide for what it lacks to one
        ("more than 30%", 0.3, INF, True),
        ("more than 30%", 0.32, INF, True),
        ("more than 30%", 0.9, INF, False),  # about something else
        ("more than 30%", 0.29, INF, False),
        ("less than 30%", -INF, 0.3, True),
        ("less than 30%", 0.3, INF, False),
        ("between 0.1 and 0.9", 0.1, 0.9, True),
        ("0.1", 0.1, 0.9, False),
        ("1.83", 1.825, 1.834, True),
        ("1.83", 1.84, 1.84, False),
        ("188 MB", 188.2e6, 188.2e6, True),
        ("2 points", 0.015, 0.025, True),
        ("1.2 million", 1_200_000, 1_200_000, True),
        ("1e-8", 1e-9, 1e-7, True),
        ("1e-8", 1e-16, 1e-7, False),
    ],
)
def test_a_guard_agrees_or_does_not(text, low, high, right):
    stated = list(numbers(text))
    assert agrees(stated[0], Guard(low, high), stated) is right
