"""The rules that every notebook of the course keeps, one assertion each."""

import ast
import importlib
import re

import pytest
from notebook_pages import NOTEBOOKS, ROOT, exercises, tags

ALLOWED_TAGS = {"remove-cell", "hide-input", "hide-output", "remove-output", "answer", "solution"}
ALLOWED_TAGS |= {"varies"}  # prints what no second run repeats (tools/check_repeat.py)
# Each would reach beyond its cell: figures elsewhere, other pages' seeds, hidden warnings.
GLOBAL_EFFECTS = re.compile(
    r"rcParams|style\.use|plt\.show|np\.random\.seed|random\.seed\(|filterwarnings"
    r"|simplefilter|sns\.set|sys\.path"
)
CHANGE = re.compile(r"\bchange the (model|network|tower|loss|optimiser|training set)\b", re.I)
WHY = re.compile(r"\bexplain\b|\bwhy\b", re.I)
BOOTSTRAP = (ROOT / "tools" / "bootstrap_cell.py").read_text().rstrip("\n")


def test_there_are_notebooks():
    assert NOTEBOOKS


# -- the file ------------------------------------------------------------------------------


def test_no_outputs_are_stored(page):
    assert not any(cell.get("outputs") or cell["execution_count"] for cell in page.code)


def test_kernel_is_python3(page):
    assert page.content["metadata"]["kernelspec"]["name"] == "python3"


def test_no_python_version_is_stored(page):
    assert "version" not in page.content["metadata"].get("language_info", {})


def test_has_a_ceiling_of_processor_time(page):
    """Written by ``tools/run_notebooks.py --set-budgets``; the runner fails a page above it."""
    assert 10 <= page.content["metadata"].get("course", {}).get("cpu_seconds", 0) <= 150


def test_only_known_tags(page):
    assert {tag for cell in page.cells for tag in tags(cell)} <= ALLOWED_TAGS


# -- the opening ---------------------------------------------------------------------------


def test_opens_with_label_and_title(page):
    assert page.cells[0]["source"].startswith(f"(ch-{page.slug})=\n# ")


def test_says_what_you_will_learn(page):
    assert "**You will learn**" in page.cells[0]["source"]


def test_says_what_comes_before(page):
    assert "**Before you start**" in page.cells[0]["source"]


def test_bootstrap_is_the_first_code_and_the_same_everywhere(page):
    assert page.code[0]["source"] == BOOTSTRAP


def test_bootstrap_is_not_on_the_site(page):
    assert tags(page.code[0]) == ["remove-cell"]


def test_random_numbers_come_from_a_seeded_generator(page):
    source = "\n".join(cell["source"] for cell in page.code)
    assert "np.random." not in source.replace("np.random.default_rng(", "").replace(
        "np.random.Generator", ""
    )


def test_training_with_keras_is_seeded(page):
    source = "\n".join(cell["source"] for cell in page.code)
    assert ".fit(" not in source or "keras" not in source or "set_random_seed(" in source


# -- the body ------------------------------------------------------------------------------


def test_cells_fit_on_a_screen(page):
    too_long = [c["source"][:60] for c in page.code if c["source"].count("\n") >= 25]
    assert not too_long


def test_code_cells_are_separated_by_words(page):
    pairs = zip(page.body, page.body[1:], strict=False)
    assert not [b["source"][:60] for a, b in pairs if a["cell_type"] == b["cell_type"] == "code"]


def test_enough_words_for_each_code_cell(page):
    words = sum(len(c["source"].split()) for c in page.body if c["cell_type"] == "markdown")
    assert words >= 55 * sum(c["cell_type"] == "code" for c in page.body)


def test_no_effects_beyond_the_page(page):
    assert not [c["source"][:60] for c in page.code if GLOBAL_EFFECTS.search(c["source"])]


def test_colours_come_from_the_palette(page):
    assert not [
        c["source"][:60] for c in page.code if re.search(r"[\"']#[0-9a-fA-F]{6}", c["source"])
    ]


def test_directives_use_colon_fences(page):
    assert "```{" not in page.prose


def test_two_guesses_before_a_run(page):
    assert page.prose.count("> **Predict first.**") >= 2


def test_two_quick_questions(page):
    assert page.prose.count('<details class="quick-question">') >= 2


def test_quick_questions_explain_every_answer(page):
    folded = re.findall(r'<details class="quick-question">.*?</details>', page.prose, re.S)
    bodies = [part.split("</summary>")[1] for part in folded]
    assert all({"(a)", "(b)", "(c)"} <= set(re.findall(r"\([a-d]\)", body)) for body in bodies)


