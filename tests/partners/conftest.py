from tests.filled import filled_template

__all__ = ["filled_template"]
