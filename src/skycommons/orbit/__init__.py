"""Physics of the sky: mean elements in, Earth-fixed positions out.

Rules: arrays in, arrays out; no word of terminals or customers. SI units and radians; the frame and then the unit stand
in the name (``position_itrf_m``). Bad rows become NaN with ``valid`` false; they never raise. Every claim of accuracy
names the authority it was measured against.
"""
