"""Witnesses within the same program: for trials, stories and tests.

* They judge as a witness server does, and remember what they cosigned last. What they sign verifies everywhere.
* They prove nothing to others: whoever runs the log runs them too, and sets their clocks. A real service has witnesses at several
  operators (`skycommons witness`).
* They forget when the program ends, unless the heads that they know are handed in again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from skycommons.base.errors import ProofError
from skycommons.governance.add_checkpoint import Acceptance, AddCheckpoint, judge
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.note_keys import Verifier
from skycommons.governance.notes import NoteSignature
from skycommons.governance.signers import Ed25519CosignerKey, MlDsa44CosignerKey
from skycommons.store.log_reader import LogReader
from skycommons.store.witnessing import Cosigned

CosignerKey: TypeAlias = Ed25519CosignerKey | MlDsa44CosignerKey


class LocalWitnesses:
    """Some witnesses of one log.

    Args:
        keys: A key for each.
        log_keys: The public keys of the log that they trust.
        clock: What time they believe it is, seconds since 1970.
        known: Head that they cosigned last; ``None`` if they have seen none.
    """

    def __init__(
        self,
        keys: Sequence[CosignerKey],
        log_keys: Sequence[Verifier],
        *,
        clock: Callable[[], int],
        known: Checkpoint | None = None,
    ) -> None:
        self._keys = tuple(keys)
        self._log_keys = tuple(log_keys)
        self._clock = clock
        self._heads: dict[str, Checkpoint] = {} if known is None else {key.name: known for key in keys}

    def heads(self, origin: str) -> Iterable[Checkpoint]:
        """The heads of a log that they cosigned last."""
        return tuple(head for head in self._heads.values() if head.origin == origin)

    def cosign(self, log: LogReader) -> Cosigned:
        """Ask each for a cosignature over the head of a log."""
        signatures: list[NoteSignature] = []
        silent: list[tuple[str, str]] = []
        for key in self._keys:
            try:
                signatures.append(self._cosignature(key, log))
            except ProofError as error:
                silent.append((key.name, str(error)))
        return Cosigned(note=log.note.with_signatures(*signatures), silent=tuple(silent))

    def _cosignature(self, key: CosignerKey, log: LogReader) -> NoteSignature:
        """One witness's signature, once it found the head consistent with what it knows."""
        before = self._heads.get(key.name)
        old = 0 if before is None else before.size
        proof = log.growth_proof(old) if 0 < old < log.head.size else ()
        request = AddCheckpoint(old=old, proof=proof, note=log.note)
        answer = judge(
            request.encode(),
            trusted={log.head.origin: self._log_keys},
            latest=lambda _: before,
        )
        if not isinstance(answer, Acceptance):
            raise ProofError(f"refused: {answer.body.decode().strip()}")
        self._heads[key.name] = answer.checkpoint
        return key.cosign(answer.checkpoint, time_s=self._clock())
