"""A language that nobody speaks, made from the catalog: each sentence in brackets, with accents on its letters and
longer by two fifths. What stands on a page without brackets cannot be translated; what no longer fits was made for
English.

`python -m tests.languages.pseudo <folder>` makes the country's folder with this language, to look at:
`NWD_COUNTRY=<folder> NWD_VAR=<another folder> nwd up`, then choose it at the foot of a page.
"""

from __future__ import annotations

import importlib.util
import pathlib
import re
import shutil
import sys
from collections.abc import Iterator, Mapping

from babel.messages import catalog, pofile
from front import catalogs

from nowrongdoor import jurisdictions
from nowrongdoor.core import country_words, language, public_words

CODE = "qps"  # of those that ISO 639 leaves for private use
OPENS, CLOSES = "⟦", "⟧"
_ACCENTS = str.maketrans("aeiouyAEIOUYcnsCNS", "áéíóúýÁÉÍÓÚÝçñšÇÑŠ")
# What a program puts something into, or reads: it stays as it is.
_STAYS = re.compile(r"(%\(\w+\)[sd]|%[sdr%]|\{[^{}]*\}|<[^<>]+>|&\w+;|\\\w|`[^`]*`|\s+|--[\w-]+)")
LONGER = 0.4
WORD = 14


def said(message: str) -> str:
    """A sentence as the language says it."""
    core = message.strip()
    before, _, after = message.partition(core)
    parts = [part if _STAYS.fullmatch(part) else part.translate(_ACCENTS) for part in _STAYS.split(core)]
    return f"{before}{OPENS}{''.join(parts)} {_longer(round(LONGER * len(core)))}{CLOSES}{after}"


def _longer(by: int) -> str:
    """So many more letters, in long words: a line breaks between them, and in none."""
    words, rest = divmod(by, WORD + 1)
    return " ".join(["~" * WORD] * words + ["~" * max(rest, 1)])


def whole() -> catalog.Catalog:
    """Every sentence of the product, and those of the frameworks whose pages we show."""
    kept = catalog.Catalog(locale=None, charset="utf-8", fuzzy=False)
    messages = [*catalogs.found(), *_of("django"), *_of("allauth")]
    for message in messages:
        if message.id:
            one, *many = (message.id,) if isinstance(message.id, str) else message.id
            string = tuple(said(each) for each in (one, *many)) if many else said(one)
            kept.add(message.id, string, context=message.context)
    return kept


def _of(package: str) -> Iterator[catalog.Message]:
    place = importlib.util.find_spec(package)
    assert place
    assert place.origin
    for file in sorted(pathlib.Path(place.origin).parent.rglob("locale/en/LC_MESSAGES/django.po")):
        with file.open("rb") as opened:
            yield from pofile.read_po(opened)


def public() -> catalog.Catalog:
    """What public pages say, and no more."""
    kept = catalog.Catalog(locale=None, charset="utf-8", fuzzy=False)
    for each in public_words.sentences():
        message = (each.one, each.many) if each.many else each.one
        string = (said(each.one), said(each.many)) if each.many else said(each.one)
        kept.add(message, string, context=each.context or None)
    return kept


def public_country(folder: pathlib.Path, kept: catalog.Catalog) -> pathlib.Path:
    """A folder of the shipped country whose public pages, and no others, are offered in this language, with these
    sentences."""
    shutil.copytree(pathlib.Path(str(jurisdictions.folder())), folder)
    settings = folder / "country.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("public_languages = [", f'public_languages = ["{CODE}", '), encoding="utf-8")
    place = folder / "locale" / language.PUBLIC / CODE / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.mo").write_bytes(catalogs.compiled(kept))
    _put_words(folder, {key: words for key, words in country_words.originals().items() if country_words.is_public(key)})
    return folder


def country(folder: pathlib.Path) -> pathlib.Path:
    """A folder of the shipped country whose pages are offered in this language too."""
    shutil.copytree(pathlib.Path(str(jurisdictions.folder())), folder)
    settings = folder / "country.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"es-us"]', f'"es-us", "{CODE}"]'), encoding="utf-8")
    place = folder / "locale" / CODE / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.mo").write_bytes(catalogs.compiled(whole()))
    _put_words(folder, country_words.originals())
    return folder


def _put_words(folder: pathlib.Path, originals: Mapping[str, str]) -> None:
    words = ['version = "2026.1"']
    for key, original in originals.items():
        if key == country_words.MOMENT:
            words.append(f'{key} = "{original}"')
        elif original:
            path = ".".join(f'"{part}"' for part in key.split("."))
            escaped = said(original).replace("\\", "\\\\").replace('"', '\\"')
            words.append(f'{path} = "{escaped}"')
    (folder / "words" / f"{CODE}.toml").write_text("\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    print(country(pathlib.Path(sys.argv[1])))
