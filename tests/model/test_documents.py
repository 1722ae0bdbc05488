"""A scenario file is read strictly, and every fault in it is named at once with its place and its mend."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from skycommons.base.clock import format_time
from skycommons.base.errors import ScenarioError
from skycommons.model.documents import MAX_STEPS
from skycommons.model.documents_base import EARLIEST, LATEST
from skycommons.model.documents_check import cross_faults
from skycommons.model.documents_fleet import Pattern, WalkerDocument
from skycommons.model.documents_ground import TerminalDocument
from skycommons.model.documents_read import (
    MAX_BYTES,
    Findings,
    in_file_order,
    parse_toml,
    read_document,
    read_text,
)
from skycommons.model.documents_to_equipment import equipment_of
from skycommons.model.documents_to_fleet import satellites_of
from skycommons.model.documents_to_ground import ground_of
from skycommons.model.equipment_data import STANDARD_TYPE
from skycommons.model.scenario import load, parse
from tests.support.tiny_world import tiny_scenario, tiny_text

TEN_FAULTS = """
name = "Ten Faults"
colour = "red"

[time]
start = "yesterday"
hours = 1
duration_s = 3600

[[constellation]]
name = "s53"
altitude_km = "high"
plane = 3
planes = 3
satellites_per_plane = 4
inclination_deg = 190

[[terminals]]
name = "zurich"
latitude_deg = 147.0
longitude_deg = 8.5
pop = "frankfort"

[[pops.site]]
name = "frankfurt"
latitude_deg = 50.1
longitude_deg = 8.7

[[pairs]]
from = "zurich"
to = "atlantis"
"""


BERN_POP = "[[pops.site]]\nname = 'bern'\nlatitude_deg = 46.9\nlongitude_deg = 7.4\n"


def faults_of(text: str, folder: Path = Path()) -> dict[str, str]:
    """Place and message of every fault of a text that has some."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, source="bad.toml", folder=folder)
    return {fault.place: fault.message for fault in caught.value.faults}


def test_ten_faults_are_ten_lines_in_the_order_of_the_file() -> None:
    """One message names the file and, line by line, each place."""
    with pytest.raises(ScenarioError) as caught:
        parse(TEN_FAULTS, source="ten.toml")
    lines = str(caught.value).splitlines()
    assert lines[0] == "ten.toml: 10 fault(s)"
    assert [line.strip().partition(":")[0] for line in lines[1:]] == [
        "name",
        "colour",
        "time.start",
        "time",
        "constellation.0.altitude_km",
        "constellation.0.inclination_deg",
        "constellation.0.plane",
        "terminals.0.latitude_deg",
        "terminals.0.pop",
        "pairs.0.to",
    ]
    assert caught.value.exit_code == 2


def test_messages_say_what_is_wrong_and_how_to_mend_it() -> None:
    """The value that was found, the range, near matches, the key to remove."""
    faults = faults_of(TEN_FAULTS)
    assert faults["terminals.0.latitude_deg"] == "Input should be less than or equal to 90, not 147.0"
    assert faults["constellation.0.plane"] == "unknown key; did you mean planes?"
    assert faults["terminals.0.pop"] == "there is no PoP 'frankfort'; did you mean frankfurt?"
    assert faults["time"] == "has hours and duration_s; remove one of them, it follows from the other"
    assert faults["colour"] == "unknown key; remove it"
    assert "such as 2026-05-21T12:00:00Z, not 'yesterday'" in faults["time.start"]


