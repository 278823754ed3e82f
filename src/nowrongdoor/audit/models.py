"""What was done: one event for every verb, written in the verb's own transaction.

The promise: the trail only grows. The run-time role may insert and read, nothing else, and no foreign key ties an
event to a row that might go.
"""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One verb, by whom, for which agency, on which row, when."""

    at = models.DateTimeField()
    verb = models.CharField(max_length=40)
    agency_id = models.UUIDField()
    by_id = models.UUIDField(null=True)  # None: a rule or a clock did it
    case_id = models.UUIDField(null=True)
    subject_id = models.UUIDField()
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "nowrongdoor_auditevent"
        indexes = [
            models.Index(fields=["case_id", "at", "id"], name="audit_event_of_case"),
        ]
