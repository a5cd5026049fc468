# On Colab this fetches the course's helper package; elsewhere it does nothing.
import subprocess
import sys

REPOSITORY = ""  # the public address of this course
if "google.colab" in sys.modules:
    if not REPOSITORY:
        raise SystemExit("Set REPOSITORY to the address of the course.")
    pip = [sys.executable, "-m", "pip"]
    # What Colab brought must stay as it is.
    with open("/tmp/brought.txt", "w") as brought:
        listed = [*pip, "list", "--format=freeze", "--exclude", "nnutils"]
        subprocess.run(listed, stdout=brought, check=True)
    install = [*pip, "install", "--quiet", "--constraint", brought.name]
    course = f"nnutils[colab] @ git+{REPOSITORY}"
    if subprocess.run([*install, course]).returncode:
        raise SystemExit(f"No course to install at {REPOSITORY}: is it right?")
