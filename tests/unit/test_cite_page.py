"""What stands under a page, and the citation file that it is made from."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import yaml
from bs4 import BeautifulSoup
from project_copy import commit, git
from run_notebooks import ROOT

sys.path.insert(0, str(ROOT / "_ext"))

import cite_page

COURSE = yaml.safe_load((ROOT / "CITATION.cff").read_text())
CITATION = {
    "title": "Nets & More",
    "version": "2027.03",
    "date-released": "2027-03-01",
    "authors": [{"name": "The R&D group"}, {"given-names": "Ada", "family-names": "Example"}],
}
PLACE = {"page": "chapters/xor", "title": "XOR: 100% <hard>", "day": "2027-04-05"}


def test_citation_file_keeps_the_schema():
    schema = json.loads((ROOT / "_vendor/citation/schema.json").read_text())
    # The schema wants dates as texts; YAML reads them as days where they stand without quotes.
    given = json.loads(json.dumps(COURSE, default=str))
    jsonschema.validate(given, schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(given | {"authors": []}, schema)


def test_lines_name_authors_title_version_day_and_address():
    html = cite_page.about(CITATION, **PLACE, url="https://example.org/xor.html", repository="")
    text = BeautifulSoup(html, "html.parser")
    assert text.p.get_text() == "Last changed 2027-04-05 · version 2027.03"
    assert text.details.p.get_text() == (
        "The R&D group, Ada Example (2027, 2027-04-05). XOR: 100% <hard>. In Nets & More, "
        "version 2027.03. https://example.org/xor.html"
    )
    assert text.pre.get_text() == (
        "@misc{xor-2027.03,\n"
        "  author       = {{The R\\&D group} and Example, Ada},\n"
        "  title        = {{XOR: 100\\% <hard>}},\n"
        "  howpublished = {Nets \\& More, version 2027.03},\n"
        "  year         = {2027},\n"
        "  url          = {https://example.org/xor.html},\n"
        "}"
    )


def test_without_git_and_address_the_release_dates_the_page():
    place = PLACE | {"day": ""}
    text = BeautifulSoup(cite_page.about(CITATION, **place, url="", repository=""), "html.parser")
    assert text.p.get_text() == "Version 2027.03"
    assert "(2027). XOR" in text.details.p.get_text()
    assert "url" not in text.pre.get_text()
    assert text.find("a") is None


def test_first_page_is_cited_as_the_course():
    place = PLACE | {"title": CITATION["title"]}
    text = BeautifulSoup(cite_page.about(CITATION, **place, url="", repository=""), "html.parser")
    assert text.details.p.get_text().endswith("05). Nets & More, version 2027.03.")


@pytest.mark.parametrize(
    ("repository", "path", "keys"),
    [
        ("https://github.com/a/b", "/a/b/issues/new", {"title", "body"}),
        ("https://gitlab.com/a/b", "/a/b/-/issues/new", {"issue[title]", "issue[description]"}),
        ("https://bitbucket.org/a/b", "/a/b/issues/new", {"title", "content"}),
    ],
)
def test_issue_about_a_page_is_filled_in(repository, path, keys):
    link = cite_page.issue_link(repository, title="XOR & more", page="chapters/xor", version="1")
    parts = urlsplit(link)
    asked = parse_qs(parts.query)
    assert (parts.path, set(asked)) == (path, keys)
    assert ["Mistake on “XOR & more”"] in asked.values()
    assert any("chapters/xor, version 1" in text for [text] in asked.values())


def test_unknown_hosts_get_no_issue_link():
    assert cite_page.issue_link("", title="", page="", version="") == ""


@pytest.fixture
def checkout(tmp_path):
    for name, day in {"a.md": "2027-01-02", "größe b.md": "2027-03-04"}.items():
        (tmp_path / name).write_text("x")
        if name == "a.md":
            git(tmp_path, "init", "--quiet", "--initial-branch=main")
        git(tmp_path, "add", "--all")
        command = [
            "git",
            "-C",
            str(tmp_path),
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
        ]
        command += ["-c", "commit.gpgsign=false", "commit", "--quiet", "-m", name]
        dates = {"GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z"}
        subprocess.run(command, check=True, env=os.environ | dates)
    return tmp_path


def test_days_are_those_of_the_last_commits(checkout):
    assert cite_page.last_changes(str(checkout)) == {
        "a.md": "2027-01-02",
        "größe b.md": "2027-03-04",
    }


def test_a_shallow_clone_has_no_days(checkout, tmp_path):
    (checkout / "c.md").write_text("x")
    commit(checkout, "c")
    git(checkout, "clone", "--quiet", "--depth=1", f"file://{checkout}", "shallow")
    assert cite_page.last_changes(str(checkout / "shallow")) == {}
    assert "c.md" in cite_page.last_changes(str(checkout))


def test_without_git_or_checkout_there_are_no_days(checkout, tmp_path_factory, monkeypatch):
    assert cite_page.last_changes(str(tmp_path_factory.mktemp("plain"))) == {}
    monkeypatch.setenv("PATH", "")
    assert cite_page.last_changes(str(checkout)) == {}


def test_the_workflow_that_publishes_fetches_the_whole_history():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    checkout = next(s for s in jobs["book"]["steps"] if re.search("checkout", s.get("uses", "")))
    assert checkout["with"]["fetch-depth"] == 0
