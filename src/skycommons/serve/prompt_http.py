"""HTTP for strangers: a connection on which no request comes is closed.

* Whoever connects and says nothing, or begins a request and never ends its first lines, holds one of the places that a server has. A
  few hundred of them would keep everybody else out.
* From when a request has come, its own time limits hold: those of the application for its body, those of the server afterwards.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_TIME_S: Final = 10.0
"""After so long without a request a connection is looked at, and closed if nothing came since it was looked at last."""


class PromptHttp(H11Protocol):
    """One connection, as uvicorn speaks HTTP on it."""

    _last: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begin to watch it."""
        super().connection_made(transport)
        self.loop.call_later(HEAD_TIME_S, self._look)

    def _look(self) -> None:
        """Close it if it is idle as it was before; else look again later."""
        if self.transport.is_closing():
            return
        now: RequestResponseCycle | None = self.cycle
        if now is self._last and (now is None or now.response_complete):
            self.transport.close()
            return
        self._last = now
        self.loop.call_later(HEAD_TIME_S, self._look)
