"""Make the course your own: one small file says what changes, every place that names it follows.

    python tools/rebrand.py rebrand.toml

The page chapters/instructors/rebrand.md shows such a file and explains its keys. Only what the file
names is changed, line by line, so that comments and the rest of each file stay as they are. All new
texts are made, and compared with each other, before the first one is written.
"""

import argparse
import datetime
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import yaml
from check_sizes import LIMIT_KB
from run_notebooks import ROOT

HOSTS = ("github.com", "gitlab.com", "bitbucket.org")  # those that the site's buttons know
BRANCH = "main"  # what the workflow publishes
BACKGROUNDS = {"light": "#ffffff", "dark": "#121212"}  # of the site's two themes
IMAGES = {"logo": (".svg", ".png"), "favicon": (".svg", ".png", ".ico")}
CONFIG, PROJECT, CITATION = "_config.yml", "pyproject.toml", "CITATION.cff"
BOOTSTRAP, CHANGELOG, README, INDEX = (
    "tools/bootstrap_cell.py",
    "CHANGELOG.md",
    "README.md",
    "index.md",
)
MIT, CC_BY = "LICENSE", "LICENSE-CONTENT"
CC_BY_BEGINS = "Attribution 4.0 International"
ADDRESS = re.compile(r'^REPOSITORY = "(.*)"', re.M)


class RebrandError(ValueError):
    """Something that stops the stamping before anything is written; one line."""


# -- what is given --------------------------------------------------------------------------


def one_line(key: str, value: object) -> str:
    """Return a text without the space around it."""
    if not isinstance(value, str) or not value.strip():
        raise RebrandError(f"{key} must be a text that is not empty; it is {value!r}")
    if not value.strip().isprintable():
        raise RebrandError(f"{key} must be one line without control characters; it is {value!r}")
    return value.strip()


def title(key: str, value: object) -> str:
    """Return a title that reads the same in Markdown, YAML and TOML."""
    found = sorted(set(one_line(key, value)) & set("`*_<>[]{}$\\|"))
    if found:
        raise RebrandError(f"{key} is a heading in Markdown, too: leave out {' '.join(found)}")
    return one_line(key, value)


def authors(key: str, value: object) -> list[str]:
    """Return the names of one or more authors."""
    names = value if isinstance(value, list) else [value]
    if not names:
        raise RebrandError(f"{key} must name somebody")
    return [one_line(key, name) for name in names]


def address(key: str, value: object) -> str:
    """Return the plain address of a public repository."""
    text = one_line(key, value).removesuffix("/").removesuffix(".git")
    if not text.startswith("https://"):
        raise RebrandError(f"{key} must begin with https://; it is {text!r}")
    host, _, path = text.removeprefix("https://").partition("/")
    if host not in HOSTS:
        raise RebrandError(f"{key} must be on one of {', '.join(HOSTS)}; its host is {host!r}")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", path, re.A):
        raise RebrandError(f"{key} must read https://{host}/owner/name; it is {text!r}")
    return text


def site(key: str, value: object) -> str:
    """Return the address of a hub."""
    text = one_line(key, value).rstrip("/")
    if not re.fullmatch(r"https://[\w.-]+(:\d+)?(/[\w.~/-]+)?", text, re.A):
        raise RebrandError(
            f"{key} must be a plain address that begins with https://; it is {text!r}"
        )
    return text


def revision(key: str, value: object) -> str:
    """Return the name of a branch or tag."""
    text = one_line(key, value)
    if not re.fullmatch(r"\w[\w./-]*", text, re.A) or ".." in text:
        raise RebrandError(f"{key} must be the name of a branch or tag; it is {text!r}")
    return text


def years(key: str, value: object) -> str:
    """Return the years of a copyright."""
    text = one_line(key, value)
    if not re.fullmatch(r"\d{4}(?:(?:-|, )\d{4})*", text, re.A):
        raise RebrandError(f'{key} must be years, such as "2026-2027"; it is {text!r}')
    return text


