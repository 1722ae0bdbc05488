"""Where a decision holds, as commands are told it."""

from pathlib import Path

import pytest

from skycommons.base.errors import InputError
from skycommons.cli.console import Output
from skycommons.cli.places import ANYWHERE, Where, place_of, read_cell_file, tell_place
from skycommons.governance.decisions import DecisionKind, Effect
from tests.support.services import Stage

WESTHOLM = Path("scenarios/decisions/westholm.geojson")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A service with a licence for one cell of Westholm."""
    found = Stage(tmp_path_factory.mktemp("places") / "service")
    found.register_licence(["853b4ea3fffffff"])
    return found


def test_an_area_gives_whole_cells_to_reduce_and_centred_ones_to_add(stage: Stage, repository: Path) -> None:
    """The area comes with its cells, in its canonical form."""
    where = Where(area=repository / WESTHOLM)
    whole = place_of(where, Effect.REDUCE, stage.service.state, licence="", target="")
    centred = place_of(where, Effect.ADD, stage.service.state, licence="", target="")
    licensed = place_of(where, Effect.ADD, stage.service.state, licence="licence-1", target="")
    assert (len(whole.cells), len(centred.cells), licensed.cells) == (27, 42, ("853b4ea3fffffff",))
    assert whole.polygon.startswith(b'{"coordinates"')


def test_borders_are_told(stage: Stage, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cells that the border cuts, and those without a licence; a list has none."""
    where = Where(area=repository / WESTHOLM)
    tell_place(where, Effect.ADD, stage.service.state, Output(), licence="licence-1")
    said = capsys.readouterr().out
    assert "The border cuts 25 cells" in said
    assert "41 cells are left out: they have no licence." in said
    tell_place(Where(group=("x",)), Effect.REDUCE, stage.service.state, Output(), licence="")
    assert capsys.readouterr().out == ""


def test_a_country_has_the_packaged_borders(stage: Stage) -> None:
    """By two letters."""
    place = place_of(Where(country="MT"), Effect.ADD, stage.service.state, licence="", target="")
    assert place.cells
    with pytest.raises(InputError):
        place_of(Where(country="XX"), Effect.ADD, stage.service.state, licence="", target="")


def test_groups_and_classes_have_no_cells(stage: Stage) -> None:
    """One or the other."""
    state = stage.service.state
    group = place_of(Where(group=("trial",)), Effect.REDUCE, state, licence="", target="")
    assert (group.kind, group.groups, group.cells) == (DecisionKind.CUSTOMER_GROUP, ("trial",), ())
    one = place_of(Where(terminal_class=("aero",)), Effect.REDUCE, state, licence="", target="")
    assert one.kind == DecisionKind.TERMINAL_CLASS


def test_nothing_and_too_much_are_refused(stage: Stage) -> None:
    """Say where, once; what is restored must be there."""
    state = stage.service.state
    for where in (ANYWHERE, Where(country="MT", group=("x",))):
        with pytest.raises(InputError, match="say where"):
            place_of(where, Effect.REDUCE, state, licence="", target="")
    with pytest.raises(InputError, match="holds nothing that could be restored"):
        place_of(ANYWHERE, Effect.RESTORE, state, licence="", target="f" * 64)


def test_a_list_of_cells_is_read_in_any_order(tmp_path: Path, stage: Stage) -> None:
    """Each once; what is no cell is told by its line."""
    path = tmp_path / "cells"
    path.write_text("853b6ba7fffffff\n853b4ea3fffffff\n853b6ba7fffffff\n", encoding="ascii")
    assert read_cell_file(path) == ("853b4ea3fffffff", "853b6ba7fffffff")
    place = place_of(Where(cells=path), Effect.REDUCE, stage.service.state, licence="", target="")
    assert place.cells == ("853b4ea3fffffff", "853b6ba7fffffff")
    path.write_text("853b4ea3fffffff\nBerne\n", encoding="ascii")
    with pytest.raises(InputError, match="cell 2"):
        read_cell_file(path)
    path.write_text("Berne\n" * 30, encoding="ascii")
    with pytest.raises(InputError, match=r"cell 1: (?s:.)*cell 20: (?s:.)*and: 10 more"):
        read_cell_file(path)
    path.write_text("", encoding="ascii")
    with pytest.raises(InputError, match="there is no cell"):
        read_cell_file(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_cell_file(tmp_path / "none")
