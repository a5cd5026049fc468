"""Rebranding: every copy is stamped, nothing else is touched, and bad input changes nothing."""

import json
import re
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import rebrand
import yaml
from check_sizes import LIMIT_KB
from project_copy import ORIGINAL, SVG, as_original, commit, git
from rebrand import RebrandError, contrast, differences, notebooks, with_copyright
from run_notebooks import ROOT

sys.path.insert(0, str(ROOT / "_ext"))
import repository

PAGE = ROOT / "chapters" / "instructors" / "rebrand.md"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(9)
ADDRESS = "https://github.com/someone/their-course"
GIVEN = {
    "title": "Networks: A Workshop",
    "author": "Ada Example",
    "copyright": "2027",
    "credit": "Adapted from another course, CC BY 4.0 (https://example.org/by), with changes.",
    "version": "2027.03",
    "released": "2027-03-01",
    "repository": ADDRESS,
    "hub": "https://hub.example.edu",
    "logo": "crest.svg",
    "favicon": "small.png",
}


def wishes(folder: Path, given: dict) -> Path:
    """Write what is wished, and the pictures, into a folder of their own."""
    folder.mkdir(exist_ok=True)
    (folder / "crest.svg").write_text(SVG.format("#0072b2"))
    (folder / "small.png").write_bytes(PNG)
    path = folder / "rebrand.toml"
    lines = (f"{k} = {v if k == 'released' else json.dumps(v)}\n" for k, v in given.items())
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return as_original(tmp_path_factory.mktemp("course"))


@pytest.fixture
def fork(original, tmp_path):
    git(tmp_path, "clone", "--quiet", str(original), "fork")
    return tmp_path / "fork"


def stamp(fork, **given):
    return rebrand.rebrand(wishes(fork.parent / "wishes", given), fork)


def text(fork, name):
    return (fork / name).read_text(encoding="utf-8")


def contents(fork):
    files = (path for path in fork.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(fork).as_posix(): path.read_bytes() for path in files}


def changed(fork):
    return set(git(fork, "diff", "--name-only").split())


def disagree(fork):
    return differences(lambda name: text(fork, name), notebooks(fork))


# -- the project itself ---------------------------------------------------------------------


def test_every_copy_in_the_project_agrees_with_its_source():
    assert disagree(ROOT) == []


def test_names_stand_only_where_they_are_stamped(original):
    """Whatever else named the course would keep the old name in a fork."""
    places = {"_config.yml", "CITATION.cff", "README.md", "index.md", "pyproject.toml", "LICENSE"}
    for name, content in contents(original).items():
        if name not in places | {"LICENSE-CONTENT", "rebrand.toml"}:
            assert not [old for old in ORIGINAL.values() if old.encode() in content], name


@pytest.mark.parametrize(
    ("name", "before", "after", "place"),
    [
        ("CITATION.cff", "\ntitle: ", "\ntitle: Not ", "title in CITATION.cff"),
        ("README.md", "# ", "# Not ", "title in README.md"),
        ("CITATION.cff", "  - name: ", "  - name: Not ", "author in CITATION.cff"),
        ("pyproject.toml", 'authors = [{ name = "', 'authors = [{ name = "A', "author in pyproj"),
        ("LICENSE", "Copyright (c) ", "Copyright (c) 1999, ", "copyright in LICENSE"),
        ("CITATION.cff", '\nversion: "', '\nversion: "9', "version in CITATION.cff"),
        ("CHANGELOG.md", "## 2", "## 9", "version in CHANGELOG.md"),
        ("CITATION.cff", "\nversion: ", "\nrepository-code: a\nversion: ", "repository in CITATI"),
        ("tools/bootstrap_cell.py", 'Y = "', 'Y = "https://a', "repository in tools/bootstr"),
        ("tools/bootstrap_cell.py", 'Y = "', 'Y = "@a', "revision in tools/bootstr"),
        ("chapters/history/xor.ipynb", "import subprocess", "import sys", "bootstrap in chapters"),
    ],
)
def test_a_copy_that_differs_is_found(name, before, after, place):
    def changed_text(file):
        content = text(ROOT, file)
        return content.replace(before, after, 1) if file == name else content

    assert before in text(ROOT, name)
    assert any(p.startswith(place) for p in differences(changed_text, notebooks(ROOT)))


# -- what is stamped ------------------------------------------------------------------------


