"""The ground floor: constants with their sources, the error tree, array types, clocks and random streams.

Rules: imports nothing of skycommons, does no I/O, reads no wall clock, and owns no state. SI units throughout.
"""
