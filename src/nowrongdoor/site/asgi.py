"""Where the web server comes in."""

import multiprocessing
import os
import signal
import threading
import warnings

from django.core.asgi import get_asgi_application

from nowrongdoor.access import edge

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
django = get_asgi_application()  # before anything that needs its tables

from nowrongdoor.site import events  # noqa: E402

application = edge.guard(events.beside(django))
