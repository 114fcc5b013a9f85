"""A partner that drops files finds files of verdicts beside them, in its own words."""

from pathlib import Path

from tests.filled import CODE, Filled, filled_template
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

HEADER = (
    "报装编号,项目代码,用水单位,报装状态,申请日期,有效标志,更新时间\r\n"
    "PS-1,{code},甲公司,施工,2026/1/5,1,2026/01/06 10:00:00\r\n"
    "PS-2,2502-522730-04-01-999999,乙公司,施工,2026/1/5,1,2026/01/06 10:00:01\r\n"
    "PS-3,{code},丙公司,不明,2026/1/5,1,2026/01/06 10:00:02\r\n"
)


def test_files_of_verdicts_lie_beside(
    database_server: DatabaseServer, filled_template: str, tmp_path: Path
) -> None:
    for folder in ("outbox", "inbox", "answers", "results"):
        (tmp_path / folder).mkdir()
    file = tmp_path / "outbox/water_20260106.csv"
    file.write_bytes(HEADER.format(code=CODE).encode("gb18030"))
    (tmp_path / f"outbox/{file.name}.ok").touch()
    with database_server.database(template=filled_template) as url:
        world = Filled(url, HUB_CONN_WATER=f"file://{tmp_path}")
        world.hub.pull("pull.water.utility_connection")
        (told,) = (tmp_path / "results").glob("result_*.csv")
        lines = told.read_bytes().decode("gb18030").splitlines()
        assert lines[0] == "报装编号,结果,原因,时间"
        said = {line.split(",")[0]: line.split(",")[1:3] for line in lines[1:]}
        assert said["PS-1"] == ["已采用", ""]
        assert said["PS-2"][0] == "待项目"
        assert said["PS-2"][1].startswith("项目代码不存在")
        assert said["PS-3"][0] == "退回"
        assert "不明" in said["PS-3"][1]
        # nothing new to say: no second file
        world.hub.pull("pull.water.utility_connection")
        assert len(list((tmp_path / "results").glob("result_*.csv"))) == 1
        world.hub.close()
