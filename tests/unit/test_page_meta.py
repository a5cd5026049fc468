"""What others are told about a page, the page for wrong addresses, and where the site stands."""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils.core import publish_doctree
from run_notebooks import ROOT

sys.path.insert(0, str(ROOT / "_ext"))

import not_found
import page_meta
import repository

BASE = "https://example.org/course/"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One short. " + "Two " * 20 + "end. Three.", "One short. " + "Two " * 20 + "end."),
        ("A *long* one, " + "word " * 12 + "end. Another.", "A long one, " + "word " * 12 + "end."),
        (
            "Falls to :math:`10^{-8}`, and not to " + "x " * 30 + "end.",
            "Falls to 10⁻⁸, and not to ",
        ),
        ("Only this.", "Only this."),
    ],
)
def test_description_is_whole_sentences_until_there_are_enough(text, said):
    found = page_meta.description(publish_doctree(f"Title\n=====\n\n{text}\n\nNext.\n"))
    assert found.startswith(said)
    assert found.endswith(".")
    assert len(found) < len(said) + 65


def test_a_page_without_text_has_no_description():
    assert page_meta.description(publish_doctree("Title\n=====\n")) == ""


def site(folder: Path, base: str) -> SimpleNamespace:
    """What an extension sees of a build of two pages."""
    (folder / "_static").mkdir()
    return SimpleNamespace(
        config=SimpleNamespace(html_baseurl=base, html_title="Nets $x$ & More", author="Ada"),
        builder=SimpleNamespace(name="html", get_target_uri=lambda page: f"{page}.html"),
        env=SimpleNamespace(found_docs={"index", "a&b"}, last_changes={"index": "2027-03-04"}),
        outdir=str(folder),
    )


def test_site_map_lists_every_page_with_its_day(tmp_path):
    page_meta.write_files(site(tmp_path, BASE), None)
    rows = [[part.text for part in url] for url in ET.parse(tmp_path / "sitemap.xml").getroot()]
    assert rows == [[f"{BASE}a&b.html"], [f"{BASE}index.html", "2027-03-04"]]
    assert (tmp_path / page_meta.PICTURE).read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "robots.txt").exists()


def test_robots_are_told_at_the_root_of_a_host(tmp_path):
    page_meta.write_files(site(tmp_path, "https://nets.example.org/"), None)
    told = (tmp_path / "robots.txt").read_text()
    assert "Sitemap: https://nets.example.org/sitemap.xml" in told


def test_without_an_address_nothing_that_needs_one_is_written(tmp_path):
    page_meta.write_files(site(tmp_path, ""), None)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_page_for_wrong_addresses_holds_everything_itself():
    text = not_found.page("Nets & More", base=BASE, glossary="glossary.html")
    assert "<title>No such page - Nets &amp; More</title>" in text
    assert re.findall('href="([^"]*)"', text) == [
        f"/course/{name}.html" for name in ("index", "search", "glossary")
    ]
    assert not re.search("<script|<link|src=", text)


ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ""),
        (ACTIONS | {"GITHUB_REPOSITORY": "Ada/Nets"}, "https://ada.github.io/Nets/"),
        (ACTIONS | {"GITHUB_REPOSITORY": "Ada/ada.github.io"}, "https://ada.github.io/"),
        ({"GITHUB_REPOSITORY": "Ada/Nets"}, ""),
        (ACTIONS | {"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://git.example"}, ""),
    ],
)
def test_site_address_is_known_where_the_workflow_publishes(tmp_path, environ, expected):
    assert repository.site(str(tmp_path), environ) == expected


def test_site_address_that_the_project_declares_wins(tmp_path):
    text = f'[project.urls]\nDocumentation = "{BASE.rstrip("/")}"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    environ = ACTIONS | {"GITHUB_REPOSITORY": "Ada/Nets"}
    assert repository.site(str(tmp_path), environ) == BASE
