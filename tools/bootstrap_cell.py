# On Colab this fetches the course's helper package; elsewhere it does nothing.
import subprocess
import sys

REPOSITORY = ""  # the public address of this course
if "google.colab" in sys.modules:
    if not REPOSITORY:
        raise SystemExit("Set REPOSITORY to the address of the course.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    if subprocess.run([*pip, f"nnutils[colab] @ git+{REPOSITORY}"]).returncode:
        raise SystemExit(f"No course to install at {REPOSITORY}: is it right?")
