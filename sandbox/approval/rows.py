"""A life, told in rows of the exchange database."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal

from sandbox.world.plan import KINDS
from sandbox.world.records import Authority, ConstructionPermit, Life, Project

Row = dict[str, object]
TEN_THOUSAND = 10_000  # yuan in 万元
ROLES = {"owner": 1, "construction": 2, "survey": 3, "design": 4, "supervision": 5}
ON_REVIEW = ("owner", "survey", "design")
NEEDS = {"power": "RDRL", "water": "YSL", "gas": "YQL", "heat": "RFH"}
NEVER = datetime(9999, 1, 1)  # noqa: DTZ001  the columns have no zone
BUILDING_CLASS, LINEAR_CLASS = 31, 21


def _at(when: datetime | date | None) -> datetime | None:
    """Give a time as the database keeps it: Beijing time without a zone."""
    if when is None:
        return None
    return (
        when.replace(tzinfo=None) if isinstance(when, datetime) else datetime.combine(when, time())
    )


def _units(amount: Decimal) -> Decimal:
    return amount / TEN_THOUSAND


def _point(longitude: Decimal, latitude: Decimal) -> str:
    return f"{longitude},{latitude}"


def _flow(project: Project) -> Row:
    version = Decimal("1.0") if project.index % 2 else Decimal(1)
    return {"SPLCBM": f"{project.region_code}SPLC{project.flow_kind:02d}", "SPLCBBH": version}


def _owner(project: Project) -> Row:
    owner = project.owner
    return {"JSDW": owner.name, "JSDWDM": owner.uscc, "JSDWLX": owner.kind}


def _projects(life: Life) -> Iterator[Row]:
    project = life.project
    if project.withdrawn:
        return
    finished = life.completion_filings[0].filed_on if life.completion_filings else None
    permit = bool(life.construction_permits)
    yield {
        **_flow(project),
        **_owner(project),
        **({NEEDS[need.utility]: need.amount for need in life.needs} if permit else {}),
        "JRSJ": _at(life.needs[0].wanted_on) if permit and life.needs else None,
        "XMDM": project.code,
        "XMMC": project.name,
        "GCFL": LINEAR_CLASS if project.linear else BUILDING_CLASS,
        "LXLX": project.approval_kind,
        "JSXZ": project.nature,
        "XMZJSX": project.funding,
        "GBHY": project.industry,
        "GBHYDMFBND": "2017",
        "NKGSJ": _at(project.planned_start),
        "NJCSJ": _at(project.planned_end),
        "ZTZE": _units(project.total_investment),
        "JSDD": project.address,
        "JSDDXZQH": project.region_code,
        "JSGMJNR": f"建设规模：{project.scale}",
        "SBSJ": _at(project.registered_on),
        "GCFW": "全部工程",
        "XMTZLY": project.funding,
        "TDHQFS": project.land_acquired_by,
        # the code for land granted with a design
        "TDSFDSJFA": int(project.flow_kind == 5),  # noqa: PLR2004
        "SFWCQYPG": project.index % 2,
        "SPLCLX": project.flow_kind,
        "XMSFWQBJ": int(finished is not None),
        "XMWQBJSJ": _at(finished),
        "XMJWDZB": _point(project.longitude, project.latitude),
        "SFXXGC": int(project.linear),
        "CD": project.length,
        "YDMJ": project.land_area,
        "JZMJ": project.floor_area,
        "GXSJ": _at(project.updated_at),
    }


def _unit_works(life: Life) -> Iterator[Row]:
    permit = next(
        (document for document in life.documents if document.kind == "planning_permit"), None
    )
    for work in life.unit_works if permit else ():
        yield {
            "XMDM": life.project.code,
            "SPSXSLBM": permit.item_number if permit else None,
            "XKBABH": permit.number if permit else None,
            "DTMC": work.name,
            "DTBM": work.number,
            "GCYT": work.use,
            "GMZB": f"{work.floor_area}平方米",
            "JGTX": work.structure,
            "NHDJ": work.fire_rating,
            "JZFS": 1,
            "DTJWDZB": _point(work.longitude, work.latitude),
            "DTGCZZJ": _units(work.cost),
            "JZMJ": work.floor_area,
            "DSJZMJ": work.area_above,
            "DXJZMJ": work.area_below,
            "ZDMJ": work.footprint,
            "JZGCGD": work.height,
            "DSCS": str(work.floors_above),
            "DXCS": str(work.floors_below),
            "CD": life.project.length,
            "GXSJ": _at(work.updated_at),
        }


def _parties(life: Life) -> Iterator[Row]:
    for document in life.documents:
        if document.void or document.kind not in {"drawing_review", "construction_permit"}:
            continue
        for party in life.parties:
            if document.kind == "drawing_review" and party.role not in ON_REVIEW:
                continue
            yield {
                "XMDM": life.project.code,
                "SPSXSLBM": document.item_number,
                "XKBABH": document.number,
                "DWLX": ROLES[party.role],
                "DWMC": party.name,
                "DWTYSHXYDM": party.uscc,
                "ZZDJ": party.qualification,
                "FDDBR": party.legal_person,
                "FZRXM": party.manager,
                "FZRLXDH": party.phone,
                "GXSJ": _at(document.updated_at),
            }


def _stages(life: Life) -> Iterator[Row]:
    for stage in life.stages:
        yield {
            **_flow(life.project),
            "SPJDBM": f"{stage.flow_code}{stage.ordinal:02d}",
            "SPJDMC": stage.name,
            "SPJDXH": stage.ordinal,
            "DYBZSPJDXH": str(stage.ordinal),
            "SPJDSX": stage.limit_days,
            "BLSPSLBM": stage.number,
            "SQSJ": _at(stage.applied_at),
            "BJSJ": _at(stage.finished_at),
            "GXSJ": _at(stage.updated_at),
        }


def _items(life: Life) -> Iterator[Row]:
    for item in life.items:
        yield {
            **_flow(life.project),
            "SPSXBM": item.local_code,
            "SPSXBBH": Decimal(1),
            "SPSXSLBM": item.number,
            "SPSXMC": item.name,
            "DYBZSPSXBM": item.standard_code,
            "SPBMBM": item.authority.uscc,
            "SPBMMC": item.authority.name,
            "SLFS": item.channel,
            "GKFS": 1,
            "BLSPSLBM": item.stage_number,
            "SXBLSX": item.limit_days,
            "LXR": life.project.owner.manager,
            "LXRSJH": life.project.owner.phone,
            "SXGZCNZSPQK": str(int(item.commitment)),
            "GXSJ": _at(item.applied_at),
        }


def _steps(life: Life) -> Iterator[Row]:
    for step in life.steps:
        yield {
            "SPSXSLBM": step.item_number,
            "BLCS": step.authority.office,
            "BLR": step.officer,
            "BLZT": step.status,
            "BLYJ": step.opinion,
            "BLSJ": _at(step.at),
            "DWMC": step.authority.name,
            "DWTYSHXYDM": step.authority.uscc,
            "SJLY": "工改系统",
            "GXSJ": _at(step.at),
        }


def _consultations(life: Life) -> Iterator[Row]:
    for opinion in life.consultations:
        yield {
            "SPSXSLBM": opinion.item_number,
            "BLDWDM": opinion.authority.uscc,
            "BLDWMC": opinion.authority.name,
            "FKSJ": _at(opinion.answered_at),
            "BLR": opinion.officer,
            "FKYJ": opinion.opinion,
            "FJMC": f"{opinion.authority.name}征求意见反馈表.pdf",
            "GXSJ": _at(opinion.answered_at),
        }


def _special_procedures(life: Life) -> Iterator[Row]:
    for special in life.special_procedures:
        yield {
            "SPSXSLBM": special.item_number,
            "TBCX": special.kind,
            "TBCXMC": special.name,
            "TBCXKSSJ": _at(special.started_at),
            "TBCXSXLX": 1,
            "TBCXSX": special.limit_days,
            "GXSJ": _at(special.started_at),
        }


def _documents(life: Life) -> Iterator[Row]:
    for document in life.documents:
        if document.void:
            continue
        certificate = document.result_kind == 10  # noqa: PLR2004  SPJGLX of a certificate
        yield {
            "SPSXSLBM": document.item_number,
            "PFRQ": _at(document.issued_on),
            "PFWH": document.number,
            "PFWJBT": document.title,
            "PFWJYXQX": _at(document.valid_until) or NEVER,
            "SPJGLX": str(document.result_kind),
            "ZZBH": document.number if certificate else "",
            "ZZBS": document.certificate_id,
            "FJMC": f"{document.title}.pdf",
            "FJID": f"FJ{document.item_number}",
            "PFWJZL": f"{KINDS[document.kind].ordinal:02d}",
            "FZJG": document.issuer.name,
            "FZJGDM": document.issuer.uscc,
            "GXSJ": _at(document.updated_at),
        }


def _materials(life: Life) -> Iterator[Row]:
    stage_of = {item.number: item.stage_number for item in life.items}
    for material in life.materials:
        yield {
            "SPSXSLBM": material.item_number,
            "BLSPSLBM": stage_of[material.item_number],
            "CLMLBH": material.catalogue_number,
            "CLMC": material.name,
            "CLFL": 1,
            "CLLX": "2" if material.certificate_number else "1",
            "CLID": material.number,
            "SQFS": 2,
            "SQSL": 1,
            "ZZMC": material.name if material.certificate_number else None,
            "ZZBH": material.certificate_number,
            "CLHX": material.sha256,
            "LYSXSLBM": material.issued_by_item,
            "YXQX": _at(material.valid_until),
            "SFQZ": int(material.signed),
            "GXSJ": _at(material.updated_at),
        }


def _issuer(life: Life, number: str) -> Authority:
    return next(item.authority for item in life.items if item.number == number)


def _site(project: Project) -> Row:
    """Give what permits and filings repeat of the project."""
    return {
        **_owner(project),
        "JSDWXMFZR": project.owner.manager,
        "JSFZRLXDH": project.owner.phone,
        "GCMC": project.name,
        "JSDZ": project.address,
        "SSQX": project.region_code,
        "XMJWDZB": _point(project.longitude, project.latitude),
        "JSGM": project.scale,
        "LXR": project.owner.manager,
        "ZJZMJ": project.floor_area,
    }


def _areas(thing: ConstructionPermit) -> Row:
    return {
        "DSJZMJ": thing.area_above,
        "DXJZMJ": thing.area_below,
        "RFMJ": thing.civil_defence_area,
    }


def _construction_permits(life: Life) -> Iterator[Row]:
    for permit in life.construction_permits:
        if permit.void:
            continue
        issuer = _issuer(life, permit.item_number)
        yield {
            **_site(life.project),
            **_areas(permit),
            "SPSXSLBM": permit.item_number,
            "YDGHXKZBH": permit.land_use_permit,
            "GCGHXKZBH": permit.planning_permit,
            "ZBTZSBH": permit.award_notice,
            "SCHGSBH": permit.drawing_review,
            "SGXKZBH": permit.number,
            "JSXZ": life.project.nature,
            "FZJG": issuer.name,
            "FZJGTYSHXYDM": issuer.uscc,
            "FZRQ": _at(permit.issued_on),
            "GLSD": life.project.region_code,
            "JHKGRQ": _at(permit.planned_start),
            "JHJGRQ": _at(permit.planned_end),
            "HTJG": _units(permit.contract_price),
            "LXDH": life.project.owner.phone,
            "GXSJ": _at(permit.updated_at),
        }


def _completion_filings(life: Life) -> Iterator[Row]:
    for filing in life.completion_filings:
        review = next(
            document.number for document in life.documents if document.kind == "drawing_review"
        )
        yield {
            **_site(life.project),
            "SPSXSLBM": filing.item_number,
            "SCHGSBH": review,
            "SGXKZBH": filing.construction_permit,
            "JGYSBABH": filing.number,
            "BAJG": filing.authority.name,
            "BAJGXYDM": filing.authority.uscc,
            "BARQ": _at(filing.filed_on),
            "BAFW": "全部工程",
            "SFSXLHYS": int(filing.joint_acceptance),
            "SFBGWFZT": 0,
            "KGRQ": _at(filing.started_on),
            "JGRQ": _at(filing.completed_on),
            "SJZJ": _units(filing.final_cost),
            "DSJZMJ": filing.area_above,
            "DXJZMJ": filing.area_below,
            "RFMJ": filing.civil_defence_area,
            "JSDWYJ": "同意备案",
            "LXRSJH": life.project.owner.phone,
            "DAYSZT": 1,
            "GXSJ": _at(filing.updated_at),
        }


BUILDERS: dict[str, Callable[[Life], Iterator[Row]]] = {
    "SPGL_XMJBXXB": _projects,
    "SPGL_XMDTXXB": _unit_works,
    "SPGL_ZRZTXXB": _parties,
    "SPGL_SPJDXXB": _stages,
    "SPGL_XMSPSXBLXXB": _items,
    "SPGL_XMSPSXBLXXXXB": _steps,
    "SPGL_XMSPSXZQYJXXB": _consultations,
    "SPGL_XMSPSXBLTBCXXXB": _special_procedures,
    "SPGL_XMSPSXPFWJXXB": _documents,
    "SPGL_XMSQCLJQTFJXXB": _materials,
    "SPGL_JZGCSGXKXXB": _construction_permits,
    "SPGL_JSGCJGYSBAXXB": _completion_filings,
}


def rows(life: Life, table: str) -> Iterator[Row]:
    """Give the valid rows of a table that tell this life; a malformed project has none."""
    project = life.project
    if project.malformed:
        return
    common: Row = {
        "GCDM": project.engineering_code,
        "XZQHDM": f"{project.region_code[:4]}00",
        "SJYXBS": 1,
        "SJSCZT": 3,
    }
    for row in BUILDERS[table](life):
        yield common | row
