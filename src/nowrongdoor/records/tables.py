"""What this room tells the trail; it keeps no table."""

from __future__ import annotations

from nowrongdoor.audit import words

DECLARED = (words.Verb("discovery.collected", "collected the records of the case for discovery"),)
