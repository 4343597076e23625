-- What makes loading fast and changes nothing of what is loaded; before the loading files, in the same session.
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET work_mem = '128MB';
SET jit = off;
-- Rows of our own making need no foreign key looked up for each of them.
SET session_replication_role = replica;

-- Building an index once is far cheaper than adding millions of rows to it, so a schema's indexes wait until its rows are there. Those behind a
-- constraint stay.
CREATE FUNCTION pg_temp.put_indexes_off(schemas text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  CREATE TEMPORARY TABLE IF NOT EXISTS indexes_put_off (made_by text);
  FOR one IN
    -- Those of a table's parts come and go with the table's own.
    SELECT i.indexrelid::regclass AS name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS made_by
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = ANY (schemas::regnamespace[]) AND NOT t.relispartition AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
  LOOP
    INSERT INTO indexes_put_off VALUES (one.made_by);
    EXECUTE format('DROP INDEX %s', one.name);
  END LOOP;
END
$$;

CREATE FUNCTION pg_temp.make_indexes() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT made_by FROM indexes_put_off LOOP
    EXECUTE one.made_by;
  END LOOP;
  DROP TABLE indexes_put_off;
END
$$;
