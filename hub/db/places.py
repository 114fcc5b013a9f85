"""The SQL function that says how a place lies to a shape; the rules of `x-belongs` call it."""

from hub.db.database import Transaction

BORDER = 10  # metres: nearer to an outline than this nobody can say on which side a place lies
PLACE_IN = """
    create or replace function hub.place_in(place text, shape text) returns text
        language plpgsql immutable parallel safe set search_path = pg_catalog as $$
    declare
        lon float8; lat float8; east float8; north float8 := 111132.95;
        piece jsonb; ring jsonb; hole boolean; outline polygon; covered boolean;
        within boolean := false; nearest float8 := 'infinity';
    begin
        if shape is null or split_part(place, ';', 1)
                !~ '^ *[0-9]{{1,3}}([.][0-9]{{1,12}})? *, *[0-9]{{1,2}}([.][0-9]{{1,12}})? *$' then
            return null;
        end if;
        lon := split_part(split_part(place, ';', 1), ',', 1)::float8;
        lat := split_part(split_part(place, ';', 1), ',', 2)::float8;
        east := 111319.49 * cosd(lat);
        for piece in select value from jsonb_array_elements(
                case shape::jsonb->>'type'
                    when 'Polygon' then jsonb_build_array(shape::jsonb->'coordinates')
                    when 'MultiPolygon' then shape::jsonb->'coordinates' else '[]' end) loop
            covered := false;
            for ring, hole in select value, ordinality > 1
                                from jsonb_array_elements(piece) with ordinality loop
                select ('(' || string_agg(
                            '(' || ((at->>0)::float8 - lon) * east || ','
                                || ((at->>1)::float8 - lat) * north || ')', ',' order by n)
                            || ')')::polygon
                  into outline from jsonb_array_elements(ring) with ordinality as t(at, n);
                nearest := least(nearest, point(0, 0) <-> path(outline));
                if outline @> point(0, 0) then covered := not hole; end if;
            end loop;
            within := within or covered;
        end loop;
        return case when nearest <= {border} then 'border' when within then 'inside' end;
    end $$;
"""


def migrate(tx: Transaction) -> None:
    """Make the function `hub.place_in(place, shape)`: `inside`, `border` or null.

    place: longitude and latitude with a comma between, of several with semicolons the first.
    shape: GeoJSON in longitude and latitude; only surfaces have an inside.
    """
    tx.execute(PLACE_IN.format(border=BORDER))
