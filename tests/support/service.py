"""The small results with service: cells in a strip over Europe's latitudes, planned by hand for twenty slots."""

import json

import numpy as np
import xarray as xr

from skycommons.model.cells import canonical, cells_of, centres
from skycommons.model.world import SiteKind
from skycommons.plan.requests import Unserved
from skycommons.studies.service_store import REQUEST_TYPES, request_name
from tests.support.results import small_results

SLOTS, SLOT_S = 20, 15.0
CLOSED = 4  # the first cells are those of a territory that is not active


def with_service(dataset: xr.Dataset | None = None, *, cells: int = 12) -> xr.Dataset:
    """Twelve cells: four that are closed, one without a free beam, one that is served half of the time, six always."""
    base = small_results(steps=20, step_s=15.0) if dataset is None else dataset
    places = np.radians(np.linspace(36.0, 58.0, cells)), np.radians(np.linspace(-3.0, 25.0, cells))
    ids = canonical(cells_of(*places))
    latitude_rad, longitude_rad = centres(ids)
    count = len(ids)
    reason = np.zeros((SLOTS, count), np.uint8)
    reason[:, :CLOSED] = Unserved.TERRITORY_INACTIVE
    reason[:, CLOSED] = Unserved.NO_BEAM
    reason[: SLOTS // 2, CLOSED + 1] = Unserved.NO_SATELLITE
    reason_slots = np.stack([(reason == code).sum(axis=0) for code in Unserved]).astype(np.int32)
    served = reason_slots[0] / SLOTS
    asked = np.stack([np.full(count, 2e9), np.full(count, 2e8)])
    satellites, sites = base.sizes["satellite"], base.sizes["site"]
    site_satellite = np.full((SLOTS, sites), -1, np.int32)
    site_satellite[:, :5] = np.arange(SLOTS)[:, None] // 3 + 10 * np.arange(5)
    site_reason = np.zeros((SLOTS, sites), np.uint8)
    site_reason[6:9, 1], site_satellite[6:9, 1] = Unserved.RAIN, -1
    site_reason[:, 4], site_satellite[:, 4] = Unserved.TERRITORY_INACTIVE, -1
    slot, kind = np.arange(SLOTS)[:, None], base["site_kind"].values
    gateways, pops = np.flatnonzero(kind == SiteKind.GATEWAY), np.flatnonzero(kind == SiteKind.POP)
    beam = slot // 2  # two slots in each, so that some change without the satellite
    gateway, pop = gateways[slot // 10 % len(gateways)], pops[slot // 8 % min(len(pops), 2)]
    hops = np.zeros(sites, int) + [site == 0 for site in range(sites)]  # the first terminal flies over a laser
    load = np.zeros(satellites)
    load[:40] = np.linspace(0.5, 12.0, 40)
    requests = np.flatnonzero(served > 0)
    member = np.zeros((2, count), bool)
    member[0, :CLOSED], member[1, CLOSED:] = True, True
    request_satellite = np.where(reason[:, requests] == 0, np.arange(len(requests)), -1).astype(np.int32)
    columns = {
        request_name(column): (("slot", "request"), np.zeros(request_satellite.shape, dtype))
        for column, dtype in REQUEST_TYPES.items()
    }
    start = base["time"].values[0]
    return (
        base.assign_coords(
            slot_time=("slot", start + (SLOT_S * 1e9 * np.arange(SLOTS)).astype("timedelta64[ns]")),
            territory=np.array(["closed area", "open area"], object),
            direction=np.array(["down", "up"], object),
        )
        .assign(columns)
        .assign(
            time_slot=("time", np.minimum(np.arange(base.sizes["time"]), SLOTS - 1).astype(np.int32)),
            cell_id=("cell", ids),
            cell_latitude_rad=("cell", latitude_rad),
            cell_longitude_rad=("cell", longitude_rad),
            cell_people=("cell", np.full(count, 1e5)),
            cell_subscribers=("cell", np.linspace(100.0, 1000.0, count)),
            cell_demand_bps=(("direction", "cell"), 1.25 * asked),
            cell_asked_bps=(("direction", "cell"), asked),
            cell_given_bps=(("direction", "cell"), 1.5 * asked * served),
            cell_used_bps=(("direction", "cell"), asked * served),
            change_slot=("change", np.zeros(1, np.int32)),
            slot_change=("slot", np.zeros(SLOTS, np.int32)),
            cell_state=(("change", "cell"), (np.arange(count) < CLOSED).astype(np.uint8)[None]),
            cell_decision=(("change", "cell"), np.full((1, count), -1, np.int32)),
            cell_reason=(("slot", "cell"), reason),
            cell_reason_slots=(("unserved", "cell"), reason_slots),
            cell_changes=("cell", (15 * (served == 1.0)).astype(np.int64)),
            cell_held=("cell", (19 * (served == 1.0)).astype(np.int64)),
            request_cell=("request", requests.astype(np.int32)),
            request_channel=("request", np.zeros(len(requests), np.uint8)),
            request_rank=(("change", "request"), np.full((1, len(requests)), 2, np.uint8)),
            request_satellite=(("slot", "request"), request_satellite),
            satellite_gateway=(("slot", "satellite"), np.full((SLOTS, satellites), -1, np.int32)),
            satellite_used=(("slot", "satellite"), np.tile(load.astype(np.int32), (SLOTS, 1))),
            satellite_requests=("satellite", load),
            satellite_most_requests=("satellite", np.ceil(load).astype(np.int32)),
            satellite_down_bps=("satellite", 1e8 * load),
            site_satellite=(("slot", "site"), site_satellite),
            site_reason=(("slot", "site"), site_reason),
            site_beam=(("slot", "site"), np.where(site_satellite >= 0, beam, -1).astype(np.int16)),
            site_gateway=(("slot", "site"), np.where(site_satellite >= 0, gateway, -1).astype(np.int32)),
            site_pop=(("slot", "site"), np.where(site_satellite >= 0, pop, -1).astype(np.int32)),
            site_laser_hops=(("slot", "site"), np.where(site_satellite >= 0, hops, -1).astype(np.int16)),
            territory_cell=(("territory", "cell"), member),
        )
        .assign_attrs(
            service=json.dumps(
                {
                    "policy": "observed",
                    "slot_s": SLOT_S,
                    "laser_share": 0.25,
                    "map_version": 3,
                    "map_sha256": "0" * 64,
                    "notes": ["Demand: made by hand"],
                }
            )
        )
    )
