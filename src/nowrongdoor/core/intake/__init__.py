"""Reading import files: every row is taken or refused with its line, column and reason."""
