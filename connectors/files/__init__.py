"""Files: CSV and XLSX in folders, by SFTP or local; each is read once, when it is complete."""

from connectors.files.connector import FilesConnector

__all__ = ["FilesConnector"]
