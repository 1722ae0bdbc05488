"""Files that users name."""

from pathlib import Path

import pytest

from skycommons.base.errors import InputError
from skycommons.cli.reading import read_bytes, read_text


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    """As users expect."""
    (tmp_path / "file").write_text("größe\n", encoding="utf-8")
    (tmp_path / "link").symlink_to("file")
    assert read_text(tmp_path / "link") == "größe\n"
    assert read_bytes(tmp_path / "link", most_bytes=8) == "größe\n".encode()


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """A missing file, a folder, what is no text, and what is too long or never ends."""
    (tmp_path / "bytes").write_bytes(b"ab\xff")
    for path, why in (
        (tmp_path / "none", "cannot be read: no such file or directory"),
        (tmp_path, "cannot be read: is a directory"),
        (tmp_path / "bytes", "cannot be read: byte 2 is no UTF-8"),
        (Path("/dev/zero"), "is larger than 100 bytes"),
    ):
        with pytest.raises(InputError) as caught:
            read_text(path, most_bytes=100)
        assert str(caught.value).startswith(f"{path}: {why}")
        assert "\n" not in str(caught.value)
