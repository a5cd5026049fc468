"""The laboratories on the pages: a directive for each, links that set them up, and their script.

The sources are small modules in ``interactive/src``. Browsers refuse to load modules from disk,
and a copy of the site must work by double click, so the build joins them into one plain script.
Only pages that use a laboratory load it. A setting that ``settings.json`` does not allow is a
warning at its place in the text, and so fails the build.
"""

import hashlib
import html
import json
import re
import sys
from decimal import Decimal
from pathlib import Path

from docutils import nodes
from shrink import shrink
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx.util.osutil import relative_uri

LOG = logging.getLogger(__name__)
INTERACTIVE = Path(__file__).resolve().parent.parent / "interactive"
SETTINGS = json.loads((INTERACTIVE / "settings.json").read_text(encoding="utf-8"))

IMPORT = re.compile(r'import \{ (\w+(?:, \w+)*) \} from "\./([\w-]+)\.mjs";')
EXPORT = re.compile(r"export (?:async )?(function|class|const) (\w+)")
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let|var) (\w+)", re.M)
OTHER_FORM = re.compile(r"^\s*(?:import|export)\b|\bimport\s*\(|\bimport\.meta\b", re.M)
NUMBER = re.compile(r"-?[0-9]{1,17}(\.[0-9]{1,30})?(e[+-]?[0-9]{1,3})?")  # as in state.mjs
IDENTIFIER = re.compile("[a-z][a-z0-9-]*")


def sources() -> list[Path]:
    """Return the modules, each after those it imports, or raise if they form a ring."""
    paths = {path.stem: path for path in sorted((INTERACTIVE / "src").glob("*.mjs"))}
    needs = {
        name: {module for _, module in IMPORT.findall(path.read_text(encoding="utf-8"))}
        for name, path in paths.items()
    }
    order: list[str] = []
    while len(order) < len(needs):
        ready = [name for name in needs if name not in order and needs[name] <= set(order)]
        if not ready:
            ring = ", ".join(sorted(set(needs) - set(order)))
            raise ValueError(f"modules must not import each other or what is not there: {ring}")
        order += ready
    return [paths[name] for name in order]


def without_comments(text: str) -> str:
    """Drop comments, which may speak of importing: no string of the modules holds one."""
    text = re.sub(r"^ */\*\*.*?\*/\n", "", text, flags=re.M | re.S)
    return re.sub(r"(?:^|(?<=[;,{}])) *// .*", "", text, flags=re.M)


def join(paths: list[Path]) -> str:
    """Put modules behind each other without imports, ``export`` and comments, or raise."""
    owner: dict[str, str] = {}
    parts = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for name in TOP_LEVEL.findall(text):
            if name in owner:
                raise ValueError(f"{path.name} and {owner[name]} both define {name}")
            owner[name] = path.name
        code = re.sub(f"^{IMPORT.pattern}\n", "", without_comments(text), flags=re.M)
        code = re.sub(r"^export (?=(?:async )?(?:function|class|const) )", "", code, flags=re.M)
        if other := OTHER_FORM.search(code):
            raise ValueError(f"{path.name} has an import or export of another form: {other[0]!r}")
        parts.append(code)
    return "".join(parts)


def joined() -> str:
    """Return all laboratories as one readable script, with their settings in it."""
    # Presets have done their work when the page is built: they stand in its links and elements.
    parts = {name: {"options": part["options"], "presets": {}} for name, part in SETTINGS.items()}
    settings = json.dumps(parts, ensure_ascii=False)
    return f'(() => {{\n"use strict";\nconst SETTINGS = {settings};\n{join(sources())}}})();\n'


def script() -> str:
    """Return what pages load: the same in fewer characters."""
    return shrink("application/javascript", joined())


def plain(number: float) -> str:
    """Write a number without exponent, as JavaScript writes small ones."""
    return format(Decimal(str(number)), "f")


def allowed(option: dict) -> str:
    """Say what an option allows, in the words of state.mjs."""
    kind = option["type"]
    if kind == "choice":
        return f"one of {', '.join(option['values'])}"
    if kind == "set":
        return f"some of {', '.join(option['values'])}, separated by commas"
    low, high = plain(option["min"]), plain(option["max"])
    if kind == "sizes":
        most = option["most"]
        return f"0, or up to {most} numbers from {low} to {high}, separated by commas"
    return f"{'a whole number' if kind == 'integer' else 'a number'} from {low} to {high}"


