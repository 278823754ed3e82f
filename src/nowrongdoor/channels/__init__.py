"""Telephone, text and mail, whichever provider carries them: what comes in, what goes out, what is still there."""
