"""How a service begins: its keys, its first entry, and the file that says whom to trust.

* A service is made whole or not at all. What is made outside of its folder (a database on a server, a head on another disk) has to
  be empty before.
* The first entry holds the policy and the seats to begin with. The trust file names its hash, so whoever has that file has agreed to
  them.
* The log's keys are made here and never leave the folder.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skycommons.base.errors import InputError
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.ledger import Ledger
from skycommons.governance.lines import malformed
from skycommons.governance.merkle import leaf_hash
from skycommons.governance.operator_entries import Genesis
from skycommons.governance.policy import Policy
from skycommons.governance.roster import Roster
from skycommons.governance.signers import Ed25519CosignerKey
from skycommons.governance.trust import Trust, make_trust
from skycommons.governance.words import ServiceClass, ServiceState
from skycommons.store.database import Database
from skycommons.store.durable_files import replace_file
from skycommons.store.key_files import new_log_signers, read_log_key, write_log_key
from skycommons.store.log_writer import LogSigner, LogWriter
from skycommons.store.records import NewEntry
from skycommons.store.replay import rebuild
from skycommons.store.service_folder import (
    DATABASE_URL,
    KEYS,
    TRUST,
    ServiceFolder,
    Settings,
    is_fresh,
    new_folder,
    write_settings,
)

MAX_AGE_S: Final = 86_400
KEY_NAMES: Final = ("log-ed25519.key", "log-ml-dsa-44.key")
_KEYS_MODE: Final = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What a service begins with.

    Attributes:
        origin: Name of the log, such as ``log.example/decisions``.
        policy: The rules to begin with.
        roster: The seats to begin with.
        witnesses: Lines of a tlog-policy that name witnesses, groups and the quorum.
        created_at: Now.
        default_state: Whether there is service where nobody decided anything.
        default_class: How good it is there.
        note: For people.
        max_age_s: How long after witnesses saw the log last its map is obeyed.
        database: URL of the database; a relative file of SQLite lies in the folder.
        head: Folder of the last head that was signed.
    """

    origin: str
    policy: Policy
    roster: Roster
    witnesses: str
    created_at: int
    default_state: ServiceState = ServiceState.INACTIVE
    default_class: ServiceClass = ServiceClass.STANDARD
    note: str = ""
    max_age_s: int = MAX_AGE_S
    database: str = DATABASE_URL
    head: str = "head"


def found_service(folder: Path, founding: Founding, *, signers: tuple[LogSigner, ...] | None = None) -> ServiceFolder:
    """Make a service in a new folder.

    Args:
        folder: Where; nothing may lie there yet.
        founding: What it begins with.
        signers: The log's keys, if they were made before; new ones unless given.

    Returns:
        The folder. `skycommons.store.service.Service.open` opens it; ``trust_path`` is the file to hand out.

    Raises:
        InputError: Something lies there already, or the database or the folder of the head is not empty.
        FormatError: The origin, the witnesses, the policy or the roster are not in their form.
        HostError: The machine or the database refuses.
    """
    signers = signers or new_log_signers(founding.origin)
    if {signer.name for signer in signers} != {founding.origin}:
        raise InputError(f"the keys are of the log {signers[0].name}, not of {founding.origin}")
    genesis = _genesis(founding)
    policy_text = "".join(f"log {signer.verifier.vkey}\n" for signer in signers) + founding.witnesses
    trust = make_trust(genesis=leaf_hash(genesis).hex(), max_age_s=founding.max_age_s, policy_text=policy_text)
    names = tuple(f"{KEYS}/{name}" for name in KEY_NAMES[: len(signers)])
    settings = Settings(origin=founding.origin, keys=names, database=founding.database, head=founding.head)
    with new_folder(folder) as draft:
        layout = ServiceFolder(folder=draft, settings=settings)
        if not is_fresh(layout.head_lock.folder):
            raise InputError(f"{layout.head_lock.folder} holds the head of another log; give an empty folder")
        (draft / KEYS).mkdir(mode=_KEYS_MODE)
        for name, signer in zip(settings.keys, signers, strict=True):
            write_log_key(draft / name, signer)
        replace_file(draft / TRUST, trust.encode())
        write_settings(draft, settings)
        _begin(layout, trust, signers, genesis)
    return ServiceFolder(folder=folder, settings=settings)


def read_signers(folder: Path) -> tuple[LogSigner, ...]:
    """The keys of a log that were made before there was a service.

    Raises:
        FormatError: One is missing, may be read by others, or is no key of a log.
    """
    signers = []
    for name in KEY_NAMES:
        signer = read_log_key(folder / name)
        if isinstance(signer, Ed25519CosignerKey):
            raise malformed(str(folder / name), "key", "is a witness's, not a log's")
        signers.append(signer)
    return tuple(signers)


def _genesis(founding: Founding) -> bytes:
    """The first entry."""
    body = Genesis(
        policy=founding.policy,
        roster=founding.roster,
        default_state=founding.default_state,
        default_class=founding.default_class,
        created_at=founding.created_at,
        note=founding.note,
    )
    data = Entry(kind=Kind.GENESIS, origin=founding.origin, by="", body=body.to_json()).encode()
    NewEntry.of(data)
    Genesis.from_json(body.to_json())
    return data


def _begin(layout: ServiceFolder, trust: Trust, signers: tuple[LogSigner, ...], genesis: bytes) -> None:
    """Write the first entry into the database and the log."""
    settings, files = layout.settings, layout.files
    with Database.open(settings.database, origin=settings.origin, folder=layout.folder) as database:
        rebuild(database, lambda: Ledger(trust, files.read_blob), [genesis])
        LogWriter(files, layout.head_lock, signers).publish(database)
