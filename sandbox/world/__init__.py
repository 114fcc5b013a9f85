"""A made-up world around real project codes, deterministic by seed, index and tick."""

from sandbox.world.life import World

__all__ = ["World"]
