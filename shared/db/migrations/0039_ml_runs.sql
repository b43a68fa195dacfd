-- Runs of providers that take many jobs at once, and by what a provider tells our things from those of another installation.

create table installation (
  id uuid primary key default gen_random_uuid(),
  is_one boolean not null default true unique check (is_one)
);
insert into installation default values;
comment on table installation is 'One row: what marks things at other sides as those of this database.';
comment on column installation.id is 'Random, and never changed.';
comment on column installation.is_one is 'Always true, so that there is one row.';

create table ml_runs (
  provider text not null,
  run      text not null,
  begun_at timestamptz not null default app_now(),
  primary key (provider, run)
);
comment on table ml_runs is 'Runs that were begun at providers which take many jobs at once: each is begun, and paid for, once.';
comment on column ml_runs.provider is 'By its name in the settings.';
comment on column ml_runs.run is 'As the provider names what the run is over.';
comment on column ml_runs.begun_at is 'When it was begun last (UTC); where the provider shows none half an hour later, it is begun once more.';
