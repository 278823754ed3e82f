"""Services that help people: what each asks of whoever comes, and who can be taken in now."""
