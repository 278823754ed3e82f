"""The dark theme: every color of the compiled styles becomes a custom property, with a second value for the dark.

The promise: no color of the light theme is left on a dark page. A color that this table does not know stops the build.
The dark value of a color is, as a rule, the one of its family whose grade is as far from black as the first is from
white, so that two colors keep their contrast (the design system's "magic number").
"""

from __future__ import annotations

import re

# Name: light, dark.
COLORS = {
    "white": ("#fff", "#1b1b1b"),
    "black": ("#000", "#fff"),
    "ink": ("#1b1b1b", "#f0f0f0"),
    "base-lightest": ("#f0f0f0", "#2a2a2a"),
    "gray-10": ("#e6e6e6", "#3a3a3a"),
    "gray-20": ("#c9c9c9", "#454545"),
    "gray-40": ("#919191", "#8d8d8d"),
    "gray-50": ("#757575", "#a0a0a0"),
    "gray-70": ("#454545", "#d0d0d0"),
    "base-lighter": ("#dfe1e2", "#3d4551"),
    "base-light": ("#a9aeb1", "#71767a"),
    "base": ("#71767a", "#a9aeb1"),
    "base-dark": ("#565c65", "#c6cace"),
    "base-darker": ("#3d4551", "#dfe1e2"),
    "primary-lightest": ("#eff6fb", "#16222e"),
    "primary-lighter": ("#d9e8f6", "#12304f"),
    "blue-20": ("#aacdec", "#1a4a78"),
    "primary-light": ("#73b3e7", "#24598c"),
    "primary": ("#005ea2", "#73b3e7"),
    "primary-dark": ("#1a4480", "#aacdec"),
    "primary-darker": ("#162e51", "#d9e8f6"),
    "focus": ("#2491ff", "#2491ff"),
    "visited": ("#54278f", "#d0b6f7"),
    "error-lighter": ("#f4e3db", "#4c2018"),
    "error": ("#d54309", "#e0612f"),
    "error-dark": ("#b50909", "#fd9aa8"),
    "error-darker": ("#6f3331", "#fbdcd8"),
    "danger": ("#d83933", "#f2938c"),
    "danger-dark": ("#8b0a03", "#f8c1b8"),
    "emergency": ("#9c3d10", "#f3966d"),
    "warning-lighter": ("#faf3d1", "#41330f"),
    "warning": ("#ffbe2e", "#c9971f"),
    "success-lighter": ("#ecf3ec", "#19331f"),
    "success": ("#00a91c", "#3aa84c"),
    "success-dark": ("#008817", "#5fc26e"),
    "info-lighter": ("#e7f6f8", "#0d3641"),
    "info-light": ("#99deea", "#1b6b7c"),
    "info-lightest": ("#e1f3f8", "#0d3641"),
    "info-line": ("#97d4ea", "#1b6b7c"),
    "info": ("#00bde3", "#1f9fba"),
    # What stays as it is: the head of the page and what is written on it, and paper under a picture.
    "head": ("#162e52", "#10213b"),
    "on-head": ("#fefefe", "#fefefe"),
    "paper": ("#fdfdfd", "#fdfdfd"),
}
_DECLARED = re.compile(r"\{[^{}]*\}")
_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


class UnknownColor(ValueError):
    """The styles use a color that the dark theme has no answer to."""

    def __init__(self, colors: set[str]) -> None:
        super().__init__(f"front/colors.py has no dark value for {', '.join(sorted(colors))}. Add them, or use others.")


def themed(css: str) -> str:
    """Return the styles with a custom property for each color, light by default and dark where a screen asks for it.
    UnknownColor."""
    names = {light: name for name, (light, _) in COLORS.items()}
    used: set[str] = set()

    def named(match: re.Match[str]) -> str:
        used.add(match[0].lower())
        return f"var(--{names.get(match[0].lower(), '')})"

    body = _DECLARED.sub(lambda block: _COLOR.sub(named, block[0]), css)
    if unknown := used - names.keys():
        raise UnknownColor(unknown)
    light, dark = (
        "".join(f"--{name}:{values[theme]};" for name, values in COLORS.items() if values[0] in used)
        for theme in (0, 1)
    )
    root = f":root{{color-scheme:light dark;{light}}}"
    # On paper it is light.
    return f"{root}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{body}"