def test_everything_given_is_stamped_everywhere(fork):
    assert stamp(fork, **GIVEN) == 0
    assert disagree(fork) == []
    config = yaml.safe_load(text(fork, "_config.yml"))
    assert (config["title"], config["author"]) == ("Networks: A Workshop", "Ada Example")
    assert (config["copyright"], config["logo"]) == ("2027", "_static/logo.svg")
    assert config["html"]["favicon"] == "_static/favicon.png"
    assert config["launch_buttons"]["jupyterhub_url"] == "https://hub.example.edu"
    assert '<a href="https://example.org/by">' in config["html"]["extra_footer"]
    project = tomllib.loads(text(fork, "pyproject.toml"))["project"]
    assert project["urls"] == {"Repository": ADDRESS}
    assert (project["version"], project["authors"]) == ("2027.03", [{"name": "Ada Example"}])
    citation = yaml.safe_load(text(fork, "CITATION.cff"))
    assert (citation["repository-code"], citation["date-released"]) == (ADDRESS, "2027-03-01")
    assert f'REPOSITORY = "{ADDRESS}@main"' in text(fork, "tools/bootstrap_cell.py")
    assert text(fork, "index.md").split("\n")[1] == "# Networks: A Workshop"
    assert "## 2027.03\n" in text(fork, "CHANGELOG.md")
    assert (fork / "_static/logo.svg").read_text() == SVG.format("#0072b2")
    assert not (fork / "_static/favicon.svg").exists()


def test_nothing_of_the_old_name_is_left_but_the_notice_that_the_licence_keeps(fork):
    stamp(fork, **GIVEN)
    notice = f"Copyright (c) 2026 {ORIGINAL['author']}\n"
    assert notice + "Copyright (c) 2027 Ada Example\n" in text(fork, "LICENSE")
    for name, content in contents(fork).items():
        content = content.replace(notice.encode(), b"") if name.startswith("LICENSE") else content
        left = [old for old in ORIGINAL.values() if old.encode() in content]
        assert not left or name == "rebrand.toml", name


def test_another_stamp_leaves_nothing_of_the_first(fork):
    stamp(fork, **{key: GIVEN[key] for key in GIVEN if key not in rebrand.IMAGES})
    other = {"title": "Nets", "author": "Ben", "repository": "https://gitlab.com/ben/nets"}
    other |= {"revision": "v2", "hub": "https://b.example.org", "credit": "From Ada."}
    assert stamp(fork, **other) == 0
    for name in git(fork, "diff", "--name-only", "main").split():
        for gone in (GIVEN["title"], ADDRESS, GIVEN["hub"], GIVEN["credit"]):
            assert gone not in text(fork, name), name
        assert "Ada Example" not in text(fork, name) or name in ("LICENSE", "LICENSE-CONTENT")
    assert "https://gitlab.com/ben/nets@v2" in text(fork, "chapters/history/xor.ipynb")


def test_stamped_twice_is_stamped_once(fork):
    stamp(fork, **GIVEN)
    once = contents(fork)
    assert stamp(fork, **GIVEN) == 0
    assert contents(fork) == once


