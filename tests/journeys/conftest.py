"""The browser's driver runs an event loop in the test's own thread, which Django takes for asynchronous code."""

import os

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
