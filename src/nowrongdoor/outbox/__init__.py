"""Everything that leaves the installation by itself: one table, one way of delivering, one page of what came of it."""
