"""Plans as tables that people edit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import DocumentError, HostError
from skycommons.plan.check import check
from skycommons.plan.plan_table import PlanTable
from skycommons.plan.requests import Unserved
from skycommons.studies.plan_file import FEEDERS, PLAN, read_plan, write_plan
from tests.support.plans import edited, idle, planned


def same(first: PlanTable, second: PlanTable) -> None:
    """Whole numbers are the same, others to six digits."""
    for name in PlanTable.__slots__:
        np.testing.assert_allclose(getattr(second, name), getattr(first, name), rtol=1e-5, err_msg=name)


def change(path: Path, edit: Callable[[str], str]) -> None:
    path.write_text(edit(path.read_text()))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Idle rows and fields without a value too; a sound plan stays sound."""
    scenario, plan = planned()
    files = write_plan(plan, scenario.world, tmp_path / "plan")
    assert [file.name for file in files] == [PLAN, FEEDERS]
    again = read_plan(tmp_path / "plan", scenario.world)
    same(plan, again)
    assert check(scenario, again) == ()
    same(again, read_plan(tmp_path / "plan" / PLAN, scenario.world))
    spoilt = edited(idle(plan, 2, Unserved.TERRITORY_INACTIVE), 2, channel=-1, rank=255)
    write_plan(spoilt, scenario.world, tmp_path / "plan")
    same(spoilt, read_plan(tmp_path / "plan", scenario.world))


def test_rows_say_who_is_meant(tmp_path: Path) -> None:
    """Ids and words, no row numbers."""
    scenario, plan = planned()
    write_plan(idle(plan, 1, Unserved.GSO_EXCLUSION), scenario.world, tmp_path / "plan")
    heading, first, second = (tmp_path / "plan" / PLAN).read_text().splitlines()[:3]
    assert heading.startswith("step,time,cell,channel,rank,satellite,beam,share,down_mbps")
    satellite = scenario.world.satellites.ids[plan.satellite[0]]
    assert first.startswith(f"0,2026-01-01T00:00:12Z,{plan.cell[0]:x},0,standard,{satellite},")
    assert first.endswith(f",50,5,frankfurt,{satellite},served")
    assert second.endswith(",,,,,,,gso exclusion")
    assert (tmp_path / "plan" / FEEDERS).read_text().splitlines()[1].endswith(",basel")


def test_parts_of_a_long_plan_make_one_file(tmp_path: Path) -> None:
    """Slots are counted on."""
    scenario, plan = planned()
    later = replace(plan, time_ns=plan.time_ns + 30 * 10**9)
    write_plan((plan, later), scenario.world, tmp_path / "plan")
    assert len(read_plan(tmp_path / "plan", scenario.world)) == 4


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    """Slots are put together again."""
    scenario, plan = planned()
    write_plan(plan, scenario.world, tmp_path / "plan")

    def turned(text: str) -> str:
        heading, *rows = text.splitlines()
        return "\n".join([heading, *rows[7:], "", *rows[:7]]) + "\n"

    change(tmp_path / "plan" / PLAN, turned)
    same(plan, read_plan(tmp_path / "plan", scenario.world))


