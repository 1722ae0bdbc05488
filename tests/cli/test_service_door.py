"""What commands of the service share: times, passphrases, and how something is signed."""

from pathlib import Path

import pytest

from skycommons.base.errors import InputError
from skycommons.cli.service_door import PASSPHRASE_VARIABLE, asker, instant_s, now_s, read_key, span_s, when
from skycommons.governance.member_keys import FileKey
from skycommons.store.key_files import write_member_key


def test_times_are_read_as_people_write_them() -> None:
    """With and without an offset; what is none is refused."""
    assert instant_s("1970-01-02T00:00:00Z") == instant_s("1970-01-02") == 86_400
    assert instant_s("1970-01-02T02:00:00+02:00") == 86_400
    with pytest.raises(InputError, match="ISO 8601"):
        instant_s("tomorrow")


def test_times_are_written_as_they_are_read() -> None:
    """A time that nobody told is said to be none."""
    assert when(86_400) == "1970-01-02 00:00:00 UTC"
    assert when(0) == "no time"
    assert now_s() > 1_700_000_000


@pytest.mark.parametrize(("text", "seconds"), [("30d", 2_592_000), ("72h", 259_200), ("45min", 2_700), ("90s", 90)])
def test_lengths_of_time_have_a_unit(text: str, seconds: int) -> None:
    """Days, hours, minutes, seconds."""
    assert span_s(text) == seconds


@pytest.mark.parametrize("text", ["30", "d", "-3h", "1.5h", "٣h", "", "9" * 5000 + "d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(InputError, match="write 30d"):
        span_s(text)


def test_a_passphrase_comes_from_the_environment_or_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And from nowhere else."""
    path = tmp_path / "seat.key"
    write_member_key(path, FileKey(b"k" * 32), passphrase="secret")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert asker("?") is None
    with pytest.raises(InputError, match="nobody can be asked"):
        read_key(path)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret")
    assert read_key(path) == FileKey(b"k" * 32)


def test_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without showing what is typed."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"typed after {prompt}")
    ask = asker("Passphrase: ")
    assert ask is not None
    assert ask() == "typed after Passphrase: "
