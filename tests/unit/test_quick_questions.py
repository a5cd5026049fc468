"""Quick questions: their form is checked in the build, and all of them meet in the review."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "_ext")!r})
extensions = ["myst_parser", "quick_questions"]
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["_build"]
"""
QUESTION = """<details class="quick-question">
<summary><strong>Quick question.</strong> How much is {what}?<br>(a) 3<br>(b) 4</summary>

(a) Wrong: look at [the other page](#other), and at $x^2$.

(b) Right: count.

</details>
"""
FILES = {
    "index.md": "# Start\n\n```{toctree}\npart/two\npart/one\nplain\nreview\n```\n",
    "part/one.md": "# One\n\n" + QUESTION.format(what="one and three"),
    "part/two.md": "(other)=\n# Two\n\n" + QUESTION.format(what="two and two"),
    "plain.md": "# Plain\n\nNo question.\n",
    "review.md": "# Review\n\n```{quick-review} part\n```\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in {"conf.py": CONF, **FILES}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def build(project: Path) -> str:
    """Build the project and return what it complained about."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build"],
        cwd=project, capture_output=True, text=True, timeout=120, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def html(project: Path, name: str) -> str:
    return (project / "_build" / f"{name}.html").read_text()


def test_script_stands_once_and_deferred_where_there_are_questions(project):
    assert build(project) == ""
    for page, times in {"part/one": 1, "review": 1, "plain": 0, "index": 0}.items():
        assert len(re.findall(r"<script[^>]*quick\.js", html(project, page))) == times
    assert re.search(r'<script[^>]*defer="defer"[^>]*quick\.js', html(project, "review"))
    written = (project / "_build/_static/quick.js").read_text()
    assert "fieldset" in written
    assert "/**" not in written
    assert "//" not in written


def test_review_has_all_questions_in_reading_order_with_links_that_lead_there(project):
    assert build(project) == ""
    page = html(project, "review")
    assert page.index("two and two") < page.index("one and three")
    assert page.count('<details class="quick-question">') == 2
    assert '<a class="reference internal" href="part/one.html"><strong>One</strong></a>' in page
    assert page.count('href="part/two.html#other"') == 2


def test_review_is_written_anew_when_a_question_changed_or_is_gone(project):
    build(project)
    (project / "part/one.md").write_text("# One\n\n" + QUESTION.format(what="five minus one"))
    build(project)
    assert "five minus one" in html(project, "review")
    assert "one and three" not in html(project, "review")
    (project / "part/one.md").write_text("# One\n\nNothing asked.\n")
    assert build(project) == ""
    assert "five minus one" not in html(project, "review")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("(b) Right", "(b) Wrong", "of one option, and of one only"),
        ("(a) Wrong", "(a) Right", "of one option, and of one only"),
        ("(b) Right: count.\n", "", r"got explanations for \['a'\]"),
        ("<br>(b) 4", "", "two or more options"),
        ("<summary>", "<summary>\n\n", "must follow the opening tag"),
        ("</details>", "", "is missing"),
    ],
)
def test_a_question_of_another_form_is_a_warning_with_its_place(project, old, new, complaint):
    page = project / "part/one.md"
    page.write_text(page.read_text().replace(old, new))
    assert re.search(rf"part/one\.md:\d+: WARNING: quick question: .*{complaint}", build(project))


def test_a_review_of_nothing_is_a_warning(project):
    (project / "review.md").write_text("# Review\n\n```{quick-review} nowhere\n```\n")
    assert "review.md:3: WARNING: quick-review: no page in 'nowhere'" in build(project)
