-- Pictures that were fetched, by their bytes and looks: the same one under another address is looked at once.

create table known_pictures (
  content_key uuid primary key,
  sha256      bytea not null,
  looks       bigint,
  same_as     uuid
);
create index known_pictures_bytes on known_pictures (sha256) where same_as is null;
create index known_pictures_same on known_pictures (same_as) where same_as is not null;
comment on table known_pictures is 'Pictures that were fetched to be copied, by their bytes; only with MEDIA_MODE=copy.';
comment on column known_pictures.content_key is 'The picture by its address, as post_media.content_key has it at first.';
comment on column known_pictures.sha256 is 'SHA-256 of its bytes.';
comment on column known_pictures.looks is 'How it looks: a perceptual hash, of which pictures that look the same differ in up to six bits. NULL: it was not asked for, or the picture is no JPEG.';
comment on column known_pictures.same_as is 'The picture that was fetched before with the same bytes, whose key its posts have now. NULL: it is the first.';
