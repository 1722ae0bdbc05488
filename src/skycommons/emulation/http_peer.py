"""A server of HTTP that answers every request with so many bytes, over TCP with a named congestion control.

Rules: run as ``python -m skycommons.emulation.http_peer ADDRESS PORT BYTES CONGESTION`` in the namespace of a host; nothing is read from a
disk. The bytes are random, so that nothing on the way can make them fewer.
"""

import os
import socket
import sys
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_BLOCK: Final = os.urandom(1 << 16)


class FixedAnswer(BaseHTTPRequestHandler):
    """Answers with as many bytes as its server says."""

    protocol_version = "HTTP/1.1"
    server_version = "skycommons"
    sys_version = ""

    def answer(self) -> None:
        """So many bytes, whatever was asked for."""
        size = self.server.size_bytes if isinstance(self.server, FixedServer) else 0
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", f"{size}")
        self.end_headers()
        while size > 0:
            self.wfile.write(_BLOCK[:size])
            size -= len(_BLOCK)

    do_GET = answer  # noqa: N815 - the name that http.server asks for

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that http.server gave it
        """Say nothing."""


class FixedServer(ThreadingHTTPServer):
    """Listens at one address; connections use one congestion control.

    Attributes:
        size_bytes: Of each answer.
    """

    daemon_threads = True

    def __init__(self, address: str, port: int, *, size_bytes: int, congestion: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.size_bytes = size_bytes
        self._congestion = congestion
        super().__init__((address, port), FixedAnswer)

    def server_bind(self) -> None:
        """Take the address; accepted connections inherit what the listening socket is set to."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, self._congestion.encode())
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


def main(arguments: Sequence[str]) -> None:
    """Serve until ended."""
    address, port, size, congestion = arguments
    with FixedServer(address, int(port), size_bytes=int(size), congestion=congestion) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
