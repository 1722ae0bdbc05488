"""Which countries the parameters of May 2026 were fitted to: every second code of the alphabet, the first included."""

from typing import Final

FITTED_COUNTRIES: Final = (
    *("ALB", "ATA", "BDI", "BGR", "BOL", "CCK", "COK", "CXR", "DNK", "FIN", "FRO", "GHA", "GTM", "HND"),
    *("IDN", "ISR", "JPN", "KOR", "LTU", "MDA", "MKD", "MOZ", "MYT", "NLD", "OMN", "PHL", "QAT", "SEN"),
    *("SLB", "SSD", "SWZ", "TLS", "UKR", "VIR", "YEM"),
)
