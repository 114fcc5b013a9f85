"""The platform's own spelling of projects and results."""

import json
from collections.abc import Iterator

from sandbox.spelling import mixed_date, seconds
from sandbox.state import Record
from sandbox.world.life_record import Life
from sandbox.world.records import Document, Need, Party, Project

APPROVAL_KINDS = {1: "A00001", 2: "A00002", 3: "A00003"}
IN_HAND, VOID = "1", "3"
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
YUAN_PER_UNIT = 10_000  # 万元


def _code(project: Project) -> str:
    """Spell the code as clerks type it: mostly right, some with a blank behind it, a few in wide
    digits.
    """
    if project.malformed:
        return project.code
    if project.index % 41 == 7:  # noqa: PLR2004  any residue serves
        return project.code.translate(WIDE)
    # likewise
    return project.code + " " if project.index % 11 == 3 else project.code  # noqa: PLR2004


def _region(project: Project) -> str:
    return project.region_code + ("", "000", "000000")[project.index % 3]


def _industry(project: Project) -> str:
    """Spell the industry in one of three ways: E4710, 4710, E47X."""
    full = project.industry
    return (full, full, full[1:], full[:3] + "X")[project.index % 4]


def _owners(project: Project) -> str:
    """Spell the owners, the leading one first: JSON in text."""
    owners = [project.owner, *([project.co_owner] if project.co_owner else [])]
    return json.dumps([_owner(project, owner) for owner in owners], ensure_ascii=False)


def _owner(project: Project, owner: Party) -> Record:
    # any residue serves
    spelled = owner.uscc.lower() if project.index % 13 == 5 else owner.uscc  # noqa: PLR2004
    return {
        "enterpriseName": owner.name,
        "lerepCerttype": "A05300",
        "lerepCertno": spelled,
        "unitType": str(owner.kind),
        "lerepName": owner.legal_person,
        "contactName": owner.manager,
        "contactTel": owner.phone,
    }


def _needs(needs: tuple[Need, ...]) -> Record:
    """Spell what the project wants of the utilities: flat for power, JSON in text for the
    others.
    """
    power = next((need for need in needs if need.utility == "power"), None)
    others = [need for need in needs if need.utility != "power"]
    return {
        "isusepower": "1" if power else "0",
        "powercap": str(power.amount) if power else None,
        "powertime": f"{power.wanted_on:%Y-%m-%d}" if power else None,
        "szxq": json.dumps([{"type": need.utility, "amount": str(need.amount)} for need in others])
        if others
        else None,
    }


def project_record(project: Project, needs: tuple[Need, ...]) -> Record:
    """Give one project as the platform serves it."""
    return {
        "id": project.index + 1,
        "xmdm": _code(project),
        "xmmc": project.name,
        "xmlx": APPROVAL_KINDS[project.approval_kind],
        "jsxz": str(project.nature),
        "gbhy": _industry(project),
        "zjly": str(project.funding),
        "ztze": f"{project.total_investment / YUAN_PER_UNIT:f}",
        "nkgsj": mixed_date(project.planned_start, project.index),
        "njcsj": mixed_date(project.planned_end, project.index),
        "xzqhdm": _region(project),
        "jsdd": project.address,
        "jsgm": project.scale,
        "ydmj": f"{project.land_area:f}",
        "jzmj": f"{project.floor_area:f}",
        "lerepInfo": _owners(project),
        **_needs(needs),
        "sbsj": f"{project.registered_on:%Y-%m-%d} 00:00:00.0",
        "xmzt": VOID if project.void else IN_HAND,
        "sfsm": "0",
        "sjyxbs": "0" if project.withdrawn else "1",
        "gxsj": seconds(project.updated_at),
    }


def result_records(life: Life) -> Iterator[Record]:
    """Give the filing, verification or approval result of a project, once there is one; all values
    are text.
    """
    for document in life.documents:
        if document.kind == "project_approval":
            yield _result(life.project, document)


def _result(project: Project, document: Document) -> Record:
    return {
        "DEAL_CODE": project.code,
        "APPLY_PROJECT_NAME": project.name,
        "APPROVAL_NUM": document.number,
        "APPROVAL_TITLE": document.title,
        "APPROVAL_DEPT": document.issuer.name,
        "APPROVAL_DEPT_CODE": document.issuer.uscc,
        "ITEM_INSTANCE": document.item_number,
        "REAL_FINISH_TIME": f"{document.issued_on:%Y-%m-%d} 00:00:00.0",
        "OBTAINRESULT": "1",
        # the code of a filing
        "OBTAINOPINION": "予以备案" if project.approval_kind == 3 else "同意",  # noqa: PLR2004
        "PROJECT_TYPE": str(project.nature),
        "IS_VALIDITY": "0" if document.void else "1",
        "EXCHANGE_TIME": seconds(document.updated_at),
    }
