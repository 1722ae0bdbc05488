"""What `make fuzz` begins with: right documents for every reader of governance."""

import inspect
import re

import pytest

from scripts import fuzz_readers
from scripts.fuzz_readers import READERS
from scripts.mutants import ROOM, ROOT

# Readers that are fuzzed through another one, each with the reason.
THROUGH_ANOTHER: dict[str, str] = {}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_what_it_begins_with(name: str) -> None:
    """Otherwise the fuzzer would have to find a right document by itself."""
    assert READERS[name].seeds
    for seed in READERS[name].seeds:
        READERS[name].check(seed)


@pytest.mark.parametrize("name", sorted(set(READERS) - {"witness-policy", "cosignatures", "ssh-key", "ledger"}))
def test_a_reader_that_reads_something_else_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is compared with what is written."""
    compared: list[bytes] = []
    monkeypatch.setattr(fuzz_readers, "same", lambda before, _: compared.append(before))
    READERS[name].check(READERS[name].seeds[0])
    assert compared
    monkeypatch.undo()
    with pytest.raises(fuzz_readers.UnequalError):
        fuzz_readers.same(b"a", b"b")


def test_every_parser_of_governance_is_fuzzed() -> None:
    """A new one has to be listed."""
    used = inspect.getsource(fuzz_readers)
    parsers = {
        name
        for path in (ROOT / ROOM).glob("*.py")
        for name in re.findall(r"^def (parse_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert {name for name in parsers if not re.search(rf"\b{name}\b", used)} == set(THROUGH_ANOTHER)