@pytest.mark.parametrize(
    ("part", "text", "place", "message"),
    [
        ("head", "", "name", "this key is required; add it"),
        ("head", 'name = "tiny"\nseed = 1.5', "seed", "valid integer, not 1.5"),
        ("head", 'name = "tiny"\nseed = true', "seed", "valid integer, not True"),
        ("head", 'name = "tiny"\nlabels = { " a" = "b" }', "labels. a", "without spaces around it"),
        ("head", 'name = "tiny"\nlabels = 3', "labels", "should be a table, not 3"),
        ("time", "[time]\nstart = 2026-01-01", "time", "needs hours or duration_s; add one of them"),
        ("time", "[time]\nstart = 1700-01-01\nhours = 1", "time.start", "should lie between 1957-10-04"),
        ("time", "[time]\nstart = 20260101\nhours = 1", "time.start", "ISO 8601 time such as"),
        ("time", "[time]\nstart = 2026-01-01\nhours = inf", "time.hours", "finite number"),
        ("time", "[time]\nstart = 2026-01-01\nhours = 1\nname = 1", "time.name", "does not belong here"),
        ("time", "[time]\nstart = 2026-01-01\nhours = 80000\nstep_s = 0.001", "time.step_s", f"{MAX_STEPS:,} steps"),
        ("time", "[time]\nstart = 2026-01-01\nhours = true", "time.hours", "valid number, not True"),
        ("time", "time = 3", "time", "should be a table, not 3"),
        ("constellation", "constellation = 3", "constellation", "should be a list, not 3"),
        ("constellation", "constellation = []", "constellation", "at least 1 item"),
        ("constellation", "[constellation]\npreset = 'kuiper'", "constellation", "write [[constellation]]"),
        ("constellation", "[[constellation]]\npreset = 'kuyper'", "constellation.0.preset", "did you mean kuiper?"),
        ("constellation", "[[constellation]]\npreset = 'zzz'", "constellation.0.preset", "; choose one of"),
        ("terminals", "[[terminals]]\nname = 'a'\nlatitude_deg = 1", "terminals.0.longitude_deg", "required"),
        ("terminals", "[[terminals]]\nname = 3\nlatitude_deg = 1\nlongitude_deg = 1", "terminals.0.name", "not 3"),
        ("terminals", "terminals = [1]", "terminals.0", "should be a table, not 1"),
        ("terminals", "terminals = [[1]]", "terminals.0", "should be a table, not a list"),
        ("gateways", "gateways = 1", "gateways", "should be a table, not 1"),
        ("pops", "pops = 1", "pops", "should be a table, not 1"),
        ("types", "terminal_types = [1]", "terminal_types", "should be a table, not a list"),
        (
            "types",
            "[terminal_types.dish]\nmin_elevation_deg = 90",
            "terminal_types.dish.min_elevation_deg",
            "less than 90",
        ),
        ("lasers", "[lasers]\ntopology = 'mesh'", "lasers.topology", "one of grid, nearest, motif, pairs, none"),
        ("lasers", "[lasers]\ntopology = ['grid']", "lasers.topology", "one of grid, nearest, motif, pairs, none"),
        ("lasers", "[lasers]\nper_satellite = 4", "lasers.per_satellite", "does not belong here"),
        ("lasers", "[lasers]\ntopology = 'motif'\nmotif = [[0, 0]]", "lasers.motif.0", "at itself; remove it"),
        ("lasers", "[lasers]\ntopology = 'motif'\nmotif = [[1]]", "lasers.motif.0.1", "this item is missing"),
        ("lasers", "lasers = 2", "lasers", "should be a table, not 2"),
        ("routing", "[routing]\nmode = 'pigeon'", "routing.mode", "one of lasers, bent-pipe, not 'pigeon'"),
        ("routing", "[routing]\nattachment = 1", "routing.attachment", "one of lowest-delay, highest-elevation, not 1"),
        ("routing", "[routing]\nfibre_detour = 0.9", "routing.fibre_detour", "greater than or equal to 1"),
        ("pairs", "[[pairs]]\nfrom = 'zurich'\nto = 'zurich'", "pairs.0.to", "where the flow starts"),
        ("pairs", f"{BERN_POP}[[pairs]]\nfrom = 'bern'\nto = 'frankfurt'", "pairs.0", "both ends are PoPs"),
        (
            "pairs",
            "[[pairs]]\nfrom = 'zurich'\nto = 'frankfurt'\n" * 2,
            "pairs.1",
            "pair 'zurich -> frankfurt' is already",
        ),
        ("pairs", "[[pairs]]\nfrom = 1\nto = 'zurich'", "pairs.0.from", "valid string"),
        ("pairs", "[[pairs]]\nfrom = 'zurich'\nto = 'qqq'", "pairs.0.to", "; name a terminal, a gateway or a PoP"),
    ],
)
def test_each_fault_has_its_place_and_message(part: str, text: str, place: str, message: str) -> None:
    """One wrong key at a time, in an otherwise sound file."""
    faults = faults_of(tiny_text(**{part: text}))
    assert message in faults[place]


