"""The doors of a running system: HTTP, WebSocket and the dish interface stand here once the system runs live."""