def test_only_the_lines_that_name_the_course_change(fork):
    stamp(fork, **GIVEN)
    lines = [line.split("\t") for line in git(fork, "diff", "--numstat").split("\n")]
    counts = {name: (added, gone) for added, gone, name in lines}
    assert counts["_config.yml"] == ("6", "4")  # hub and credit are new lines
    assert counts["tools/bootstrap_cell.py"] == ("1", "1")
    assert {name for name in counts if name.endswith(".ipynb")} == set(notebooks(fork))
    assert {c for name, c in counts.items() if name.endswith(".ipynb")} == {("1", "1")}
    assert max(int(added) for added, _ in counts.values()) <= 6


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ({}, set()),
        ({"title": "Nets"}, {"_config.yml", "CITATION.cff", "README.md", "index.md"}),
        ({"author": "Ada"}, {"_config.yml", "CITATION.cff", "pyproject.toml", "LICENSE",
                             "LICENSE-CONTENT"}),
        ({"version": "2027.03"}, {"CITATION.cff", "pyproject.toml", "CHANGELOG.md"}),
        ({"hub": "https://hub.example.edu"}, {"_config.yml"}),
        ({"credit": "From them."}, {"_config.yml", "LICENSE-CONTENT"}),
        ({"logo": "crest.svg"}, {"_static/logo.svg"}),
        ({"repository": ADDRESS}, {"CITATION.cff", "pyproject.toml", "tools/bootstrap_cell.py",
                                   *notebooks(ROOT)}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_only_what_is_given_changes(fork, given, files):
    assert stamp(fork, **given) == 0
    assert changed(fork) == files


def test_a_new_notebook_gets_the_address_from_any_later_stamp(fork):
    stamp(fork, repository=ADDRESS)
    page = fork / "chapters" / "history" / "new.ipynb"
    page.write_text((ROOT / "chapters" / "history" / "xor.ipynb").read_text())
    assert disagree(fork) == ["bootstrap in chapters/history/new.ipynb"]
    assert stamp(fork) == 0
    assert disagree(fork) == []


def test_index_with_a_heading_of_its_own_keeps_it(fork):
    index = fork / "index.md"
    index.write_text("# Welcome\n")
    assert stamp(fork, title="Nets") == 0
    assert index.read_text() == "# Welcome\n"


def test_several_authors_and_entries_with_more_about_them(fork):
    citation = fork / "CITATION.cff"
    assert stamp(fork, author=["Ada Example", "Ben Other"], credit="") == 0
    entries = "  - name: Ada Example\n  - name: Ben Other\n"
    assert entries in citation.read_text()
    people = "  - given-names: Ada\n    family-names: Example\n    orcid: x\n  - name: Ben Other\n"
    citation.write_text(citation.read_text().replace(entries, people))
    assert stamp(fork, author=["Ada Example", "Ben Other"], credit="") == 0
    assert people in citation.read_text()
    assert "\nCopyright (c) 2026 Ada Example, Ben Other\n" in text(fork, "LICENSE")


@pytest.mark.parametrize(
    ("lines", "instead_of", "result"),
    [
        (["Copyright (c) 2026 A"], None, ["Copyright (c) 2026 A", "Copyright (c) 2027 B"]),
        (["Copyright (c) 2026 A"], "A", ["Copyright (c) 2027 B"]),
        (["Copyright (c) 2026 A", "Copyright (c) 2026 B"], "A", ["Copyright (c) 2027 B"]),
        (["Copyright (c) 2026 A", "Copyright (c) 2026 B"], None,
         ["Copyright (c) 2026 A", "Copyright (c) 2027 B"]),
        (["Copyright (c) 2026 Not B"], None, ["Copyright (c) 2026 Not B", "Copyright (c) 2027 B"]),
    ],
)  # fmt: skip
def test_notices_of_others_stay(lines, instead_of, result):
    assert with_copyright(lines, "2027", "B", instead_of=instead_of) == result


def test_credit_can_be_taken_back(fork):
    before = contents(fork)
    stamp(fork, credit="From them.")
    stamp(fork, credit="")
    assert contents(fork) == before


def test_png_logo_takes_the_place_of_the_svg(fork):
    assert stamp(fork, logo="small.png") == 0
    assert (fork / "_static/logo.png").read_bytes() == PNG
    assert not (fork / "_static/logo.svg").exists()
    assert yaml.safe_load(text(fork, "_config.yml"))["logo"] == "_static/logo.png"


# -- what the build makes of it -------------------------------------------------------------


def test_build_takes_the_stamped_address_before_origin(fork):
    git(fork, "remote", "set-url", "origin", "https://github.com/another/place")
    assert repository.address(str(fork), {})[0] == "https://github.com/another/place"
    stamp(fork, repository=ADDRESS)
    assert repository.address(str(fork), {}) == (ADDRESS, "main")
    running = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "a/b", "GITHUB_REF_NAME": "main"}
    assert repository.address(str(fork), running)[0] == "https://github.com/a/b"


@pytest.mark.parametrize(
    ("address", "colab"),
    [(ADDRESS, "https://colab.research.google.com"), ("https://gitlab.com/ada/nets", "")],
)
@pytest.mark.parametrize("binder", ["", "https://binder.example.edu"])
def test_buttons_that_a_host_can_have(fork, monkeypatch, address, colab, binder):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    stamp(fork, repository=address)
    # What Jupyter Book hands on: an empty text for everything that _config.yml does not name.
    filled = {"binderhub_url": binder, "colab_url": "", "jupyterhub_url": "https://hub.example.edu"}
    config = SimpleNamespace(html_baseurl="", html_theme_options={"launch_buttons": filled})
    repository.configure(SimpleNamespace(srcdir=str(fork)), config)
    assert config.html_theme_options["launch_buttons"] == {
        "binderhub_url": binder or "https://mybinder.org",
        "colab_url": colab,
        "jupyterhub_url": "https://hub.example.edu",
    }


# -- bad input ------------------------------------------------------------------------------

