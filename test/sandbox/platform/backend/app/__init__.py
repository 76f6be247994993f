"""AI Migration Platform backend: API, worker, state manager, migrations and retention in one package."""
