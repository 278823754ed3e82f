"""What web processes must know together, and nothing that leads to a person (limits.py and cache.py say how)."""

from __future__ import annotations

from django.db import models


class RateLimit(models.Model):
    """One budget that is not full now. A row whose instant passed says the same as no row."""

    key = models.BinaryField(primary_key=True, max_length=16)
    full_at = models.DateTimeField()

    class Meta:
        db_table = "rate_limit"  # outside of what people wrote: its rows come and go (access/grants.py)


class CacheEntry(models.Model):
    """One value of the cache, as JSON, under a keyed hash."""

    key = models.BinaryField(primary_key=True, max_length=32)
    value = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cache_entry"
