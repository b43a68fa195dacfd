-- The newest answer of an account is looked for at each answer that is kept.
create index raw_pages_answers on raw_pages (account_id, fetched_at);
drop index raw_pages_account;
