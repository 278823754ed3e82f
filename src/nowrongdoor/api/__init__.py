"""The one JSON API: /api/v1. A front end that composes what rooms offer, a module for each noun."""
