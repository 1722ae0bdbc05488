"""A small results Dataset made by hand: circular orbits, a plus-shaped laser grid and the shortest paths on it.

It follows the layout of the result store and comes out the same on every call. Nothing here is skycommons' own physics:
what reads results is tested without what makes them.
"""

import heapq
from typing import Any

import numpy as np
import xarray as xr

LIGHT_SPEED_M_S = 299_792_458.0
RADIUS_M = 6_371_000.0
MU_M3_S2 = 3.986004e14
ROTATION_RAD_S = 7.2921e-5
MIN_ELEVATION_RAD = np.radians(25.0)
MAX_PLACES = 40

# name, kind (0 terminal, 1 gateway, 2 PoP), latitude and longitude in degrees
SITES = (
    ("zurich", 0, 47.4, 8.5),
    ("nairobi", 0, -1.3, 36.8),
    ("wellington", 0, -41.3, 174.8),
    ("quito", 0, -0.2, -78.5),
    ("lerwick", 0, 61.2, -1.1),
    ("gateway-main", 1, 50.3, 8.2),
    ("gateway-rift", 1, -1.8, 36.9),
    ("gateway-waikato", 1, -38.0, 175.6),
    ("gateway-andes", 1, -12.6, -76.6),
    ("frankfurt-pop", 2, 50.1, 8.7),
    ("nairobi-pop", 2, -1.3, 36.9),
    ("auckland-pop", 2, -36.8, 174.8),
    ("lima-pop", 2, -12.0, -77.0),
)
# source, target, gateway (None between two terminals)
FLOWS = (
    ("zurich", "frankfurt-pop", "gateway-main"),
    ("nairobi", "nairobi-pop", "gateway-rift"),
    ("wellington", "auckland-pop", "gateway-waikato"),
    ("quito", "lima-pop", "gateway-andes"),
    ("lerwick", "frankfurt-pop", "gateway-main"),
    ("zurich", "wellington", None),
    ("wellington", "quito", None),
)
TRACKED = (5, 6)
# name, planes, slots per plane, inclination in degrees, altitude in metres
SHELLS = (("mid-inclination", 24, 20, 53.0, 550e3), ("near-polar", 8, 12, 97.6, 560e3))


def small_results(*, steps: int = 24, step_s: float = 60.0, sample_s: float = 60.0) -> xr.Dataset:
    """Seven flows over 576 satellites, as the result store holds them; one site is cut off for a while."""
    elapsed_s = step_s * np.arange(steps)
    position_m = _positions(elapsed_s)
    site_m, up = _site_frames()
    elevation_rad = _elevations(position_m, site_m, up)
    flows = _route_all(position_m, site_m, elevation_rad)
    start = np.datetime64("2026-05-21T00:00:00", "ns")
    samples = int(np.ceil(steps * step_s / sample_s)) + 1
    sample_position_m = _positions(sample_s * np.arange(samples)).astype(np.float32)
    data: dict[str, Any] = {
        **_flow_variables(flows),
        **_site_variables(elevation_rad),
        **_band_variables(flows, elevation_rad),
        "satellite_shell": (
            "satellite",
            np.repeat(np.arange(2), [480, 96]).astype(np.int32),
            {"shell_names": [shell[0] for shell in SHELLS]},
        ),
        "sample_position_itrf_m": (("sample", "satellite", "axis"), sample_position_m),
    }
    coords = {
        "time": start + (elapsed_s * 1e9).astype("timedelta64[ns]"),
        "sample_time": ("sample", start + (sample_s * 1e9 * np.arange(samples)).astype("timedelta64[ns]")),
        "flow": _texts([f"{source} -> {target}" for source, target, _ in FLOWS]),
        "site": _texts([site[0] for site in SITES]),
        "satellite": _texts(
            [
                f"{name}-p{plane:02d}-s{slot:02d}"
                for name, planes, slots, _, _ in SHELLS
                for plane in range(planes)
                for slot in range(slots)
            ]
        ),
        "latitude": ("latitude", np.arange(-87.5, 90.0, 5.0), {"units": "degree"}),
        "elevation_bin": ("elevation_bin", np.arange(25.0, 90.0, 5.0), {"units": "degree"}),
    }
    attrs = {
        "scenario": "tiny",
        "title": "Two shells over seven sites",
        "skycommons_version": "0.1.0",
        "start": "2026-05-21T00:00:00Z",
        "step_s": step_s,
        "duration_s": steps * step_s,
        "created_by": "skycommons run",
        "model_notes": '["Circular orbits.", "No queues."]',
        "recommendations": '{"rain": "ITU-R P.618-14 §2.2.1.1"}',
        "weather": "a shower now and then",
        "slowest": "{}",
    }
    return xr.Dataset(data, coords=coords, attrs=attrs)


