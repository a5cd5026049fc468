"""Every notebook by "Run All" in a real JupyterLab, as ``make lab`` opens it, driven by a browser.

``make test-lab`` runs this. JupyterLab works on a copy, so that no output lands in the course.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import psutil
import pytest
from browser import browser, new_window  # noqa: F401
from run_notebooks import CELL_TIMEOUT_S, ROOT, pages_in_toc

TOKEN = "only-this-test"
# What the menu's Run All Cells does; the promise ends with the last cell. Then save.
RUN_ALL = """
async () => {
  const { commands, shell } = window.jupyterapp;
  const panel = shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await commands.execute("notebook:run-all-cells");
  await panel.context.save();
}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab: its process, its folder and its address."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("chapters", "nnutils"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("jupyter"), "lab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--port-retries=0", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True"]
    own = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    address = f"http://127.0.0.1:{port}/"
    with open(folder / "lab.log", "wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | own, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}api?token={TOKEN}", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "lab.log").read_text()
                time.sleep(0.5)
        yield process, folder, address
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True), process]
        for member in family:
            member.terminate()
        process.wait(30)


@pytest.mark.parametrize("page", pages_in_toc(), ids=str)
def test_run_all_leaves_no_error(lab, browser, page):  # noqa: F811
    process, folder, address = lab
    context = new_window(browser, viewport={"width": 1280, "height": 900})
    try:
        sheet = context.new_page()
        sheet.goto(f"{address}lab/tree/{page.as_posix()}?token={TOKEN}&reset")
        sheet.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell", timeout=120_000)
        sheet.set_default_timeout(1000 * CELL_TIMEOUT_S)
        sheet.evaluate(RUN_ALL)
        kernels = [p.cmdline() for p in psutil.Process(process.pid).children()]
        sheet.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    finally:
        context.close()
    notebook = nbformat.read(folder / page, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    errors = [o for cell in cells for o in cell.outputs if o.output_type == "error"]
    assert not errors, errors[0].traceback
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    # The kernel is the course's own Python, not another that lies about on the machine.
    assert [command[:3] for command in kernels] == [[sys.executable, "-m", "ipykernel_launcher"]]
    assert notebook.metadata.kernelspec.name == "python3"
