/** Numbers of a profile at one moment, as decimal text (they may exceed 2^53). null: hidden or not reported, never 0. */
export interface ProfileMetrics {
  readonly followers: string | null
  readonly following: string | null
  readonly posts: string | null
  readonly views: string | null
  readonly likes: string | null
}

/** What one answer says of an account; the fields are the columns of `profiles`. */
export interface ProfileRecord {
  readonly native_id: string
  readonly handle: string | null
  readonly display_name: string | null
  readonly bio: string | null
  readonly avatar_url: string | null
  readonly avatar_expires_at: Date | null
  readonly website: string | null
  readonly country: string | null
  readonly is_verified: boolean | null
  readonly uploads_ref: string | null
  readonly native_created_at: Date | null
  readonly metrics: ProfileMetrics
}
