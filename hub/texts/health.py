"""What the hub says of the machine and the database that it runs on, before they fail."""

from collections.abc import Mapping

from hub.texts.text import Text

HEALTH: Mapping[str, Text] = {
    "health.disk_low": Text(
        "磁盘空间不多：{place} 所在的文件系统只剩 {free} GB（提醒线 {limit} GB）。",
        "Little room on the disk: the file system of {place} has {free} GB left (told below {limit} GB).",
        "腾出空间或扩大磁盘；提醒线见 HUB_DISK_WARN_BYTES。磁盘写满后接收和推送都会停下，已提交的数据不会丢失。",
        "Free or add space; HUB_DISK_WARN_BYTES says from where on it is told. On a full disk intake and pushes stop; "
        "what is committed is not lost.",
    ),
    "health.disk_out": Text(
        "磁盘将满：{place} 所在的文件系统只剩 {free} GB（底线 {limit} GB）。",
        "The disk is nearly full: the file system of {place} has {free} GB left (at least {limit} GB are needed).",
        "立即腾出空间或扩大磁盘（不要手工删除数据目录和 pg_wal 中的文件）；底线见 HUB_DISK_LEAST_BYTES。",
        "Free or add space at once (delete nothing by hand in the data directory or pg_wal); HUB_DISK_LEAST_BYTES says "
        "how much is needed.",
    ),
    "health.connections": Text(
        "数据库的连接将用尽：已用 {connections} 个，共 {most} 个。",
        "The database's connections are running out: {connections} of {most} are in use.",
        "用 select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 "
        "查看谁占用连接，减少工作进程，或调大 max_connections（需要重启）。",
        "Look who holds them (select usename, application_name, state, count(*) from pg_stat_activity group by "
        "1, 2, 3), run fewer workers, or raise max_connections (wants a restart).",
    ),
    "health.clock_apart": Text(
        "数据库的时钟比本机{way_zh} {seconds} 秒。",
        "The database's clock is {seconds} seconds {way_en} this machine's.",
        "两台主机都应与同一时间源同步（chrony 或 systemd-timesyncd）；校时后此条自动消失。"
        "时钟超前时写下的时刻不会自动改正。",
        "Both hosts should follow one source of time (chrony or systemd-timesyncd); this goes once they do. Instants "
        "written while a clock was ahead are not put right by themselves.",
    ),
    "health.clock_back": Text(
        "数据库的时钟退回了：比最近一次提交（{last}）早 {seconds} 秒。",
        "The database's clock has gone back: it is {seconds} seconds before what was committed last ({last}).",
        "核对数据库主机的时间同步，以及是否从备份恢复或迁移到了时间不准的主机；时钟走过该时刻后此条自动消失。",
        "Check the time synchronisation of the database's host, and whether it was restored or moved to a host whose "
        "clock is wrong; this goes once the clock is past that instant.",
    ),
}
