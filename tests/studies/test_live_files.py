"""The folder of a live run: what is in it, whole or not at all."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import HostError
from skycommons.emulation.live_record import LiveStory
from skycommons.emulation.probe_summary import compare_rtt, handover_rows
from skycommons.emulation.probes import ProbeResult
from skycommons.studies.figures_live import rtt_shares
from skycommons.studies.live_files import plain_json, write_live, write_series
from tests.support import live_runs


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The made-up run, written."""
    results, story = live_runs.results(), live_runs.story()
    own = story.of("zurich")
    errors = {0: compare_rtt(results[0].series, own.expected.rtt_at)}
    handovers = {0: handover_rows(results[0].series, own.handovers, expected=own.expected.rtt_at)}
    folder = tmp_path_factory.mktemp("results") / "story-live"
    return write_live(
        folder,
        results,
        story,
        errors=errors,
        handovers=handovers,
        further={"run": {"is_sound": True, "lead_s": float("inf")}},
    )


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file by its heading."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_part_is_told_and_there(written: dict[str, Path]) -> None:
    """Six of them, and nothing else."""
    assert set(written) == {"summary", "table", "handovers", "series", "raw", "figures"}
    assert all(path.exists() for path in written.values())
    assert {path.name for path in written["summary"].parent.iterdir()} == {path.name for path in written.values()}


def test_the_summary_is_json_without_nan_and_names_its_files(written: dict[str, Path]) -> None:
    """Whoever reads it needs no special parser."""
    text = written["summary"].read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert [probe["rows"] for probe in found["probes"]] == [900, 3600, 160, 36, 900, 0]
    for probe in found["probes"]:
        for kind in ("series", "raw"):
            assert probe[kind] is None or (written["summary"].parent / probe[kind]).is_file()
    assert found["probes"][0]["emulation_error"]["compared"] > 500
    assert found["probes"][0]["handovers"][0]["time"] == "2026-11-22T14:58:12Z"
    assert found["probes"][5]["notes"] == ["aioquic is not here; pip install 'skycommons[quic]'"]
    assert found["run"] == {"is_sound": True, "lead_s": None}
    assert found["events"][1] == {"time": "2026-11-22T14:58:52Z", "what": "satellite of zurich fails"}
    assert found["terminals"]["zurich"]["spans"][0]["kind"] == "weather"
    assert {figure["name"] for figure in found["figures"]} == {path.stem for path in written["figures"].iterdir()}


def test_the_table_has_a_row_for_each_probe(written: dict[str, Path]) -> None:
    """With every number that one of them has, and empty cells for the others."""
    rows = table(written["table"])
    assert [row["probe"] for row in rows] == ["ping", "irtt", "iperf3-cubic-down", "curl", "ping", "quic-down"]
    assert float(rows[0]["rtt_median_s"]) == pytest.approx(0.038, abs=2e-3)
    assert float(rows[0]["emulation_error_p50_ms"]) > 0.0
    assert rows[2]["rtt_median_s"] == ""
    assert rows[5]["rows"] == "0"


def test_series_have_utc_and_empty_cells_for_what_was_lost(written: dict[str, Path]) -> None:
    """One file a probe, its columns with their units."""
    rows = table(written["series"] / "ping-zurich-internet.csv")
    assert rows[0]["time"] == "2026-11-22T14:57:42Z"
    assert rows[1]["time"] == "2026-11-22T14:57:42.2Z"
    result = live_runs.results()[0]
    assert [row["rtt_s"] == "" for row in rows] == np.isnan(result.series["rtt_s"]).tolist()


def test_handovers_have_a_table(written: dict[str, Path]) -> None:
    """Before and after, measured and planned, at the same instants."""
    first = table(written["handovers"])[0]
    assert (first["before"], first["after"]) == ("sc-3-12-07", "sc-3-11-06")
    assert float(first["planned_after_s"]) - float(first["planned_before_s"]) == pytest.approx(0.006, abs=5e-4)
    assert float(first["measured_after_s"]) - float(first["measured_before_s"]) == pytest.approx(0.006, abs=2e-3)


def test_figures_are_png_and_svg(written: dict[str, Path]) -> None:
    """Of the results, and what else is given."""
    names = {path.name for path in written["figures"].iterdir()}
    assert {"overview-zurich.png", "overview-zurich.svg", "rtt-shares.svg"} <= names
    assert "prefers-color-scheme: dark" in (written["figures"] / "rtt-shares.svg").read_text(encoding="utf-8")


def test_what_programs_printed_is_kept(written: dict[str, Path]) -> None:
    """Byte by byte."""
    assert (written["raw"] / "ping-zurich-internet.txt").read_bytes() == b"64 bytes from 203.0.113.10\n"


def test_an_older_folder_is_replaced_and_twins_keep_apart(tmp_path: Path) -> None:
    """Nothing of the older run stays; two probes of one name have two files."""
    folder = tmp_path / "x-live"
    (folder / "series").mkdir(parents=True)
    (folder / "series" / "old.csv").write_text("old")
    one, other = live_runs.flow("iperf3", "a", begin_s=1, end_s=4), live_runs.flow("iperf3", "a", begin_s=5, end_s=9)
    third = live_runs.flow("iperf3", "a", begin_s=9, end_s=12)
    extra = rtt_shares([live_runs.echo("ping", "a")])
    written = write_live(folder, [one, other, third], LiveStory(), drawings=[extra])
    assert {path.name for path in written["series"].iterdir()} == {
        "iperf3-a-internet.csv",
        "iperf3-a-internet-2.csv",
        "iperf3-a-internet-3.csv",
    }
    assert "handovers" not in written
    assert (folder / "figures" / "rtt-shares.png").exists()


def test_a_run_that_measured_nothing_is_written_too(tmp_path: Path) -> None:
    """A summary and an empty table."""
    assert set(write_live(tmp_path / "x-live", [], LiveStory())) == {"summary", "table"}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """And nothing is left."""
    (tmp_path / "x-live").write_text("a file")
    with pytest.raises(HostError, match="x-live"):
        write_live(tmp_path / "x-live", [], LiveStory())
    assert [path.name for path in tmp_path.iterdir()] == ["x-live"]


def test_whole_numbers_and_numbers_stay_what_they_are(tmp_path: Path) -> None:
    """Counts have no decimal point."""
    series = {"time_ns": np.array([0, 1]), "ttl": np.array([63, 0]), "rtt_s": np.array([0.0123456789, float("nan")])}
    result = ProbeResult(probe="ping", source="a", target="b", begin_ns=0, summary={}, series=series)
    write_series(result, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines() == [
        "time,ttl,rtt_s",
        "1970-01-01T00:00:00Z,63,0.0123456789",
        "1970-01-01T00:00:00.000000001Z,0,",
    ]


def test_arrays_and_their_numbers_become_plain() -> None:
    """For JSON."""
    assert plain_json({"a": np.array([1.5, float("nan")]), "b": np.float64(2.0), "c": (True, None, "x")}) == {
        "a": [1.5, None],
        "b": 2.0,
        "c": [True, None, "x"],
    }
