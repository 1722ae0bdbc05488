"""Make the docstrings of the sources ready for the documentation site.

In the sources, sections follow each other without blank lines, examples stand at the end, and physics carries *Accuracy*
and *Source*. Griffe, which reads them for the site, wants blank lines, fenced examples and sections that it knows.
"""

import re

import griffe

_SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Attributes):\s*$")
_REMARK = re.compile(r"^(Accuracy|Source):\s*(.*)$")


class SiteDocstrings(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """One module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = for_site(obj.docstring.value)


def for_site(text: str) -> str:
    r"""A docstring with blank lines between its sections, remarks in bold, and examples as code.

    >>> for_site("Half.\nSource: Euclid.").splitlines()
    ['Half.', '', '**Source:** Euclid.']
    """
    lines: list[str] = []
    in_example = in_remark = False
    for line in text.splitlines():
        remark = _REMARK.match(line)
        starts_block = bool(_SECTION.match(line) or remark)
        if in_example and (starts_block or not line.strip()):
            lines.append("```")
            in_example = False
        if starts_block or (line.startswith(">>>") and not in_example):
            lines.append("")
        if line.startswith(">>>") and not in_example:
            lines.append("```python")
            in_example = True
        in_remark = bool(remark) or (in_remark and line.startswith(" ") and not in_example)
        if remark:
            lines.append(f"**{remark[1]}:** {remark[2]}")
        else:
            lines.append(line.strip() if in_remark else line)
    if in_example:
        lines.append("```")
    return "\n".join(lines)
