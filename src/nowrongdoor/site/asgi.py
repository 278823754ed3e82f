"""Where the web server comes in."""

import multiprocessing
import os
import signal
import threading
import warnings

import django
from asgiref.sync import sync_to_async
from django import http
from django.core.handlers.asgi import ASGIHandler

from nowrongdoor.access import edge
from nowrongdoor.operating import serving

# The front end's few small files are read at once, which is quick; there is nothing to be warned of.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


def _end_with_the_parent() -> None:
    """Ends this process when the one that started it is gone: alone it would keep the port and answer for nobody."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


if multiprocessing.parent_process() is not None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
django.setup(set_prefix=False)  # before anything that needs its tables

from nowrongdoor.site import events, probes  # noqa: E402


class Pages(ASGIHandler):
    """The pages, all of which are plain functions: a request goes once to a thread, and through every middleware there.
    Django's own handler would go back and forth between the thread and the loop, which costs as much as some pages."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001  Django's own signature
        """Chain plain functions, whatever this is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: http.HttpRequest) -> http.HttpResponseBase:
        """Answer on the thread that this request has to itself."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


application = edge.guard(probes.beside(events.beside(Pages())))
serving.spare_what_is_loaded()
