"""The parts of a project's page: which records stand in each, which of their fields, which dates are drawn."""

from collections.abc import Mapping

PAPERS = ("approval_document", "fire_review", "fire_acceptance", "property_registration", "completion_filing")
PARTS: tuple[tuple[str, tuple[str, str], tuple[str, ...]], ...] = (
    ("permits", ("许可与文件", "Permits and papers"), ("approval_document",)),
    ("fire", ("消防", "Fire protection"), ("fire_review", "fire_acceptance")),
    ("registry", ("土地与不动产", "Land and real estate"), ("parcel", "property_registration")),
    ("completion", ("竣工备案", "Completion"), ("completion_filing",)),
    ("units", ("单体与参建单位", "Works and participants"), ("unit_work", "participant")),
    ("opinions", ("征求意见与特别程序", "Consultations and special procedures"), ("consultation", "special_procedure")),
    ("materials", ("材料（免于重复提交）", "Papers held"), ("material",)),
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "approval_document": ("kind", "number", "title", "issuer", "issued_on", "valid_until", "status"),
    "fire_review": ("number", "works_name", "status", "decided_by", "decided_on", "opinion"),
    "fire_acceptance": ("kind", "number", "works_name", "status", "decided_by", "decided_on"),
    "parcel": ("number", "location", "area", "use", "right_nature"),
    "property_registration": ("business_number", "unit_number", "kind", "certificate_number", "registered_on"),
    "completion_filing": ("number", "works_name", "authority", "filed_on", "completed_on"),
    "unit_work": ("number", "name", "structure", "floor_area", "height", "floors_above"),
    "participant": ("role", "name", "uscc", "qualification", "manager", "manager_phone"),
    "consultation": ("department", "answered_at", "opinion"),
    "special_procedure": ("kind", "name", "item_number", "started_at", "limit_days"),
    "material": ("name", "certificate_name", "certificate_number", "category", "valid_until"),
}
DATES = ("issued_on", "decided_on", "registered_on", "filed_on")