def many_flows(flows: int, steps: int, *, seed: int = 5) -> xr.Dataset:
    """The small results with their flows repeated over and over, for what must hold at scale."""
    base = small_results(steps=min(steps, 24))
    draw = np.random.default_rng(seed)
    rows = np.arange(flows) % base.sizes["flow"]
    wide = base.isel(flow=rows, time=np.arange(steps) % base.sizes["time"])
    start = base["time"].values[0]
    step_ns = np.timedelta64(int(base.attrs["step_s"] * 1e9), "ns")
    jitter_s = draw.gamma(2.0, 2e-3, (steps, flows))
    return wide.assign_coords(
        flow=_texts([f"{name} #{number}" for number, name in enumerate(wide["flow"].values)]),
        time=start + step_ns * np.arange(steps),
    ).assign(rtt_s=(("time", "flow"), wide["rtt_s"].values + jitter_s))


def _texts(labels: list[str]) -> np.ndarray:
    """Labels of any length: Zarr 3 specifies these, but not NumPy's texts of a fixed length."""
    return np.array(labels, dtype=object)


def _positions(elapsed_s: np.ndarray) -> np.ndarray:
    """Earth-fixed positions ``(T, S, 3)`` on circular orbits."""
    blocks = []
    for _, planes, slots, inclination_deg, altitude_m in SHELLS:
        radius_m = RADIUS_M + altitude_m
        motion_rad_s = np.sqrt(MU_M3_S2 / radius_m**3)
        plane, slot = (axis.ravel() for axis in np.indices((planes, slots)))
        node = 2 * np.pi * plane / planes - ROTATION_RAD_S * elapsed_s[:, None]
        angle = 2 * np.pi * (slot / slots + plane * 5 / (planes * slots)) + motion_rad_s * elapsed_s[:, None]
        inclination = np.radians(inclination_deg)
        x = np.cos(node) * np.cos(angle) - np.sin(node) * np.sin(angle) * np.cos(inclination)
        y = np.sin(node) * np.cos(angle) + np.cos(node) * np.sin(angle) * np.cos(inclination)
        blocks.append(radius_m * np.stack([x, y, np.sin(angle) * np.sin(inclination)], axis=-1))
    return np.concatenate(blocks, axis=1)


def _site_frames() -> tuple[np.ndarray, np.ndarray]:
    """Positions of the sites on a sphere, and their upward directions."""
    latitude, longitude = (np.radians([site[column] for site in SITES]) for column in (2, 3))
    up = np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], -1)
    return RADIUS_M * up, up


