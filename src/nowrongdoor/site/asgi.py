"""Where the web server comes in."""

import os

from django.core.asgi import get_asgi_application

from nowrongdoor.access import edge

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
application = edge.guard(get_asgi_application())
