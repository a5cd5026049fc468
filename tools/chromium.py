"""How Chromium is started, for the PDFs and for the tests."""

import os
import shutil

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
# Keep the browser itself from calling home.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET += ["--no-first-run", "--disable-gpu", "--disable-quic"]
# The address bar's own pages, which nobody sees, cost a second for every window.
QUIET += ["--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"]
MISSING = "no browser: install Chromium, or run `.venv/bin/playwright install chromium`"


def launch_options() -> dict:
    """Return what Playwright's ``launch`` needs; without an installed browser it takes its own."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    # As root a browser cannot use its sandbox.
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": path, "args": QUIET + sandbox}
