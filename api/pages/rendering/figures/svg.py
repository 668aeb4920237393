"""Charts as SVG, with words of one size at any width.

Lengths across are shares of the image's width, so that a chart fits a phone and its words stay
readable there. Forms are told apart by fill and by dashes, never by colour.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from textwrap import wrap
from xml.etree import ElementTree as ET

NAMESPACE = "http://www.w3.org/2000/svg"
INK, GREY, PAPER = "#0b0c0c", "#b1b4b6", "#ffffff"
FILLS = (INK, GREY, PAPER)
"""Of the parts of a bar: dark, grey and white, each with an outline."""
FONT_PX, LINE_PX = 15, 19
LINE_CHARS = 38
"""The most characters of a line of words, which then fits a phone."""
BAR_PX, GAP_PX = 14, 14
LINES_PX, COLUMNS_PX = 270, 300
MULTIPLE_PX = 30
"""The height of each of several small charts, without its words."""
PLOT_PX = 220
"""The height of lines or columns, without the words below them."""


def bars(title: str, rows: Sequence[tuple[str, Sequence[int]]], nothing: str) -> bytes:
    """Return a bar for each row, its words above it; a part of it for each number.

    Without rows, `nothing` is said.
    """
    root = _chart(title, GAP_PX)
    longest = max((sum(numbers) for _, numbers in rows), default=0) or 1
    y = 0
    for words, numbers in rows:
        y += _paragraph(root, words, y) + 5
        starts = accumulate(numbers, initial=0)
        for start, number, fill in zip(starts, numbers, FILLS, strict=False):
            if number:
                _box(root, fill, x=start / longest, width=number / longest, y=y, height=BAR_PX)
        y += BAR_PX + GAP_PX
    y += 0 if rows else _paragraph(root, nothing, y)
    root.set("height", str(y + 5))
    return ET.tostring(root)


def lines(
    title: str, ends: tuple[str, str], series: Mapping[str, Sequence[int | None]], nothing: str
) -> bytes:
    """Return a line for each series, by its dashes, between the words of its two ends.

    A line is interrupted where there is no number.
    """
    root = _chart(title, LINES_PX)
    top = _round_up(max((n for numbers in series.values() for n in numbers if n), default=0))
    if not any(series.values()):
        _paragraph(root, nothing, 0)
        return ET.tostring(root)
    for height in (top, top // 2, 0):
        y = 20 + PLOT_PX - PLOT_PX * height // top
        _rule(root, y, GREY)
        _text(root, str(height), x="0", y=y - 4)
    plot = _draw(
        root, "svg", x=0, y=20, width="100%", height=PLOT_PX, overflow="visible",
        viewBox=f"0 0 100 {top}", preserveAspectRatio="none",
    )  # fmt: skip
    for dashes, numbers in series.items():
        for run in _runs(numbers):
            points = " ".join(f"{x:.4g},{top - number}" for x, number in run)
            _draw(
                plot, "polyline", points=points, fill="none", stroke=INK, stroke_width=2,
                stroke_dasharray=dashes, vector_effect="non-scaling-stroke",
            )  # fmt: skip
    _name_ends(root, *ends, LINES_PX - 8)
    return ET.tostring(root)


def _runs(numbers: Sequence[int | None]) -> Iterator[list[tuple[float, int]]]:
    """Yield each run of numbers with their places from 0 to 100; one alone is as wide as a step."""
    step = 100 / max(len(numbers) - 1, 1)
    for is_known, run in groupby(enumerate(numbers), lambda each: each[1] is not None):
        points = [(place * step, number) for place, number in run if number is not None]
        if len(points) == 1:
            (at, number), half = points[0], step / 2 if len(numbers) > 1 else step
            points = [(max(at - half, 0), number), (min(at + half, 100), number)]
        if is_known:
            yield points


def columns(
    title: str, ends: tuple[str, str], up: Sequence[int], down: Sequence[int], nothing: str
) -> bytes:
    """Return a dark column up and a grey one down for each pair, to one scale."""
    root = _chart(title, COLUMNS_PX)
    top = max(*up, *down, 0, 0)
    if not top:
        _paragraph(root, nothing, 0)
        return ET.tostring(root)
    middle, half, wide = 20 + PLOT_PX // 2, PLOT_PX // 2, 1 / len(up)
    for y, words in ((middle - half, str(top)), (middle + half, str(top))):
        _rule(root, y, GREY)
        _text(root, words, x="0", y=y - 4 if y < middle else y + 18)
    for place, (rising, falling) in enumerate(zip(up, down, strict=True)):
        x, width = (place + 0.15) * wide, 0.7 * wide
        high, low = half * max(rising, 0) // top, half * max(falling, 0) // top
        if high:
            _box(root, INK, x=x, width=width, y=middle - high, height=high)
        if low:
            _box(root, GREY, x=x, width=width, y=middle, height=low)
    _rule(root, middle, INK)
    _name_ends(root, *ends, COLUMNS_PX - 8)
    return ET.tostring(root)


def multiples(
    title: str, ends: tuple[str, str], rows: Sequence[tuple[str, Sequence[int]]], nothing: str
) -> bytes:
    """Return a row of columns for each series, its words above it, all to one scale."""
    root = _chart(title, GAP_PX)
    top = max((max(numbers, default=0) for _, numbers in rows), default=0) or 1
    y = 0
    for words, numbers in rows:
        y += _paragraph(root, words, y) + 5 + MULTIPLE_PX
        wide = 1 / len(numbers)
        for place, number in enumerate(numbers):
            if number:
                height = max(MULTIPLE_PX * number // top, 1)
                _box(root, GREY, x=place * wide, width=wide, y=y - height, height=height)
        _rule(root, y, INK)
        y += GAP_PX
    if rows:
        _name_ends(root, *ends, y + FONT_PX)
        y += LINE_PX
    else:
        y += _paragraph(root, nothing, y)
    root.set("height", str(y + 5))
    return ET.tostring(root)


def _chart(title: str, height: int) -> ET.Element:
    root = ET.Element("svg", xmlns=NAMESPACE, width="100%", height=str(height))
    ET.SubElement(root, "title").text = title
    _draw(root, "rect", width="100%", height="100%", fill=PAPER)
    return root


def _draw(parent: ET.Element, name: str, **attributes: str | int) -> ET.Element:
    """Add an element; underscores in the names of attributes stand for hyphens."""
    named = {key.replace("_", "-"): str(value) for key, value in attributes.items()}
    return ET.SubElement(parent, name, named)


def _text(parent: ET.Element, words: str, x: str, y: int, anchor: str = "start") -> ET.Element:
    text = _draw(
        parent, "text", x=x, y=y, fill=INK, text_anchor=anchor, font_size=FONT_PX,
        font_family="arial, sans-serif",
    )  # fmt: skip
    text.text = words
    return text


def _paragraph(parent: ET.Element, words: str, y: int) -> int:
    """Write words in as many lines as they need; return the height of these."""
    lines_of = wrap(words, LINE_CHARS)
    text = _text(parent, words, x="0", y=y + FONT_PX)
    if len(lines_of) > 1:
        text.text = None
        for number, line in enumerate(lines_of):
            _draw(text, "tspan", x="0", y=y + FONT_PX + number * LINE_PX).text = line
    return len(lines_of) * LINE_PX


def _box(parent: ET.Element, fill: str, *, x: float, width: float, y: int, height: int) -> None:
    left, wide = f"{100 * x:.4g}%", f"{100 * width:.4g}%"
    _draw(parent, "rect", x=left, width=wide, y=y, height=height, fill=fill, stroke=INK)


def _rule(parent: ET.Element, y: int, stroke: str) -> None:
    _draw(parent, "line", x1=0, x2="100%", y1=y, y2=y, stroke=stroke)


def _name_ends(parent: ET.Element, first: str, last: str, y: int) -> None:
    """Name the first and the last place of an axis."""
    if first != last:
        _text(parent, first, x="0", y=y)
    _text(parent, last, x="100%", y=y, anchor="end")


def _round_up(number: int) -> int:
    """Return the next even number with one or two digits before its zeros; at least 2."""
    step = 2 * int(10 ** max(len(str(number)) - 2, 0))
    return max(-(-number // step) * step, 2)
