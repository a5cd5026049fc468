"""A fork from start to end: stamped, built, opened, merged. ``make test-rebrand`` runs this."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from project_copy import AUTHOR, ORIGINAL, SVG, as_original, commit, git
from rebrand import differences, notebooks
from run_notebooks import ROOT

PAGES = ["chapters/start/notation", "chapters/history/perceptron"]
NOTEBOOK = PAGES[1]
CREST = SVG.format("#0072b2")
ADDRESS = "https://github.com/someone/their-course"
NAMES = {
    "title": "Networks: A Workshop",
    "author": "Ada Example",
    "copyright": "2027",
    "credit": "Adapted from another course, CC BY 4.0 (https://example.org/by), with changes.",
    "logo": "crest.svg",
}
# Where this test itself runs is not where the fork is built.
ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}


def run(fork: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=fork, env=ENVIRON, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stamp(fork: Path, **given: str) -> None:
    (fork / "crest.svg").write_text(CREST)
    wishes = "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.items())
    (fork / "rebrand.toml").write_text(wishes)
    run(fork, sys.executable, "tools/rebrand.py", "rebrand.toml")


def built(fork: Path) -> dict[str, bytes]:
    """Build the book in the fork, with warnings as errors, and return the files of the site."""
    run(fork, sys.executable, "tools/build_book.py")
    site = fork / "_build" / "html"
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def buttons(site: dict[str, bytes]) -> set[str]:
    """Return where the buttons above the notebook's text lead to, outside the site."""
    page = BeautifulSoup(site[f"{NOTEBOOK}.html"], "html.parser")
    links = page.select(".header-article a[href], .bd-header-article a[href]")
    return {link["href"] for link in links if link["href"].startswith("http")}


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """A clone of the course with two pages, whose links to other pages are plain words."""
    folder = tmp_path_factory.mktemp("fork")
    original = as_original(folder)
    git(folder, "clone", "--quiet", str(original), "clone")
    clone = folder / "clone"
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in PAGES]}
    (clone / "_toc.yml").write_text(yaml.safe_dump(toc))
    files = [clone / "index.md", clone / f"{PAGES[0]}.md", clone / f"{PAGES[1]}.ipynb"]
    labels = {x for file in files for x in re.findall(r"\(([\w-]+)\)=", file.read_text())}
    for file in files:
        text = file.read_text()
        for role in set(re.findall(r"\{ref\}`[^`]*`", text)):
            label = re.search(r"([\w-]+)>?`$", role)[1]
            if label not in labels:
                text = text.replace(role, re.sub(r"\{ref\}`([^<`]*?) *(<.*)?`", r"\1", role))
        file.write_text(text)
    commit(clone, "Two pages")
    return clone


@pytest.fixture(scope="module")
def named(fork):
    """The site of a fork with a name of its own and no address."""
    stamp(fork, **NAMES)
    return built(fork)


@pytest.fixture(scope="module")
def addressed(fork, named):
    """The same with an address and a hub."""
    stamp(fork, **NAMES, repository=ADDRESS, hub="https://hub.example.edu")
    return built(fork)


@pytest.fixture(scope="module")
def elsewhere(fork, addressed):
    """The same at another host."""
    stamp(fork, **NAMES, repository="https://gitlab.com/ada/nets", revision="term")
    return built(fork)


@pytest.mark.parametrize("state", ["named", "addressed", "elsewhere"])
def test_old_name_is_nowhere_on_the_site(request, state):
    site = request.getfixturevalue(state)
    assert len(site) > 20
    for name, content in site.items():
        assert not [old for old in ORIGINAL.values() if old.encode() in content], name


def test_new_name_logo_and_credit_are_on_every_page(addressed):
    for page in ("index", *PAGES):
        shown = BeautifulSoup(addressed[f"{page}.html"], "html.parser")
        assert shown.title.get_text().strip().endswith(NAMES["title"])
        footer = shown.select_one("footer.bd-footer-content, .bd-footer-content").get_text(" ")
        assert "Ada Example" in footer
        assert "Adapted from another course" in footer
        assert shown.select_one('a[href="https://example.org/by"]')
    assert addressed["_static/logo.svg"].decode() == CREST


def test_without_an_address_there_are_no_buttons(named):
    assert buttons(named) == set()
    everything = b"".join(content for name, content in named.items() if name.endswith(".html"))
    for place in (
        b"colab.research",
        b"mybinder.org",
        b"git-pull?",
        b"executablebooks/jupyter-book",
    ):
        assert place not in everything


def test_with_address_and_hub_every_button_leads_to_the_fork(addressed):
    page = f"{NOTEBOOK}.ipynb"
    assert buttons(addressed) == {
        f"https://colab.research.google.com/github/someone/their-course/blob/main/{page}",
        f"https://mybinder.org/v2/gh/someone/their-course/main?urlpath=lab/tree/{page}",
        "https://hub.example.edu/hub/user-redirect/git-pull?repo=https%3A//github.com/someone/"
        f"their-course&urlpath=lab/tree/their-course/{page}&branch=main",
        ADDRESS,
        f"{ADDRESS}/issues/new?title=Issue%20on%20page%20%2F{NOTEBOOK}.html"
        "&body=Your%20issue%20content%20here.",
    }


