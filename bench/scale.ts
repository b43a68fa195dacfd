import { type Load, type Means, simulate } from './scale-model.ts'
import type { BenchServer } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

/** Measured (docs/performance.md, three drivers): CPU of a worker a sync of 20 posts, and an answer of a platform as it is assumed there. */
const measured = { cpuMsPerSync: { flow: 9.2, temporal: 14.9 }, msPerCall: 300 }
const daily = {
  hoursBetween: 24,
  msPerCall: measured.msPerCall,
  cpuMsPerSync: measured.cpuMsPerSync.flow,
  dueAtStart: 0,
}
/** Calls a sync: YouTube's carry 50 channels; one page of a list each of Instagram and TikTok, and the profile. */
const calls = { youtube: 1.42, instagram: 1, tiktok: 2 }
const day = 86_400

const perDay = (units: number) => [{ calls: units, periodSeconds: day }]
const perHour = (units: number) => [{ calls: units, periodSeconds: 3_600 }]
const perMinute = (units: number) => [{ calls: units, periodSeconds: 60 }]

interface Case {
  readonly name: string
  readonly load: Load
  readonly means: Means
}

const youtube = (accounts: number, more: Partial<Load> = {}): Load => ({
  ...daily,
  accounts,
  callsPerSync: calls.youtube,
  ...more,
})
const means = (workers: number, quotas: Means['quotas']): Means => ({ workers, callsAtOnce: 8, quotas })

const cases: readonly Case[] = [
  ...[1_000, 7_000, 10_000, 100_000].map((accounts) => ({
    name: `YouTube, ${accounts.toLocaleString('en-US')} a day, its default of 10,000 units`,
    load: youtube(accounts),
    means: means(1, perDay(10_000)),
  })),
  ...[1, 2, 4].map((workers) => ({
    name: `YouTube, 1,000,000 a day, 2,000,000 units, workers: ${workers}`,
    load: youtube(1_000_000),
    means: means(workers, perDay(2_000_000)),
  })),
  ...[1, 2, 4, 8].map((workers) => ({
    name: `the same after a day without workers, 4,000,000 units, workers: ${workers}`,
    load: youtube(1_000_000, { dueAtStart: 1 }),
    means: means(workers, perDay(4_000_000)),
  })),
  {
    name: 'the same after a day without workers, with Temporal, workers: 4',
    load: youtube(1_000_000, { dueAtStart: 1, cpuMsPerSync: measured.cpuMsPerSync.temporal }),
    means: means(4, perDay(4_000_000)),
  },
  {
    name: 'Instagram of others, 4,800 a day, its default of 200 calls an hour',
    load: { ...daily, accounts: 4_800, callsPerSync: calls.instagram },
    means: means(1, perHour(200)),
  },
  {
    name: 'Instagram of others, 100,000 a day, 5,000 calls an hour (25 daily users)',
    load: { ...daily, accounts: 100_000, callsPerSync: calls.instagram },
    means: means(1, perHour(5_000)),
  },
  {
    name: 'TikTok of owners, 400,000 a day, its 600 calls a minute',
    load: { ...daily, accounts: 400_000, callsPerSync: calls.tiktok },
    means: means(1, perMinute(600)),
  },
]

/** Queueing and quotas over days, by the measured costs of a sync; asks no database. */
export async function scaleSuite(_server: BenchServer, options: SuiteOptions): Promise<Report> {
  const days = options.quick ? 2 : 15
  const figures = cases.map(({ name, load, means }) => ({ name, ...simulate(load, means, days) }))
  const startOf = (hours: number | null) => {
    if (hours === null) return 'never'
    return hours === 0 ? '' : `${hours.toFixed(1)} h`
  }
  const whole = (value: number) => Math.round(value).toLocaleString('en-US')
  return {
    title: `${days} days of syncs, by simulation over measured costs; figures of the last day`,
    columns: [
      'what',
      'syncs',
      'hours late: half',
      '95 %',
      'waiting at the end',
      'cores busy',
      'caught up after',
    ],
    rows: figures.map(({ name, synced, delayHours, waiting, coresBusy, caughtUpHours }) => [
      ...[name, whole(synced), delayHours.half.toFixed(1), delayHours.most.toFixed(1), whole(waiting)],
      ...[coresBusy.toFixed(2), startOf(caughtUpHours)],
    ]),
    json: figures,
  }
}

/** Public prices in US dollars without tax: functions of 2026, a node of 2 vCPU and 4 GB as it is about (docs/deploy.md). */
const prices = {
  gbHour: 0.0531147456,
  millionCalls: 0.1554917784,
  freeGbHours: 10,
  freeMillionCalls: 1,
  node: 35,
}
const month = 30
const functionGb = 0.25
/** A quarter of a GB has about a quarter of a core. */
const slowness = 4
/** Calls of timers a month: three of extract each five minutes, poll each minute, maintain. */
const timers = month * 24 * (3 * 12 + 60 + 2)

/** What syncs cost a month with functions, beside the database, which every driver needs. */
function functionsCost(accounts: number): { gbHours: number; millionCalls: number; usd: number } {
  const syncs = accounts * month
  const extract = (syncs * calls.youtube * measured.msPerCall) / 8 / 1_000
  const transform = (syncs * measured.cpuMsPerSync.flow * slowness) / 1_000
  const gbHours = ((extract + transform + timers * 0.2) * functionGb) / 3_600
  // A claim takes 50 accounts, and as many pages.
  const millionCalls = ((2 * syncs) / 50 + timers) / 1e6
  const usd =
    Math.max(0, gbHours - prices.freeGbHours) * prices.gbHour +
    Math.max(0, millionCalls - prices.freeMillionCalls) * prices.millionCalls
  return { gbHours, millionCalls, usd }
}

/** Always-on price against price by the call, by accounts a day. */
export async function crossingSuite(): Promise<Report> {
  const figures = [1_000, 10_000, 100_000, 500_000, 1_000_000, 2_000_000, 4_000_000].map((accounts) => ({
    accounts,
    ...functionsCost(accounts),
    // A worker's core carries far more; nodes are for calls at once, and for one that fails.
    nodes: accounts < 500_000 ? 1 : 2,
  }))
  return {
    title: 'A month of daily syncs by functions, and by a cluster that stands',
    columns: ['accounts a day', 'GB-hours', 'calls, million', 'functions', 'cluster'],
    rows: figures.map(({ accounts, gbHours, millionCalls, usd, nodes }) => [
      ...[accounts.toLocaleString('en-US'), gbHours.toFixed(0), millionCalls.toFixed(2)],
      ...[`$ ${usd.toFixed(0)}`, `$ ${nodes * prices.node}`],
    ]),
    json: figures,
  }
}
