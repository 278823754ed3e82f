"""What travels as styles: only what pages use, in colors that have a dark value."""

from __future__ import annotations

import gzip
import importlib.util
import pathlib
import re
import types

import pytest

import nowrongdoor

SOURCE = pathlib.Path(nowrongdoor.__file__).parent
FRONT = SOURCE.parents[1] / "front"
SHEET = SOURCE / "ui" / "static" / "nwd" / "styles.css"
FIRST_LOAD = 100_000  # bytes, compressed


def front(name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, FRONT / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


colors, trimming = front("colors"), front("trimming")


def test_a_rule_that_no_page_names_is_left_out() -> None:
    css = ".a,.b:is(.c,.d){color:#fff}@media print{.b{top:0}.a{left:0}}@font-face{x:y}p{margin:0}"
    assert (
        trimming.used(css, frozenset({"a"}), ()) == ".a{color:#fff}@media print{.a{left:0}}@font-face{x:y}p{margin:0}"
    )
    assert trimming.used(css, frozenset({"a", "b", "c", "d"}), ()) == css


def test_a_class_whose_end_is_filled_in_is_kept() -> None:
    assert trimming.is_known("usa-alert--error", frozenset(), ("usa-alert--",))
    assert not trimming.is_known("usa-alert", frozenset(), ("usa-alert--",))


def test_the_words_of_a_page_are_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "page.html").write_text('<p class="one two usa-alert--{{ kind }}">')
    (tmp_path / "page.css").write_text(".three {}")
    known, beginnings = trimming.words([tmp_path])
    assert {"one", "two"} <= known
    assert "three" not in known
    assert beginnings == ("usa-alert--",)


def test_every_color_has_a_dark_value_and_paper_stays_light() -> None:
    themed = colors.themed("p{color:#1b1b1b;background:#fff}#fff{top:0}")
    assert "p{color:var(--ink);background:var(--white)}#fff{top:0}" in themed
    assert "--ink:#1b1b1b" in themed
    assert "@media screen and (prefers-color-scheme:dark){:root{--white:#1b1b1b;--ink:#f0f0f0;}}" in themed


def test_a_color_without_a_dark_value_stops_the_build() -> None:
    with pytest.raises(colors.UnknownColor, match="#123456"):
        colors.themed("p{color:#123456}")


def test_two_colors_keep_their_contrast_in_the_dark() -> None:
    """WCAG 1.4.3 and 1.4.11, for what stands on what in the components; axe looks at the pages themselves."""
    pairs = [
        *(("ink", ground) for ground in ("white", "base-lightest", "base-lighter", "primary-lighter", "info-lighter")),
        *(("ink", ground) for ground in ("error-lighter", "warning-lighter", "success-lighter", "info-lightest")),
        *(("primary", ground) for ground in ("white", "base-lightest", "info-lighter", "warning-lighter")),
        *(("base-dark", ground) for ground in ("white", "base-lightest")),
        *(("error-dark", "white"), ("visited", "white"), ("white", "primary"), ("white", "danger")),
        *(("white", "emergency"), ("error-darker", "error-lighter"), ("on-head", "head")),
    ]
    for theme in (0, 1):
        weak = [
            (text, ground)
            for text, ground in pairs
            if _contrast(colors.COLORS[text][theme], colors.COLORS[ground][theme]) < 4.5
        ]
        assert weak == [], theme


def test_every_class_of_the_design_system_that_a_page_names_has_its_rule() -> None:
    sheet = SHEET.read_text()
    known = set(re.findall(r"\.(usa-[\w-]+)", sheet))
    named: set[str] = set()
    for file in (SOURCE / "templates").rglob("*.html"):
        for classes in re.findall(r'class="([^"]*)"', re.sub(r"\{%.*?%\}", " ", file.read_text())):
            named |= {each for each in classes.split() if re.fullmatch(r"usa-[\w-]+(?<!-)", each)}
    assert len(named) > 50
    # Hooks without a look of their own here.
    plain = {"usa-card__footer", "usa-in-page-nav__item", "usa-alert__heading", "usa-summary-box__body"}
    assert named - known - plain == set()


def test_a_first_visit_stays_small() -> None:
    """A page of a visitor: its styles and its picture. Scripts are for people who work here."""
    sheet = len(gzip.compress(SHEET.read_bytes(), mtime=0))
    assert sheet < 15_000
    everything = sum(len(gzip.compress(each.read_bytes(), mtime=0)) for each in _files())
    assert everything < FIRST_LOAD


def _files() -> list[pathlib.Path]:
    return [each for each in SHEET.parent.rglob("*") if each.is_file() and each.suffix != ".gz"]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    digits = color.removeprefix("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = ((each / 12.92) if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
