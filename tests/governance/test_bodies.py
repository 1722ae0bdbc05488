"""What entries say: one class for each kind."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.bodies import READERS, parse_body
from skycommons.governance.entries import Kind, parse_entry
from tests.support.documents import BODIES, entry_of


def test_every_kind_of_entry_has_its_class() -> None:
    """And every class one kind."""
    assert set(READERS) == set(Kind) == set(BODIES)
    assert len({type(parse_body(entry_of(kind))) for kind in Kind}) == len(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_body_is_read_as_it_was_written(kind: Kind) -> None:
    """From the bytes of the log, and by the class itself."""
    body = parse_body(parse_entry(entry_of(kind).encode()))
    assert body.to_json() == BODIES[kind]
    assert type(body).from_json(BODIES[kind]) == body


@pytest.mark.parametrize("kind", Kind)
def test_a_body_has_exactly_its_keys(kind: Kind) -> None:
    """One that is missing and one that is not known are faults; each is told under the kind's name."""
    entry = entry_of(kind)
    for key in BODIES[kind]:
        rest = {name: value for name, value in BODIES[kind].items() if name != key}
        with pytest.raises(FormatError, match=rf"^{kind}: (.|\n)*{key}: is missing"):
            parse_body(replace(entry, body=rest))
    with pytest.raises(FormatError, match="more: is not known here"):
        parse_body(replace(entry, body={**BODIES[kind], "more": 1}))
