"""How a service begins: whole, with its secrets its own, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, InputError
from skycommons.governance.words import ServiceState
from skycommons.store.founding import found_service
from skycommons.store.service import Service
from skycommons.store.service_folder import ServiceFolder
from tests.support.commons import BEGIN_S
from tests.support.services import founding_of


def test_a_service_is_founded_with_its_trust_file(tmp_path: Path) -> None:
    """The first entry is the one that the trust file names, and the map says what was asked for."""
    layout = found_service(tmp_path / "service", founding_of(default_state=ServiceState.INACTIVE, note="a trial"))
    assert layout == ServiceFolder.open(tmp_path / "service")
    with Service.open(tmp_path / "service", clock=lambda: BEGIN_S) as service:
        genesis = service.state.genesis
    assert (genesis.note, genesis.default_state, genesis.created_at) == ("a trial", ServiceState.INACTIVE, BEGIN_S)


def test_secrets_are_the_owners_alone(tmp_path: Path) -> None:
    """Keys, database and settings; the public folder and the trust file are for everybody."""
    folder = found_service(tmp_path / "service", founding_of()).folder
    ours = ["service.toml", "service.db", "keys/log-ed25519.key", "keys/log-ml-dsa-44.key"]
    assert {(folder / name).stat().st_mode & 0o777 for name in ours} == {0o600}
    assert (folder / "trust.policy").stat().st_mode & 0o777 == 0o644
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"origin": "two words"}, "name"),
        ({"witnesses": "quorum none\n"}, "must name a witness"),
        ({"witnesses": "hello\n"}, "line"),
        ({"note": "\x00"}, "note"),
        ({"database": "sqlite:///:memory:"}, "that lasts"),
    ],
)
def test_a_founding_with_a_fault_leaves_nothing(tmp_path: Path, change: dict[str, str], told: str) -> None:
    """Neither a folder nor a draft."""
    founding = replace(founding_of(), **change)  # type: ignore[arg-type] # names and values are those of the test
    with pytest.raises(InputError, match=told):
        found_service(tmp_path / "service", founding)
    assert list(tmp_path.iterdir()) == []


def test_the_head_of_another_log_is_not_taken_over(tmp_path: Path) -> None:
    """On another disk, where another service keeps it."""
    head = tmp_path / "elsewhere"
    first = found_service(tmp_path / "one", replace(founding_of(), head=str(head)))
    assert first.head_lock.read() is not None
    with pytest.raises(InputError, match="head of another log"):
        found_service(tmp_path / "two", replace(founding_of(), head=str(head)))
    assert not (tmp_path / "two").exists()


def test_a_policy_with_a_fault_is_refused(tmp_path: Path) -> None:
    """As everybody who reads the first entry would refuse it."""
    founding = founding_of()
    rules = dict(founding.policy.rules)
    rules["restore"] = replace(rules["restore"], approvals=1)
    with pytest.raises(FormatError, match="no single hand"):
        found_service(tmp_path / "service", replace(founding, policy=replace(founding.policy, rules=rules)))
