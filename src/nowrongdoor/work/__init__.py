"""The queue: what is done later, by whom, and how a worker keeps its connections."""
