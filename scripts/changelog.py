"""Gather changelog.d/ into CHANGELOG.md under a version.

Usage: python scripts/changelog.py VERSION [DATE]
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"added": "Added", "changed": "Changed", "fixed": "Fixed"}


def main(version: str, date: str, root: Path = ROOT) -> None:
    """Write the section and remove the fragments it was made of."""
    fragments = sorted((root / "changelog.d").glob("*.*.md"))
    unknown = [path.name for path in fragments if path.name.split(".")[-2] not in KINDS]
    if unknown or not fragments:
        sys.exit(
            f"changelog.d: {'nothing to release' if not fragments else 'neither added, changed nor fixed: '}{', '.join(unknown)}"
        )
    section = [f"## {version} ({date})\n"]
    for kind, heading in KINDS.items():
        texts = [path.read_text(encoding="utf-8").strip() for path in fragments if path.name.split(".")[-2] == kind]
        if texts:
            section.append(
                f"### {heading}\n\n" + "\n".join(f"* {text.replace(chr(10), chr(10) + '  ')}" for text in texts) + "\n"
            )
    changelog = root / "CHANGELOG.md"
    head, _, older = changelog.read_text(encoding="utf-8").partition("\n## ")
    parts = [head.rstrip() + "\n", *section]
    if older:
        parts.append("## " + older)
    changelog.write_text("\n".join(parts), encoding="utf-8")
    for path in fragments:
        path.unlink()


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else datetime.now(UTC).date().isoformat())
