"""What can be wrong with the hub's own database, each with its cause and its cure."""

from collections.abc import Mapping

from hub.texts.text import Text

DATABASE: Mapping[str, Text] = {
    "database.unavailable": Text(
        "与中枢数据库的连接中断，没有说明原因。",
        "The connection to the hub's database broke off; no reason was given.",
        "查看 PostgreSQL 日志（进程是否崩溃或被终止）以及 hub health；流程会自动重试。",
        "See PostgreSQL's log (did it crash, was it killed?) and `hub health`; flows try again by themselves.",
    ),
    "database.down": Text(
        "中枢数据库没有运行：该地址没有服务在监听。",
        "The hub's database does not run: nobody listens at its address.",
        "启动 PostgreSQL，并核对 HUB_DATABASE_URL 的主机和端口；流程会自动重试。",
        "Start PostgreSQL, and check host and port of HUB_DATABASE_URL; flows try again by themselves.",
    ),
    "database.unreachable": Text(
        "找不到中枢数据库所在的主机，或网络不通。",
        "The host of the hub's database is not known, or no network leads to it.",
        "核对 HUB_DATABASE_URL 的主机名、DNS 和网络；流程会自动重试。",
        "Check the host's name in HUB_DATABASE_URL, the name service and the network; flows try again by themselves.",
    ),
    "database.silent": Text(
        "中枢数据库在时限内没有应答。",
        "The hub's database gives no answer in time.",
        "数据库进程可能已停住，或主机、磁盘、网络过载：在数据库主机上查看进程状态和 PostgreSQL 日志；流程会自动重试。",
        "The database may hang, or its host, disk or network is overloaded: look at its process and at PostgreSQL's "
        "log there; flows try again by themselves.",
    ),
    "database.disk_full": Text(
        "中枢数据库所在的磁盘已满，无法写入。",
        "The disk of the hub's database is full: nothing can be written.",
        "在数据库主机上腾出空间或扩大磁盘（数据目录和 pg_wal 所在的文件系统；不要手工删除其中的文件）；"
        "已提交的数据没有丢失，有空间后流程会自动继续。",
        "Free or add space on the database's host (the file system of its data directory and of pg_wal; delete nothing "
        "in there by hand). Nothing committed is lost, and flows go on by themselves once there is room.",
    ),
    "database.memory": Text(
        "中枢数据库的内存不足。",
        "The hub's database is out of memory.",
        "增加数据库主机的内存，或调小 work_mem、max_connections、HUB_BATCH_RECORDS；流程会自动重试。",
        "Give its host more memory, or lower work_mem, max_connections or HUB_BATCH_RECORDS; flows try again by "
        "themselves.",
    ),
    "database.connections": Text(
        "中枢数据库的连接数已用尽（max_connections 或该用户、该库的上限）。",
        "The connections of the hub's database are used up (max_connections, or the limit of this user or database).",
        "用 select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 "
        "查看谁占用连接，结束多余的，或调大 max_connections（需要重启）；流程会自动重试。",
        "Look who holds them (select usename, application_name, state, count(*) from pg_stat_activity group by "
        "1, 2, 3), end what should not be, or raise max_connections (wants a restart); flows try again by themselves.",
    ),
    "database.pooled": Text(
        "数据库连接经过连接池（如 PgBouncer），但该用户在此库中的时区默认值没有设置。",
        "The database is reached through a pooler such as PgBouncer, and this user's time zone is not set in it.",
        "以同一用户直接连接数据库（不经连接池）执行一次 hub migrate，再让连接池重新连接（PgBouncer：RECONNECT）。",
        "Run `hub migrate` once as the same user, straight at the database; then let the pooler connect anew "
        "(PgBouncer: RECONNECT).",
    ),
    "database.busy": Text(
        "本进程的数据库连接都在使用中，等待超过了时限。",
        "All database connections of this process are in use, and waiting took too long.",
        "稍后重试；经常出现时用 hub health 查看，是否有语句长时间不结束，或同时的请求过多。",
        "Try again a little later. If it happens often, see `hub health`: a statement that does not end, or too many "
        "requests at once.",
    ),
    "database.resources": Text(
        "中枢数据库达到一项资源上限（SQLSTATE {sqlstate}）。",
        "The hub's database has reached a limit of its resources (SQLSTATE {sqlstate}).",
        "查看 PostgreSQL 日志中是哪一项（磁盘、内存、临时文件 temp_file_limit 等），然后调大；流程会自动重试。",
        "PostgreSQL's log says which (disk, memory, temp_file_limit): raise it; flows try again by themselves.",
    ),
    "database.restarting": Text(
        "中枢数据库正在启动、停止或恢复。",
        "The hub's database is starting, stopping or recovering.",
        "稍等片刻，流程会自动重试；一再出现时查看 PostgreSQL 日志，常见原因是 pg_wal 所在磁盘已满或内存不足被终止。",
        "Wait a moment: flows try again by themselves. If it stays so, see PostgreSQL's log: mostly the disk of pg_wal "
        "is full, or the system killed it for want of memory.",
    ),
    "database.time_limit": Text(
        "中枢数据库中的一条语句或一个事务超过了时限，已被取消。",
        "A statement or a transaction in the hub's database took longer than allowed and was cancelled.",
        "流程会自动重试；经常出现时查看是什么在占用数据库，或调大时限（HUB_STATEMENT_SECONDS、HUB_IDLE_SECONDS、"
        "HUB_TRANSACTION_SECONDS，网页和接口为 HUB_ASK_STATEMENT_SECONDS）。",
        "Flows try again by themselves. If it happens often, see what keeps the database busy, or raise the limit "
        "(HUB_STATEMENT_SECONDS, HUB_IDLE_SECONDS, HUB_TRANSACTION_SECONDS; HUB_ASK_STATEMENT_SECONDS for pages and "
        "API).",
    ),
    "database.locked": Text(
        "所需的行或表被另一项工作锁定，未能在时限内得到。",
        "A row or table that was needed is locked by other work and was not had in time.",
        "流程会自动重试；经常出现时查看 pg_locks 和 hub runs 中长时间运行的工作。",
        "Flows try again by themselves. If it happens often, see pg_locks, and `hub runs` for work that takes long.",
    ),
    "database.lock_held": Text(
        "要用的数据被占用，等了 {seconds} 秒仍未释放。占用者：{holder}。",
        "What is needed is held by another: not free after {seconds} seconds. Holder: {holder}.",
        "流程会自动重试；停住的进程到其时限后会被结束（HUB_IDLE_SECONDS、HUB_LEASE_SECONDS）。"
        "反复出现时查看占用者：主机名和进程号在其名称中，运行编号见 hub runs。",
        "Flows try again by themselves; a process that has stopped is ended after its limit (HUB_IDLE_SECONDS, "
        "HUB_LEASE_SECONDS). If it comes again, look at the holder: its name gives host and process, `hub runs` the "
        "run.",
    ),
    "database.conflict": Text(
        "两项工作同时改了同一处，其中一项被数据库撤回。",
        "Two pieces of work changed the same at once; the database took one of them back.",
        "流程会自动重试，无需处理。",
        "Flows try again by themselves; nothing need be done.",
    ),
    "database.read_only": Text(
        "中枢数据库目前只读。",
        "The hub's database is read-only now.",
        "HUB_DATABASE_URL 可能指向了备库（切换之后），或管理员、云平台因磁盘将满设为只读：改为主库地址，或解除只读。",
        "HUB_DATABASE_URL may lead to a standby (after a failover), or somebody made it read-only since its disk is "
        "nearly full: give the address of the primary, or lift it.",
    ),
    "database.login": Text(
        "中枢数据库拒绝登录：用户、密码或来源地址不被接受。",
        "The hub's database refuses the sign-in: user, password or address is not accepted.",
        "核对 HUB_DATABASE_URL 中的用户和密码，以及服务器的 pg_hba.conf；密码更换后须重启中枢的各个进程。",
        "Check user and password in HUB_DATABASE_URL, and pg_hba.conf on the server. After a new password the hub's "
        "processes must be started again.",
    ),
    "database.missing": Text(
        "服务器上没有 HUB_DATABASE_URL 所写的数据库。",
        "The server has no database of the name in HUB_DATABASE_URL.",
        "核对库名；新装时先建库，再执行 hub migrate。",
        "Check its name; in a new installation make the database first, then run `hub migrate`.",
    ),
    "database.forbidden": Text(
        "数据库用户无权执行这条语句。",
        "The database user may not do what was asked.",
        "表应归 HUB_DATABASE_URL 的用户所有；恢复或搬迁之后用 reassign owned 或 alter ... owner to 更正。",
        "The tables should belong to the user of HUB_DATABASE_URL: after a restoration or a move mend it by `reassign "
        "owned` or `alter ... owner to`.",
    ),
    "database.damaged": Text(
        "中枢数据库报告读写文件出错或数据损坏（SQLSTATE {sqlstate}）。",
        "The hub's database reports that files cannot be read or written, or that data is damaged "
        "(SQLSTATE {sqlstate}).",
        "立即停止写入，检查磁盘和 PostgreSQL 日志，必要时从备份恢复，之后执行 hub verify。",
        "Stop writing at once, check the disk and PostgreSQL's log, restore from a backup if need be, then run "
        "`hub verify`.",
    ),
    "database.refused": Text(
        "中枢数据库拒绝了一条语句（SQLSTATE {sqlstate}）。",
        "The hub's database refused a statement (SQLSTATE {sqlstate}).",
        "重试无用：查看 PostgreSQL 日志中的原因，连同运行编号报告给维护人员。",
        "Trying again will not help: PostgreSQL's log says why; report it to the maintainers with the run's number.",
    ),
    "database.no_reading_roles": Text(
        "数据库用户 {user} 不能使用角色 hub_reader 和 hub_shown，读取权限无法在数据库中生效。",
        "The database user {user} may not take on the roles hub_reader and hub_shown, which confine readers.",
        "以数据库管理员执行：create role hub_reader nologin; create role hub_shown nologin; "
        "grant hub_reader, hub_shown to {user};，再执行 hub migrate。",
        "As the database's administrator: create role hub_reader nologin; create role hub_shown nologin; "
        "grant hub_reader, hub_shown to {user}; then run `hub migrate`.",
    ),
    "database.not_migrated": Text(
        "中枢数据库的结构不是当前版本。",
        "The hub's database does not have the current structure.",
        "运行 hub migrate。",
        "Run `hub migrate`.",
    ),
    "database.newer": Text(
        "中枢数据库的结构（{schema}）比本程序新：程序 {program} 只认识到 {known}，不能再写入。",
        "The hub's database has a newer structure ({schema}) than this program knows: {program} knows it up to {known} "
        "and may not write any more.",
        "在本机安装升级数据库时所用的版本，然后重新启动；不要用旧程序执行 hub migrate。",
        "Install here the version with which the database was upgraded, and start again; do not run `hub migrate` with "
        "the old program.",
    ),
    "database.replaced": Text(
        "流程 {flow} 的运行 {run} 开始之后，连接地址上的数据库已换成另一个（从备份恢复，或备库提升）；该进程不再写入。",
        "Since the run {run} of {flow} began, another database stands at its address (one that was put back, or a "
        "standby that was promoted); its process writes nothing any more.",
        "下一次运行会在现在的数据库上进行。若恢复前的程序仍在运行，把它们停掉，见 docs/restore.md。",
        "The next run works on the database that stands there now. If programs of before a restoration still run, stop "
        "them: docs/restore.md.",
    ),
    "database.field_changed": Text(
        "{entity}.{field} 的类型由 {was} 改为 {now}，不能自动迁移。",
        "The type of {entity}.{field} was changed from {was} to {now}; that cannot be migrated by itself.",
        "给新类型的字段起一个新名字，或由管理员手工迁移该列。",
        "Give the field of the new type a new name, or have an administrator migrate the column by hand.",
    ),
}
