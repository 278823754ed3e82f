"""The floor: working on the line in the browser, and what providers say over HTTP."""
