"""The course's hub, open to anybody who knows a word, on this machine only: for tests."""

import os
from pathlib import Path

FOLDER = Path(os.environ["TRIAL_FOLDER"])

c = get_config()  # noqa: F821, JupyterHub defines it
load_subconfig(os.environ["TRIAL_COURSE_CONFIG"])  # noqa: F821, so does it this

c.JupyterHub.bind_url = os.environ["TRIAL_URL"]
c.JupyterHub.hub_port = int(os.environ["TRIAL_HUB_PORT"])
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "cookie_secret")
c.ConfigurableHTTPProxy.command = os.environ["TRIAL_PROXY"].split("\n")
c.ConfigurableHTTPProxy.api_url = os.environ["TRIAL_PROXY_API"]
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / "proxy.pid")

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["TRIAL_PASSWORD"]
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"  # every learner is this user, in a folder of their own
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "homes" / "{username}")
if "NNUTILS_DATA_DIR" in os.environ:
    c.Spawner.environment = {"NNUTILS_DATA_DIR": os.environ["NNUTILS_DATA_DIR"]}
if hasattr(os, "geteuid") and os.geteuid() == 0:
    c.Spawner.args = [*c.Spawner.args, "--allow-root"]
