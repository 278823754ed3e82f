"""What every page knows of notifications: how many the viewer has not seen."""

from __future__ import annotations

from django import http
from django.utils import functional

from nowrongdoor.access import viewers
from nowrongdoor.notifications import queries


def unseen(request: http.HttpRequest) -> dict[str, object]:
    """Give every template the count, which is read where it is shown, and nowhere else."""
    viewer: viewers.Viewer | None = getattr(request, "viewer", None)
    if viewer is None or viewer.user_id is None:
        return {}
    return {"unseen": functional.SimpleLazyObject(lambda: queries.unseen(viewer))}
