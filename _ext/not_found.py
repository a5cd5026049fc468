"""``404.html``: what a host shows for an address that has no page.

The host shows it at that address, in whatever folder, so that relative links and styles would lead
nowhere. Everything is in the file itself, and its links are absolute where the site's address is
known. Elsewhere a few lines of script look for the site in the folders above, and ask nobody else.
"""

import html
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from search_help import GLOSSARY

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page - $title</title>
<style>
:root { color-scheme: light dark; color: CanvasText; background: Canvas; }
body { max-width: 40rem; margin: auto; padding: 12vh 1.2rem; font: 1.1rem/1.6 system-ui; }
li { padding: .3rem 0; }
a { color: LinkText; }
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>Nothing stands at this address in <cite>$title</cite>. The page may have been renamed.</p>
<ul>
<li><a href="${base}index.html">The first page</a>, with the list of all pages</li>
<li><a href="${base}search.html">Search</a></li>
$glossary</ul>
</main>
$script</body>
</html>
""")

# The folder in which the site's own inventory lies is its root.
SCRIPT = """<script>
(async () => {
  if (/^file:|\\/404\\.html$/.test(location.protocol + location.pathname)) return;
  const folders = location.pathname.split("/").slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth++) {
    const root = folders.slice(0, depth).join("/") + "/";
    const answer = await fetch(root + "objects.inv", { method: "HEAD" }).catch(() => null);
    if (!answer?.ok) continue;
    for (const link of document.links) link.href = root + link.getAttribute("href");
    return;
  }
})();
</script>
"""


def page(title: str, *, base: str, glossary: str) -> str:
    """Return the page; the site's address and the glossary's page are empty if there are none."""
    path = urlsplit(base).path
    item = f'<li><a href="{path}{glossary}">Glossary</a></li>\n' if glossary else ""
    script = "" if base else SCRIPT
    return PAGE.substitute(title=html.escape(title), base=path, glossary=item, script=script)


def write_page(app, exception):
    """Write the page beside the first one."""
    if exception is None and app.builder.name == "html":
        address = app.builder.get_target_uri(GLOSSARY) if GLOSSARY in app.env.found_docs else ""
        text = page(app.config.html_title, base=app.config.html_baseurl, glossary=address)
        Path(app.outdir, "404.html").write_text(text, encoding="utf-8")


def setup(app):
    """Write the page at the end of every build."""
    app.connect("build-finished", write_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
