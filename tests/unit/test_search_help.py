"""What the search knows of unchanged pages outlives a build of changed pages only."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from run_notebooks import ROOT

CONF = """
import sys
sys.path.insert(0, {ext!r})
extensions = ["myst_parser"{more}]
myst_enable_extensions = ["colon_fence"]
exclude_patterns = ["_build"]
"""
GLOSSARY = """# Words

:::{glossary}
batch
  The samples of one update.
:::
"""


def index_entries(project: Path) -> list[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", project, project / "_build"]
    subprocess.run(command, check=True)
    text = (project / "_build" / "searchindex.js").read_text(encoding="utf-8")
    return list(json.loads(text[text.index("{") : text.rindex(")")])["indexentries"])


@pytest.mark.parametrize("helped", [True, False])
def test_terms_stay_in_the_search_when_another_page_changes(tmp_path, helped):
    """Without the help they are lost: should Sphinx learn to keep them, the help may go."""
    more = ', "search_help"' if helped else ""
    (tmp_path / "conf.py").write_text(CONF.format(ext=str(ROOT / "_ext"), more=more))
    (tmp_path / "index.md").write_text("# First\n\n```{toctree}\nwords\n```\n")
    (tmp_path / "words.md").write_text(GLOSSARY)
    assert index_entries(tmp_path) == ["batch"]
    (tmp_path / "index.md").write_text("# First\n\nChanged.\n\n```{toctree}\nwords\n```\n")
    assert index_entries(tmp_path) == (["batch"] if helped else [])
