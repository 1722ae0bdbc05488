"""The folder of a service: its file, its parts, and that it is made whole or not at all."""

from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, HostError, InputError
from skycommons.governance.signers import Ed25519CosignerKey
from skycommons.store.key_files import new_log_signers, write_log_key
from skycommons.store.service_folder import (
    ServiceFolder,
    Settings,
    is_fresh,
    new_folder,
    parse_settings,
    write_settings,
)
from tests.support.commons import ORIGIN, trust_of


def test_settings_come_back() -> None:
    """What is written is read, odd characters and all."""
    settings = Settings(origin='log.example/"x"', database="postgresql://u:p@h/d", keys=("a", "b"))
    assert parse_settings(settings.encode()) == settings


def test_what_is_not_said_has_a_default() -> None:
    """The origin is all that is needed."""
    assert parse_settings(b'origin = "log.example/x"\n') == Settings(origin="log.example/x")


def test_all_faults_of_a_file_are_told() -> None:
    """Each with its place."""
    with pytest.raises(FormatError) as refused:
        parse_settings(b'colour = "red"\nlog = 3\nkeys = []\nhead = ""\n')
    assert [fault.place for fault in refused.value.faults] == ["colour", "origin", "log", "head", "keys"]


@pytest.mark.parametrize("data", [b"origin =", b"\xff"])
def test_what_is_no_toml_is_told(data: bytes) -> None:
    """Not as a traceback."""
    with pytest.raises(FormatError, match="is no TOML"):
        parse_settings(data)


def test_a_folder_without_a_service_says_how_to_make_one(tmp_path: Path) -> None:
    """The message names the command."""
    with pytest.raises(FormatError, match="skycommons policy init"):
        ServiceFolder.open(tmp_path)


def test_a_folder_is_made_whole(tmp_path: Path) -> None:
    """What is built appears at once; an empty folder is no obstacle."""
    place = tmp_path / "service"
    place.mkdir()
    with new_folder(place) as draft:
        (draft / "x").write_text("x", encoding="utf-8")
        assert not any(place.iterdir())
    assert (place / "x").is_file()
    assert not draft.exists()


def test_a_folder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Neither the folder nor the draft."""
    place = tmp_path / "service"

    def build() -> None:
        with new_folder(place) as draft:
            (draft / "x").write_text("x", encoding="utf-8")
            raise HostError("the disk is full")

    with pytest.raises(HostError):
        build()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_kept(tmp_path: Path) -> None:
    """Whatever lies in it."""
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "x").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is there already"), new_folder(tmp_path / "service"):
        pass
    (tmp_path / "other.new").mkdir()
    with pytest.raises(InputError, match="left of an attempt"), new_folder(tmp_path / "other"):
        pass
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(HostError, match="cannot be made"), new_folder(tmp_path / "file" / "service"):
        pass


def test_keys_and_trust_must_be_those_of_the_log(tmp_path: Path) -> None:
    """A key of a witness, of another log, and another log's trust file are refused."""
    write_settings(tmp_path, Settings(origin="log.example/x", keys=("k",)))
    layout = ServiceFolder.open(tmp_path)
    with pytest.raises(FormatError, match="take a copy from anybody"):
        layout.read_trust()
    layout.trust_path.write_bytes(trust_of("0" * 64).encode())
    with pytest.raises(FormatError, match=f"is {ORIGIN}, and this service keeps log.example/x"):
        layout.read_trust()
    write_log_key(tmp_path / "k", Ed25519CosignerKey("log.example/x", b"x" * 32))
    with pytest.raises(FormatError, match="no key of the log"):
        layout.read_signers()
    (tmp_path / "k").unlink()
    write_log_key(tmp_path / "k", new_log_signers("log.example/y")[0])
    with pytest.raises(FormatError, match="no key of the log"):
        layout.read_signers()


def test_a_folder_is_fresh_if_nothing_was_kept_there(tmp_path: Path) -> None:
    """Locks do not count."""
    assert is_fresh(tmp_path / "none")
    (tmp_path / ".lock").write_bytes(b"")
    assert is_fresh(tmp_path)
    (tmp_path / "head").write_bytes(b"")
    assert not is_fresh(tmp_path)
