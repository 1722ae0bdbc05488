"""The exporter of the examples tells Prometheus what the dish says, scraped as Prometheus would."""

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from examples.dish_exporter import main
from skycommons.emulation.dish_codes import Disablement, OutageCause
from skycommons.emulation.dish_server import DishServer, Here
from skycommons.emulation.dish_state import Dish
from tests.support.dishes import FACTS, SERVED, a_dish, at


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def dish() -> Dish:
    """A dish that is served, ten seconds old."""
    dish = a_dish()
    dish.read(replace(SERVED, time_ns=at(10)))
    return dish


@pytest.fixture
def server(dish: Dish) -> Iterator[DishServer]:
    """Where it answers."""
    with DishServer.start({Here(): dish}, address="127.0.0.1:0") as server:
        yield server


@pytest.fixture
def metrics(server: DishServer) -> Iterator[str]:
    """The page that Prometheus reads."""
    port, over = free_port(), threading.Event()
    words = ["--dish", f"127.0.0.1:{server.ports[0]}", "--listen", str(port)]
    exporter = threading.Thread(target=main, args=(words,), kwargs={"until": over})
    exporter.start()
    yield f"http://127.0.0.1:{port}/metrics"
    over.set()
    exporter.join(30)


def scraped(url: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels, in the order of the labels' names."""
    text = ""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=20) as page:
                text = page.read().decode()
            break
        except urllib.error.URLError:
            time.sleep(0.1)
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_a_connected_dish(metrics: str) -> None:
    """In its own units: seconds, bytes, ratios."""
    told = scraped(metrics)
    assert told["starlink_dish_up",] == 1.0
    assert told["starlink_dish_uptime_seconds",] == 10.0
    assert told["starlink_dish_pop_ping_latency_seconds",] == pytest.approx(0.03)
    assert told["starlink_dish_downlink_throughput_bytes",] == pytest.approx(1e6 / 8)
    assert told["starlink_dish_state", "OKAY", "CONNECTED"] == 1.0
    assert any(key[0] == "starlink_dish_info" and FACTS.dish_id in key for key in told)
    assert {value for key, value in told.items() if key[0] == "starlink_dish_alert"} == {0.0}


def test_prometheus_reads_a_suspended_dish(metrics: str, dish: Dish) -> None:
    """The code of its disablement is a label."""
    dish.read(replace(SERVED, time_ns=at(11), outage=OutageCause.NO_PINGS, disablement=Disablement.CELL_IS_DISABLED))
    assert scraped(metrics)["starlink_dish_state", "CELL_IS_DISABLED", "NO_PINGS"] == 1.0


def test_a_dish_that_is_gone_is_down(metrics: str, server: DishServer) -> None:
    """And says nothing else."""
    server.stop()
    assert scraped(metrics) == {("starlink_dish_up",): 0.0}
