-- What maintain does less often than it is called.

create table maintained (
  task    text primary key,
  done_at timestamptz not null
);
comment on table maintained is 'When each task of maintain was last done to its end.';
comment on column maintained.task is 'The task, for example verify.';
comment on column maintained.done_at is 'When it was last done (UTC).';

create index credentials_expiring on credentials (access_expires_at) where status = 'ok' and access_expires_at is not null;
