"""Tests of what is done beside a contact and after it."""
