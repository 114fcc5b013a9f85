"""Files: CSV and XLSX in folders, over SFTP or on this machine; a file is taken when it is
complete, and once.
"""

from connectors.files.connector import FilesConnector

__all__ = ["FilesConnector"]
