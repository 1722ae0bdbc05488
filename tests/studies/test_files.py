"""Files are written whole or not at all."""

from pathlib import Path

import pytest

from skycommons.base.errors import HostError
from skycommons.studies.files import check_writable, replacing, replacing_bytes


def test_a_file_appears_with_its_folders(tmp_path: Path) -> None:
    """UTF-8 with line feeds; nothing else is left beside it."""
    path = tmp_path / "a" / "b" / "note.txt"
    with replacing(path) as stream:
        stream.write("Zürich\n")
    assert path.read_bytes() == "Zürich\n".encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["note.txt"]


def test_a_failure_keeps_the_old_file(tmp_path: Path) -> None:
    """Readers never see half a file, and no temporary one stays."""
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), replacing(path) as stream:
        stream.write("half of the new, then \udcff")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["note.txt"]


def test_a_folder_is_tried_before_the_work(tmp_path: Path) -> None:
    """One that is there or can be made is left as it was; a file in the way is refused."""
    check_writable(tmp_path)
    check_writable(tmp_path / "not" / "there")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(HostError, match=f"cannot write {folder}"):
            check_writable(folder)


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    """A file where a folder should be, and a folder where the file should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot write"), replacing_bytes(tmp_path / "file" / "x.png"):
        pass
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(HostError, match="cannot write"), replacing_bytes(tmp_path / "taken.png") as stream:
        stream.write(b"x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "taken.png"]
