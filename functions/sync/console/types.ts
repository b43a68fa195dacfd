import type * as z from 'zod'
import type { AccountView } from '../api/account.ts'
import type { AlertView, ChannelMade, ChannelView } from '../api/alert.ts'
import type { BrandView } from '../api/brand.ts'
import type { Finding, QuotaView } from '../api/checks.ts'
import type { ClientView } from '../api/client.ts'
import type { ConnectPlace, CredentialView, LinkView } from '../api/connect.ts'
import type { LineResult } from '../api/follow.ts'
import type { MlCauseView, MlSummary as MlSummaryView } from '../api/ml-job.ts'
import type { AccountNumbersView, BestPostView, BrandNumbersView, MentionView } from '../api/numbers.ts'
import type { Overview as OverviewView } from '../api/overview.ts'
import type { ParkedCause, ParkedView } from '../api/parked.ts'
import type { Plan as PlanView } from '../api/plan.ts'
import type { PostView, PostWhole } from '../api/post.ts'
import type { FieldView, HeldView, QuarantinedView } from '../api/records.ts'
import type { SyncLine as LineView, SyncView } from '../api/sync.ts'
import type { TaskView } from '../api/task.ts'
import type { TimelineEntry } from '../api/timeline.ts'
import type { Why as WhyView } from '../api/why.ts'

/** What the API answers, as its own schemas say. */
export type Account = z.output<typeof AccountView>
export type Overview = z.output<typeof OverviewView>
export type Plan = z.output<typeof PlanView>
export type Alert = z.output<typeof AlertView>
export type Channel = z.output<typeof ChannelView>
export type MadeChannel = z.output<typeof ChannelMade>
export type AccountNumbers = z.output<typeof AccountNumbersView>
export type BrandNumbers = z.output<typeof BrandNumbersView>
export type BestPost = z.output<typeof BestPostView>
export type Mention = z.output<typeof MentionView>
export type NumbersOf = AccountNumbers | BrandNumbers
export type DayOf = NumbersOf['days'][number]
export type Post = z.output<typeof PostView>
export type WholePost = z.output<typeof PostWhole>
export type Why = z.output<typeof WhyView>
export type Sync = z.output<typeof SyncView>
export type SyncLine = z.output<typeof LineView>
export type Task = z.output<typeof TaskView>
export type Entry = z.output<typeof TimelineEntry>
export type Parked = z.output<typeof ParkedView>
export type Cause = z.output<typeof ParkedCause>
export type Quarantined = z.output<typeof QuarantinedView>
export type TroubledField = z.output<typeof FieldView>
export type HeldDeletions = z.output<typeof HeldView>
export type Quota = z.output<typeof QuotaView>
export type MlCause = z.output<typeof MlCauseView>
export type MlSummary = z.output<typeof MlSummaryView>
export type Brand = z.output<typeof BrandView>
export type Client = z.output<typeof ClientView>
export type ConnectLink = z.output<typeof LinkView>
export type Place = z.output<typeof ConnectPlace>
export type Consent = z.output<typeof CredentialView>
export type Line = z.output<typeof LineResult>
export type Violation = z.output<typeof Finding>

export interface List<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}
export interface History {
  readonly items: readonly {
    readonly observed_at: string
    readonly numbers: Readonly<Record<string, string | null>>
  }[]
}