def test_a_fault_in_one_item_makes_no_fault_elsewhere() -> None:
    """A terminal with a bad latitude still exists for the pairs that name it."""
    text = tiny_text(terminals='[[terminals]]\nname = "zurich"\nlatitude_deg = 147\nlongitude_deg = 8')
    assert set(faults_of(text)) == {"terminals.0.latitude_deg"}


def test_a_terminals_flow_to_its_own_pop_is_there_without_being_asked_for() -> None:
    """A pair that says it again would be computed twice."""
    text = tiny_text(
        terminals='[[terminals]]\nname = "zurich"\nlatitude_deg = 47\nlongitude_deg = 8\npop = "frankfurt"'
    )
    assert "has this flow already" in faults_of(text)["pairs.0"]


def test_a_long_value_is_cut_in_the_message() -> None:
    """A message stays one line that a terminal can show."""
    message = faults_of(tiny_text(head=f'name = "{"x" * 500}"'))["name"]
    assert message.endswith("...")
    assert len(message) < 200


WALKER = tiny_text()[tiny_text().index("[[constellation]]") :].split("[[terminals]]", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (("altitude_km = 1200", ""), "constellation.0", "needs altitude_km or mean_motion_rev_day"),
        (
            ("phasing", "mean_motion_rev_day = 15\nphasing"),
            "constellation.0",
            "has altitude_km and mean_motion_rev_day",
        ),
        (("phasing = 1", "phasing = 3"), "constellation.0.phasing", "less than planes (3), not 3"),
        (("phasing", "pattern = 'omega'\nphasing"), "constellation.0.pattern", "one of delta, star, not 'omega'"),
        (
            ("phasing", "pattern = 'star'\nraan_spread_deg = 90\nphasing"),
            "constellation.0",
            "pattern and raan_spread_deg",
        ),
        (("planes = 3", "planes = 3\npreset = 'kuiper'"), "constellation.0", "write one [[constellation]] for each"),
        (("planes = 3", "planes = 3.0"), "constellation.0.planes", "valid integer, not 3.0"),
        (("altitude_km = 1200", "altitude_km = 1e999"), "constellation.0.altitude_km", "finite number"),
    ],
)
def test_a_shell_says_each_quantity_once(change: tuple[str, str], place: str, message: str) -> None:
    """Altitude or mean motion, pattern or spread; the other follows."""
    assert message in faults_of(tiny_text(constellation=WALKER.replace(*change)))[place]


def test_two_shells_of_one_name_are_refused_by_the_name_and_the_ids() -> None:
    """Satellites are called after their shell."""
    faults = faults_of(tiny_text(constellation=WALKER + WALKER))
    assert faults["constellation.1.name"] == "shell 's53' is already there; give it another name"
    assert "also in constellation.0" in faults["constellation.1"]


def test_names_are_unique_among_the_sites_that_the_file_names() -> None:
    """A gateway may not be called like a terminal."""
    text = tiny_text(gateways='[[gateways.site]]\nname = "zurich"\nlatitude_deg = 1\nlongitude_deg = 1')
    assert "already there" in faults_of(text)["gateways.site.0.name"]


def test_a_terminal_type_must_exist() -> None:
    """The message offers the table to write."""
    text = tiny_text(terminals='[[terminals]]\nname = "zurich"\ntype = "dish"\nlatitude_deg = 1\nlongitude_deg = 1')
    assert faults_of(text)["terminals.0.type"].startswith(
        "there is no terminal type 'dish'; add [terminal_types.dish], or name one of standard, ut-1"
    )


