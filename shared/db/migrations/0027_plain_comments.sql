-- Comments are what docs/data.md and every client show of a table: these say the same in plainer words.
do $$
declare
  words constant text[][] := array[
    ['does not tell.', 'does not report it.'],
    ['not told', 'not reported'],
    ['Freshness is told by it.', 'Freshness counts from it.'],
    ['told by the platform', 'given by the platform'],
    ['whoever writes what became of it names the token of its own claim', 'a call that writes the outcome names the token of its own claim'],
    ['whoever writes what came of it names the token of its own claim', 'a call that writes the outcome names the token of its own claim'],
    ['NULL: nobody extracts.', 'NULL: not claimed.'],
    ['NULL: nobody does.', 'NULL: not claimed.'],
    ['dropped (let go by a person, or its task, account or body is gone)', 'dropped (by a person, or because its task, account or body is gone)'],
    ['was let go', 'was dropped']
  ];
  found record;
  plain text;
begin
  for found in
    select d.objoid::regclass as relation, a.attname, d.description
    from pg_description d
    join pg_class c on c.oid = d.objoid and c.relnamespace = current_schema()::regnamespace
    join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
    where d.classoid = 'pg_class'::regclass and d.objsubid > 0
  loop
    plain := found.description;
    for pair in 1 .. array_length(words, 1) loop
      plain := replace(plain, words[pair][1], words[pair][2]);
    end loop;
    if plain <> found.description then
      execute format('comment on column %s.%I is %L', found.relation, found.attname, plain);
    end if;
  end loop;
end
$$;
