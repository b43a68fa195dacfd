-- A claim has a token of its own, which never goes back: attempts do, when an attempt was not the fault of the page or job.

alter table raw_pages add column claim_token bigint not null default 0;
comment on column raw_pages.claim_token is
  'Raised by each claim to transform it; whoever writes what became of it names the token of its own claim.';
update raw_pages set claim_token = attempts where status = 'stored' and attempts > 0;

alter table ml_jobs add column claim_token bigint not null default 0;
comment on column ml_jobs.claim_token is
  'Raised by each claim to send it or to ask about it; whoever writes what came of it names the token of its own claim.';
update ml_jobs set claim_token = attempts + asks where status in ('submitting', 'submitted', 'expired');
