"""skycommons: an open satellite internet system in software."""
