import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { HttpEvent } from '#shared/http/http-event.ts'
import { Ring } from '#shared/model/message.ts'
import { YmqEvent } from '#shared/queue/ymq-event.ts'
import { openTestDatabase } from '../setup/database.ts'

// `npm run docs` writes these files; here they are only compared.
const project = join(import.meta.dirname, '../..')

const chapters: readonly { readonly title: string; readonly tables: readonly string[] }[] = [
  {
    title: 'Reports',
    tables: [
      ...[
        'report.posts',
        'report.post_daily',
        'report.account_daily',
        'report.brand_mentions',
        'report.deletions',
      ],
      ...['post_days', 'account_days', 'post_deletions', 'report_settings'],
    ],
  },
  {
    title: 'Accounts and profiles',
    tables: ['accounts', 'clients', 'profiles', 'profile_metrics', 'refusals'],
  },
  {
    title: 'Posts',
    tables: [
      'posts',
      'post_latest',
      'post_metrics',
      'post_media',
      'post_hashtags',
      'post_mentions',
      'post_appearances',
    ],
  },
  {
    title: 'What ML found',
    tables: [
      'post_annotations',
      'post_ml_mentions',
      'post_finds',
      'post_brands',
      'brands',
      'brand_handles',
      'caption_brands',
      'ml_find_brands',
      'ml_finds',
      'annotations',
      'ml_jobs',
      'ml_spending',
      'ml_plans',
      'ml_waits',
      'ml_runs',
      'content_salts',
      'media_copies',
      'known_pictures',
    ],
  },
  {
    title: 'The ledger',
    tables: [
      'sync_jobs',
      'sync_job_tasks',
      'sync_tasks',
      'raw_pages',
      'raw_bodies',
      'doomed_bodies',
      'fast_state',
      'quarantined_records',
      'record_issues',
    ],
  },
  {
    title: 'Running it',
    tables: [
      ...[
        'platforms',
        'quota_windows',
        'app_faults',
        'alerts',
        'alert_events',
        'alert_channels',
        'alert_messages',
        'credentials',
        'connect_links',
        'consents',
        'deletion_requests',
        'retention',
        'erasures',
        'audit_log',
        'api_keys',
        'idempotent_requests',
        'maintained',
        'installation',
      ],
      'schema_migrations',
    ],
  },
]

interface Column {
  readonly relation: string
  readonly about: string
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly meaning: string | null
}

function readColumns(db: Db): Promise<Column[]> {
  return db.rows(sql`
    select c.oid::regclass::text as relation, obj_description(c.oid) as about, a.attname as name,
      format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull and c.relkind <> 'v' as nullable,
      col_description(c.oid, a.attnum) as meaning
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace in ('public'::regnamespace, 'report'::regnamespace) and c.relkind in ('r', 'p', 'v') and not c.relispartition
      and c.relname <> 'local_cloud'
    order by 1, a.attnum`)
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')

function relationText(columns: readonly Column[]): string {
  const [first] = columns
  const head = [`### ${first?.relation}`, '', first?.about ?? '', '']
  if (columns.every(({ meaning }) => meaning === null))
    return [...head, `Columns: ${columns.map(({ name }) => `\`${name}\``).join(', ')}.`, ''].join('\n')
  const rows = columns.map(
    ({ name, type, nullable, meaning }) =>
      `| \`${name}\` | ${type}${nullable ? ', NULL' : ''} | ${cell(meaning ?? '')} |`,
  )
  return [...head, '| column | type | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

test('docs/data.md is what the comments of the database say', async () => {
  const { db } = await openTestDatabase()
  const byRelation = Map.groupBy(await readColumns(db), ({ relation }) => relation)
  expect(chapters.flatMap(({ tables }) => tables).sort()).toEqual([...byRelation.keys()].sort())
  const text = [
    '# Data',
    '',
    'Every table and column, as their comments in the database say; written by `npm run docs`. All times are `timestamptz`, and',
    'are in UTC. A number that a platform hides or does not report is NULL, never 0.',
    '',
    ...chapters.flatMap(({ title, tables }) => [
      `## ${title}`,
      '',
      ...tables.map((table) => relationText(byRelation.get(table) ?? [])),
    ]),
  ].join('\n')
  await expect(`${text.trimEnd()}\n`).toMatchFileSnapshot(join(project, 'docs/data.md'))
})

const schemas: Readonly<Record<string, { readonly about: string; readonly schema: z.ZodType }>> = {
  ring: { about: 'A message of our queues: it starts work and means nothing else.', schema: Ring },
  'ymq-event': { about: 'What a trigger of Message Queue gives a function.', schema: YmqEvent },
  'http-event': {
    about: 'What a direct call or API Gateway (format 1.0) gives the sync function.',
    schema: HttpEvent,
  },
}

test.for(Object.entries(schemas))(
  'the JSON Schema of %s is that of the code',
  async ([name, { about, schema }]) => {
    const json = { ...z.toJSONSchema(schema, { io: 'input' }), title: name, description: about }
    const path = join(project, `shared/model/json-schema/${name}.json`)
    await expect(`${JSON.stringify(json, null, 2)}\n`).toMatchFileSnapshot(path)
  },
)

test('no JSON Schema is left over', () => {
  const files = readdirSync(join(project, 'shared/model/json-schema'))
  expect(files.sort()).toEqual(
    Object.keys(schemas)
      .map((name) => `${name}.json`)
      .sort(),
  )
})