BAD = [
    ({"repository": "http://github.com/a/b"}, "repository must begin with https://"),
    ({"repository": "git@github.com:a/b.git"}, "repository must begin with https://"),
    ({"repository": "https://git.example.org/a/b"}, "its host is 'git.example.org'"),
    ({"repository": "https://me:secret@github.com/a/b"}, "must be on one of github.com"),
    ({"repository": "https://github.com/<you>/<course>"}, "https://github.com/owner/name"),
    ({"repository": "https://github.com/a"}, "https://github.com/owner/name"),
    ({"revision": "main"}, "revision needs repository"),
    ({"repository": ADDRESS, "revision": "a b"}, "revision must be the name of a branch"),
    ({"hub": "hub.example.edu"}, "hub must be a plain address that begins with https://"),
    ({"title": "  "}, "title must be a text that is not empty"),
    ({"title": 7}, "title must be a text that is not empty; it is 7"),
    ({"title": "Two\nlines"}, "title must be one line"),
    ({"title": "A *bold* one"}, "title is a heading in Markdown, too: leave out *"),
    ({"author": []}, "author must name somebody"),
    ({"author": ["Ada", ""]}, "author must be a text that is not empty"),
    ({"copyright": "mine"}, 'copyright must be years, such as "2026-2027"'),
    ({"version": "spring"}, "version must be numbers with dots"),
    ({"released": '"soon"'}, "released must be a date without quotes"),
    ({"logo": "nowhere.svg"}, "logo: there is no file"),
    ({"logo": "logo.gif"}, "logo must be a file that ends in .svg or .png"),
    ({"logo": "fake.svg"}, "is named SVG but is something else"),
    ({"logo": "fake.png"}, "is named PNG but is something else"),
    ({"logo": "large.png"}, f"is over {LIMIT_KB} kB"),
    ({"name": "Nets"}, "unknown keys: name; known: title, author"),
]


@pytest.mark.parametrize(("given", "message"), BAD, ids=lambda value: str(value)[:50])
def test_bad_input_gets_one_line_and_changes_nothing(fork, capsys, given, message):
    before = contents(fork)
    folder = fork.parent / "wishes"
    path = wishes(folder, {"author": "Ada", **given})
    (folder / "fake.svg").write_bytes(PNG)
    (folder / "fake.png").write_text(SVG)
    (folder / "large.png").write_bytes(PNG + bytes(LIMIT_KB * 1024))
    assert rebrand.rebrand(path, fork) == 1
    said = capsys.readouterr().out
    assert said.startswith("rebrand: ")
    assert message in said
    assert said.count("\n") == 1
    assert contents(fork) == before


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), ("a = ", "not TOML")])
def test_unreadable_file_gets_one_line(fork, capsys, content, message):
    path = fork.parent / "rebrand.toml"
    if content:
        path.write_text(content)
    assert rebrand.rebrand(path, fork) == 1
    said = capsys.readouterr().out
    assert message in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "gone", "message"),
    [
        ("CITATION.cff", "\ntitle: .*", "CITATION.cff has no line that begins with 'title:'"),
        ("LICENSE", "\nCopyright .*", "LICENSE has no line that begins with 'Copyright (c)'"),
        ("LICENSE-CONTENT", "Attribution 4.0 Int.*", "LICENSE-CONTENT has no line"),
        ("pyproject.toml", r"\nauthors = \[", "a line could not be changed by itself"),
        ("README.md", "^# .*", "README.md has no line that begins with '#'"),
        ("chapters/history/xor.ipynb", r"google\.colab", "its first code cell is not the one"),
        ("_config.yml", "^", "_config.yml holds the marks of a merge that is not finished"),
        ("chapters/history/xor.ipynb", r"^\{", "xor.ipynb cannot be read: Extra data"),
    ],
)
def test_place_that_is_gone_is_named_and_nothing_is_written(fork, capsys, name, gone, message):
    new = {"pyproject.toml": "\nauthors = [\n", "_config.yml": "<<<<<<< HEAD\n"}.get(name, "")
    (fork / name).write_text(re.sub(gone, new, text(fork, name)))
    before = contents(fork)
    assert stamp(fork, **GIVEN) == 1
    assert message in capsys.readouterr().out
    assert contents(fork) == before


def test_copies_that_would_still_differ_are_named(fork, capsys):
    readme = fork / "README.md"
    readme.write_text(text(fork, "README.md").replace("# ", "# Not ", 1))
    before = contents(fork)
    assert stamp(fork, hub="https://hub.example.edu") == 1
    assert "would not agree with the rest: title in README.md" in capsys.readouterr().out
    assert contents(fork) == before


