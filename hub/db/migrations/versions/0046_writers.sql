-- Which programs may write here: the newest revision that a program knows. `hub migrate` leaves its own alone, and those
-- of programs that every step since lets go on. A program that is not named here writes nothing.
create table hub.writer (
    revision text primary key,
    program  text not null,
    since    timestamptz not null default now()
);
