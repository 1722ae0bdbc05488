"""The planned network, live: real programs in network namespaces talk through it.

Rules of the room:

* What the plan says happens, when it says so: this room computes no satellite and no rate. It plays plans to packets, and tells
  how well it did.
* Namespaces, links and processes are its own; the machine's own network is never touched. What owns them is a file descriptor,
  so that nothing outlives its process.
* Packets never wait for Python: a process of its own carries them, and is told ahead what to do from when on.
* Emulated time is UTC in ns, as everywhere; the wire's clock is the machine's monotonic one, and such instants say ``mono_ns``.
"""
