-- Keys of the HTTP API, and POSTs that were carried out under an Idempotency-Key.

create table api_keys (
  id         bigint generated always as identity primary key,
  name       text not null check (length(name) between 1 and 100),
  hash       text not null unique,
  scopes     text[] not null check (scopes <@ '{read,sync,admin}' and cardinality(scopes) > 0),
  created_at timestamptz not null default app_now(),
  revoked_at timestamptz
);
create unique index api_keys_name on api_keys (name) where revoked_at is null;
comment on table api_keys is 'Keys of the HTTP API beside the one of the settings, which may do everything.';
comment on column api_keys.id is 'Our own number.';
comment on column api_keys.name is 'Who uses it; stands in the audit log.';
comment on column api_keys.hash is 'SHA-256 of the key, hexadecimal. A key has 192 random bits, so that it cannot be guessed.';
comment on column api_keys.scopes is 'read: look; sync: also follow, sync, cancel, redrive; admin: everything, erasure, tokens and keys too.';
comment on column api_keys.created_at is 'When it was made (UTC).';
comment on column api_keys.revoked_at is 'Since when it is refused (UTC). NULL: it is good.';

create table idempotent_requests (
  actor        text not null,
  key          text not null,
  route        text not null,
  request_hash text not null,
  answer       jsonb,
  started_at   timestamptz not null default app_now(),
  primary key (actor, key)
);
create index idempotent_requests_started on idempotent_requests (started_at);
comment on table idempotent_requests is 'POSTs with an Idempotency-Key, for two days: repeated, they give the answer of the first.';
comment on column idempotent_requests.actor is 'Name of the API key.';
comment on column idempotent_requests.key is 'The Idempotency-Key.';
comment on column idempotent_requests.route is 'What was asked for.';
comment on column idempotent_requests.request_hash is 'SHA-256 of path and body, hexadecimal.';
comment on column idempotent_requests.answer is 'The answer. NULL: it is being carried out, or its function died.';
comment on column idempotent_requests.started_at is 'When it was asked for (UTC).';
