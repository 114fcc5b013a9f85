-- The registry's database as it grew: national columns, text dates and areas, fixed-width codes.
create schema djk;

-- Parcels (宗地).
create table djk.ktt_zdjbxx (
    bsm integer primary key,
    ysdm char(10) not null,
    zddm char(19) not null,
    bdcdyh char(30) not null,
    zl varchar(200),
    zdmj varchar(30),
    mjdw varchar(2) not null,
    yt varchar(32),
    qllx varchar(4),
    qlxz varchar(4),
    jg double precision,
    zt char(2) not null,
    qxdm char(6) not null,
    xmmc varchar(200),
    ydghxkzh varchar(100),
    xmdm varchar(40),
    gxsj char(14) not null
);
create index on djk.ktt_zdjbxx (gxsj);

-- Buildings (自然幢).
create table djk.ktt_fw_zrz (
    bsm integer primary key,
    bdcdyh char(30) not null,
    zddm char(19) not null,
    zrzh varchar(8) not null,
    xmmc varchar(200),
    jzwmc varchar(100),
    jgrq char(8),
    jzwgd double precision,
    zzdmj double precision,
    scjzmj double precision,
    zcs varchar(4),
    dscs varchar(4),
    dxcs varchar(4),
    ghyt varchar(100),
    qxdm char(6) not null,
    gxsj char(14) not null
);
create index on djk.ktt_fw_zrz (gxsj);

-- Registered rights in land and buildings (权利登记).
create table djk.qlt_fw_fdcq_yz (
    bsm integer primary key,
    ywh varchar(43) not null,
    bdcdyh varchar(40) not null,
    qllx varchar(4) not null,
    djlx char(3) not null,
    djyy varchar(100),
    fdzl varchar(200),
    qlrmc varchar(200),
    qlrzjh varchar(40),
    jzmj varchar(30),
    ghyt varchar(100),
    jgsj char(8),
    bdcqzh char(60) not null,
    djjg varchar(200),
    dbr varchar(50),
    djsj char(8) not null,
    qszt char(1) not null,
    dyzt char(1) not null,
    cfzt char(1) not null,
    qxdm char(6) not null,
    xmmc varchar(200),
    ydghxkzh varchar(100),
    sgxkzbh varchar(100),
    jgysbabh varchar(100),
    xmdm varchar(40),
    gxsj char(14) not null
);
create index on djk.qlt_fw_fdcq_yz (gxsj);

-- Notices of presale (预告登记).
create table djk.qlf_ql_ygdj (
    bsm integer primary key,
    ywh varchar(43) not null,
    bdcdyh varchar(40) not null,
    ygdjzl varchar(2) not null,
    bdcjydjzmh varchar(100),
    bdcdjzmh varchar(100),
    xmmc varchar(200),
    qlrmc varchar(200),
    fdzl varchar(200),
    jzmj varchar(30),
    sgxkzbh varchar(100),
    djjg varchar(200),
    djsj char(8) not null,
    qszt char(1) not null,
    dyzt char(1) not null,
    cfzt char(1) not null,
    qxdm char(6) not null,
    xmdm varchar(40),
    gxsj char(14) not null
);
create index on djk.qlf_ql_ygdj (gxsj);

-- Transfers (转移登记).
create table djk.qlt_fw_zydj (
    bsm integer primary key,
    ywh varchar(43) not null,
    bdcdyh varchar(40) not null,
    djlx char(3) not null,
    fdcjyhth varchar(100),
    bdcqzh varchar(100),
    xmmc varchar(200),
    qlrmc varchar(200),
    fdzl varchar(200),
    jzmj varchar(30),
    djjg varchar(200),
    djsj char(8) not null,
    qszt char(1) not null,
    dyzt char(1) not null,
    cfzt char(1) not null,
    qxdm char(6) not null,
    xmdm varchar(40),
    gxsj char(14) not null
);
create index on djk.qlt_fw_zydj (gxsj);

-- Permits handed to the registry; zt: 0 new, 1 taken, 9 refused.
create table djk.inbox_permit (
    id bigint generated always as identity primary key,
    yw_key varchar(100) not null unique,
    xmdm varchar(40),
    zjlx varchar(40),
    zjbh varchar(100),
    fzrq varchar(20),
    fzjg varchar(200),
    xmmc varchar(200),
    jsdw varchar(200),
    sxbs char(1) not null default '1',
    tjsj timestamp not null default now(),
    zt smallint not null default 0,
    cwxx varchar(200)
);

-- Completion filings handed to the registry.
create table djk.inbox_filing (
    id bigint generated always as identity primary key,
    yw_key varchar(100) not null unique,
    xmdm varchar(40),
    bah varchar(100),
    barq varchar(20),
    jgrq varchar(20),
    xmmc varchar(200),
    jsdw varchar(200),
    jzmj varchar(30),
    sgxkzbh varchar(100),
    bajg varchar(200),
    sxbs char(1) not null default '1',
    tjsj timestamp not null default now(),
    zt smallint not null default 0,
    cwxx varchar(200)
);