def version(key: str, value: object) -> str:
    """Return a version that pip can order."""
    text = one_line(key, value)
    if not re.fullmatch(r"\d+(\.\d+)*", text, re.A):
        raise RebrandError(f'{key} must be numbers with dots, such as "2027.03"; it is {text!r}')
    return text


def day(key: str, value: object) -> str:
    """Return a date in the form 2027-03-01."""
    if type(value) is not datetime.date:
        raise RebrandError(
            f"{key} must be a date without quotes, such as 2027-03-01; it is {value!r}"
        )
    return value.isoformat()


def credit(key: str, value: object) -> str:
    """Return the line that names the original; empty if this course is the original."""
    return "" if value == "" else one_line(key, value)


def image(key: str, value: object) -> str:
    """Return the path of a picture, as given; :func:`picture` looks at the file itself."""
    if Path(one_line(key, value)).suffix.lower() not in IMAGES[key]:
        raise RebrandError(
            f"{key} must be a file that ends in {' or '.join(IMAGES[key])}: {value!r}"
        )
    return value.strip()


KEYS = {
    "title": title,
    "author": authors,
    "copyright": years,
    "credit": credit,
    "version": version,
    "released": day,
    "repository": address,
    "revision": revision,
    "hub": site,
    "logo": image,
    "favicon": image,
}


def read_wishes(path: Path) -> dict:
    """Read and check the file that says what is to change.

    Raises
    ------
    RebrandError
        If the file or a value in it cannot be used; the message is one line.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise RebrandError(
            f"{path} cannot be read; chapters/instructors/rebrand.md shows one"
        ) from None
    except ValueError as error:
        raise RebrandError(f"{path} is not TOML: {error}") from None
    unknown = sorted(set(given) - set(KEYS))
    if unknown:
        raise RebrandError(
            f"{path} has unknown keys: {', '.join(unknown)}; known: {', '.join(KEYS)}"
        )
    return {key: KEYS[key](key, value) for key, value in given.items()}


def picture(key: str, path: Path) -> bytes:
    """Return the bytes of a picture that is what its name says."""
    try:
        content = path.read_bytes()
    except OSError:
        raise RebrandError(f"{key}: there is no file {path}") from None
    kind = path.suffix.lower()
    begins = {".png": b"\x89PNG\r\n\x1a\n", ".ico": b"\0\0\1\0"}
    if kind == ".svg":
        try:
            good = ET.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
        except ET.ParseError:
            good = False
    else:
        good = content.startswith(begins[kind])
    if not good:
        raise RebrandError(f"{key}: {path} is named {kind[1:].upper()} but is something else")
    if len(content) > LIMIT_KB * 1024:
        raise RebrandError(f"{key}: {path} is over {LIMIT_KB} kB")
    return content


def parsed(name: str, text: str) -> dict:
    """Return what a file of settings, or a notebook, says."""
    loads = {".toml": tomllib.loads, ".ipynb": json.loads}
    try:
        return loads.get(Path(name).suffix, yaml.safe_load)(text)
    except (ValueError, yaml.YAMLError) as error:
        raise RebrandError(f"{name} cannot be read: {str(error).splitlines()[0]}") from None


# -- the new texts --------------------------------------------------------------------------


class Draft:
    """The project's files as they will be; None stands for a file that goes."""

    def __init__(self, root: Path):
        self.root = root
        self.files: dict[str, bytes | None] = {}

    def text(self, name: str) -> str:
        """Return a file as it will be."""
        if name not in self.files:
            try:
                self.files[name] = (self.root / name).read_bytes()
            except OSError:
                raise RebrandError(f"{name} is missing from {self.root}") from None
        text = self.files[name].decode().replace("\r\n", "\n")
        if re.search(r"^<{7} ", text, re.M):
            raise RebrandError(f"{name} holds the marks of a merge that is not finished")
        return text

    def put(self, name: str, text: str) -> None:
        """Set the new text of a file."""
        self.files[name] = text.encode()

    def line(self, name: str, begins: str, rest: str, *, below: str | None = None) -> None:
        """Write one line anew, known by how it begins; a missing one goes ``below`` another."""
        text, new = self.text(name), begins + rest
        found = re.search(rf"^{re.escape(begins)}.*$", text, re.M)
        if found is None and below is not None:
            found = re.search(rf"^{re.escape(below)}.*$", text, re.M)
            new = f"{found.group()}\n{new}" if found else new
        if found is None:
            raise RebrandError(f"{name} has no line that begins with {(below or begins).strip()!r}")
        self.put(name, text[: found.start()] + new + text[found.end() :])

    def changes(self) -> dict[str, bytes | None]:
        """Return the files that will not be as they are."""
        return {
            name: new
            for name, new in self.files.items()
            if new != ((self.root / name).read_bytes() if (self.root / name).exists() else None)
        }