def _elevations(position_m: np.ndarray, site_m: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Elevation of every satellite at every site ``(T, G, S)``."""
    to_satellite = position_m[:, None] - site_m[None, :, None]
    upward_m = np.einsum("tgsx,gx->tgs", to_satellite, up)
    return np.asarray(np.arcsin(upward_m / np.linalg.norm(to_satellite, axis=-1)))


def _neighbours() -> list[list[int]]:
    """The plus-shaped grid of the first shell: before, behind, left and right."""
    _, planes, slots, _, _ = SHELLS[0]
    edges: list[list[int]] = [[] for _ in range(planes * slots)]
    for plane in range(planes):
        for slot in range(slots):
            here = plane * slots + slot
            beside = (plane + 1) % planes * slots + (slot + (-5 if plane == planes - 1 else 0)) % slots
            for other in (plane * slots + (slot + 1) % slots, beside):
                edges[here].append(other)
                edges[other].append(here)
    return edges


def _shortest(position_m: np.ndarray, edges: list[list[int]], entry: int, final_m: dict[int, float]) -> list[int]:
    """Satellites of the shortest path from one to any that has a last leg, or nothing."""
    best, before = {entry: 0.0}, {entry: -1}
    queue = [(0.0, entry, False)]
    while queue:
        length_m, here, done = heapq.heappop(queue)
        if done:
            path = [here]
            while before[path[-1]] >= 0:
                path.append(before[path[-1]])
            return path[::-1]
        if length_m > best[here]:
            continue
        if here in final_m:
            heapq.heappush(queue, (length_m + final_m[here], here, True))
        for other in edges[here]:
            longer_m = length_m + float(np.linalg.norm(position_m[here] - position_m[other]))
            if longer_m < best.get(other, np.inf):
                best[other], before[other] = longer_m, here
                heapq.heappush(queue, (longer_m, other, False))
    return []


def _route_all(position_m: np.ndarray, site_m: np.ndarray, elevation_rad: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of every flow at every step."""
    steps, names = len(position_m), [site[0] for site in SITES]
    shape = (steps, len(FLOWS))
    columns = {
        "rtt_s": np.full(shape, np.nan),
        "laser_hops": np.full(shape, -1, np.int16),
        "reason": np.zeros(shape, np.uint8),
        "entry_satellite": np.full(shape, -1, np.int32),
        "exit_gateway": np.full(shape, -1, np.int32),
        "entry_elevation_rad": np.full(shape, np.nan, np.float32),
        "path": np.full((*shape, MAX_PLACES), -1, np.int32),
    }
    edges, grid = _neighbours(), 480
    for step in range(steps):
        for flow, (source, target, gateway) in enumerate(FLOWS):
            start, end = names.index(source), names.index(gateway or target)
            entry = int(np.argmax(elevation_rad[step, start, :grid]))
            seen = np.flatnonzero(elevation_rad[step, end, :grid] >= MIN_ELEVATION_RAD)
            if gateway == "gateway-andes" and 0.4 * steps <= step < 0.55 * steps:
                seen = seen[:0]
            if elevation_rad[step, start, entry] < MIN_ELEVATION_RAD:
                columns["reason"][step, flow] = 1
                continue
            if not seen.size:
                columns["reason"][step, flow] = 2 if gateway else 4
                continue
            last_m = np.linalg.norm(position_m[step, seen] - site_m[end], axis=1)
            path = _shortest(position_m[step], edges, entry, dict(zip(seen.tolist(), last_m.tolist(), strict=True)))
            points_m = np.vstack([site_m[start], position_m[step, path], site_m[end]])
            length_m = np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum()
            columns["rtt_s"][step, flow] = 2 * length_m / LIGHT_SPEED_M_S + (0.002 if gateway else 0.0)
            columns["laser_hops"][step, flow] = len(path) - 1
            columns["entry_satellite"][step, flow] = entry
            columns["exit_gateway"][step, flow] = end if gateway else -1
            columns["entry_elevation_rad"][step, flow] = elevation_rad[step, start, entry]
            columns["path"][step, flow, : len(path)] = path
    return columns


def _flow_variables(flows: dict[str, np.ndarray]) -> dict[str, Any]:
    """The variables of the store along flows."""
    names = [site[0] for site in SITES]
    path = flows["path"]
    changed = np.zeros(path.shape[:2], bool)
    changed[1:] = (path[1:] != path[:-1]).any(-1)
    meanings = "reachable no_satellite_in_view no_gateway_in_reach no_path_over_lasers no_destination_satellite no_link"
    over_time = {name: (("time", "flow"), values) for name, values in flows.items() if name not in ("path", "reason")}
    return {
        **over_time,
        "reason": (("time", "flow"), flows["reason"], {"flag_values": [0, 1, 2, 3, 4, 5], "flag_meanings": meanings}),
        "path_changed": (("time", "flow"), changed),
        **_rate_variables(flows),
        "flow_source": ("flow", np.array([names.index(flow[0]) for flow in FLOWS], np.int32)),
        "flow_target": ("flow", np.array([names.index(flow[1]) for flow in FLOWS], np.int32)),
        "flow_kind": ("flow", np.array([flow[2] is None for flow in FLOWS], np.uint8)),
        "tracked_flow": ("tracked", np.array(TRACKED, np.int32)),
        "path_satellite": (("time", "tracked", "place"), path[:, TRACKED]),
    }


def _rate_variables(flows: dict[str, np.ndarray]) -> dict[str, Any]:
    """Rates that rise with elevation (a smooth stand-in), and a shower over each flow at another time."""
    sine = np.sin(flows["entry_elevation_rad"].astype(np.float64))
    reached = np.isfinite(sine)
    clear_bps = np.where(reached, 200e6 + 650e6 * np.nan_to_num(sine), 0.0)
    step, flow = np.indices(sine.shape)
    fade_db = np.where((step + 3 * flow) % 20 < 2, 6.0, 0.5)
    share = 10.0 ** (-fade_db / 20.0)
    return {
        "rate_down_bps": (("time", "flow"), (share * clear_bps).astype(np.float32)),
        "rate_up_bps": (("time", "flow"), (0.05 * share * clear_bps).astype(np.float32)),
        "clear_rate_down_bps": (("time", "flow"), clear_bps.astype(np.float32)),
        "clear_rate_up_bps": (("time", "flow"), (0.05 * clear_bps).astype(np.float32)),
        "rate_limit": (("time", "flow"), reached.astype(np.uint8)),
        "down_cn_db": (("time", "flow"), np.where(reached, 14.0 - fade_db, np.nan).astype(np.float32)),
        "fade_db": (("time", "flow"), np.where(reached, fade_db, np.nan).astype(np.float32)),
    }


def _site_variables(elevation_rad: np.ndarray) -> dict[str, Any]:
    """The variables of the store along sites."""
    kind = np.array([site[1] for site in SITES], np.uint8)
    visible = (elevation_rad >= MIN_ELEVATION_RAD).sum(-1) * (kind != 2)
    return {
        "site_kind": ("site", kind),
        "site_latitude_rad": ("site", np.radians([site[2] for site in SITES])),
        "site_longitude_rad": ("site", np.radians([site[3] for site in SITES])),
        "site_height_m": ("site", np.zeros(len(SITES))),
        "visible_satellites": (("time", "site"), visible.astype(np.int16)),
    }


def _band_variables(flows: dict[str, np.ndarray], elevation_rad: np.ndarray) -> dict[str, Any]:
    """Coverage by latitude (a smooth stand-in) and counts by elevation (counted)."""
    latitude = np.arange(-87.5, 90.0, 5.0)
    visible = np.clip((82.5 - np.abs(latitude)) / 15.0, 0.35, 1.0)
    served = np.clip((61.0 - np.abs(latitude)) / 6.0, 0.0, 1.0)
    edges = np.arange(25.0, 95.0, 5.0)
    candidates, _ = np.histogram(np.degrees(elevation_rad[:, :5, :480]), edges)
    chosen, _ = np.histogram(np.degrees(flows["entry_elevation_rad"]), edges)
    return {
        "coverage_visible": ("latitude", visible),
        "coverage_served": ("latitude", served),
        "elevation_candidates": ("elevation_bin", candidates.astype(np.int64)),
        "elevation_served": ("elevation_bin", chosen.astype(np.int64)),
    }
