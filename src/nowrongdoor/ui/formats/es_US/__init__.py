"""Dates and numbers in the Spanish of the United States, where Django knows that of Spain alone."""
