"""Play a whole class on a JupyterHub of deploy/hub: learners log in, open lesson 01 and train at once; measure what each one costs.

`python -m benchmarks.hub` starts a Hub of its own in a temporary folder, with made-up learners whose password is random, and ends it.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "deploy" / "hub" / "jupyterhub_config.py"
PROXY = ROOT / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
LESSON = "01_first_flight.ipynb"
PATIENCE = 600.0  # seconds for anything to happen: twenty kernels share two cores
STEPS = 200
# Made-up accounts of one password, in folders of one account of the system: all else is the file that teachers use.
TRIAL = """
load_subconfig({config!r})
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.any_allow_config = True
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.args = ["--allow-root"]
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["node", {proxy!r}]
c.ConfigurableHTTPProxy.debug = False
c.JupyterHub.log_level = "WARN"
c.JupyterHub.cleanup_servers = True
"""
# Lesson 01's board, trained as its Play button does, and what it shows afterward.
RUN = """
import json, time, psutil
begun = time.monotonic()
import tltutor as tl
lab = tl.Lab(
    pair="digits->shifted-digits", pair_options={{"rotation": 30, "size": 20}}, objective="dann",
    network_options={{"channels": (16, 32)}}, steps={steps}, batch_size=32, lr=0.02,
)
lab.widget
ready = time.monotonic() - begun
begun = time.monotonic()
lab.step({steps})
lab.wait({patience})
took = time.monotonic() - begun
about = {{"step": len(lab.recording.stepped), "looks": lab.recording.frame_count, "ready": ready, "took": took}}
print(json.dumps({{**about, "memory": psutil.Process().memory_info().rss}}))
"""


@dataclass(frozen=True)
class Hub:
    """A Hub that runs: its address, the learners' password, its folder and its process."""

    address: str
    password: str
    folder: Path
    process: subprocess.Popen[bytes]

    def home(self, name: str) -> Path:
        """Return the folder of a learner."""
        return self.folder / "homes" / name

    def proxy(self) -> psutil.Process:
        """Return the process of the Hub's proxy."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(
            child for child in children if "configurable-http-proxy" in " ".join(child.cmdline())
        )


@contextmanager
def a_hub(folder: Path, *, teachers: Sequence[str] = (), memory: str = "3G") -> Iterator[Hub]:
    """Run the Hub of deploy/hub in this folder, on free ports, until the block ends. Errors: RuntimeError if it does not start."""
    ports, password = free_ports(4), secrets.token_urlsafe(16)
    (folder / "homes").mkdir(parents=True)
    config = folder / "trial_config.py"
    config.write_text(
        TRIAL.format(
            config=str(CONFIG), password=password, homes=str(folder / "homes"),
            hub=ports[1], api=ports[2], proxy=str(PROXY),
        ),
        "utf-8",
    )  # fmt: skip
    settings = {
        "PORT": ports[0], "CLASS_PORT": ports[3], "STATE": folder, "MEMORY": memory,
        "TEACHERS": ",".join(teachers), "DATA": os.environ.get("TLTUTOR_DATA", ""),
    }  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))),
        **{f"TLTUTOR_HUB_{name}": str(value) for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "jupyterhub", "--config", str(config)]
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the Hub of this folder
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    hub = Hub(f"http://127.0.0.1:{ports[0]}", password, folder, process)
    try:
        wait(lambda: answers(hub), "the Hub answers", 120)
        yield hub
    finally:
        stop(process)
        for proxy in proxies(ports[2]):  # the Hub may have begun a new one while it ended
            proxy.kill()


def proxies(port: int) -> list[psutil.Process]:
    """Return the proxies whose own interface is at this port."""
    found = psutil.process_iter(["cmdline"])
    return [
        process
        for process in found
        if {str(PROXY), "--api-port", str(port)} <= set(process.info["cmdline"] or ())
    ]


def free_ports(n: int) -> list[int]:
    """Return ports of this machine that nobody uses at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ports


def answers(hub: Hub) -> bool:
    """Return True if the Hub serves its login page. Errors: RuntimeError with its log if it has ended."""
    if hub.process.poll() is not None:
        raise RuntimeError((hub.folder / "hub.log").read_text("utf-8")[-3000:])
    try:
        return requests.get(f"{hub.address}/hub/login", timeout=5).ok
    except requests.RequestException:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the Hub, and whatever it has started."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
    for child in family:
        with suppress_gone():
            child.kill()


@contextmanager
def suppress_gone() -> Iterator[None]:
    """Leave alone a process that has ended by itself."""
    try:
        yield
    except psutil.NoSuchProcess:
        return