def test_full_disk_halfway_leaves_every_byte_as_it_was(fork, monkeypatch):
    path, before = wishes(fork.parent / "wishes", GIVEN), contents(fork)
    write_bytes, written = Path.write_bytes, []

    def until_full(self, content):
        written.append(self)
        if len(written) > 5:
            raise OSError(28, "No space left on device")
        return write_bytes(self, content)

    monkeypatch.setattr(Path, "write_bytes", until_full)
    assert rebrand.rebrand(path, fork) == 1
    assert len(written) == 6
    assert contents(fork) == before


def test_a_folder_without_git_can_be_stamped(fork, monkeypatch):
    path = wishes(fork.parent / "wishes", {"title": "Nets"})
    monkeypatch.setenv("PATH", "")
    assert rebrand.rebrand(path, fork) == 0


def test_lines_that_end_as_on_windows_are_known(fork):
    for name in ("LICENSE", "README.md", "_config.yml"):
        (fork / name).write_bytes((fork / name).read_bytes().replace(b"\n", b"\r\n"))
    assert stamp(fork, **GIVEN) == 0
    assert disagree(fork) == []


def test_missing_file_is_named(tmp_path):
    with pytest.raises(RebrandError, match=r"_config\.yml is missing"):
        rebrand.draft_of({}, tmp_path, tmp_path)


# -- notes ----------------------------------------------------------------------------------


def test_changes_that_are_not_committed_are_pointed_out(fork, capsys):
    stamp(fork, hub="https://hub.example.edu")
    assert "not committed" not in capsys.readouterr().out
    stamp(fork, hub="https://other.example.edu")
    assert "not committed" in capsys.readouterr().out
    commit(fork, "Rebrand")
    stamp(fork, hub="https://hub.example.edu")
    assert "not committed" not in capsys.readouterr().out


def test_a_new_name_without_credit_gets_the_line_to_add(fork, capsys):
    stamp(fork, title="Nets")
    said = capsys.readouterr().out
    line = re.search(r"Add to the file: (credit = .*)", said)[1]
    assert "Adapted from {title} by {author}".format(**ORIGINAL) in tomllib.loads(line)["credit"]
    stamp(fork, title="Other", credit="")
    assert "CC BY" not in capsys.readouterr().out


def test_only_github_has_a_colab_button_and_that_is_said(fork, capsys):
    stamp(fork, repository="https://gitlab.com/ada/nets")
    assert "no Colab button" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("colour", "theme"), [("#ffffff", "light"), ("#000000", "dark"), ("#0072b2", None)]
)
def test_logo_that_a_theme_hides_is_pointed_out(fork, capsys, colour, theme):
    folder = wishes(fork.parent / "wishes", {"logo": "crest.svg"}).parent
    (folder / "crest.svg").write_text(SVG.format(colour))
    assert rebrand.rebrand(folder / "rebrand.toml", fork) == 0
    said = capsys.readouterr().out
    assert said.count("has a contrast of") == (theme is not None)
    assert theme is None or f"to the {theme} theme" in said


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_backgrounds_are_those_of_the_theme():
    import sphinx_book_theme

    styles = Path(sphinx_book_theme.__file__).parent.rglob("*.css")
    text = "".join(path.read_text() for path in styles)
    dark = re.findall(r"--pst-color-background: *(#[0-9a-f]+)", text)
    assert rebrand.BACKGROUNDS["dark"] in dark


# -- the page about it ----------------------------------------------------------------------


def test_example_on_the_page_works_and_names_every_key(fork):
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(), re.S)[1]
    assert set(tomllib.loads(example)) == set(rebrand.KEYS)
    filled = example.replace("<you>", "someone").replace("<course>", "course")
    assert "<" not in re.sub(r"#.*", "", filled)
    path = wishes(fork.parent / "wishes", {})
    path.write_text(filled)
    for name in re.findall(r'"(\S+\.(?:svg|png))"', example):
        (path.parent / name).write_text(SVG.format("#0072b2"))
    assert rebrand.rebrand(path, fork) == 0
    assert disagree(fork) == []


def test_unfilled_example_changes_nothing(fork):
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(), re.S)[1]
    path = wishes(fork.parent / "wishes", {})
    path.write_text(example)
    before = contents(fork)
    assert rebrand.rebrand(path, fork) == 1
    assert contents(fork) == before


def test_table_on_the_page_explains_every_key():
    table = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.M)
    assert table == list(rebrand.KEYS)
