"""Tell whether every locked package has a wheel for every system and Python we promise.

Asks the package index without installing anything. Needs a network.
"""

import os
import subprocess
import sys
import tempfile

from run_notebooks import ROOT

PLATFORMS = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
]
# The oldest macOS that its maker still mends.
ENVIRONMENT = os.environ | {"MACOSX_DEPLOYMENT_TARGET": "15.0"}
PYTHONS = ["3.11", "3.12", "3.13"]


def check(platform: str, python: str) -> str | None:
    """Return why the lock cannot be installed there from wheels alone, or None."""
    with tempfile.TemporaryDirectory() as target:
        command = [
            sys.executable,
            "-m",
            "uv",
            "--system-certs",
            "pip",
            "install",
            "--dry-run",
            "--target",
            target,
        ]
        command += ["--python-platform", platform, "--python-version", python]
        command += ["--only-binary", ":all:", "--require-hashes", "-r", "requirements.lock"]
        done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    return done.stderr if done.returncode else None


def main() -> int:
    """Check every pair and print a line for each."""
    problems = 0
    for platform in PLATFORMS:
        for python in PYTHONS:
            problem = check(platform, python)
            print(f"{'FAILED' if problem else 'ok':6s} {platform} Python {python}", flush=True)
            if problem:
                problems += 1
                print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