def test_an_edit_by_hand_is_caught(tmp_path: Path) -> None:
    """A channel that a neighbour uses."""
    scenario, plan = planned()
    write_plan(plan, scenario.world, tmp_path / "plan")
    change(tmp_path / "plan" / PLAN, lambda text: text.replace(",1,standard", ",0,standard", 1))
    violations = check(scenario, read_plan(tmp_path / "plan", scenario.world))
    assert {violation.rule for violation in violations} == {"co-channel-separation"}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (PLAN, "0,2026-01-01T00:00:12Z", "x,2026-01-01T00:00:12Z", "plan.csv line 2: step 'x' is no number of a slot"),
        (PLAN, "T00:00:12Z", "at noon", "plan.csv line 2: time '2026-01-01at noon' is not an ISO 8601 time"),
        (PLAN, "851f8337fffffff", "851f8337ffffff", "line 2: cell '851f8337ffffff' is no cell of resolution 5"),
        (PLAN, "851f8337fffffff", "861f8337fffffff", "line 2: cell '861f8337fffffff' is no cell of resolution 5"),
        (PLAN, ",0,standard", ",-2,standard", "line 2: channel '-2' is no whole number from 0 to 32767"),
        (PLAN, "standard", "standart", "line 2: rank 'standart' is no rank; did you mean standard?"),
        (PLAN, ",50,5,", ",fifty,5,", "line 2: down_mbps 'fifty' is no number"),
        (PLAN, ",50,5,", ",50,-5,", "line 2: up_mbps '-5' is not 0 or more"),
        (PLAN, "frankfurt", "frankfort", "line 2: pop 'frankfort' is no site; did you mean frankfurt?"),
        (PLAN, "served", "surved", "line 2: reason 'surved' is no reason; did you mean served?"),
        (PLAN, ",served", "", "line 2: has 12 fields; there are 13 columns"),
        (PLAN, "step,time", "time,step", "line 1: must be the heading step,time,cell,"),
        (PLAN, "0,2026-01-01T00:00:12Z", "0,2026-01-01T00:00:13Z", "step 0: has two times, "),
        (PLAN, ",served", ',"served', "plan.csv: is no CSV"),
        (FEEDERS, "basel", "", "feeders.csv line 2: gateway is empty; name a gateway or remove the line"),
        (FEEDERS, "basel", "bazel", "feeders.csv line 2: gateway 'bazel' is no gateway; did you mean basel?"),
    ],
)
def test_faults_are_named_with_their_line(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    """What is wrong, and what to write."""
    scenario, plan = planned()
    write_plan(plan, scenario.world, tmp_path / "plan")
    change(tmp_path / "plan" / file, lambda text: text.replace(old, new, 1))
    with pytest.raises(DocumentError) as caught:
        read_plan(tmp_path / "plan", scenario.world)
    assert message in str(caught.value)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """The first fifty in words."""
    scenario, plan = planned()
    write_plan(plan, scenario.world, tmp_path / "plan")
    change(tmp_path / "plan" / PLAN, lambda text: text.replace("frankfurt", "nowhere").replace("standard", "best") * 2)
    (tmp_path / "plan" / FEEDERS).unlink()
    with pytest.raises(DocumentError) as caught:
        read_plan(tmp_path / "plan", scenario.world)
    assert len(caught.value.faults) == 51
    assert str(caught.value.faults[-1]).startswith("and: ")


def test_files_that_cannot_be_read_are_faults(tmp_path: Path) -> None:
    """None there, no text, no slot."""
    scenario, plan = planned()
    write_plan(plan, scenario.world, tmp_path / "plan")
    (tmp_path / "plan" / PLAN).unlink()
    with pytest.raises(DocumentError, match=r"plan\.csv: cannot be read: no such file"):
        read_plan(tmp_path / "plan", scenario.world)
    write_plan(plan, scenario.world, tmp_path / "plan")
    (tmp_path / "plan" / PLAN).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DocumentError, match="byte 0 is not UTF-8"):
        read_plan(tmp_path / "plan", scenario.world)
    write_plan((), scenario.world, tmp_path / "plan")
    with pytest.raises(DocumentError, match=r"plan\.csv: holds no slot"):
        read_plan(tmp_path / "plan", scenario.world)


def test_where_there_is_no_plan_at_all_one_fault_says_what_to_give(tmp_path: Path) -> None:
    """A path with nothing there, and a folder with something else."""
    scenario, _ = planned()
    for path, words in ((tmp_path / "none.zarr", "there is no such file or folder"), (tmp_path, "holds neither")):
        with pytest.raises(DocumentError, match=words) as caught:
            read_plan(path, scenario.world)
        (fault,) = caught.value.faults
        assert "give NAME.zarr of a run" in str(fault)


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A file stands in its place."""
    scenario, plan = planned()
    (tmp_path / "plan").write_text("mine")
    with pytest.raises(HostError):
        write_plan(plan, scenario.world, tmp_path / "plan")
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]
