"""What a hub has to know about this course; begin from here and add how people log in.

A JupyterHub of your own reads it with ``jupyterhub --config``. The Littlest JupyterHub reads it
from ``/opt/tljh/config/jupyterhub_config.d/``. ``make test-hub`` runs a class on it.
"""

from pathlib import Path

# A folder with mnist.npz, imdb.npz and imdb_word_index.json that everybody may read. Without it
# every learner downloads the data sets into a home of their own.
DATA = Path("/srv/neural-networks/data")

# What the heaviest page needs beside JupyterLab, with room to try things out. A spawner that can
# limit memory (systemd, containers) restarts a kernel that wants more; the plain local one cannot.
MEMORY_LIMIT = "2G"

# People close the lid and go home: an idle kernel ends, and then the idle server, work on disk.
IDLE_KERNEL_S = 1800
IDLE_SERVER_S = 3600

c = get_config()  # noqa: F821, JupyterHub defines it
c.Spawner.default_url = "/lab"
c.Spawner.mem_limit = MEMORY_LIMIT
# People who follow one link start their servers at once, and each reads much from the disk.
c.JupyterHub.concurrent_spawn_limit = 30
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={IDLE_KERNEL_S}",
    f"--ServerApp.shutdown_no_activity_timeout={IDLE_SERVER_S}",
]
if DATA.is_dir():
    c.Spawner.environment = {"NNUTILS_DATA_DIR": str(DATA)}
# Nobody logs in until you say who: https://jupyterhub.readthedocs.io/en/stable/tutorial/getting-started/authenticators-users-basics.html
