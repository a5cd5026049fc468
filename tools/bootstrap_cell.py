# On Colab this fetches the course's helper package; everywhere else it does nothing.
import subprocess
import sys

REPOSITORY = ""  # the public address of this course
if "google.colab" in sys.modules:
    if not REPOSITORY:
        raise SystemExit("Set REPOSITORY above to the address of the course, then run again.")
    command = [sys.executable, "-m", "pip", "install", "--quiet", f"git+{REPOSITORY}"]
    subprocess.run(command, check=True)
