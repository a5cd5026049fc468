"""A course of a few pages in a folder of its own, from the files of the real one."""

from pathlib import Path

import yaml
from run_notebooks import ROOT

SHARED = ("_config.yml", "pyproject.toml", "requirements.txt", "index.md", "chapters", "nnutils")
SHARED += ("tools", "LICENSE", "LICENSE-CONTENT", "CITATION.cff")


def small_course(folder: Path, pages: list[Path]) -> Path:
    """Link everything but the table of contents, which lists these pages only."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    toc = {"root": "index", "chapters": [{"file": str(page.with_suffix(""))} for page in pages]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    return folder
