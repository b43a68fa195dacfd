-- What a post is missed by is on record, and many that seem deleted at once wait for a person.

alter table posts add column missed_by bigint, add column held_at timestamptz;
comment on column posts.missed_by is 'The sync task whose walk, or whose answer to its id, missed it last. NULL: present, or missed before this was on record.';
comment on column posts.held_at is 'Since when it would be deleted if it were not for the many others of its account that would be so too (UTC): a person decides. NULL: nothing to decide.';
create index posts_held on posts (account_id) where held_at is not null;
