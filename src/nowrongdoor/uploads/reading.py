"""What a file is, and its harmless part, worked out in this process: `apart` does so in one of its own."""

from __future__ import annotations

import dataclasses

from nowrongdoor.uploads import kinds, office, pdfs, pictures, refusing, texts


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """What became of a file: its kind, None where that could not be said; and its harmless part, or why there is
    none."""

    kind: kinds.Kind | None
    content: bytes | None = None
    refused: refusing.Refused | None = None

    def clean(self) -> tuple[kinds.Kind, bytes]:
        """Return its kind and its harmless part. refusing.Refused."""
        if self.refused is not None:
            raise self.refused
        assert self.kind is not None
        assert self.content is not None
        return self.kind, self.content


def look(name: str, content: bytes) -> Looked:
    """Look at a file. `name` is only asked whether a text is meant as a table, or as an e-mail or the like."""
    kind = None
    try:
        kind = kinds.of(content, name)
        return Looked(kind, CLEAN[kind](content))
    except refusing.Refused as problem:
        return Looked(kind, refused=problem)
    except MemoryError:
        return Looked(kind, refused=refusing.TakesTooMuch())


CLEAN = {
    kinds.Kind.PDF: pdfs.clean,
    kinds.Kind.PNG: pictures.clean_png,
    kinds.Kind.JPEG: pictures.clean_jpeg,
    kinds.Kind.TEXT: texts.clean,
    kinds.Kind.CSV: texts.clean_table,
    kinds.Kind.XLSX: office.clean,
    kinds.Kind.DOCX: office.clean,
}