def quoted(text: str) -> str:
    """Return a text as both YAML and TOML read it."""
    return json.dumps(text, ensure_ascii=False)


def scalar(text: str) -> str:
    """Return a text as YAML, without quotes where it needs none."""
    try:
        plain = yaml.safe_load(f"key: {text}") == {"key": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else quoted(text)


def notebooks(root: Path) -> list[str]:
    """Return every notebook of the course, listed as a page or not yet."""
    found = (path.relative_to(root) for path in (root / "chapters").rglob("*.ipynb"))
    return sorted(path.as_posix() for path in found if not path.as_posix().count("/."))


def first_code(notebook: dict) -> dict:
    """Return the first code cell, which is the bootstrap."""
    return next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def with_copyright(lines: list[str], when: str, names: str, *, instead_of: str | None) -> list[str]:
    """Add a copyright line, or write the one that there is anew.

    Both licences ask that the lines of those who came before stay; only the first authors
    themselves may replace their own, which ``instead_of`` names.
    """
    new = f"Copyright (c) {when} {names}"
    who = "|".join(re.escape(name) for name in (names, instead_of) if name)
    own = [line for line in lines if re.fullmatch(rf"Copyright \(c\) .*\d (?:{who})", line)]
    if own:
        return [new if line == own[0] else line for line in lines if line not in own[1:]]
    return [*lines, new]


def names_in(citation: dict) -> str:
    """Return the authors of a citation file, people and groups alike, as one text."""
    people = (
        a.get("name") or f"{a.get('given-names', '')} {a.get('family-names', '')}".strip()
        for a in citation["authors"]
    )
    return ", ".join(people)


def heading(text: str) -> str:
    """Return the first heading of a Markdown text."""
    return (re.search(r"^# (.*)$", text, re.M) or [None, ""])[1]


def footer(text: str) -> str:
    """Return the line that names the original as the site shows it, with links."""
    linked = re.sub(r"https://[^\s()]*[^\s().,;]", r'<a href="\g<0>">\g<0></a>', html.escape(text))
    return f'<span style="overflow-wrap: anywhere">{linked}</span>'  # or a phone cannot show it


def content_notice(draft: Draft) -> tuple[list[str], list[str]]:
    """Return the lines above the text of CC BY: those of copyright, and the others."""
    head, _, _ = draft.text(CC_BY).partition(CC_BY_BEGINS)
    lines = [line for line in head.split("\n") if line.strip()]
    rights = [line for line in lines if line.startswith("Copyright (c) ")]
    return rights, [line for line in lines if line not in rights]


def stamp_names(draft: Draft, given: dict, before: dict) -> None:
    """Stamp title, authors and years."""
    if "title" in given:
        new = given["title"]
        if heading(draft.text(INDEX)) in (before["title"], heading(draft.text(README))):
            draft.line(INDEX, "# ", new)
        draft.line(README, "# ", new)
        draft.line(CONFIG, "title: ", scalar(new))
        draft.line(CITATION, "title: ", scalar(new))
    if "author" in given:
        names = given["author"]
        draft.line(CONFIG, "author: ", scalar(", ".join(names)))
        people = ", ".join(f"{{ name = {quoted(name)} }}" for name in names)
        draft.line(PROJECT, "authors = ", f"[{people}]")
        # Entries that somebody has enriched, with an ORCID for example, stay.
        if names_in(parsed(CITATION, draft.text(CITATION))) != ", ".join(names):
            entries = "".join(f"  - name: {scalar(name)}\n" for name in names)
            text = re.sub(
                r"^authors:\n(?:[ -].*\n)*",
                lambda _: f"authors:\n{entries}",
                draft.text(CITATION),
                count=1,
                flags=re.M,
            )
            draft.put(CITATION, text)
    if "copyright" in given:
        draft.line(CONFIG, "copyright: ", quoted(given["copyright"]))


def stamp_licences(draft: Draft, given: dict, before: dict) -> None:
    """Stamp the copyright lines of both licences, and the line that names the original."""
    rights, others = content_notice(draft)
    if "author" in given or "copyright" in given:
        now = parsed(CONFIG, draft.text(CONFIG))
        who = {"when": str(now["copyright"]), "names": str(now["author"])}
        who["instead_of"] = before["author"] if given.get("credit") == "" else None
        lines = draft.text(MIT).split("\n")
        there = [k for k, line in enumerate(lines) if line.startswith("Copyright (c) ")]
        if not there:
            raise RebrandError(f"{MIT} has no line that begins with 'Copyright (c)'")
        first, last = there[0], there[-1] + 1
        lines[first:last] = with_copyright(lines[first:last], **who)
        draft.put(MIT, "\n".join(lines))
        rights = with_copyright(rights, **who)
    if "credit" in given:
        others = [given["credit"]] if given["credit"] else []
        if given["credit"]:
            draft.line(
                CONFIG, "  extra_footer: ", quoted(footer(given["credit"])), below="  favicon:"
            )
        else:
            draft.put(CONFIG, re.sub(r"^  extra_footer: .*\n", "", draft.text(CONFIG), flags=re.M))
    _, found, text = draft.text(CC_BY).partition(CC_BY_BEGINS)
    if not found:
        raise RebrandError(f"{CC_BY} has no line {CC_BY_BEGINS!r}")
    notice = "\n".join(rights + others)
    draft.put(CC_BY, (f"{notice}\n\n" if notice else "") + CC_BY_BEGINS + text)


def stamp_version(draft: Draft, given: dict) -> None:
    """Stamp the version, which is named after the term, and its date."""
    if "version" in given:
        new = given["version"]
        draft.line(PROJECT, "version = ", quoted(new))
        draft.line(CITATION, "version: ", quoted(new))
        log = draft.text(CHANGELOG)
        if f"## {new}\n" not in log:
            log = re.sub(
                r"^## ",
                lambda m: f"## {new}\n\n- The course for this term.\n\n{m[0]}",
                log,
                count=1,
                flags=re.M,
            )
            draft.put(CHANGELOG, log)
    if "released" in given:
        draft.line(CITATION, "date-released: ", quoted(given["released"]))


def stamp_address(draft: Draft, given: dict) -> None:
    """Stamp the repository, what Colab installs from it, and the hub."""
    written = (ADDRESS.search(draft.text(BOOTSTRAP)) or [None, ""])[1]
    known, _, published = written.partition("@")
    known, published = given.get("repository", known), given.get("revision", published)
    if "revision" in given and not known:
        raise RebrandError("revision needs repository: Colab must know where to look for it")
    if "repository" in given:
        there = draft.text(PROJECT).replace(
            '# [project.urls]\n# Repository = "https://..."', '[project.urls]\nRepository = "..."'
        )
        if "[project.urls]\n" not in there:
            there = there.replace(
                "[tool.setuptools]", '[project.urls]\nRepository = "..."\n\n[tool.setuptools]', 1
            )
        draft.put(PROJECT, there)
        draft.line(PROJECT, "Repository = ", quoted(known), below="[project.urls]")
        draft.line(CITATION, "repository-code: ", quoted(known), below="version:")
    if known:
        new = f"{known}@{published or BRANCH}"
        draft.put(
            BOOTSTRAP, ADDRESS.sub(lambda _: f'REPOSITORY = "{new}"', draft.text(BOOTSTRAP), 1)
        )
    if "hub" in given:
        draft.line(CONFIG, "  jupyterhub_url: ", given["hub"], below="launch_buttons:")


def stamp_notebooks(draft: Draft) -> None:
    """Copy the bootstrap cell into every notebook, new ones included."""
    cell = draft.text(BOOTSTRAP).rstrip("\n")
    for name in notebooks(draft.root):
        notebook = parsed(name, draft.text(name))
        bootstrap = first_code(notebook)
        if "google.colab" not in "".join(bootstrap["source"]):
            raise RebrandError(f"{name}: its first code cell is not the one that {BOOTSTRAP} holds")
        if "".join(bootstrap["source"]) != cell:
            bootstrap["source"] = cell.splitlines(keepends=True)
            draft.put(name, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def stamp_pictures(draft: Draft, given: dict, folder: Path) -> None:
    """Put logo and favicon among the site's files, in place of those that there were."""
    config = parsed(CONFIG, draft.text(CONFIG))
    old = {"logo": config.get("logo"), "favicon": config["html"].get("favicon")}
    for key in [key for key in IMAGES if key in given]:
        source = folder / given[key]
        name = f"_static/{key}{source.suffix.lower()}"
        content = picture(key, source)
        if old[key] and old[key].startswith("_static/") and old[key] != name:
            draft.files[old[key]] = None
        draft.files[name] = content
        draft.line(CONFIG, {"logo": "logo: ", "favicon": "  favicon: "}[key], name)


def differences(text, pages: list[str]) -> list[str]:
    """Return the places that do not say what their source says; none if all agree.

    Parameters
    ----------
    text : callable
        Returns the text of a file, given its name.
    pages : list of str
        The notebooks.
    """
    config = parsed(CONFIG, text(CONFIG))
    citation = parsed(CITATION, text(CITATION))
    project = parsed(PROJECT, text(PROJECT))["project"]
    names = str(config["author"])
    repository = project.get("urls", {}).get("Repository", "")
    stamped = (ADDRESS.search(text(BOOTSTRAP)) or [None, "?"])[1].partition("@")
    pairs = {
        f"title in {CITATION}": (citation["title"], config["title"]),
        f"title in {README}": (heading(text(README)), config["title"]),
        f"author in {CITATION}": (names_in(citation), names),
        f"author in {PROJECT}": (", ".join(a["name"] for a in project["authors"]), names),
        f"copyright in {MIT}": (
            f"Copyright (c) {config['copyright']} {names}" in text(MIT).split("\n"),
            True,
        ),
        f"version in {CITATION}": (citation["version"], project["version"]),
        f"version in {CHANGELOG}": (f"## {project['version']}\n" in text(CHANGELOG), True),
        f"repository in {CITATION}": (citation.get("repository-code", ""), repository),
        f"repository in {BOOTSTRAP}": (stamped[0], repository),
        f"revision in {BOOTSTRAP}": (bool(stamped[2]), bool(repository)),
    }
    cell = text(BOOTSTRAP).rstrip("\n")
    for page in pages:
        source = "".join(first_code(parsed(page, text(page)))["source"])
        pairs[f"bootstrap in {page}"] = (source == cell, True)
    return [place for place, (copy, source) in pairs.items() if copy != source]


def draft_of(given: dict, folder: Path, root: Path) -> Draft:
    """Return the new texts of everything, compared with each other.

    Raises
    ------
    RebrandError
        If a place for something given is missing, or if copies would not agree.
    """
    draft = Draft(root)
    config = parsed(CONFIG, draft.text(CONFIG))
    before = {key: str(config[key]) for key in ("title", "author")}
    stamp_names(draft, given, before)
    stamp_licences(draft, given, before)
    stamp_version(draft, given)
    stamp_address(draft, given)
    stamp_notebooks(draft)
    stamp_pictures(draft, given, folder)
    try:
        differ = differences(draft.text, notebooks(root))
    except RebrandError as error:
        raise RebrandError(f"a line could not be changed by itself: {error}") from None
    if differ:
        raise RebrandError(
            f"these would not agree with the rest: {', '.join(differ)}; give them, too"
        )
    return draft


# -- advice ---------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as #0072B2, as WCAG 2 defines it."""
    channels = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


def advice(given: dict, draft: Draft, root: Path) -> list[str]:
    """Return what an instructor should know although it stops nothing."""
    found = []
    status = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"]
    try:
        dirty = subprocess.run(status, capture_output=True, text=True).stdout.strip()
    except OSError:
        dirty = ""  # no git, no changes to mix
    if dirty:
        found.append("the folder holds changes that are not committed; they will mix with these")
    config = yaml.safe_load((root / CONFIG).read_text(encoding="utf-8"))
    wanted = {"title": given.get("title"), "author": ", ".join(given.get("author", []))}
    renamed = any(wanted[key] and wanted[key] != config[key] for key in wanted)
    if renamed and "credit" not in given and not content_notice(draft)[1]:
        found.append(
            "CC BY asks you to name the original. Add to the file: credit = "
            + quoted(
                f"Adapted from {config['title']} by {config['author']}, CC BY 4.0 "
                "(https://creativecommons.org/licenses/by/4.0/), with changes."
            )
        )
    known = given.get("repository", "https://github.com/")
    if not known.startswith("https://github.com/"):
        found.append("Colab opens notebooks from GitHub only: there will be no Colab button")
    svg = draft.files.get("_static/logo.svg") if "logo" in given else None
    for colour in sorted(
        {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}\b", (svg or b"").decode())}
    ):
        for theme, behind in BACKGROUNDS.items():
            if contrast(colour, behind) < 3:
                found.append(
                    f"the logo's {colour} has a contrast of {contrast(colour, behind):.1f} to the "
                    f"{theme} theme; below 3 it can hardly be seen"
                )
    return found


# -- writing --------------------------------------------------------------------------------


def write(changes: dict[str, bytes | None], root: Path) -> None:
    """Write all files, or none.

    Raises
    ------
    RebrandError
        If one cannot be written; the others are then as they were.
    """
    staged: dict[Path, Path] = {}
    try:
        for name, content in changes.items():
            if content is not None:
                target = root / name
                staged[target] = target.with_name(f".{target.name}.new")
                staged[target].write_bytes(content)
                if target.exists():
                    shutil.copymode(target, staged[target])
    except OSError as error:
        for path in staged.values():
            path.unlink(missing_ok=True)
        raise RebrandError(
            f"{name} cannot be written ({error.strerror}); nothing was changed"
        ) from None
    for target, path in staged.items():
        os.replace(path, target)
    for name in (name for name, content in changes.items() if content is None):
        (root / name).unlink()


def rebrand(path: Path, root: Path = ROOT) -> int:
    """Stamp what a file asks for, say what was done, and return the exit code."""
    try:
        given = read_wishes(path)
        draft = draft_of(given, path.parent, root)
        changes, hints = draft.changes(), advice(given, draft, root)
        write(changes, root)
    except RebrandError as problem:
        print(f"rebrand: {problem}")
        return 1
    for hint in hints:
        print(f"rebrand: note: {hint}")
    others = [name for name in changes if not name.endswith(".ipynb")]
    counted = len(changes) - len(others)
    done = others + ([f"{counted} notebooks"] if counted else [])
    print(f"rebrand: changed {', '.join(done)}" if done else "rebrand: everything is as asked")
    return 0


def main() -> int:
    """Parse the command line and stamp."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wishes", type=Path, help="the file that says what is to change")
    return rebrand(parser.parse_args().wishes)


if __name__ == "__main__":
    sys.exit(main())
