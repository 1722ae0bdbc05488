"""The doors to other machines: what is asked of them, and what is offered to them.

Rules: this is where I/O with the network lives. Every wait has an end, every answer a largest size; an answer is understood
before it replaces anything; whoever is asked is asked politely. Failures are `HostError`, in words that say what to do.
"""
