"""What can be wrong with a file, with one of its lines, and what is remarkable about it."""

from collections.abc import Mapping

from hub.texts.text import Text

_AGAIN_ZH = "请来源更正后以同名文件重新放入，中枢会重新读取；改了映射也会重新读取。"
_AGAIN_EN = (
    "Have the source put the corrected file there under the same name: the hub reads it again, as it does when the "
    "mapping is corrected."
)

FILES: Mapping[str, Text] = {
    "file.not_workbook": Text(
        "文件 {file} 不是 XLSX 工作簿，而是 {found}；该文件单独搁置，其余文件照常读取。",
        "File {file} is no XLSX workbook but {found}; it is set aside alone, and the others are read.",
        f"在 Excel 中另存为 .xlsx。{_AGAIN_ZH}",
        f"Save it as .xlsx in Excel. {_AGAIN_EN}",
    ),
    "file.encrypted": Text(
        "工作簿 {file} 设有打开密码；该文件单独搁置，其余文件照常读取。",
        "Workbook {file} is protected by a password; it is set aside alone, and the others are read.",
        f"去掉打开密码。{_AGAIN_ZH}",
        f"Remove the password. {_AGAIN_EN}",
    ),
    "file.damaged": Text(
        "文件 {file} 已损坏，无法打开（{why}）；该文件单独搁置，其余文件照常读取。",
        "File {file} is damaged and cannot be opened ({why}); it is set aside alone, and the others are read.",
        _AGAIN_ZH,
        _AGAIN_EN,
    ),
    "file.encoding": Text(
        "文件 {file} 的编码是 {found}，而映射写的是 {said}；该文件单独搁置，其余文件照常读取。",
        "File {file} is in {found}, while the mapping says {said}; it is set aside alone, and the others are read.",
        f"来源改了编码时，改映射中的 encoding（两处）。{_AGAIN_ZH}",
        f"Where the source has changed its encoding, change `encoding` in the mapping (both of them). {_AGAIN_EN}",
    ),
    "file.sheet_missing": Text(
        "工作簿 {file} 没有名为 {sheet} 的工作表，只有：{sheets}；该文件单独搁置。",
        "Workbook {file} has no sheet {sheet}, but {sheets}; it is set aside alone.",
        f"核对映射中的 sheet，或请来源改回表名。{_AGAIN_ZH}",
        f"Check `sheet` in the mapping, or have the source name the sheet as before. {_AGAIN_EN}",
    ),
    "file.sheet_twice": Text(
        "工作簿 {file} 有多个工作表符合 {sheet}：{sheets}；该文件单独搁置。",
        "Workbook {file} has several sheets that fit {sheet}: {sheets}; it is set aside alone.",
        f"把映射中的 sheet 写得更具体。{_AGAIN_ZH}",
        f"Say more exactly in `sheet` which one is meant. {_AGAIN_EN}",
    ),
    "file.header_missing": Text(
        "文件 {file} 中找不到含“{title}”的表头；该文件单独搁置。",
        "File {file} has no header with {title}; it is set aside alone.",
        f"核对映射中的 header.find 与文件的表头。{_AGAIN_ZH}",
        f"Compare `header.find` in the mapping with the file's header. {_AGAIN_EN}",
    ),
    "file.header_twice": Text(
        "文件 {file} 中含“{title}”的行不止一行（第 {rows} 行），不能确定表头；该文件单独搁置。",
        "File {file} has {title} in more than one row ({rows}): which is its header? It is set aside alone.",
        f"改用只在表头出现的列名作 header.find，或请来源一个文件只放一张表。{_AGAIN_ZH}",
        f"Choose a title that stands in the header only, or have the source put one table into a file. {_AGAIN_EN}",
    ),
    "file.trailer_missing": Text(
        "文件 {file} 的最后一行不是写明条数的结尾行，不能证明清单完整；该文件单独搁置。",
        "The last line of the file {file} is no trailer that states the number of records: nothing proves that the "
        "list is complete. It is set aside alone.",
        f"请来源重新提供完整的文件。{_AGAIN_ZH}",
        f"Ask the source for the whole file. {_AGAIN_EN}",
    ),
    "file.incomplete": Text(
        "文件 {file} 写明有 {stated} 条，实际读到 {found} 条，不是完整清单；该文件单独搁置，不撤销任何记录。",
        "File {file} states {stated} records and has {found}: it is not the complete list. It is set aside alone, and "
        "nothing is withdrawn because of it.",
        f"请来源重新提供完整的文件。{_AGAIN_ZH}",
        f"Ask the source for the whole file. {_AGAIN_EN}",
    ),
    "file.older_snapshot": Text(
        "完整清单 {file} 早于已采用的 {newer}，没有采用；该文件单独搁置。",
        "The complete list {file} is older than {newer}, which has been taken; it is not applied and set aside alone.",
        "通常无需处理；若它才是最新的，请来源以更晚的文件名重新提供。",
        "Usually there is nothing to do; if it is the newest, ask the source to give it again under a later name.",
    ),
    "file.too_long": Text(
        "文件 {file} 的数据超过 {most} 行；该文件单独搁置。",
        "File {file} has more than {most} rows with values; it is set aside alone.",
        f"确属正常时调高映射 read 中的 most_rows。{_AGAIN_ZH}",
        f"Raise `most_rows` under `read` where that is right. {_AGAIN_EN}",
    ),
    "file.many_lines": Text(
        "文件 {file} 超过 {most} 行（含空行）；该文件单独搁置。",
        "File {file} has more than {most} lines, empty ones counted; it is set aside alone.",
        f"确属正常时调高映射 read 中的 most_lines。{_AGAIN_ZH}",
        f"Raise `most_lines` under `read` where that is right. {_AGAIN_EN}",
    ),
    "file.too_wide": Text(
        "文件 {file} 超过 {most} 列；该文件单独搁置。",
        "File {file} has more than {most} columns; it is set aside alone.",
        f"确属正常时调高映射 read 中的 most_columns。{_AGAIN_ZH}",
        f"Raise `most_columns` under `read` where that is right. {_AGAIN_EN}",
    ),
    "file.too_big": Text(
        "文件 {file} 大小 {bytes} 字节，超过 {most} 字节；该文件单独搁置。",
        "File {file} has {bytes} bytes, more than {most}; it is set aside alone.",
        f"确属正常时调高映射 read 中的 most_bytes。{_AGAIN_ZH}",
        f"Raise `most_bytes` under `read` where that is right. {_AGAIN_EN}",
    ),
    "file.inaccessible": Text(
        "文件 {file} 无法读取（{why}）；其余文件照常读取，下次运行再试。",
        "File {file} cannot be reached ({why}); the others are read, and the next run tries again.",
        "请来源检查该文件的权限、链接或类型。",
        "Have the source check its permissions, its link, or what it is.",
    ),
    "file.marker": Text(
        "文件 {file} 与其标记文件不符（{what}：标记为 {said}，实际为 {found}）；该文件单独搁置。",
        "File {file} is not as its marker says ({what}: {said} said, {found} found); it is set aside alone.",
        _AGAIN_ZH,
        _AGAIN_EN,
    ),
    "file.line_broken": Text(
        "文件 {file} 第 {line} 行的引号有误（{why}）；只搁置这一行，其余各行照常读取。",
        "Line {line} of file {file} has a quote in the wrong place ({why}); it alone is set aside.",
        _AGAIN_ZH,
        _AGAIN_EN,
    ),
    "file.line_encoding": Text(
        "文件 {file} 第 {line} 行不是 {encoding} 编码；只搁置这一行，其余各行照常读取。",
        "Line {line} of file {file} is not in {encoding}; it alone is set aside.",
        _AGAIN_ZH,
        _AGAIN_EN,
    ),
    "file.late": Text(
        "文件 {file} 未曾读过，名称排在已读文件之前；已照常读取。",
        "File {file} had not been seen before, and its name comes before names that had been read; it was read.",
        "无需处理；若映射没有 version，请确认其内容不比已有数据旧。",
        "Nothing to do; where the mapping names no `version`, make sure that it is not older than what stands.",
    ),
    "file.corrected": Text(
        "文件 {file} 读过，现内容已变；已作为更正重新读取。",
        "File {file} had been read, and its content has changed; it was read again, as a correction.",
        "无需处理；若来源不应改动已发布的文件，请向其核实。",
        "Nothing to do; ask the source where it should not change a file that it has put down.",
    ),
    "file.empty": Text(
        "文件 {file} 没有记录；其余文件照常读取。",
        "File {file} holds no record; the others are read.",
        f"来源当日确无数据时无需处理；否则：{_AGAIN_ZH}",
        f"Nothing to do where the source really has nothing; else: {_AGAIN_EN}",
    ),
    "file.header_again": Text(
        "文件 {file} 中表头重复出现，重复的行不作为记录。",
        "File {file} has its header once more between its records; such a row is no record.",
        "无需处理。",
        "Nothing to do.",
    ),
    "file.total_line": Text(
        "文件 {file} 中有合计行，不作为记录。",
        "File {file} has rows of sums; they are no records.",
        "无需处理；若确为记录，在映射 read 中设 totals: []。",
        "Nothing to do; where they are records, set `totals: []` under `read`.",
    ),
    "file.hidden_rows": Text(
        "工作簿 {file} 有隐藏的行；是否读取由 read 中的 hidden_rows 决定。",
        "Workbook {file} has hidden rows; `hidden_rows` under `read` says whether they are read.",
        "向来源核实隐藏的行是否为有效数据。",
        "Ask the source whether hidden rows are data.",
    ),
    "file.merged_cells": Text(
        "工作簿 {file} 的数据中有合并单元格，除第一格外按空值读取。",
        "Workbook {file} has merged cells among its data; all but the first of each are read as blank.",
        "合并表示各行同值时，在映射 read 中设 merged: fill。",
        "Where a merged area means the same value in each row, set `merged: fill` under `read`.",
    ),
    "file.unfinished": Text(
        "文件 {file} 长时间没有写完（缺标记文件或大小仍在变化），未读取；其后的文件照常读取。",
        "File {file} has not been whole for long (no marker, or a changing size) and was not read; later files were.",
        "请来源补上标记文件或重新放入；写完后中枢会读取。",
        "Have the source put the marker there, or the file anew; once it is whole it is read.",
    ),
}
