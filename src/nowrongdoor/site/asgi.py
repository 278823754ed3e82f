"""Where the web server comes in."""

import os
import warnings

from django.core.asgi import get_asgi_application

from nowrongdoor.access import edge

# The front end's few small files are read at once, which is quick; there is nothing to be warned of.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
django = get_asgi_application()  # before anything that needs its tables

from nowrongdoor.site import events  # noqa: E402

application = edge.guard(events.beside(django))
