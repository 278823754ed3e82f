"""What is kept about who knocks: a budget's instant, and nothing that leads to a person (limits.py says how)."""

from __future__ import annotations

from django.db import models


class RateLimit(models.Model):
    """One budget that is not full now. A row whose instant passed says the same as no row."""

    key = models.BinaryField(primary_key=True, max_length=16)
    full_at = models.DateTimeField()

    class Meta:
        db_table = "rate_limit"  # outside of what people wrote: its rows come and go (access/grants.py)
