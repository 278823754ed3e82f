"""Where the web server comes in."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
application = get_asgi_application()
