"""A Hub for a class on one machine: accounts of the system, one JupyterLab with limits for each learner, and the class's votes.

`jupyterhub --config deploy/hub/jupyterhub_config.py` starts it; README.md beside this file says what to do before.
Each value below can be set in the environment instead, so that this file stays as it is.
"""

import importlib.util
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub defines it
here = Path(__file__).resolve().parent


def chosen(name: str, default: str) -> str:
    """Return the value of TLTUTOR_HUB_NAME, or the default."""
    return os.environ.get(f"TLTUTOR_HUB_{name}") or default


port = int(chosen("PORT", "8000"))  # the only one that a browser needs
address = chosen("ADDRESS", f"http://127.0.0.1:{port}")  # what learners type, behind your TLS proxy
state = Path(chosen("STATE", "/srv/tltutor/hub"))  # secrets, accounts, votes
data = chosen("DATA", "/srv/tltutor/data")  # data sets and weights, shared, read-only
memory = chosen("MEMORY", "2G")  # most that one process of a learner may take
threads = chosen("THREADS", "1")  # of a learner's numerics: many learners share the cores
teachers = set(filter(None, chosen("TEACHERS", "").split(",")))  # account names

# One port, on this machine alone: the TLS proxy of README.md hands it to the network.
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"

# The Hub or its proxy may restart in the middle of a lesson: learners' servers go on.
c.JupyterHub.cleanup_servers = False
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.JupyterHub.proxy_check_interval = 5  # seconds

# Who comes in: accounts of this system, by their passwords. No account is made here.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = set()
c.LocalAuthenticator.allowed_groups = set(
    filter(None, chosen("GROUPS", "learners,teachers").split(","))
)
c.Authenticator.any_allow_config = True
c.Authenticator.delete_invalid_users = True

# What each learner gets. start.py hands out the lessons, sets the limits, and becomes the server.
c.Spawner.cmd = [sys.executable, str(here / "start.py")]
c.Spawner.ip = "127.0.0.1"
c.Spawner.default_url = "/lab/tree/01_first_flight.ipynb"
c.Spawner.environment = {
    "TLTUTOR_DATA": data,
    "TLTUTOR_HUB_MEMORY": memory,
    "TLTUTOR_CLASS_ADDRESS": f"http://127.0.0.1:{port}/services/class/",
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), threads),
}
c.Spawner.start_timeout = 120  # seconds: a whole class starts in the same minute
c.Spawner.http_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 5
c.JupyterHub.active_server_limit = int(chosen("LEARNERS", "30"))

# The class's votes, with the names that the Hub knows. Learners vote; teachers open and close.
c.JupyterHub.custom_scopes = {
    "custom:tltutor:teach": {"description": "Open and close the votes of the class"}
}
c.JupyterHub.load_groups = {"teachers": {"users": sorted(teachers)}}
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "access:services!service=class"]},
    {"name": "teacher", "groups": ["teachers"], "scopes": ["custom:tltutor:teach"]},
]
c.Spawner.server_token_scopes = [
    "users:activity!user",
    "access:servers!server",
    "access:services!service=class",
    "custom:tltutor:teach",
]
c.JupyterHub.services = [
    {
        "name": "class",
        "url": f"http://127.0.0.1:{chosen('CLASS_PORT', '8765')}",
        "command": [sys.executable, "-m", "tltutor.cli", "class", "serve", "--hub", address],
        "environment": {"TLTUTOR_CLASS": str(state / "class")},
        "oauth_client_allowed_scopes": ["custom:tltutor:teach"],
        "oauth_no_confirm": True,
    }
]

# A learner's server that nobody uses gives its memory back; the learner's files stay.
if importlib.util.find_spec("jupyterhub_idle_culler"):
    culling = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    c.JupyterHub.load_roles.append({"name": "idle", "services": ["idle"], "scopes": culling})
    c.JupyterHub.services.append(
        {
            "name": "idle",
            "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
        }
    )
