"""Under every page: when it last changed, where to report a mistake, and how to cite it.

Authors, title and version are those of ``CITATION.cff``; the day is that of the page's last commit,
and is left out where git cannot know it: without git, outside a checkout, in a shallow clone.
Addresses are shown only if they are known (see ``repository``).
"""

import html
from pathlib import Path
from urllib.parse import urlencode

import yaml
from docutils import nodes
from repository import address, ask_git

# How each host is asked for a new issue with a title and a text.
ISSUES = {
    "github.com": ("issues/new", "title", "body"),
    "gitlab.com": ("-/issues/new", "issue[title]", "issue[description]"),
    "bitbucket.org": ("issues/new", "title", "content"),
}
LATEX = str.maketrans({char: f"\\{char}" for char in "&%$#_{}"})


def last_changes(root: str) -> dict[str, str]:
    """Return the day of each file's last commit, by its path below ``root``."""
    if ask_git(root, "rev-parse", "--is-shallow-repository") != "false":
        return {}  # no checkout, or one in which all files seem to come with the last commit
    log = ["log", "--format=%x00%cs", "--name-only", "--relative", "HEAD"]
    found: dict[str, str] = {}
    for commit in ask_git(root, "-c", "core.quotepath=off", *log).split("\0")[1:]:
        day, *names = commit.split("\n")
        for name in filter(None, names):
            found.setdefault(name, day)
    return found


def author_names(citation: dict, *, bibtex: bool = False) -> str:
    """Return the authors of a citation file, people and groups, for a text or for BibTeX."""
    names = []
    for author in citation["authors"]:
        if "name" in author:  # a group; braces keep BibTeX from cutting it in two
            names.append(f"{{{author['name'].translate(LATEX)}}}" if bibtex else author["name"])
        elif bibtex:
            names.append(f"{author['family-names']}, {author['given-names']}".translate(LATEX))
        else:
            names.append(f"{author['given-names']} {author['family-names']}")
    return " and ".join(names) if bibtex else ", ".join(names)


def bibtex(citation: dict, *, key: str, title: str, year: str, url: str) -> str:
    """Return an entry that both BibTeX and BibLaTeX understand."""
    course = f"{citation['title']}, version {citation['version']}".translate(LATEX)
    fields = {
        "author": author_names(citation, bibtex=True),
        "title": f"{{{title.translate(LATEX)}}}",
        "howpublished": course,
        "year": year,
    } | ({"url": url} if url else {})
    lines = "".join(f"  {name:<12} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}"


def issue_link(repository: str, *, title: str, page: str, version: str) -> str:
    """Return the address at which an issue about a page can be written; empty if unknown."""
    host = repository.removeprefix("https://").partition("/")[0]
    if host not in ISSUES:
        return ""
    path, head, body = ISSUES[host]
    text = f"Page: {page}, version {version}\n\nWhat it says:\n\nWhat I expected, and why:\n"
    return f"{repository}/{path}?{urlencode({head: f'Mistake on “{title}”', body: text})}"


def about(citation: dict, *, page: str, title: str, day: str, url: str, repository: str) -> str:
    """Return the lines under a page as HTML."""
    version, year = citation["version"], (day or str(citation["date-released"]))[:4]
    facts = [f'Last changed <time datetime="{day}">{day}</time>'] if day else []
    facts.append(f"version {version}" if facts else f"Version {version}")
    if link := issue_link(repository, title=title, page=page, version=version):
        facts.append(f'<a href="{html.escape(link)}">report a mistake on this page</a>')
    named = author_names(citation)
    whole = f"<cite>{html.escape(citation['title'])}</cite>, version {version}"
    if title != citation["title"]:
        whole = f"<cite>{html.escape(title)}</cite>. In {whole}"
    end = f' <a href="{html.escape(url)}">{html.escape(url)}</a>' if url else ""
    when = f"{day[:4]}, {day}" if day else year
    entry = bibtex(citation, key=f"{Path(page).name}-{version}", title=title, year=year, url=url)
    return (
        f'<div class="page-about"><p>{" · ".join(facts)}</p>\n'
        "<details><summary>Cite this page</summary>\n"
        f"<p>{html.escape(named)} ({when}). {whole}.{end}</p>\n"
        f'<div class="highlight"><pre tabindex="0">{html.escape(entry)}</pre></div>\n'
        "</details></div>\n"
    )


def facts_changed(app, env) -> list[str]:
    """Learn what stands under the pages; name those to be written anew because theirs changed."""
    by_path = last_changes(app.srcdir)
    days = {page: by_path.get(env.doc2path(page, base=False), "") for page in env.found_docs}
    env.last_changes = {page: day for page, day in days.items() if day}
    text = Path(app.srcdir, "CITATION.cff").read_text(encoding="utf-8")
    env.citation = yaml.safe_load(text)
    repository = address(app.srcdir)
    env.repository = repository[0] if repository else ""
    now = {page: (day, env.citation, env.repository) for page, day in days.items()}
    before, env.cited = getattr(env, "cited", {}), now
    return sorted(page for page in now if now[page] != before.get(page))


def add_about(app, pagename, templatename, context, doctree: nodes.document | None):
    """Put the lines under a page that has a text."""
    if doctree is None or app.builder.name != "html":
        return
    env, base = app.env, app.config.html_baseurl
    context["body"] += about(
        env.citation,
        page=pagename,
        title=env.titles[pagename].astext(),
        day=env.last_changes.get(pagename, ""),
        url=base + app.builder.get_target_uri(pagename) if base else "",
        repository=env.repository,
    )


def setup(app):
    """Connect the moments at which pages have been read and are written."""
    app.connect("env-updated", facts_changed)
    app.connect("html-page-context", add_about)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
