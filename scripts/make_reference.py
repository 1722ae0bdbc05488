"""Write the reference pages of the commands, of scenario files and of equipment from what they describe.

::

    python scripts/make_reference.py

Tests hold that the pages in the repository are those that this script writes.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from skycommons.base import errors
from skycommons.base.errors import SkycommonsError
from skycommons.cli.app import build_app
from skycommons.model.documents import ScenarioDocument

REPOSITORY = Path(__file__).resolve().parent.parent
DOCS = REPOSITORY / "docs" / "reference"
PACKAGE = REPOSITORY / "src" / "skycommons"
EQUIPMENT = {"terminals": "Terminal", "gateways": "Gateway", "payloads": "Payload"}
WORDS = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
LARGE = 10**15  # bounds that only say "fits into 64 bits" are no news


def main() -> int:
    """Write all pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


def pages() -> dict[str, str]:
    """File names and their texts."""
    return {"cli.md": cli_page(), "scenario.md": scenario_page(), "equipment.md": equipment_page()}


def equipment_page() -> str:
    """Every built-in type with every figure that its file gives, and the figure's source."""
    lines = [
        "# Built-in equipment",
        "",
        "Types that scenarios may name or start from, with the keys that [scenarios](scenario.md) use. A figure in *italics*",
        "is assumed, or recalled without its source at hand. [What they stand for](../concepts/equipment.md).",
    ]
    for kind, heading in EQUIPMENT.items():
        text = (PACKAGE / "data" / "radio" / "equipment" / f"{kind}.toml").read_text(encoding="utf-8")
        for name, table in tomllib.loads(text).items():
            lines += ["", f"## {heading} `{name}`", ""]
            lines += [f"Starts from `{table['base']}`.", ""] if "base" in table else []
            lines += _figures(table) if len(table) > ("base" in table) else ["The same in all."]
    return "\n".join(lines) + "\n"


def _figures(table: dict[str, Any]) -> list[str]:
    """Rows of a type's figures."""
    figures: dict[str, Any] = {}
    for key, entry in table.items():
        if key != "base":
            figures |= {key: entry} if "value" in entry else {f"{key}.{inner}": one for inner, one in entry.items()}
    rows = ["| key | value | source |", "|---|---|---|"]
    for key, figure in figures.items():
        value = f"*{figure['value']}*" if figure.get("assumed") else f"{figure['value']}"
        rows.append(f"| `{key}` | {value} | {figure['source']} |")
    return rows


def cli_page() -> str:
    """Commands, options and exit codes."""
    text = build_app().generate_docs(output_format="markdown", heading_level=1)
    text = re.sub(
        r"^(skycommons(?: [a-z]+)*) -m [\w.]+", r"\1", text, flags=re.MULTILINE
    )  # how this script was started
    body = text.replace("# skycommons\n", "# Commands\n", 1)
    body = re.sub(r' \*\[default: (False|""|\(\))\]\*', "", body)  # what is not asked for needs no words
    return f"{body.rstrip()}\n\n## Exit codes\n\n{_exit_codes()}\n"


