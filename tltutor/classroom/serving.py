"""Run the service: which interface, which port, and a server (uvicorn) on it until it is stopped."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tltutor.classroom.app import Classroom
from tltutor.classroom.door import Door
from tltutor.classroom.needs import needed
from tltutor.classroom.running import Running, forget, say_where
from tltutor.classroom.store import Store

HOME = "127.0.0.1"
EVERY = "0.0.0.0"  # noqa: S104 - only where a teacher names it
AT_ONCE = 2000  # connections


@dataclass(frozen=True)
class Place:
    """Where to serve: an address of this machine, the port, and what phones are told instead if it is behind a proxy."""

    host: str = HOME
    port: int = 0
    public: str = ""
    prefix: str = "/"


def serve(
    place: Place,
    file: Path,
    *,
    new: bool = False,
    door: Callable[[Store], Door] | None = None,
    on_start: Callable[[Classroom], None] = lambda _: None,
) -> None:
    """Serve the class of this file until the process is told to stop (Ctrl-C, SIGTERM).

    Errors: OSError in one sentence for a port that is taken or a file that cannot be used; ImportError without uvicorn.
    """
    uvicorn = needed("uvicorn")
    needed("segno")  # before anything is opened
    with bound(place.host, place.port) as listening:
        port = listening.getsockname()[1]
        store = Store(file, new=new)
        own = Running(f"http://{_reached(place.host)}:{port}{place.prefix}", store.room.key)

        def introduce() -> None:
            say_where(own)
            on_start(classroom)

        classroom = Classroom(
            store,
            place.public or f"http://{shown_host(place.host)}:{port}",
            prefix=place.prefix,
            door=door(store) if door else None,
            on_start=introduce,
            on_end=lambda: forget(own),
        )
        config = uvicorn.Config(
            classroom.application(),
            log_level="warning",
            access_log=False,
            ws="none",
            server_header=False,
            limit_concurrency=AT_ONCE,
            proxy_headers=bool(place.public),
            timeout_keep_alive=10,
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run(sockets=[listening])


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Errors: OSError in one sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OSError(
                f"port {port} on {host} is taken by another program: choose another one with --port, "
                "or --port 0 for any that is free"
            ) from error
        raise OSError(
            f"port {port} on {host} cannot be opened ({error.strerror or error}): choose a port from "
            "1024 on with --port"
        ) from error


def host_of(interface: str) -> str:
    """Return the address of a network interface, given by its name or by the address itself.

    Errors: ValueError for one that this machine does not have.
    """
    known = interfaces()
    hosts = {EVERY, *known.values()}
    if interface in known:
        return known[interface]
    if interface in hosts or (
        _is_address(interface) and ipaddress.ip_address(interface).is_loopback
    ):
        return interface
    choice = ", ".join(f"{name} ({host})" for name, host in known.items())
    raise ValueError(
        f"--interface must be one of this machine's, got {interface!r}: choose from {choice}, or {EVERY} for all"
    )


def interfaces() -> dict[str, str]:
    """Return the IPv4 address of each network interface of this machine, by name."""
    import psutil

    return {
        name: address.address
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if address.family == socket.AF_INET
    }


def shown_host(host: str) -> str:
    """Return what phones are told: for "all interfaces" the first one that leads out of this machine."""
    if host == EVERY:
        out = (a for a in interfaces().values() if not ipaddress.ip_address(a).is_loopback)
        host = next(out, HOME)
    return f"[{host}]" if ":" in host else host


def _reached(host: str) -> str:
    return HOME if host == EVERY else shown_host(host)


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True
