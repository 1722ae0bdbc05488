"""Whatever is changed behind the database's doors is found when it is opened and replayed.

Few changes here; `make tampering` tries ten thousand of each sort.
"""

import random
from pathlib import Path

from tests.support.postgres import Cluster
from tests.support.tampering import FileVictim, ServerVictim, is_found, try_bits, try_rows

SEED = 7


def test_every_changed_row_is_found_on_sqlite(tmp_path: Path) -> None:
    """Flipped bits of values, rows that are gone, new, swapped."""
    tried, missed = try_rows(FileVictim(tmp_path / "s.db"), 150, random.Random(SEED))
    assert missed == []
    assert len(tried) > 15


def test_every_changed_row_is_found_on_postgresql(postgres: Cluster) -> None:
    """The same changes."""
    tried, missed = try_rows(ServerVictim(postgres.new_database()), 70, random.Random(SEED))
    assert missed == []
    assert len(tried) > 15


def test_every_flipped_bit_of_the_file_is_found_or_says_nothing(tmp_path: Path) -> None:
    """Pages have room to spare: there a bit changes nothing that anybody reads."""
    tried, missed = try_bits(FileVictim(tmp_path / "s.db"), 150, random.Random(SEED))
    assert missed == []
    assert tried["found"] > 20


def test_what_nobody_changed_is_not_found(tmp_path: Path, postgres: Cluster) -> None:
    """Else the others would prove nothing; also after a change was taken back."""
    victims = FileVictim(tmp_path / "s.db"), ServerVictim(postgres.new_database())
    for victim in victims:
        assert not is_found(victim.url)
        try_rows(victim, 3, random.Random(SEED))
        assert not is_found(victim.url)
