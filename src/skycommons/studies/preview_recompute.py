"""The same preview again on somebody else's machine, and what differs.

Rules: nobody has to believe a preview. Whoever has the scenario, the list of cells and the map before plans the same slots and
compares every figure. A preview of other cells, of another scenario or of another map is told as such and not computed: its
figures would answer another question. Another version of the program is told beside the figures.
"""

from dataclasses import dataclass, replace

from skycommons.governance.canonical import Json
from skycommons.governance.previews import Preview, parse_preview
from skycommons.model.cells import CellIds
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.model.territories import Territory
from skycommons.studies.preview import Binding, preview_document, preview_of, program
from skycommons.studies.preview_count import DIGITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that is not the same.

    Attributes:
        place: Which, as a path in the preview.
        signed: What the preview says.
        found: What stands or comes out here.
        is_rounding: Whether the two are figures within one step of the rounding of each other.
    """

    place: str
    signed: Json
    found: Json
    is_rounding: bool = False

    def __str__(self) -> str:
        about = " (one step of rounding)" if self.is_rounding else ""
        return f"{self.place}: the preview says {self.signed}, here it is {self.found}{about}"


def recompute(
    data: bytes,
    scenario: Scenario,
    *,
    cells: CellIds,
    exempt: bool,
    base: ServiceMap,
    binding: Binding,
    after: ServiceMap | None = None,
    named: tuple[str, ...] = (),
) -> tuple[Difference, ...]:
    """Compute a preview again.

    Args:
        data: The preview in its canonical form.
        scenario: As the approver has it.
        cells: Of the decision.
        exempt, named, after: As for `preview_of`; from the decision.
        base: The map before, as the approver has it.
        binding: What the approver's own files are.
        after: The map after, of a restore.
        named: Ids of protected sites that lose service all the same.
    Returns:
        All differences; none if the preview is the same.
    Raises:
        FormatError: The bytes are no preview.
        InputError, PlanError: As for `preview_of`.
    """
    signed = parse_preview(data)
    bound = _bound(signed, cells, binding)
    if bound:
        return bound
    figures = preview_of(
        scenario,
        cells=cells,
        effect=signed.effect,
        to=signed.to,
        exempt=exempt,
        base=base,
        slots_s=signed.slots,
        after=after,
        named=named,
    )
    found = replace(preview_document(figures, binding), program=signed.program)
    version = [Difference(place="program", signed=signed.program, found=program())]
    figures_differ = _differences(signed.to_json(), found.to_json(), "")
    return (*(version if signed.program != program() else []), *figures_differ)


def _bound(signed: Preview, cells: CellIds, binding: Binding) -> tuple[Difference, ...]:
    """What a preview is bound to that is not the same here."""
    area = Territory(name="decision", cells=cells)
    pairs: tuple[tuple[str, Json, Json], ...] = (
        ("origin", signed.origin, binding.origin),
        ("cells_sha256", signed.cells_sha256, area.sha256),
        ("cells_count", signed.cells_count, len(area)),
        ("base_state_version", signed.base_state_version, binding.base_state_version),
        ("base_map_sha256", signed.base_map_sha256, binding.base_map_sha256),
        ("scenario_sha256", signed.scenario_sha256, binding.scenario_sha256),
    )
    return tuple(Difference(place=place, signed=theirs, found=ours) for place, theirs, ours in pairs if theirs != ours)


def _differences(signed: Json, found: Json, place: str) -> list[Difference]:
    """Every leaf that differs; of lists of protected sites those that stand on one side alone as well."""
    if isinstance(signed, dict) and isinstance(found, dict):
        return [
            difference
            for key in signed
            for difference in _differences(signed[key], found[key], f"{place}.{key}".strip("."))
        ]
    if isinstance(signed, list) and isinstance(found, list):
        theirs, ours = _by_id(signed), _by_id(found)
        return [
            difference
            for key in sorted(theirs.keys() | ours.keys())
            for difference in _differences(theirs.get(key, ""), ours.get(key, ""), f"{place}.{key}")
        ]
    if signed == found:
        return []
    return [Difference(place=place, signed=_short(signed), found=_short(found), is_rounding=_is_step(signed, found))]


def _by_id(items: list[Json]) -> dict[str, Json]:
    """Items of a list by their id, or by themselves."""
    return {str(item["id"] if isinstance(item, dict) else item): item for item in items}


def _short(value: Json) -> Json:
    """A value as a message shows it: of a site, whether it loses service."""
    if isinstance(value, dict):
        return "loses service" if value.get("loses") else "keeps service"
    return "not there" if value == "" else value


def _is_step(signed: Json, found: Json) -> bool:
    """Whether two whole numbers are neighbours after rounding."""
    if isinstance(signed, bool) or isinstance(found, bool) or not (isinstance(signed, int) and isinstance(found, int)):
        return False
    step: int = 10 ** max(len(str(max(signed, found))) - DIGITS, 0)
    return step > 1 and abs(signed - found) <= step
