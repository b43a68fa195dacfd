-- What an answer says of a post beside its numbers is hashed as it came: a post whose hash is known is neither read nor weighed.

alter table post_latest add column listing_raw uuid, add column detail_raw uuid;
comment on column post_latest.listing_raw is
  'First 16 bytes of SHA-256 of what a list said of the post, as it came and without numbers. NULL: unknown, or the fields have changed since.';
comment on column post_latest.detail_raw is
  'The same of the answer with all fields. NULL: unknown, or the fields have changed since.';

-- The release before knows nothing of these: what it rewrites is read whole next time. Dropped with the rest of the old form.
create function forget_raw() returns trigger language plpgsql as $$
begin
  new.listing_raw := null;
  new.detail_raw := null;
  return new;
end
$$;
comment on function forget_raw() is 'Forgets the hashes of answers when the release before rewrites a post.';
create trigger forget_raw before update on post_latest for each row
  when ((new.listing_hash, new.detail_hash) is distinct from (old.listing_hash, old.detail_hash)
    and (new.listing_raw, new.detail_raw) is not distinct from (old.listing_raw, old.detail_raw)
    and (old.listing_raw is not null or old.detail_raw is not null))
  execute function forget_raw();
