"""Writing many rows at once: the one way in which a batch reaches the database."""
