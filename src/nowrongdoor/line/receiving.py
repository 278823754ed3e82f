"""Taking what comes in by a program of ours, and not over HTTP."""

from __future__ import annotations

from django import db
from django.utils import timezone

from nowrongdoor.channels import protocol
from nowrongdoor.line import models, taking


def mail(provider: str, event: protocol.Event) -> None:
    """Take a mail; whatever goes wrong has it brought again. taking.NoSuchLine, django.db.Error."""
    db.close_old_connections()
    try:
        taking.take(provider, event, how=models.LineEvent.How.TOLD, at=timezone.now())
    finally:
        db.close_old_connections()
