"""How every picture looks, and how it becomes a file.

Rules: a picture is a `Drawing`: a matplotlib figure with words for those who do not see it. Figures are made as objects
under one style and never through pyplot, so nothing global changes. Series differ in colour (Okabe and Ito 2008, safe
for colour-blind eyes) and also in place, shape or dash. A title says what was found; axes say what is measured, in
which unit.
"""

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skycommons.studies.files import replacing_bytes

_TITLE_LETTERS_PER_IN: Final = 8.6
_PNG_DPI: Final = 150


Look = dict[str, Any]  # settings of a line or mark, by their names in matplotlib


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours of a picture.

    Attributes:
        surface: Behind everything.
        ink, muted, grid: Text and axes, secondary text, faint lines.
        land, sea, coast: Of maps.
        series: Colours of lines and groups, in the order of use.
    """

    surface: str
    ink: str
    muted: str
    grid: str
    land: str
    sea: str
    coast: str
    series: tuple[str, ...]


LIGHT: Final = Theme(
    surface="#ffffff",
    ink="#1b2530",
    muted="#5a6775",
    grid="#dfe4ea",
    land="#d9dee4",
    sea="#eef3f8",
    coast="#b4bec9",
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
)
DARK: Final = Theme(
    surface="#141b24",
    ink="#e8edf3",
    muted="#a3b0bf",
    grid="#2c3846",
    land="#3e5063",
    sea="#17293d",
    coast="#5d7189",
    series=("#4ba6e8", "#ff8a4c", "#34c79e", "#e6a3c9", "#f5bb45", "#9ad6fa"),
)
DASHES: Final = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (8, 2)))
MARKERS: Final = ("o", "s", "^", "D", "v", "P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One picture with its words.

    Attributes:
        name: Short name for files and anchors.
        figure: The matplotlib figure.
        theme: The colours that it was drawn in.
        alt: What the picture shows, for those who do not see it.
        caption: How to read it, and how it was made.
    """

    name: str
    figure: Figure
    theme: Theme
    alt: str
    caption: str

    def png(self, *, dpi: float = _PNG_DPI) -> bytes:
        """The picture as PNG."""
        stream = io.BytesIO()
        with styled(self.theme):
            self.figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
        return stream.getvalue()

    def svg(self) -> str:
        """The picture as an SVG element that can stand inside a page: no ids that clash, text as text."""
        stream = io.StringIO()
        with styled(self.theme), mpl.rc_context({"svg.hashsalt": self.name}):
            self.figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        return _inline(stream.getvalue(), self.name, self.alt)

    def standing_svg(self) -> str:
        """The picture as a file of its own, with colours for light and dark."""
        head, _, rest = self.svg().partition(">")
        style = (
            f":root {{ --letters: 'DejaVu Sans', sans-serif; {style_sheet(LIGHT)} }} "
            f"@media (prefers-color-scheme: dark) {{ :root {{ {style_sheet(DARK)} }} }} svg {{ background: var(--surface); }}"
        )
        return f"{head}><style>{style}</style>{rest}\n"

    def save(self, path: Path, *, dpi: float = _PNG_DPI) -> None:
        """Write the picture as PNG, whole or not at all.

        Raises:
            HostError: The file cannot be written.
        """
        data = self.png(dpi=dpi)
        with replacing_bytes(path) as stream:
            stream.write(data)

    def data_url(self, *, dpi: float = _PNG_DPI) -> str:
        """The picture as a ``data:`` address of a PNG."""
        return "data:image/png;base64," + base64.b64encode(self.png(dpi=dpi)).decode("ascii")

    def _repr_png_(self) -> bytes:
        """For notebooks."""
        return self.png(dpi=100)


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    """Everything that is drawn inside has the house style."""
    with mpl.rc_context(_style(theme)):
        yield


def blank(theme: Theme, *, width_in: float = 9.6, height_in: float = 4.2) -> Figure:
    """An empty figure that lays itself out."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained", facecolor=theme.surface)
    FigureCanvasAgg(figure)
    return figure


def entitle(figure: Figure, theme: Theme, title: str) -> None:
    """Put what was found over the picture, at the left, in lines that fit."""
    kept = re.sub(r"(\d) (ms|%)", "\\1\N{NO-BREAK SPACE}\\2", title)
    figure.suptitle(
        fill(kept, int(_TITLE_LETTERS_PER_IN * figure.get_figwidth())),
        x=0.012,
        ha="left",
        color=theme.ink,
        fontsize=12.5,
        fontweight="bold",
    )


def plain_axes(axes: Axes, theme: Theme, *, x: str, y: str) -> None:
    """Axes with names and units, a faint grid and no box."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, axis="y", color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)


def _style(theme: Theme) -> dict[Any, Any]:
    """The house style as matplotlib settings."""
    return {
        "font.family": ["DejaVu Sans"],
        "font.size": 10,
        "axes.edgecolor": theme.muted,
        "date.converter": "concise",
        "axes.facecolor": "none",
        "axes.labelcolor": theme.muted,
        "axes.linewidth": 0.8,
        "axes.titlecolor": theme.ink,
        "axes.titlelocation": "left",
        "axes.titlesize": 10.5,
        "figure.facecolor": theme.surface,
        "legend.edgecolor": "none",
        "legend.facecolor": "none",
        "legend.fontsize": 9,
        "legend.labelcolor": theme.ink,
        "lines.linewidth": 1.6,
        "lines.solid_capstyle": "round",
        "savefig.facecolor": theme.surface,
        "svg.fonttype": "none",
        "text.color": theme.ink,
        "text.parse_math": False,  # a dollar in a name is a dollar
        "xtick.color": theme.muted,
        "xtick.labelcolor": theme.muted,
        "ytick.color": theme.muted,
        "ytick.labelcolor": theme.muted,
    }


def _inline(text: str, name: str, alt: str) -> str:
    """An SVG document as an element of a page, with its own ids and the page's colours and letters."""
    body = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'href="#', f'href="#{name}-', body)
    body = re.sub(r"url\(#", f"url(#{name}-", body)
    body = re.sub(r"'DejaVu Sans'(, [\w' -]+)*", "var(--letters)", body)
    for variable, colour in _variables(LIGHT).items():
        body = body.replace(colour, f"var(--{variable})")
    head, _, rest = body.partition(">")
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{_escaped(alt)}">{rest}'


def _escaped(text: str) -> str:
    """Text that may stand in an attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _variables(theme: Theme) -> dict[str, str]:
    """The colours of a theme by the names that a style sheet gives them."""
    plain = {name: getattr(theme, name) for name in ("surface", "ink", "muted", "grid", "land", "sea", "coast")}
    return plain | {f"series-{number}": colour for number, colour in enumerate(theme.series, 1)}


def style_sheet(theme: Theme) -> str:
    """The colours of a theme as CSS declarations, for pages that hold its pictures."""
    return " ".join(f"--{name}: {colour};" for name, colour in _variables(theme).items())
