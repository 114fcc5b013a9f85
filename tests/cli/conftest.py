from tests.filled import filled, filled_template

__all__ = ["filled", "filled_template"]
