"""The words of a mail that was written as HTML, without its pictures, scripts and style sheets.

What a style sheet hides from a reader is read all the same: words too many are better than words that are lost.

The promise: it takes time in proportion to what came, and no text stops it. The standard library's parser needs half a
minute for 50 KB of "<a <a <a", and raises for "<![<!["; anybody may send us either.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# A line of its own. Cells of a table stay apart by a space.
_SECTIONS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "div",
    "fieldset",
    "footer",
    "form",
    "header",
    "main",
}
_TEXTS = {"br", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "nav", "p", "pre", "section"}
_LISTS = {"caption", "dd", "dl", "dt", "li", "ol", "table", "tbody", "tfoot", "thead", "tr", "ul"}
BLOCKS = frozenset(_SECTIONS | _TEXTS | _LISTS)
CELLS = frozenset({"td", "th"})
# What stands between these is not for a reader.
UNSEEN = frozenset({"head", "noscript", "script", "style", "template", "title"})

# A name goes on until a space, a slash or the end of its tag: a "header" is no "head".
_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE | re.ASCII) for name in sorted(UNSEEN)}
_LINK = re.compile(r"""\shref\s*=\s*["']?(https?://[^\s"'<>]{1,500})""", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s*=\s*(?:"([^"]{1,500})"|'([^']{1,500})')""", re.IGNORECASE)
_LONGEST_TAG = 4_000  # of which attributes are read; a picture may stand inside of its tag


def text(source: str) -> str:
    """Return what a reader would see of HTML: lines for blocks, addresses after links, words for pictures."""
    written = html.unescape("".join(_pieces(source)))
    lines = (" ".join(line.split()) for line in written.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(source: str) -> Iterator[str]:
    """Yields text and what stands for tags. Each search goes on from where the last one ended, and what is not there
    once is not looked for again."""
    at, link = 0, ""
    endless = set[str]()
    while (start := source.find("<", at)) >= 0:
        yield _flowing(source[at:start])
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            at = len(source) if end < 0 else end + 3
            continue
        name = _NAME.match(source, start)
        if not name and not source.startswith(("<!", "<?"), start):
            yield "<"
            at = start + 1
            continue
        end = source.find(">", start)
        if end < 0:  # no further tag ends
            yield _flowing(source[start:])
            return
        at = end + 1
        if not name:
            continue
        kind, tag = name[1].lower(), source[start : min(end, start + _LONGEST_TAG)]
        is_end = tag.startswith("</")
        if kind in UNSEEN and not is_end and kind not in endless:
            if closing := _CLOSING[kind].search(source, at):
                at = closing.start()
            elif kind == "head":  # one that never ends would hide all of it
                endless.add(kind)
            else:
                return
        elif kind in BLOCKS:
            yield "\n"
        elif kind in CELLS:
            yield " "
        elif kind == "img" and (words := _ALT.search(tag)):
            yield f" {words[1] or words[2]} "
        elif kind == "a":
            if is_end:
                yield f" ({link})" if link else ""
                link = ""
            elif address := _LINK.search(tag):
                link = address[1]
    yield _flowing(source[at:])


def _flowing(words: str) -> str:
    """Line breaks of the source mean nothing."""
    return words.replace("\r", " ").replace("\n", " ")
