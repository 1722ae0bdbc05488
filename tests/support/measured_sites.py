"""A small network with measurements: files as the commands that compare latency take them."""

from pathlib import Path

import numpy as np

from skycommons.base.clock import parse_time
from skycommons.orbit.walker import Shell
from skycommons.studies.measured_network import NetworkFiles
from tests.support.omm_text import walker_omm

SITES = (
    "site,latitude_deg,longitude_deg,pop,n,min_ms,p10_ms,p50_ms,p90_ms,p99_ms\n"
    "alps,47.4,8.5,Frankfurt,1000,24,30,40,54,90\nfjord,61.0,7.0,,3000,26,32,42,56,92\n"
    "alps,47.4,8.5,Frankfurt,3000,22,34,44,58,94\ncoast,43.3,5.4,,2000,25,31,41,55,91\n"
)
COUNTRIES = (
    "iso3,latency_p50_ms,download_p50_mbps,upload_p50_mbps\n"
    "CHE,40,250,30\nDEU,41,240,31\nFRA,42,,32\nNOR,43,220,33\nITA,44,210,34\nATA,99,100,10\n"
)
ALTITUDE_M = 1200e3


def write_network(folder: Path) -> NetworkFiles:
    """A constellation, two gateways and three PoPs, one of them not public and one without a gateway."""
    shell = Shell(
        name="s",
        planes=20,
        slots_per_plane=20,
        inclination_rad=float(np.radians(60.0)),
        altitude_m=ALTITUDE_M,
        phasing=3,
        raan_spread_rad=2 * np.pi,
    )
    (folder / "sky.json").write_text(walker_omm(shell, parse_time("2026-01-01T00:00:00Z")))
    (folder / "gateways.csv").write_text("name,lat,lon\nrhine,50.0,8.3\nnorth,60.0,10.0\n")
    (folder / "pops.csv").write_text(
        "city,lat,lon,type\nFrankfurt,50.1,8.7,netfac\nOslo,59.9,10.7,netfac\nCamp,47.0,8.0,pop\nMadrid,40.4,-3.7,netfac\n"
    )
    (folder / "sites.csv").write_text(SITES)
    (folder / "countries.csv").write_text(COUNTRIES)
    return NetworkFiles(
        catalogue=folder / "sky.json", gateways=folder / "gateways.csv", pops=folder / "pops.csv", hours=0.05
    )


def options_of(files: NetworkFiles) -> list[str]:
    """The same as words of a command."""
    named = {"--catalogue": files.catalogue, "--gateways": files.gateways, "--pops": files.pops}
    return [word for name, path in named.items() for word in (name, str(path))] + ["--hours", str(files.hours)]
