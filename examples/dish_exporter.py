"""Tell Prometheus how a dish is: a real one, or one of an emulation.

::

    python examples/dish_exporter.py --dish 192.168.100.1:9200 --listen 9817

Run it on the dish's host and let Prometheus scrape port 9817. Each scrape asks the dish once; a dish that does not answer is told
as ``starlink_dish_up 0``. Names are those that common exporters of real dishes use, so that their dashboards show ours too.
It needs ``prometheus-client``; the interface of the dish comes with skycommons.
"""

import argparse
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric

from skycommons.emulation.dish_interface import SERVICE, interface

TIMEOUT_S = 5.0
BITS = 8.0
GAUGES: Mapping[str, tuple[str, float, str]] = {
    "pop_ping_drop_ratio": ("pop_ping_drop_rate", 1.0, "Share of pings to the PoP that stay unanswered"),
    "pop_ping_latency_seconds": ("pop_ping_latency_ms", 1e-3, "Mean round trip of pings to the PoP"),
    "downlink_throughput_bytes": ("downlink_throughput_bps", 1 / BITS, "Bytes a second from the satellite"),
    "uplink_throughput_bytes": ("uplink_throughput_bps", 1 / BITS, "Bytes a second to the satellite"),
    "first_nonempty_slot_seconds": ("seconds_to_first_nonempty_slot", 1.0, "Until a slot may serve it"),
    "bore_sight_azimuth_deg": ("boresight_azimuth_deg", 1.0, "Where its face looks"),
    "bore_sight_elevation_deg": ("boresight_elevation_deg", 1.0, "Where its face looks"),
}


class DishCollector:
    """Asks a dish whenever Prometheus asks."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._handle: grpc.UnaryUnaryMultiCallable[Message, Message] = channel.unary_unary(
            f"/{SERVICE}/Handle",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=interface().response.FromString,
        )

    def collect(self) -> Iterator[Metric]:
        """The metrics of one scrape."""
        try:
            reply = self._handle(interface().request(get_status={}), timeout=TIMEOUT_S)
        except grpc.RpcError:
            yield GaugeMetricFamily("starlink_dish_up", "Whether the dish answers", value=0)
            return
        yield GaugeMetricFamily("starlink_dish_up", "Whether the dish answers", value=1)
        told = MessageToDict(reply, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        yield from metrics_of(told["dish_get_status"])


def metrics_of(status: Mapping[str, Any]) -> Iterator[Metric]:
    """What a status says, as gauges."""
    for name, (field, factor, text) in GAUGES.items():
        yield GaugeMetricFamily(f"starlink_dish_{name}", text, value=factor * status[field])
    device, obstruction = status["device_info"], status["obstruction_stats"]
    uptime = float(status["device_state"]["uptime_s"])
    yield GaugeMetricFamily("starlink_dish_uptime_seconds", "Since its boot", value=uptime)
    blocked = obstruction["fraction_obstructed"]
    yield GaugeMetricFamily(
        "starlink_dish_fraction_obstruction_ratio", "Share of its sky that is blocked", value=blocked
    )
    is_blocked = float(obstruction["currently_obstructed"])
    yield GaugeMetricFamily("starlink_dish_currently_obstructed", "Whether its satellite is blocked", value=is_blocked)

    info = GaugeMetricFamily(
        "starlink_dish_info", "What it is", labels=["device_id", "hardware", "software", "country"]
    )
    names = ("id", "hardware_version", "software_version", "country_code")
    info.add_metric([device[name] for name in names], 1.0)
    yield info
    state = GaugeMetricFamily(
        "starlink_dish_state", "Cause of its outage, or CONNECTED", labels=["state", "disablement"]
    )
    state.add_metric([status.get("outage", {}).get("cause", "CONNECTED"), status["disablement_code"]], 1.0)
    yield state
    alerts = GaugeMetricFamily("starlink_dish_alert", "Whether it warns", labels=["alert"])
    for name, is_raised in status["alerts"].items():
        alerts.add_metric([name], float(is_raised))
    yield alerts


def main(words: Sequence[str] | None = None, *, until: threading.Event | None = None) -> int:
    """Serve metrics on loopback until interrupted."""
    parser = argparse.ArgumentParser(description="Tell Prometheus how a dish is.")
    parser.add_argument("--dish", default="192.168.100.1:9200", help="where the dish answers")
    parser.add_argument("--listen", type=int, default=9817, help="port on 127.0.0.1 for Prometheus")
    options = parser.parse_args(words)
    registry = CollectorRegistry()
    with grpc.insecure_channel(options.dish) as channel:
        registry.register(DishCollector(channel))
        server, thread = start_http_server(options.listen, addr="127.0.0.1", registry=registry)
        try:
            (until or threading.Event()).wait()
        except KeyboardInterrupt:
            pass
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
