"""Small words that templates need: durations, facts, roles."""

from __future__ import annotations

from django import template

register = template.Library()