def _exit_codes() -> str:
    """One row a code, from the tree of errors."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SkycommonsError)]
    first: dict[int, type[SkycommonsError]] = {}
    for kind in kinds:
        first.setdefault(kind.exit_code, kind)
    rows = [(0, "all is well"), (1, "an error that nobody expected; `--debug` shows where")]
    rows += [(code, _first_sentence(kind)) for code, kind in sorted(first.items()) if kind is not SkycommonsError]
    rows += [(130, "interrupted"), (141, "nobody read the output on")]
    return "| code | meaning |\n|---|---|\n" + "\n".join(f"| {code} | {words} |" for code, words in rows)


def _first_sentence(kind: type) -> str:
    """What a class says of itself, as a table's cell."""
    line = (kind.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return line[0].lower() + line[1:]


def scenario_page() -> str:
    """Every table of a scenario file, every key with its type, range, default and meaning."""
    schema = ScenarioDocument.model_json_schema(by_alias=True)
    models = schema["$defs"]
    lines = [
        "# Scenario files",
        "",
        "A scenario is a TOML file. Unknown keys are faults; the unit stands in the key; paths are relative to the file.",
        "All faults are reported at once. [How to write one](../how-to/scenarios.md).",
        "",
        "## Top level",
        "",
        *_table(schema, models),
    ]
    for key, value in schema["properties"].items():
        lines += _section(key, value, models)
    return "\n".join(lines) + "\n"


def _section(key: str, value: dict[str, Any], models: dict[str, Any]) -> Iterator[str]:
    """The heading and the table of every variant of a section."""
    for heading, name in _variants(key, value, models):
        model = models[name]
        yield from ("", f"## {heading}", "", model["description"], "", *_table(model, models))
        within = f"{key}.NAME" if ".NAME]" in heading.removeprefix(f"`[{key}") else key
        for inner, inner_value in model["properties"].items():
            yield from _section(f"{within}.{inner}", inner_value, models)


def _variants(key: str, value: dict[str, Any], models: dict[str, Any]) -> list[tuple[str, str]]:
    """Headings and models that stand behind a key; none where it is a plain value."""
    value = _without_null(value)
    if value.get("type") == "array":
        items = _variants(key, value.get("items", {}), models)
        return [(heading.replace("[", "[[").replace("]", "]]"), name) for heading, name in items]
    if value.get("type") == "object" and "$ref" in _values(value):
        return [(f"`[{key}.NAME]`", _name(_values(value)))]
    if "oneOf" in value:
        names = [_name(variant) for variant in value["oneOf"]]
        return [(f"`[{key}]`{_mark(models[name])}", name) for name in names]
    return [(f"`[{key}]`", _name(value))] if "$ref" in value else []


def _mark(model: dict[str, Any]) -> str:
    """What tells one variant from the others: a constant, or its first required key."""
    constants = [
        f' with `{key} = "{value["const"]}"`' for key, value in model["properties"].items() if "const" in value
    ]
    return constants[0] if constants else f" with `{_own_key(model)}`"


def _own_key(model: dict[str, Any]) -> str:
    """The required key that says most: a shell's planes, a catalogue's file."""
    required: list[str] = model["required"]
    return "planes" if "planes" in required else required[0]


def _table(model: dict[str, Any], models: dict[str, Any]) -> list[str]:
    """Rows of a model's plain keys."""
    required = model.get("required", [])
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, value in model["properties"].items():
        if _variants(key, value, models):
            continue
        default = "**required**" if key in required else _default(value.get("default"))
        rows.append(f"| `{key}` | {_kind(value)} | {default} | {value['description']} |")
    return rows if len(rows) > 2 else []


def _kind(value: dict[str, Any]) -> str:
    """Type and range in words."""
    value = _without_null(value)
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " or ".join(f"`{word}`" for word in value["enum"])
    if value.get("format") == "date-time":
        return "time"
    if value["type"] == "array":
        pair = value.get("items", {}).get("prefixItems")
        inner = f"pairs of {_kind(pair[0])}" if pair else _kind(value["items"])
        return f"list of {inner}"
    if value["type"] == "object":
        return f"table of {_kind(_values(value))}"
    bounds = [f"{sign} {value[bound]:,.15g}" for bound, sign in BOUNDS.items() if abs(value.get(bound, LARGE)) < LARGE]
    return ", ".join([WORDS[value["type"]], *bounds])


def _default(value: object) -> str:
    """A default as TOML would say it."""
    if value is None or value in ("", [], {}):
        return ""
    return f"`{str(value).lower()}`" if isinstance(value, bool | int | float | list) else f'`"{value}"`'


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that may be absent, without its absence."""
    return next((one for one in value.get("anyOf", []) if one.get("type") != "null"), value)


def _values(table: dict[str, Any]) -> dict[str, Any]:
    """The schema of the values of a table whose keys are free."""
    by_pattern = table.get("patternProperties", {})
    values: dict[str, Any] = table.get("additionalProperties") or next(iter(by_pattern.values()))
    return values


def _name(value: dict[str, Any]) -> str:
    """Name of the model that a reference points at."""
    return str(value["$ref"]).rpartition("/")[2]


if __name__ == "__main__":
    sys.exit(main())
