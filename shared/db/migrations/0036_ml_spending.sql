-- What was sent to ML providers on each day, and what it cost by the prices of that day.

create table ml_spending (
  day      date not null,
  provider text not null,
  kind     text not null,
  sent     integer not null default 0,
  lost     integer not null default 0,
  usd      numeric(14, 6),
  primary key (day, provider, kind)
) with (fillfactor = 50);
comment on table ml_spending is 'Jobs that ML providers took on each day, and what they cost; one row per day, provider and kind.';
comment on column ml_spending.day is 'The day (UTC).';
comment on column ml_spending.provider is 'By its name in the settings.';
comment on column ml_spending.kind is 'As in ml_jobs.';
comment on column ml_spending.sent is 'Jobs that the provider took, repetitions of failed ones included.';
comment on column ml_spending.lost is 'Jobs whose answer was lost and which were sent once more: they may be paid for beside those sent.';
comment on column ml_spending.usd is 'What those sent cost by the prices in the settings at that time, in US dollars. NULL: none had a price.';
