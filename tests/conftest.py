from tests.postgres import database_server, empty_database_url

__all__ = ["database_server", "empty_database_url"]
