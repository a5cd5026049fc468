"""The addresses of the repository and of the site, found when the book is built.

On GitHub Actions its own variables say it; elsewhere ``[project.urls]`` of
``pyproject.toml`` does, if ``make rebrand`` has written it, else a recognised
``origin`` of the git checkout. With none of them the site has no launch or
repository buttons: an invented address could be registered by a stranger.

The site's own address is ``html.baseurl`` of ``_config.yml`` or ``Documentation`` in
``[project.urls]``; on GitHub Actions, which publishes to GitHub Pages, it follows from the
repository's name. With none of them no page says where it stands.
"""

import os
import re
import subprocess
import tomllib
from pathlib import Path

HOSTS = ("github.com", "gitlab.com", "bitbucket.org")
REMOTE = re.compile(r"^(?:https://(?:[^@/]+@)?|git@|ssh://git@)([^:/]+)[:/](.+?)(?:\.git)?/?$")


def ask_git(root: str, *arguments: str) -> str:
    """Return what a git command prints, or nothing if there is no git or no answer."""
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def declared(root: str, name: str) -> str:
    """Return an address that ``pyproject.toml`` names, or nothing."""
    try:
        project = tomllib.loads(Path(root, "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except FileNotFoundError:
        return ""
    return project.get("urls", {}).get(name, "")


def address(root: str, environ=os.environ) -> tuple[str, str] | None:
    """Return the address and branch of the repository, or None if unknown."""
    if environ.get("GITHUB_ACTIONS") == "true" and environ.get("GITHUB_REPOSITORY"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{environ['GITHUB_REPOSITORY']}", environ.get("GITHUB_REF_NAME", "main")
    origin = declared(root, "Repository") or ask_git(root, "config", "--get", "remote.origin.url")
    remote = REMOTE.match(origin)
    if remote is None or remote[1] not in HOSTS:
        return None
    branch = ask_git(root, "rev-parse", "--abbrev-ref", "HEAD")
    return f"https://{remote[1]}/{remote[2]}", branch if branch not in ("", "HEAD") else "main"


def site(root: str, environ=os.environ) -> str:
    """Return the address of the site, with a slash at its end, or nothing if unknown."""
    if given := declared(root, "Documentation"):
        return given.rstrip("/") + "/"
    on_github = environ.get("GITHUB_SERVER_URL") == "https://github.com"
    if environ.get("GITHUB_ACTIONS") != "true" or not on_github:
        return ""
    owner, _, name = environ.get("GITHUB_REPOSITORY", "").partition("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" + ("" if name.lower() == host else f"{name}/")


def configure(app, config):
    """Set the theme's repository options, or switch its buttons off; set the site's address."""
    given = config.html_baseurl
    config.html_baseurl = given.rstrip("/") + "/" if given else site(app.srcdir)
    options = config.html_theme_options
    found = address(app.srcdir)
    for button in ("use_repository_button", "use_issues_button"):
        options[button] = found is not None
    if found is None:
        options["launch_buttons"] = {}
        options.pop("repository_url", None)
        return
    options["repository_url"], options["repository_branch"] = found
    options["path_to_docs"] = ""
    buttons = {"binderhub_url": "https://mybinder.org"}
    if "github.com" in found[0]:  # Colab opens notebooks from GitHub only
        buttons["colab_url"] = "https://colab.research.google.com"
    # A Binder of one's own in _config.yml wins; Jupyter Book fills in "" where there is none.
    given = options.get("launch_buttons", {})
    options["launch_buttons"] = {**given, **{k: given.get(k) or buttons[k] for k in buttons}}


def setup(app):
    """Connect to the event at which options are still open."""
    app.connect("config-inited", configure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