def wait(happens: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Return how many seconds it took. Errors: TimeoutError that says what did not happen."""
    begun = time.monotonic()
    while not happens():
        if time.monotonic() - begun > patience:
            raise TimeoutError(f"after {patience:.0f} seconds still not: {what}")
        time.sleep(0.2)
    return time.monotonic() - begun


class Learner(requests.Session):
    """A learner's browser: it logs in, starts the server, and runs code in a kernel."""

    def __init__(self, hub: Hub, name: str) -> None:
        super().__init__()
        self.trust_env = False  # no proxy
        self.hub, self.name = hub, name
        self.server = f"{hub.address}/user/{name}"

    def log_in(self) -> float:
        """Log in as the form does. Returns seconds."""
        begun = time.monotonic()
        page = f"{self.hub.address}/hub/login"
        self.get(page, timeout=60)
        words = {"username": self.name, "password": self.hub.password, "_xsrf": self._xsrf("/hub/")}
        answer = self.post(page, data=words, timeout=60, allow_redirects=False)
        if answer.status_code != 302:
            raise RuntimeError(f"{self.name} cannot log in: {answer.status_code}")
        return time.monotonic() - begun

    def start(self) -> float:
        """Start the learner's server and open JupyterLab. Returns seconds."""
        begun = time.monotonic()
        self.get(f"{self.hub.address}/hub/spawn/{self.name}", timeout=120)
        wait(self._runs, f"the server of {self.name} runs")
        return time.monotonic() - begun

    def _runs(self) -> bool:
        """Open JupyterLab's page: the Hub sends it elsewhere until the server runs, and logs the browser in on the way."""
        page = f"{self.server}/lab"
        answer = self.get(page, timeout=120)
        return answer.ok and answer.url.startswith(page)

    def _xsrf(self, path: str) -> str:
        found = [kept.value for kept in self.cookies if kept.name == "_xsrf" and kept.path == path]
        return found[-1] or "" if found else ""

    def ask(self, method: str, path: str, **about: Any) -> requests.Response:
        """Ask the learner's server, as JupyterLab does."""
        own = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/")}
        return self.request(method, f"{self.server}/api/{path}", headers=own, timeout=120, **about)

    def kernel(self) -> str:
        """Start a kernel and return its id."""
        answer = self.ask("POST", "kernels", json={"name": "python3"})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def run(self, kernel: str, code: str) -> str:
        """Run code in a kernel and return what it has printed. Errors: RuntimeError with its traceback."""
        return run_cell(self, kernel, code)


def run_cell(learner: Learner, kernel: str, code: str) -> str:
    """Send one cell to a kernel by its websocket (Jupyter's messaging protocol 5), and collect what it prints."""
    import asyncio

    return asyncio.run(_run_cell(learner, kernel, code))


async def _run_cell(learner: Learner, kernel: str, code: str) -> str:
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    address = f"{learner.server}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
    kept = "; ".join(f"{found.name}={found.value}" for found in learner.cookies)
    request = HTTPRequest(address, headers={"cookie": kept}, connect_timeout=120)
    channel = await websocket_connect(request, max_message_size=2**28)
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number, "version": "5.3"}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}  # fmt: skip
    about = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}  # fmt: skip
    await channel.write_message(json.dumps(about))
    printed = ""
    try:
        while True:
            said = await channel.read_message()
            if said is None:
                raise RuntimeError("the kernel's channel was closed")
            if isinstance(said, bytes):
                continue  # pictures for a page
            message = json.loads(said)
            if message["parent_header"].get("msg_id") != number:
                continue
            kind, found = message["msg_type"], message["content"]
            if kind == "stream" and found["name"] == "stdout":
                printed += found["text"]
            elif kind == "error":
                raise RuntimeError("\n".join(found["traceback"]))
            elif kind == "status" and found["execution_state"] == "idle":
                return printed
    finally:
        channel.close()
        while await channel.read_message() is not None:
            pass  # what was under way, until the other side has closed it too


def one_learner(hub: Hub, name: str, steps: int) -> dict[str, float]:
    """Play what a learner does: log in, open the lesson, train. Returns seconds, bytes and steps."""
    with Learner(hub, name) as learner:
        found = {"login": learner.log_in(), "start": learner.start()}
        begun = time.monotonic()
        learner.ask("GET", f"contents/{LESSON}").raise_for_status()
        found["lesson"] = time.monotonic() - begun
        said = learner.run(learner.kernel(), RUN.format(steps=steps, patience=PATIENCE))
        return {**found, **json.loads(said.strip().splitlines()[-1])}


def play(n: int, steps: int, hub: Hub) -> list[dict[str, float]]:
    """Let n learners do it at once."""
    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(lambda i: one_learner(hub, f"learner{i:02d}", steps), range(n)))


def table(found: Sequence[dict[str, float]]) -> str:
    """Return median and worst of what was measured."""
    rows = {
        "log in (s)": [one["login"] for one in found],
        "server and JupyterLab (s)": [one["start"] for one in found],
        "open the lesson (s)": [one["lesson"] for one in found],
        "board ready (s)": [one["ready"] for one in found],
        "steps a second": [one["step"] / max(one["took"], 1e-9) for one in found],
        "memory of the kernel (MB)": [one["memory"] / 2**20 for one in found],
    }
    lines = [f"{'':28}{'median':>10}{'least':>10}{'most':>10}"]
    lines += [
        f"{name:28}{statistics.median(x):10.1f}{min(x):10.1f}{max(x):10.1f}"
        for name, x in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and end with status 1 if a board did not move."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--steps", type=int, default=STEPS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, a_hub(Path(folder)) as hub:
        found = play(chosen.learners, chosen.steps, hub)
    print(table(found))
    moved = sum(one["step"] >= chosen.steps for one in found)
    print(f"{moved} of {len(found)} boards made {chosen.steps} steps")
    sys.exit(moved < len(found))


if __name__ == "__main__":
    main()
