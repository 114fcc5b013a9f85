"""工程建设项目审批管理系统: an exchange database with the national tables, and the receiver behind it."""

from sandbox.approval.service import Approval

__all__ = ["PARTNER"]

PARTNER = Approval
