from tests.chromium import browser
from tests.postgres import database_server, empty_database_url

__all__ = ["browser", "database_server", "empty_database_url"]