def test_elsewhere_than_github_there_is_no_colab_and_nothing_of_the_address_before(elsewhere):
    assert any(
        link.startswith("https://mybinder.org/v2/gl/ada%2Fnets") for link in buttons(elsewhere)
    )
    for name, content in elsewhere.items():
        assert b"colab.research" not in content or name.startswith("_static/"), name
        assert ADDRESS.encode() not in content, name


def test_learners_get_the_address_with_the_notebook(addressed):
    downloaded = json.loads(addressed[f"_sources/{NOTEBOOK}.ipynb"])
    code = next(cell for cell in downloaded["cells"] if cell["cell_type"] == "code")
    assert f'REPOSITORY = "{ADDRESS}@main"' in "".join(code["source"])


# -- the commands of the page ---------------------------------------------------------------

BLOCKS = re.findall(
    r"```bash\n(.*?)```", (ROOT / "chapters/instructors/rebrand.md").read_text(), re.S
)


def follow(fork: Path, block: str, **filled: str) -> subprocess.CompletedProcess:
    """Type the commands of a block of the page, one after the other, until one fails."""
    for command in block.strip().split("\n"):
        for name, value in filled.items():
            command = command.replace(f"<{name.replace('_', ' ')}>", value)
        command = command.replace("make rebrand FROM=", f"{sys.executable} tools/rebrand.py ")
        words = shlex.split(command)
        if words[0] == "git":
            words[1:1] = AUTHOR
        done = subprocess.run(words, cwd=fork, env=ENVIRON, capture_output=True, text=True)
        if done.returncode:
            return done
    return done


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_stamping_and_merging_as_the_page_says(tmp_path):
    stamping, merging, conflicting = BLOCKS
    upstream = as_original(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", str(upstream), "hosted.git")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "hosted.git"), "fork")
    fork = tmp_path / "fork"
    xor, perceptron = (fork / f"chapters/history/{name}.ipynb" for name in ("xor", "perceptron"))

    def agree():
        assert differences(lambda name: (fork / name).read_text(), notebooks(fork)) == []
        assert git(fork, "status", "--porcelain") == ""
        assert f"{ADDRESS}@main" in xor.read_text()
        assert "Our own words." in perceptron.read_text()
        config = yaml.safe_load((fork / "_config.yml").read_text())
        assert (config["title"], config["author"]) == (NAMES["title"], "Ada Example")

    # Stamp, commit, push; then teach with it: words of one's own in a page.
    wishes = NAMES | {"repository": ADDRESS, "version": "2027.03"}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in wishes.items())
    (fork / "rebrand.toml").write_text(lines)
    (fork / "crest.svg").write_text(CREST)
    (fork / "crest-small.svg").write_text(CREST)
    assert follow(fork, stamping).returncode == 0
    assert git(tmp_path / "hosted.git", "log", "-1", "--format=%s", "main") == "Rebrand"
    change(perceptron, '"## In short', '"Our own words.\\n",\n    "\\n",\n    "## In short')
    commit(fork, "Words of our own")
    agree()

    # The original corrects a page and brings a new one: nothing conflicts.
    source = upstream / "chapters/history"
    (source / "new.ipynb").write_text((source / "xor.ipynb").read_text())
    change(
        source / "xor.ipynb", '"## In short', '"A correction.\\n",\n    "\\n",\n    "## In short'
    )
    commit(upstream, "A correction and a new page")
    merged = follow(fork, merging, address_of_the_original=str(upstream))
    assert merged.returncode == 0, merged.stdout + merged.stderr
    agree()
    assert "A correction." in xor.read_text()
    assert f"{ADDRESS}@main" in (fork / "chapters/history/new.ipynb").read_text()

    # The original changes lines that are stamped: the stamp comes off and goes on again.
    change(upstream / "tools/bootstrap_cell.py", 'Y = ""  # the', 'Y = ""  # the one')
    for page in (upstream / "chapters").rglob("*.ipynb"):
        change(page, 'Y = \\"\\"  # the', 'Y = \\"\\"  # the one')
    version = re.search(r'version = "(.*)"', (upstream / "pyproject.toml").read_text())[1]
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md"):
        change(upstream / name, version, "2026.12")
    commit(upstream, "A new version, a new first cell")
    again = "\n".join(merging.strip().split("\n")[1:])
    assert "CONFLICT" in follow(fork, again).stdout
    stamps = git(fork, "log", "--format=%h", "--grep=^Rebrand").split()
    assert len(stamps) == 2
    merged = follow(fork, conflicting, **{"commits_of_stamps,_newest_first": " ".join(stamps)})
    assert merged.returncode == 0, merged.stdout + merged.stderr
    agree()
    assert "# the one public address" in xor.read_text()
    assert "A correction." in xor.read_text()


def test_commands_of_the_page_are_all_tried():
    assert len(BLOCKS) == 3
