"""From a scenario to something that people can look at: runs, stores, reports, figures and comparisons.

Rules: results stream to disk block by block, so memory does not grow with the span; a file appears whole or not at
all. Drawing libraries load when they are first used.
"""
