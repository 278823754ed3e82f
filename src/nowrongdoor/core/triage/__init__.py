"""Assessment instruments: what they say about a case, never what the law finds."""
