"""How rules say what they find."""

import numpy as np

from skycommons.plan.check_findings import Findings, Groups, over


def test_only_what_is_asked_for_is_put_into_words() -> None:
    """All are counted."""
    spoken: list[int] = []

    def say(row: int) -> tuple[str, str]:
        spoken.append(row)
        return "somebody", f"row {row}"

    found = Findings.at(np.array([4, 7, 9]), say)
    assert found.count == 3
    assert list(found.first(2)) == [("somebody", "row 4"), ("somebody", "row 7")]
    assert spoken == [4, 7]
    assert len(list(found.first(9))) == 3


def test_rows_are_grouped_by_what_they_share() -> None:
    """Each combination once, with counts and sums."""
    groups = Groups.of(np.array([3, 1, 3]), np.array([0, 0, 0]))
    assert groups.key.tolist() == [[1, 0], [3, 0]]
    assert groups.counts().tolist() == [1, 2]
    assert groups.sums(np.array([1.0, 2.0, 4.0])).tolist() == [2.0, 5.0]
    nothing = np.zeros(0, dtype=np.int64)
    assert len(Groups.of(nothing, nothing).counts()) == 0


def test_a_limit_has_a_little_slack_and_no_number_is_over_it() -> None:
    """Single precision is forgiven; NaN is not."""
    assert over(np.array([1.00005, 1.01, np.nan, 0.5]), np.ones(4)).tolist() == [1, 2]
