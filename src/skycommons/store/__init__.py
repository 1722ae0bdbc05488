"""The service plane on disk: the log's files, the database, and the service that keeps both true to each other.

Rules of the room:

* What `skycommons.governance` rules, this room keeps; it decides nothing itself. Every entry passes the ledger before it is
  written, and what the database says is what the replay of the log says.
* A write is acknowledged when it is durable: database committed, head compared and swapped, files written and flushed. A
  crash anywhere leaves what was before or what is after.
* The clock and the witnesses are handed in by the doors.
"""