def parse_value(option: dict, text: str):
    """Turn text into a value as state.mjs does; None if it is not allowed."""
    kind = option["type"]
    if kind == "choice":
        return text if text in option["values"] else None
    parts = text.split(",")
    if kind == "set":
        fits = set(parts) <= set(option["values"]) and len(set(parts)) == len(parts)
        return parts if fits else None
    if kind == "sizes" and text == "0":
        return []
    if len(parts) > option.get("most", 1) or not all(map(NUMBER.fullmatch, parts)):
        return None
    numbers = [float(part) for part in parts]
    whole = kind != "number"
    if not all(option["min"] <= n <= option["max"] for n in numbers):
        return None
    if whole and not all(n.is_integer() for n in numbers):
        return None
    numbers = [int(n) if n.is_integer() else n for n in numbers]
    return numbers if kind == "sizes" else numbers[0]


def format_value(option: dict, value) -> str:
    """Turn a value into the text from which parse_value makes it."""
    if isinstance(value, list):
        return ",".join(map(str, value)) or "0"
    return value if isinstance(value, str) else plain(value)


def read_settings(element: str, pairs: dict[str, str]) -> tuple[dict, list[str]]:
    """Read options given as text, a preset among them.

    Returns
    -------
    settings : dict
        Values by option; those of the preset first.
    problems : list of str
        One sentence for each thing that is not allowed.
    """
    options, presets = SETTINGS[element]["options"], SETTINGS[element]["presets"]
    settings, problems = {}, []
    if "preset" in pairs:
        preset = pairs["preset"]
        if preset in presets:
            settings |= presets[preset]
        else:
            known = ", ".join(presets) or "nothing: there are none"
            problems.append(f"preset must be one of {known}; got {preset!r}")
    for key, text in pairs.items():
        if key == "preset":
            continue
        if key not in options:
            problems.append(f"there is no setting {key!r}; known are {', '.join(options)}")
        elif (value := parse_value(options[key], text)) is None:
            problems.append(f"{key} must be {allowed(options[key])}; got {text!r}")
        else:
            settings[key] = value
    return settings, problems


class Laboratory(nodes.General, nodes.Element):
    """A laboratory; its children are shown where it cannot live."""


class LaboratoryDirective(SphinxDirective):
    """``{nn-...}``: options are settings; the body is for print and for readers without scripts."""

    has_content = True
    element = ""

    def run(self):
        """Check the settings and make the node."""
        self.assert_has_content()
        pairs = {key: value.strip() for key, value in self.options.items()}
        name = pairs.pop("id", self.element)
        label = pairs.pop("label", "")
        settings, problems = read_settings(self.element, pairs)
        if not IDENTIFIER.fullmatch(name):
            problems.append(f"id must be small letters, digits and hyphens; got {name!r}")
        for problem in problems:
            self.warn(problem)
        start = {key: option["default"] for key, option in self.known.items()} | settings
        node = Laboratory(element=self.element, name=name, label=label, start=start)
        node["attributes"] = {
            key: format_value(self.known[key], start[key])
            for key in self.known
            if start[key] != self.known[key]["default"]
        }
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        files = [*sources(), *(INTERACTIVE / name for name in ("settings.json", "nn.css"))]
        record = record_path(self.env.srcdir, self.env.docname)
        for path in [*files, *([record] if record.exists() else [])]:
            self.env.note_dependency(str(path))
        return [node]

    @property
    def known(self) -> dict:
        """The options of this laboratory."""
        return SETTINGS[self.element]["options"]

    def warn(self, problem: str):
        """Report a mistake with file and line."""
        LOG.warning(
            "%s: %s", f"nn-{self.element}", problem, location=self.get_location(), type="nn"
        )


def unchanged_or_empty(text: str | None) -> str:
    """Take any text: run() checks all values itself, with one wording."""
    return text or ""


def directive(element: str) -> type[LaboratoryDirective]:
    """Make the directive of one laboratory from its settings."""
    keys = ("id", "label", "preset", *SETTINGS[element]["options"])
    body = {"element": element, "option_spec": dict.fromkeys(keys, unchanged_or_empty)}
    return type(f"{element.title()}Directive", (LaboratoryDirective,), body)


class TryRole(ReferenceRole):
    """``{nn-try}`words <id: key=value; ...>```: a link that sets up the laboratory ``id``."""

    def run(self):
        """Leave a link that is completed when all laboratories of the page are known."""
        link = nodes.reference(
            "", self.title, refuri="#", internal=True, classes=["nn-try"], nn_try=self.target
        )
        self.set_source_info(link)
        return [link], []