def test_a_grid_of_terminals_has_its_south_below_its_north() -> None:
    """A band that is upside down holds nothing."""
    faults = faults_of(tiny_text(grid="[terminal_grid]\ncount = 5\nmin_latitude_deg = 70\ntype = 'dish'"))
    assert set(faults) == {"terminal_grid.min_latitude_deg", "terminal_grid.type"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[time\nstart = 1", "line 1, column 6: is not TOML"),
        ("a = ", "end of document: is not TOML"),
        ("a = 1\na = 2", "is not TOML: Cannot overwrite a value"),
        ("a = " + "[" * 5000, "file: is nested too deeply"),
        ("seed = " + "9" * 5000, "file: holds a number with thousands of digits"),
        ("seed = 0x" + "f" * 20000, "a number that long"),
    ],
)
def test_what_is_not_toml_is_one_fault_with_its_line(text: str, message: str) -> None:
    """A syntax error hides everything after it, so it stands alone."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, source="bad.toml")
    assert message in str(caught.value)


def test_files_that_are_no_scenarios_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, a folder, not UTF-8, unreadable, far too large."""
    binary, large = tmp_path / "binary.toml", tmp_path / "large.toml"
    binary.write_bytes(b"name = '\xff\xfe'")
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for path, message in [
        (tmp_path / "missing.toml", "does not exist"),
        (tmp_path, "is a folder"),
        (binary, "byte 8 is not UTF-8"),
        (large, "is it a scenario?"),
        (tmp_path / "binary.toml" / "inside.toml", "cannot be read: Not a directory"),
        (Path("nul\0.toml"), "cannot be read"),
    ]:
        with pytest.raises(ScenarioError, match="1 fault") as caught:
            load(path)
        assert message in caught.value.faults[0].message
    monkeypatch.setattr(Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(ScenarioError, match="cannot be read: Permission denied"):
        read_text(binary)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Some editors write one."""
    path = tmp_path / "tiny.toml"
    path.write_bytes(b"\xef\xbb\xbf" + tiny_text().encode())
    assert load(path).name == "tiny"


def test_a_catalogue_that_cannot_be_used_is_a_fault_with_its_file(tmp_path: Path) -> None:
    """Missing and unusable files are named beside the other faults."""
    (tmp_path / "noise.tle").write_bytes(bytes(range(256)) * 10)
    text = tiny_text(
        constellation='[[constellation]]\ncatalogue = "no.tle"\n[[constellation]]\ncatalogue = "noise.tle"',
        gateways='[gateways]\nfile = "no.csv"',
        pops='[pops]\nfile = "no.csv"',
        file='[terminals_file]\nfile = "no.csv"',
    )
    faults = faults_of(text, tmp_path)
    assert set(faults) >= {
        "constellation.0.catalogue",
        "constellation.1.catalogue",
        "gateways.file",
        "pops.file",
        "terminals_file.file",
    }
    assert all("no.csv cannot be read" in faults[place] for place in ("gateways.file", "pops.file"))


ANYTHING = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SECTIONS = (
    *("name", "time", "constellation", "terminals", "terminal_grid", "gateways", "lasers", "routing", "pairs"),
    *("terminal_types", "gateway_types", "payloads", "territories", "radio", "weather"),
)


@given(value=ANYTHING, section=st.sampled_from(SECTIONS))
def test_whatever_stands_in_a_section_ends_in_faults_or_in_a_scenario(value: object, section: str) -> None:
    """No value of any shape escapes as another error."""
    raw = parse_toml(tiny_text(), "tiny.toml") | {section: value}
    draft, faults = read_document(raw)
    findings = Findings(folder=Path(), faults=[*faults, *cross_faults(raw)])
    satellites_of(draft, findings)
    ground_of(draft, equipment_of(draft, findings), findings)
    assert in_file_order(findings.faults, raw) or draft.document is not None


def test_a_document_is_frozen_and_holds_strategies_in_place_of_words() -> None:
    """Words become objects while the document is read."""
    shell = WalkerDocument.model_validate(
        {"name": "a", "planes": 1, "satellites_per_plane": 1, "inclination_deg": 53, "pattern": "star"}
    )
    assert shell.pattern is Pattern.STAR
    terminal = TerminalDocument(name="zurich", latitude_deg=47, longitude_deg=8)
    assert terminal.type == STANDARD_TYPE
    with pytest.raises(ValidationError, match="frozen"):
        terminal.name = "bern"  # type: ignore[misc] # that it is refused is what is tested


@pytest.mark.parametrize("start", [EARLIEST, LATEST, f"{EARLIEST}T00:00:00", f"'{LATEST}T02:00:00+02:00'"])
def test_the_span_may_start_anywhere_in_the_age_of_satellites(start: str) -> None:
    """As a TOML date, a TOML time or a text; both ends included."""
    span = f"[time]\nstart = {start}\nduration_s = 1"
    assert format_time(tiny_scenario(time=span).start_ns)[:10] in {EARLIEST, LATEST}


def test_the_tiny_scenario_itself_is_sound() -> None:
    """The parts that the tests change start without faults."""
    assert len(tiny_scenario().world.satellites) == 12
