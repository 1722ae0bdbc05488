"""What exists: files become tables here.

Rules: the only room, besides the doors, that knows degrees, kilometres and pydantic. A document is read strictly, all
its faults are reported at once, and it is turned into SI tables (`skycommons.model.world`) and not seen again.
"""
