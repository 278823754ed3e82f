"""The line: who has each contact, and until when it waits."""
