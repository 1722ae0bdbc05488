"""One signed document of each kind, made by hand, and the keys and seats that sign them."""

from copy import deepcopy
from typing import Any, Final

from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.cell_lists import cells_sha256
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.member_keys import FileKey, SshKey, sign_entry
from skycommons.governance.policy import default_policy
from skycommons.governance.requests import commitment_of
from skycommons.governance.roster import Member, Organisation, Roster
from skycommons.governance.words import Role

ORIGIN: Final = "log.example/decisions"
HASH: Final = "ab" * 32
OTHER_HASH: Final = "cd" * 32
NONCE: Final = "0f" * 16
SALT: Final = b"\x07" * 32
CELLS: Final = ("851f8377fffffff", "851f8363fffffff", "851f8367fffffff")

FILE_KEY: Final = FileKey(b"\x61" * 32)
SSH_KEY: Final = SshKey(b"\x62" * 32)
STRANGER_KEY: Final = FileKey(b"\x63" * 32)

ROSTER: Final = Roster(
    epoch=1,
    members=(
        Member(id="seat-ops-1", organisation="operator", roles=(Role.OPERATIONS,), keys=(FILE_KEY.public,)),
        Member(
            id="seat-legal-1",
            organisation="chamber",
            roles=(Role.LEGAL, Role.OVERSIGHT),
            keys=(SSH_KEY.public,),
            interests=("ministry",),
        ),
    ),
    organisations=(Organisation(id="operator", affiliates=("holding",)), Organisation(id="chamber")),
)

ASKER: Final[dict[str, Json]] = {"party": "ministry", "kind": "state", "name": "Ministry of Example", "commitment": ""}
GROUND: Final[dict[str, Json]] = {"type": "court-order", "ref": "12/34", "document_sha256": HASH, "sealed_until": 0}
REQUEST: Final[dict[str, Json]] = {
    "asker": ASKER,
    "country": "XXK",
    "wants": "withhold",
    "area": {"text": "the island", "cells_sha256": cells_sha256(CELLS), "cells_count": 3},
    "ground": GROUND,
    "received_at": 1_800_000_000,
    "nonce": NONCE,
}
DECISION: Final[dict[str, Json]] = {
    "title": "Suspend the island (illustrative)",
    "kind": "territory",
    "effect": "reduce",
    "to": {"state": "suspended", "service_class": "background"},
    "scope": {
        "h3_res": 5,
        "h3_version": "4.5.0",
        "cells_sha256": cells_sha256(CELLS),
        "cells_count": 3,
        "polygon_sha256": "",
        "border": "full",
        "who": "located",
        "groups": [],
    },
    "target": "",
    "replaces": "",
    "request": HASH,
    "licence": "",
    "protected": {"exempt": False, "sites": [{"id": "clinic-1", "reason": "has a line of its own"}]},
    "preview_sha256": OTHER_HASH,
    "base_state_version": 0,
    "legal_basis": GROUND,
    "parties": ["ministry"],
    "policy_sha256": HASH,
    "roster_epoch": 1,
    "quorum_rule": "suspend-territory",
    "not_before_delay_s": 604_800,
    "ends_at": 1_802_000_000,
    "created_at": 1_800_000_000,
    "change_sha256": "",
    "nonce": NONCE,
}
PREVIEW: Final[dict[str, Json]] = {
    "v": 1,
    "origin": ORIGIN,
    "cells_sha256": cells_sha256(CELLS),
    "cells_count": 3,
    "to": {"state": "suspended", "service_class": "background"},
    "effect": "reduce",
    "base_state_version": 0,
    "base_map_sha256": "",
    "scenario_sha256": HASH,
    "program": "skycommons 0.1.0",
    "slots": [1_800_000_000, 1_800_000_015],
    "terminals": {"inside": 20, "lose": 20, "gain": 0, "elsewhere_lose": 1},
    "people": {"inside": 3_000, "lose": 3_000, "gain": 0},
    "protected": [{"id": "clinic-1", "class": "hospital", "cell": CELLS[0], "loses": True}],
    "capacity": {
        "inside_before_kbps": 900,
        "inside_after_kbps": 0,
        "elsewhere_before_kbps": 5_000,
        "elsewhere_after_kbps": 5_400,
    },
    "cells": {"served_before": 3, "served_after": 0},
}
BODIES: Final[dict[Kind, dict[str, Json]]] = {
    Kind.GENESIS: {
        "policy": default_policy().to_json(),
        "roster": ROSTER.to_json(),
        "default_state": "inactive",
        "default_class": "standard",
        "created_at": 1_800_000_000,
        "note": "an example\nof two lines",
    },
    Kind.REQUEST: REQUEST,
    Kind.SEALED_REQUEST: {
        "received_at": 1_800_000_000,
        "commitment": commitment_of(SALT, REQUEST),
        "class": "withhold",
        "unseal_at": 1_900_000_000,
        "nonce": NONCE,
    },
    Kind.UNSEAL: {"target": HASH, "salt": SALT.hex(), "document": REQUEST},
    Kind.ANSWER: {"request": HASH, "verdict": "declined", "reason": "no ground in law", "nonce": NONCE},
    Kind.INTEREST: {"parties": ["ministry"], "nonce": NONCE},
    Kind.LICENCE: {
        "id": "licence-1",
        "authority": "Regulator of Example",
        "country": "XXK",
        "cells_sha256": cells_sha256(CELLS),
        "cells_count": 3,
        "bands": ["ku-down", "ku-up"],
        "service_classes": ["standard", "background"],
        "valid_from": 1_700_000_000,
        "valid_until": 1_900_000_000,
        "document_sha256": HASH,
        "status": "valid",
        "nonce": NONCE,
    },
    Kind.DECISION: DECISION,
    Kind.VOTE: {
        "subject": HASH,
        "verdict": "approve",
        "role": "operations",
        "roster_epoch": 1,
        "preview_sha256": OTHER_HASH,
        "conflict": "none",
        "reason": "checked on my own machine",
        "issued_at": 1_800_000_000,
        "valid_until": 1_800_600_000,
        "nonce": NONCE,
    },
    Kind.APPEAL: {"decision": HASH, "appellant": ASKER, "ground": "it is out of proportion", "nonce": NONCE},
    Kind.WITNESSED: {"note": "log.example\n1\nhash\n\n— log.example sig\n"},
    Kind.EFFECTIVE: {"decision": HASH, "map_version": 1, "map_sha256": OTHER_HASH},
    Kind.SNAPSHOT: {"map_version": 1, "map_sha256": OTHER_HASH, "previous_sha256": ""},
}


def entry_of(kind: Kind, key: FileKey | SshKey = FILE_KEY, *, by: str = "seat-ops-1") -> Entry:
    """An entry of a kind, signed if it has to be."""
    if kind.is_operators:
        return Entry(kind=kind, origin=ORIGIN, by="", body=BODIES[kind])
    return sign_entry(Entry(kind=kind, origin=ORIGIN, by=by, body=BODIES[kind]), key)


def changed(document: dict[str, Json], path: str, value: Any) -> dict[str, Json]:
    """A document with another value at one place (``scope.cells_count``); ``None`` takes the key away."""
    copy: Any = deepcopy(document)
    inner = copy
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in above:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    result: dict[str, Json] = copy
    return result


def raw_entry(value: dict[str, Json]) -> bytes:
    """An entry that need not be in its form."""
    return canonical_bytes(value)
