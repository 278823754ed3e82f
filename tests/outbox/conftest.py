"""Mail goes to a real server in these tests."""

from __future__ import annotations

from tests.outbox.sending import post

__all__ = ["post"]
