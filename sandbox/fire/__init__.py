"""The fire authority: design review, acceptance and filing of fire protection, over SOAP."""

from sandbox.fire.partner import Fire

PARTNER = Fire
