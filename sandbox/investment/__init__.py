"""投资项目在线审批监管平台: gives the project code; REST/JSON with signed requests."""

from sandbox.investment.service import Investment

__all__ = ["PARTNER"]

PARTNER = Investment