def complete_links(app, doctree):
    """Check the laboratories' ids and write the addresses of the links to them."""
    laboratories: dict[str, Laboratory] = {}
    for node in doctree.findall(Laboratory):
        if node["name"] in laboratories or node["name"] in doctree.ids:
            problem = "the id %r is taken on this page; give another with :id:"
            LOG.warning(problem, node["name"], location=node, type="nn")
        laboratories[node["name"]] = node
    for link in doctree.findall(nodes.reference):
        if "nn_try" not in link:
            continue
        name, _, rest = link["nn_try"].partition(":")
        node = laboratories.get(name.strip())
        if node is None:
            known = ", ".join(laboratories) or "nothing: the page has none"
            problem = "nn-try: the id before the colon must be one of %s; got %r"
            LOG.warning(problem, known, name.strip(), location=link, type="nn")
            continue
        given = [pair.partition("=") for pair in rest.split(";") if pair.strip()]
        pairs = {key.strip(): value.strip() for key, _, value in given}
        changes, problems = read_settings(node["element"], pairs)
        if len(pairs) < max(len(given), 1):
            problems.append("each setting must be given once, and at least one")
        for problem in problems:
            LOG.warning("nn-try: %s", problem, location=link, type="nn")
        options = SETTINGS[node["element"]]["options"]
        if "preset" in pairs:  # a preset is a whole state, whatever the laboratory starts from
            whole = {key: options[key]["default"] for key in options if key != "controls"}
            changes = whole | changes
        text = ";".join(
            f"{key}:{format_value(options[key], changes[key])}"
            for key in options
            if key in changes and changes[key] != node["start"][key]
        )
        link["refuri"] = f"#{node['name']}={text}"


def record_path(srcdir: str, docname: str) -> Path:
    """Return where the notebook runner keeps the record of a page."""
    return Path(srcdir, "_build", "runs", f"{docname}.json")


def write_weights(builder) -> str:
    """Write the weights that the page's own run handed over, if it did, for the page to fetch.

    Returns
    -------
    str
        Address of the file as seen from the page; empty if there are no weights.
    """
    docname = builder.current_docname
    try:
        record = json.loads(record_path(builder.srcdir, docname).read_text(encoding="utf-8"))
        handed = record["handed_over"]["weights"]
    except (OSError, KeyError):
        return ""
    if str(INTERACTIVE) not in sys.path:
        sys.path.append(str(INTERACTIVE))
    from shorten import weights_script

    text = weights_script(handed)
    name = f"_static/nn-{docname.replace('/', '-')}.js"
    target = Path(builder.outdir, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    version = hashlib.sha256(text.encode()).hexdigest()[:8]  # no browser keeps an old one
    return f"{relative_uri(builder.get_target_uri(docname), name)}?v={version}"


def visit_html(self, node):
    """Open the box and the element, and the part that is shown where scripts do not run."""
    attributes = {"id": node["name"], **node["attributes"]}
    if node["label"]:
        attributes["label"] = node["label"]
    if SETTINGS[node["element"]].get("weights"):
        attributes["weights"] = write_weights(self.builder)
    text = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    name = f"nn-{node['element']}"
    # The box is what container queries measure: an element cannot ask about itself.
    self.body.append(f'<div class="nn-box"><{name}{text}><div class="nn-fallback">\n')
    title = self.builder.env.titles[self.builder.current_docname].astext()
    site = self.builder.config.html_baseurl
    address = f"{site.rstrip('/')}/{self.builder.get_target_uri(self.builder.current_docname)}"
    where = f": {address}#{node['name']}" if site else ""
    self.body.append(
        f'<p class="nn-on-paper">To use it, open the page <em>{html.escape(title)}</em> on the '
        f"site{html.escape(where)}.</p>\n"
    )


def depart_html(self, node):
    """Close what visit_html opened."""
    self.body.append(f"</div></nn-{node['element']}></div>\n")


def pass_through(self, node):
    """Leave the body alone: it is all that paper can show."""


def add_files(app, pagename, templatename, context, doctree):
    """Load script and style only where there is a laboratory."""
    if doctree is not None and next(doctree.findall(Laboratory), None) is not None:
        app.add_js_file("nn.js", loading_method="defer")
        app.add_css_file("nn.css")


def write_files(app):
    """Write script and style into the site, in every build."""
    if app.builder.format == "html":
        folder = Path(app.outdir, "_static")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nn.js").write_text(script(), encoding="utf-8")
        style = (INTERACTIVE / "nn.css").read_text(encoding="utf-8")
        (folder / "nn.css").write_text(shrink("text/css", style), encoding="utf-8")


def setup(app):
    """Register a directive for each laboratory in settings.json, and the role ``nn-try``."""
    paper = (pass_through, pass_through)
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), paper)
    app.add_node(Laboratory, html=(visit_html, depart_html), **others)
    for element in SETTINGS:
        app.add_directive(f"nn-{element}", directive(element))
    app.add_role("nn-try", TryRole())
    app.connect("builder-inited", write_files)
    app.connect("doctree-read", complete_links)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
