"""A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, reached over a socket there.

PostgreSQL refuses to run as root: then it runs as the user ``postgres`` that Debian's package makes, or as ``nobody``. It ends
with the process that started it, however that ends. ``python -m tests.support.postgres`` starts one and prints its URL.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.support.programs import needed

_START_S = 60.0
# Unit tests outlive no crash of the machine; those of crashes keep every promise on.
_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A running server."""

    folder: Path
    program: Path
    account: Mapping[str, Any]
    settings: Mapping[str, str]
    made: int = 0
    server: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def new_database(self) -> str:
        """An empty database, as a URL."""
        self.made += 1
        name = f"t{self.made}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, name: str, *, user: str = "postgres") -> str:
        """How SQLAlchemy reaches a database."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "",
            "max_connections": "200",
            "shared_buffers": "32MB",
            "log_min_messages": "fatal",
            **self.settings,
        }
        command = [str(self.program / "postgres"), "-D", str(self.folder / "data")]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        self.server = subprocess.Popen(
            ["setpriv", "--pdeathsig", "QUIT", *command], cwd=self.folder, stderr=subprocess.DEVNULL, **self.account
        )
        deadline = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
            except psycopg.OperationalError:
                if self.server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def crash(self) -> None:
        """End the server and all its children at once, as if its machine had been restarted."""
        self._end("immediate")

    def stop(self) -> None:
        """End the server in good order."""
        self._end("fast")

    def address(self, name: str, *, user: str = "postgres") -> str:
        """How psycopg reaches a database."""
        return f"host={self.folder} dbname={name} user={user}"

    def _end(self, mode: str) -> None:
        if self.server is None:
            return
        command = [str(self.program / "pg_ctl"), "stop", "-D", str(self.folder / "data"), "-m", mode, "-s"]
        subprocess.run(command, check=True, cwd=self.folder, **self.account)
        self.server.wait(timeout=_START_S)
        self.server = None


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A server for as long as the context lasts; without PostgreSQL the test skips, or in CI fails."""
    program = needed("postgres").parent
    needed("initdb")
    needed("pg_ctl")
    folder = Path(tempfile.mkdtemp(prefix="skycommons-pg-"))
    made = Cluster(folder=folder, program=program, account=_account(folder), settings={} if durable else _QUICK)
    try:
        subprocess.run(
            [
                *(str(program / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--no-sync"),
                *("-A", "trust", "-E", "UTF8", "--locale=C"),
            ],
            check=True,
            cwd=folder,
            capture_output=True,
            **made.account,
        )
        made.start()
        yield made
    finally:
        made.crash()
        shutil.rmtree(folder, ignore_errors=True)


def _account(folder: Path) -> Mapping[str, Any]:
    """As whom PostgreSQL runs: ourselves, or somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no other user to run it")


if __name__ == "__main__":
    with cluster(durable=True) as running:
        print(running.new_database(), flush=True)  # noqa: T201 -- for whoever wants a server by hand
        running.server and running.server.wait()
