"""Tests of the hash of a scenario."""

import json
from pathlib import Path

import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.documents import ScenarioDocument
from skycommons.model.scenario_digest import FILE_KEYS, scenario_sha256
from tests.support.tiny_world import tiny_text

DEMAND = '[demand]\ncells_file = "asked.csv"'
ASKED = "cell,subscribers,down_mbps,up_mbps\n851f8edbfffffff,1,2,3\n"


def write(folder: Path, text: str, *, asked: str = ASKED) -> Path:
    """A scenario with a file beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("asked.csv").write_text(asked, encoding="utf-8")
    path = folder / "one.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_order_spaces_and_comments_do_not_count(tmp_path: Path) -> None:
    """What a file says has one hash, however it is written and wherever it lies."""
    text = tiny_text(demand=DEMAND)
    head, *tables = text.split("\n[")
    turned = "\n\n[".join([f"# said otherwise\n{head}", *tables[::-1]])
    assert scenario_sha256(write(tmp_path / "a", text)) == scenario_sha256(write(tmp_path / "b", turned))


def test_every_value_counts(tmp_path: Path) -> None:
    """Another start, another number, another hash."""
    text = tiny_text(demand=DEMAND)
    changed = [text.replace("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"), text.replace("47.37", "47.370001")]
    hashes = {scenario_sha256(write(tmp_path, each)) for each in [text, *changed]}
    assert len(hashes) == 3


def test_files_that_it_names_count_with_their_bytes_and_not_with_their_names(tmp_path: Path) -> None:
    """A renamed file changes nothing; a byte in it does."""
    text = tiny_text(demand=DEMAND)
    plain = scenario_sha256(write(tmp_path, text))
    tmp_path.joinpath("other.csv").write_text(ASKED, encoding="utf-8")
    assert scenario_sha256(write(tmp_path, text.replace("asked.csv", "other.csv"))) == plain
    assert scenario_sha256(write(tmp_path, text, asked=ASKED + "\n")) != plain


def test_a_folder_counts_with_all_its_files(tmp_path: Path) -> None:
    """Weather may be a folder of files: each of them counts, and its name within the folder."""
    text = tiny_text(weather='[weather]\nmode = "measured"\nfile = "rain"')
    tmp_path.joinpath("rain", "deep").mkdir(parents=True)
    tmp_path.joinpath("rain", "deep", "one").write_bytes(b"1")
    first = scenario_sha256(write(tmp_path, text))
    tmp_path.joinpath("rain", "deep", "one").rename(tmp_path / "rain" / "deep" / "two")
    assert scenario_sha256(write(tmp_path, text)) != first


def test_all_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """A hash of half a scenario would be worse than none."""
    path = write(tmp_path, tiny_text(demand=DEMAND, service='[service]\nmap_file = "map.json"'))
    tmp_path.joinpath("asked.csv").unlink()
    with pytest.raises(ScenarioError) as caught:
        scenario_sha256(path)
    assert [fault.place for fault in caught.value.faults] == ["demand.cells_file", "service.map_file"]


def test_every_key_of_a_file_is_known() -> None:
    """Whatever key of a document holds a path stands in the list: none of a scenario's data is left out of its hash."""
    schema = ScenarioDocument.model_json_schema(by_alias=True)
    models = [schema, *schema["$defs"].values()]
    longest = {
        key
        for model in models
        for key, value in model.get("properties", {}).items()
        if '"maxLength": 4096' in json.dumps(value)
    }
    assert longest == set(FILE_KEYS)