# -- figures -------------------------------------------------------------------------------


def figure_cells(page):
    return [(n, c) for n, c in enumerate(page.cells) if "mystnb" in c["metadata"]]


def test_figures_have_names_and_captions(page):
    figures = [c["metadata"]["mystnb"].get("figure", {}) for _, c in figure_cells(page)]
    assert all(f.get("name", "").startswith(f"fig-{page.slug}") and f["caption"] for f in figures)


def test_figures_are_described(page):
    alts = [c["metadata"]["mystnb"].get("image", {}).get("alt", "") for _, c in figure_cells(page)]
    assert all(len(alt) >= 30 for alt in alts)


def test_figure_cells_show_nothing_but_the_figure(page):
    """A value at the end would be a second output, and the figure's name would stand twice."""
    for _, cell in figure_cells(page):
        last = ast.parse(cell["source"]).body[-1]
        shows_value = isinstance(last, ast.Expr) and not ast.unparse(last).startswith("print(")
        assert not shows_value or cell["source"].rstrip().endswith(";"), cell["source"][-60:]


def test_figures_are_read_in_the_next_paragraph(page):
    for n, cell in figure_cells(page):
        following = next(c["source"] for c in page.cells[n + 1 :] if c["cell_type"] == "markdown")
        assert cell["metadata"]["mystnb"]["figure"]["name"] in following


# -- the close -----------------------------------------------------------------------------


def test_closes_with_summary_exercises_references(page):
    order = [page.section(title) for title in ("In short", "Exercises", "References")]
    assert -1 < order[0] < order[1] < order[2]


def test_four_to_six_exercises(page):
    assert 4 <= len(exercises(page)) <= 6


def test_an_exercise_changes_the_model(page):
    """The network, what it learns from, or how."""
    assert [e.number for e in exercises(page) if CHANGE.search(e.task)]


def test_an_exercise_explains_a_surprise(page):
    assert [e.number for e in exercises(page) if WHY.search(e.task)]


def test_exercises_are_numbered_in_order(page):
    numbers = [exercise.number for exercise in exercises(page)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_all_but_one_exercise_answer_back(page):
    silent = [e.number for e in exercises(page) if not e.answers]
    assert len(silent) <= 1


def test_answer_cells_check_a_placeholder(page):
    for exercise in exercises(page):
        for cell in exercise.answers:
            wanted = f'check("{page.name}/{exercise.number}", answer_{exercise.number})'
            assert "..." in cell["source"]
            assert cell["source"].rstrip().endswith(wanted)


def test_solutions_are_folded_on_the_site(page):
    for exercise in exercises(page):
        label = f":::{{solution-start}} ex-{page.slug}-{exercise.number}\n:class: dropdown\n:::"
        assert label in exercise.opening
        assert exercise.closed


def test_solutions_are_folded_in_jupyterlab_and_colab(page):
    for exercise in exercises(page):
        for cell in exercise.solutions:
            assert cell["metadata"]["jupyter"] == {"source_hidden": True}
            assert cell["metadata"]["cellView"] == "form"
            assert cell["source"].startswith(f"# @title Solution {exercise.number}")


def test_solutions_pass_through_the_same_check(page):
    for exercise in exercises(page):
        wanted = f'check("{page.name}/{exercise.number}", solution_{exercise.number})'
        assert not exercise.answers or exercise.solutions[-1]["source"].rstrip().endswith(wanted)


def test_solutions_leave_the_answer_alone(page):
    for exercise in exercises(page):
        for cell in exercise.solutions:
            assert not re.search(r"\banswer_\d+\s*=|def answer_", cell["source"])


def test_each_check_has_its_exercise(page):
    module = importlib.import_module(f"nnutils.checks.{page.name}")
    functions = {int(n[9:]) for n in vars(module) if re.fullmatch(r"exercise_\d+", n)}
    assert functions == {e.number for e in exercises(page) if e.answers}


# -- the rules themselves ------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["np.random.seed(0)", "plt.rcParams['a'] = 1", "warnings.filterwarnings('ignore')"]
)
def test_rule_on_effects_can_go_red(source):
    assert GLOBAL_EFFECTS.search(source)


@pytest.mark.parametrize("task", ["Count the units.", "Nothing changes the model.", "Change it."])
def test_rules_on_exercises_can_go_red(task):
    assert not CHANGE.search(task)
    assert not WHY.search(task)
