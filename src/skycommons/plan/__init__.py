"""Who sees whom, how the lasers stand, and which way the packets go.

Rules: pure functions from the world and an ephemeris to tables of links, lasers and routes. No files, no clock, no
degrees. A strategy is an object that is passed in, never a name that is compared.
"""
