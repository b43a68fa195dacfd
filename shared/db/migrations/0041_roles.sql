-- Each function is a role of its own, with just its tables and columns: extract reads no key of the API, transform makes none, poll
-- reads no token. What submit and copy need, transform and poll have, which both run them; what an erasure needs, transform and sync.
-- `social_sync_run` stays what a worker of another driver is, which does all that functions do.
create or replace function grant_roles() returns void
  language plpgsql
  as $$
declare
  here text := current_schema();
  one record;
begin
  perform pg_advisory_xact_lock(hashtext('social-sync migrations'));
  if exists (select from pg_roles where rolname = 'social_sync_run') then
    execute format('grant usage on schema %I to social_sync_run', here);
    execute format('grant select, insert, update, delete on all tables in schema %I to social_sync_run', here);
    execute format('grant usage on all sequences in schema %I to social_sync_run', here);
    grant execute on function make_partitions(timestamptz, timestamptz) to social_sync_run;
    -- What was done by hand, and what was promised of it, cannot be undone by a function. An erasure is forgotten by one,
    -- when the owner of the account grants access once more.
    revoke update, delete on audit_log from social_sync_run;
    revoke update on erasures from social_sync_run;
    revoke insert, update, delete on schema_migrations, retention, platforms from social_sync_run;
    revoke delete on api_keys from social_sync_run;
  end if;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    execute format('grant usage on schema %I to social_sync_read', here);
    execute format('grant select on all tables in schema %I to social_sync_read', here);
    revoke all on credentials, api_keys, idempotent_requests, erasures, installation from social_sync_read;
  end if;
  for one in
    select rolname from pg_roles
    where rolname in ('social_sync_transform', 'social_sync_poll', 'social_sync_sync') or starts_with(rolname, 'social_sync_extract_')
  loop
    execute format('grant usage on schema %I to %I', here, one.rolname);
    execute format('revoke all on all tables in schema %I from %I', here, one.rolname);
  end loop;
  revoke execute on function make_partitions(timestamptz, timestamptz), grant_roles() from public;
  if exists (select from pg_roles where rolname = 'social_sync_sync') then
    grant execute on function make_partitions(timestamptz, timestamptz) to social_sync_sync;
  end if;
  if exists (select from pg_roles where rolname = 'social_sync_transform') then
    grant usage on sequence posts_id_seq to social_sync_transform;
  end if;
  for one in
    -- What a role only locks, it may update in one column.
    select r.rolname, g.relation, g.rights from (values
      ('accounts', 'extract', 'select, update (full_walk_at, next_sync_at, status, status_reason, synced_at, watermark, whole_walk_at)'),
      ('accounts', 'transform', 'select, update'),
      ('accounts', 'poll', 'select, update (full_walk_at, synced_at, watermark, whole_walk_at)'),
      ('accounts', 'sync', 'select, insert, update'),
      ('annotations', 'transform', 'select, insert, delete'),
      ('annotations', 'poll', 'select, insert'),
      ('annotations', 'sync', 'select, update (is_indexed), delete'),
      ('api_keys', 'sync', 'select, insert, update (revoked_at)'),
      ('app_faults', 'extract', 'select, insert, update (code, last_at, look_at, message, remedy), delete'),
      ('app_faults', 'poll sync', 'select'),
      ('audit_log', 'transform sync', 'insert'),
      ('brands', 'transform poll', 'select'),
      ('brands', 'sync', 'select, insert, update (aliases, changed_at, finds_after, name, posts_after), delete'),
      ('caption_brands', 'transform sync', 'select, insert, delete'),
      ('content_salts', 'transform sync', 'select'),
      ('credentials', 'extract_youtube', 'select (id, account_id, status)'),
      ('credentials', 'extract_instagram extract_tiktok', 'select'),
      ('credentials', 'transform', 'select (account_id), delete'),
      ('credentials', 'sync', 'select (id, account_id, platform, status, renewing_since), insert, delete'),
      ('erasures', 'transform', 'select, insert'),
      ('erasures', 'sync', 'select, insert, delete'),
      ('idempotent_requests', 'sync', 'select, insert, update (answer, started_at), delete'),
      ('installation', 'transform poll', 'select (id)'),
      ('installation', 'sync', 'select'),
      ('known_pictures', 'transform', 'select, insert, update (looks, same_as, sha256), delete'),
      ('known_pictures', 'poll', 'select, insert, update (looks, same_as, sha256)'),
      ('known_pictures', 'sync', 'select, delete'),
      ('maintained', 'poll', 'select, insert, update (done_at)'),
      ('media_copies', 'transform poll', 'select, insert, update (attempts, bytes, copied_at, error, next_at, object, status, wanted_at), delete'),
      ('media_copies', 'sync', 'select, update (status)'),
      ('ml_find_brands', 'transform', 'select, insert, delete'),
      ('ml_find_brands', 'poll', 'insert'),
      ('ml_find_brands', 'sync', 'select, delete'),
      ('ml_finds', 'transform', 'select, insert, delete'),
      ('ml_finds', 'poll', 'insert'),
      ('ml_finds', 'sync', 'select, delete'),
      ('ml_jobs', 'extract', 'select'),
      ('ml_jobs', 'transform', 'select, insert, update, delete'),
      ('ml_jobs', 'poll', 'select, insert, update'),
      ('ml_jobs', 'sync', 'select, insert, update (claim_token, error, finished_at, next_at, parked, status), delete'),
      ('ml_plans', 'extract', 'select'),
      ('ml_plans', 'transform poll', 'select, insert, update (content_keys, contents, kinds, post_ids), delete'),
      ('ml_plans', 'sync', 'select, delete'),
      ('ml_runs', 'transform poll', 'select, insert, update (begun_at), delete'),
      ('ml_spending', 'transform poll', 'select, insert, update (lost, sent, usd)'),
      ('ml_spending', 'sync', 'select'),
      ('ml_waits', 'extract', 'select'),
      ('ml_waits', 'transform poll', 'select, insert, delete'),
      ('ml_waits', 'sync', 'select, delete'),
      ('platforms', 'transform sync', 'select'),
      ('post_annotations', 'sync', 'select'),
      ('post_appearances', 'transform', 'select, insert, delete'),
      ('post_appearances', 'sync', 'select, delete'),
      ('post_brands', 'sync', 'select'),
      ('post_hashtags', 'transform', 'select, insert, delete'),
      ('post_hashtags', 'sync', 'select, delete'),
      ('post_latest', 'extract poll', 'select, update (aimed_at)'),
      ('post_latest', 'transform', 'select, insert, update, delete'),
      ('post_latest', 'sync', 'select, update (aimed_at), delete'),
      ('post_media', 'extract', 'select'),
      ('post_media', 'transform', 'select, insert, update (content_key, duration_ms, height, kind, native_id, url, url_expires_at, width), delete'),
      ('post_media', 'poll', 'select, update (content_key)'),
      ('post_media', 'sync', 'select, delete'),
      ('post_mentions', 'transform', 'select, insert, delete'),
      ('post_mentions', 'sync', 'select, delete'),
      ('post_metrics', 'transform', 'select, insert, update (comments, likes, saves, shares, views), delete'),
      ('post_metrics', 'sync', 'select, delete'),
      ('post_metrics_default', 'sync', 'select'),
      ('posts', 'extract poll', 'select, update (changed_at, held_at, miss_count, missed_by, missing_since, status)'),
      ('posts', 'transform', 'select, insert, update, delete'),
      ('posts', 'sync', 'select, update (changed_at, held_at, miss_count, missed_by, missing_since, status, text_key), delete'),
      ('profile_metrics', 'transform', 'select, insert, update (followers, following, likes, posts, views), delete'),
      ('profile_metrics', 'sync', 'select, delete'),
      ('profiles', 'extract', 'select'),
      ('profiles', 'transform', 'select, insert, update, delete'),
      ('profiles', 'sync', 'select, delete'),
      ('quarantined_records', 'extract poll', 'select, update (resolved_at)'),
      ('quarantined_records', 'transform', 'select, insert, update (resolved_at), delete'),
      ('quarantined_records', 'sync', 'select, update (resolved_at), delete'),
      ('quota_windows', 'extract', 'select, insert, update (blocked_until, "limit", used)'),
      ('quota_windows', 'transform poll', 'select, insert, update (blocked_until, "limit", used), delete'),
      ('quota_windows', 'sync', 'select, insert, update ("limit", used), delete'),
      ('raw_bodies', 'extract', 'insert'),
      ('raw_bodies', 'transform sync', 'select, delete'),
      ('raw_bodies_default', 'sync', 'select'),
      ('raw_pages', 'extract', 'select, insert'),
      ('raw_pages', 'transform', 'select, update, delete'),
      ('raw_pages', 'poll', 'select'),
      ('raw_pages', 'sync', 'select, update (attempts, error, retry_at, settled_at, status), delete'),
      ('record_issues', 'extract poll sync', 'select, delete'),
      ('record_issues', 'transform', 'select, insert, update (code, last_at, message, raw_page_id, value), delete'),
      ('refusals', 'extract', 'select, insert, update (access_mode, code, endpoint, first_at, last_at, looks, status), delete'),
      ('refusals', 'transform', 'select, insert, update (endpoint, last_at, looks, status), delete'),
      ('refusals', 'sync', 'select, delete'),
      ('schema_migrations', 'sync', 'select'),
      ('sync_job_tasks', 'extract', 'select, insert, update (again, sync_task_id)'),
      ('sync_job_tasks', 'transform', 'select, update (again, cancelled, sync_task_id), delete'),
      ('sync_job_tasks', 'poll', 'select, update (again, sync_task_id)'),
      ('sync_job_tasks', 'sync', 'select, insert, update (again, cancelled, sync_task_id), delete'),
      ('sync_jobs', 'extract', 'select, insert'),
      ('sync_jobs', 'transform', 'select, delete'),
      ('sync_jobs', 'sync', 'select, insert, delete'),
      ('sync_tasks', 'extract', 'select, insert, update'),
      ('sync_tasks', 'transform sync', 'select, insert, update, delete'),
      ('sync_tasks', 'poll', 'select, insert, update (again, again_mode, finished_at, reason, status, touched_at)')
    ) g (relation, stages, rights)
    cross join lateral string_to_table(g.stages, ' ') stage
    join pg_roles r on r.rolname = 'social_sync_' || stage or (stage = 'extract' and starts_with(r.rolname, 'social_sync_extract_'))
  loop
    execute format('grant %s on %I.%I to %I', one.rights, here, one.relation, one.rolname);
    -- As long as the table of an earlier release is there, its triggers clear it behind each of them.
    if to_regclass('ml_job_targets') is not null then
      execute format('grant select, delete on ml_job_targets to %I', one.rolname);
    end if;
  end loop;
end
$$;
comment on function grant_roles() is
  'Gives each function, social_sync_run and social_sync_read what they need, where these roles are. Called after each migration.';

-- Jobs of an earlier release are brought over by triggers, behind functions that may not write all that they touch.
do $$
begin
  if to_regclass('ml_job_targets') is not null then
    execute format('alter function bring_over_ml_jobs(bigint[]) security definer set search_path = %I, pg_temp', current_schema());
  end if;
end
$$;
