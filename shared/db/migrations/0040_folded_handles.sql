-- Handles are compared as code folds them (NFKC, lower case by Unicode): lower() leaves letters other than Latin ones as they are
-- where the database has the locale C, so that two spellings of one name became two accounts.
alter table accounts add column handle_norm text;
comment on column accounts.handle_norm is
  'The handle for comparing: NFKC, lower case by Unicode. NULL: only the native id is known yet.';

-- What is written without it, by an earlier release or by hand, has it by the locale of Unicode where this server has it; else by the
-- letters that the database knows, until the next answer is read.
do $do$
declare
  folded text := case when exists (select from pg_collation where collname = 'und-x-icu')
    then 'lower(normalize(new.handle, nfkc) collate "und-x-icu")' else 'lower(normalize(new.handle, nfkc))' end;
begin
  execute format($create$
    create function fold_handle() returns trigger language plpgsql as $$
    begin
      if new.handle is null then
        new.handle_norm := null;
      elsif new.handle_norm is null or (tg_op = 'UPDATE' and new.handle is distinct from old.handle
        and new.handle_norm is not distinct from old.handle_norm) then
        new.handle_norm := %s;
      end if;
      return new;
    end
    $$$create$, folded);
end
$do$;
comment on function fold_handle() is 'Fills in accounts.handle_norm where a statement left it out.';
create trigger fold_handle before insert or update of handle, handle_norm on accounts for each row execute function fold_handle();
update accounts set handle = handle where handle is not null;

-- Two rows without an id that are one account by now: the older one goes on.
update accounts a set status = 'unsupported', status_reason = 'the same account is followed already',
  next_sync_at = app_now() + interval '30 days', handle_norm = a.handle_norm || ' ' || a.id
where a.native_id is null and a.status <> 'erased' and exists (
  select from accounts o where o.platform = a.platform and o.handle_norm = a.handle_norm and o.native_id is null and o.id < a.id);

drop index accounts_handle_unresolved;
drop index accounts_handle;
create unique index accounts_handle_unresolved on accounts (platform, handle_norm) where native_id is null;
create index accounts_handle on accounts (platform, handle_norm);

-- By what a key of the HTTP API is distinguished from a guess without a look into their table.
alter table installation add column key_check uuid not null default gen_random_uuid();
comment on column installation.key_check is 'Secret by which keys of the HTTP API carry a check of themselves.';
alter table api_keys add column has_check boolean not null default false;
comment on column api_keys.has_check is 'Whether the key carries a check; keys of earlier releases carry none.';
