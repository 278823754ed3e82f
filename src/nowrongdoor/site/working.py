"""`python -m nowrongdoor.site.working`: the worker, which routes signals and keeps the clocks."""

from __future__ import annotations

import os

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(concurrency=2, delete_jobs="successful", fetch_job_polling_interval=2)
