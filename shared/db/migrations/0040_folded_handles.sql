-- Handles are compared as code folds them (NFKC, lower case by Unicode): lower() leaves letters other than Latin ones as they are
-- where the database has the locale C, so that two spellings of one name became two accounts.
alter table accounts add column handle_norm text;
comment on column accounts.handle_norm is
  'The handle for comparing: NFKC, lower case by Unicode. NULL: only the native id is known yet.';

-- What is written without it, by an earlier release or by hand, has it by the letters that the database knows.
create function fold_handle() returns trigger
  language plpgsql
  as $$
begin
  if new.handle is null then
    new.handle_norm := null;
  elsif new.handle_norm is null or (tg_op = 'UPDATE' and new.handle is distinct from old.handle
    and new.handle_norm is not distinct from old.handle_norm) then
    new.handle_norm := lower(normalize(new.handle, nfkc));
  end if;
  return new;
end
$$;
comment on function fold_handle() is 'Fills in accounts.handle_norm where a statement left it out.';
create trigger fold_handle before insert or update of handle, handle_norm on accounts for each row execute function fold_handle();

-- Letters beyond ASCII are folded by the locale of Unicode where this server has it; else by the next answer that is read.
do $$
begin
  if exists (select from pg_collation where collname = 'und-x-icu') then
    execute 'update accounts set handle_norm = lower(normalize(handle, nfkc) collate "und-x-icu") where handle is not null';
  else
    update accounts set handle_norm = lower(normalize(handle, nfkc)) where handle is not null;
  end if;
end
$$;

-- Two rows without an id that are one account by now: the older one goes on.
update accounts a set status = 'unsupported', status_reason = 'the same account is followed already',
  next_sync_at = app_now() + interval '30 days', handle_norm = a.handle_norm || ' ' || a.id
where a.native_id is null and a.status <> 'erased' and exists (
  select from accounts o where o.platform = a.platform and o.handle_norm = a.handle_norm and o.native_id is null and o.id < a.id);

drop index accounts_handle_unresolved;
drop index accounts_handle;
create unique index accounts_handle_unresolved on accounts (platform, handle_norm) where native_id is null;
create index accounts_handle on accounts (platform, handle_norm);

-- By what keys of the HTTP API are told from guesses without a look into their table.
alter table installation add column key_check uuid not null default gen_random_uuid();
comment on column installation.key_check is 'Secret by which keys of the HTTP API carry a check of themselves.';
alter table api_keys add column has_check boolean not null default false;
comment on column api_keys.has_check is 'Whether the key carries a check; keys of earlier releases carry none.';
