import { readFileSync, writeFileSync } from 'node:fs'
import { Parser } from 'commonmark'
import fc from 'fast-check'
import { lint } from 'markdownlint/sync'
import { beforeAll, expect, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { drawTimeline, STYLE } from '../../engine/record/chart.ts'
import { compareRecords, headIn } from '../../engine/record/compare.ts'
import { toHtml } from '../../engine/record/html.ts'
import { recordTree, toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import { proseMarkers } from '../../engine/record/prose.ts'
import type { Decision, RunEvent } from '../../engine/run/model/events.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { inOrder } from '../in-order.ts'
import { type Misbehaviour, modelCloud, recorded, runModel } from '../samples/model-world.ts'
import { makeDesk } from './desk.ts'

inOrder()

const desk = makeDesk()
const limit = { timeout: 240_000 }
const HEAD = { size: 9, hash: 'f'.repeat(64) }
let record = ''

beforeAll(async () => {
  await desk.rehearse('INC-1')
  record = readFileSync(desk.at('logs', 'INC-1', 'record.md'), 'utf8')
}, 240_000)

const entriesOf = async (behaviour: Misbehaviour): Promise<Recorded[]> =>
  (await runModel(['web', 'api'], { cloud: modelCloud({ web: behaviour, api: {} }) })).entries
const pageOf = (entries: Recorded[], prose: Record<string, string> = {}): string => {
  const model = modelOf(entries)
  return toHtml(recordTree(model, HEAD), drawTimeline(model.runs), prose, STYLE)
}
const verifyRecord = (file: string) => desk.breakglass(['record', 'INC-1', '--logs', desk.logs, '--verify', file])

test('each section lists the log entries of each of its statements, in order', () => {
  for (const section of record.split(/^(?=## )/m)) {
    const isStatement = (line: string) => line.trim() !== '' && !/^(#|<!--|\||\*\*)/.test(line)
    const statements = section.split('\n').filter(isStatement)
    const [, sources] = /^<!-- log entries by statement: (.*) -->$/m.exec(section) ?? []
    if (sources === undefined) continue
    const groups = sources.split('; ')
    expect(groups).toHaveLength(statements.length)
    const untraced = statements.filter((_, index) => groups[index] === '-')
    expect(untraced.filter((line) => !/:$|last changed by|Owed:/.test(line))).toEqual([])
  }
})

test('a row of the timeline names the entries that it comes from', () => {
  const { entries } = verifyLog(desk.log('INC-1'))
  const row = /^\| (\S+ \S+) \| Run jualuma-backend as cr-backend: changed, confirmed by read-back \| (\d+) \|$/m.exec(
    record,
  )
  const entry = entries[Number(row?.[2]) - 1]
  expect(entry).toMatchObject({ type: 'step.outcome', body: { verdict: 'applied' } })
  expect(entry?.time.replace('T', ' ')).toContain(row?.[1])
})

test('the record names no fingerprint', () => {
  expect(record).not.toContain('hmac-sha256:')
})

// All of markdownlint's rules: the record itself says that its lines may be long.
const config = { default: true }

test("markdownlint has nothing to say about the incident's record, and CommonMark reads it as it is meant", () => {
  expect(lint({ strings: { record }, config }).record).toEqual([])
  const walker = new Parser().parse(record).walker()
  const kinds: Record<string, number> = {}
  for (let event = walker.next(); event; event = walker.next())
    if (event.entering) kinds[event.node.type] = (kinds[event.node.type] ?? 0) + 1
  expect(kinds.heading).toBe(record.split('\n').filter((line) => /^#+ /.test(line)).length)
  expect(kinds.html_inline).toBeUndefined()
  expect(kinds.code_block).toBeUndefined()
  expect(kinds.link).toBeUndefined()
})

test('markdownlint has nothing to say about a record of several runs in which much went wrong', async () => {
  const cloud = modelCloud({ web: {}, api: { sets: 'odd' }, queue: { blind: 99 }, worker: {} })
  const skip: Decision = { choice: 'skip', reason: 'see #12, it is *theirs* <b>' }
  const runs = [['web'], ['api', 'web'], ['queue', 'web'], ['worker']].map((names) =>
    runModel(names, { cloud, decide: (name) => (name === 'worker' ? skip : { choice: 'apply' }) }),
  )
  const entries = (await Promise.all(runs)).flatMap(({ events, plan }, n) => recorded(plan, events, `run-${n}`))
  const alone: RunEvent = {
    type: 'policy.overridden',
    body: { by: 'ada', reason: 'nobody answers', lacking: [{ group: 'platform', needs: 1, has: 0 }] },
  }
  const change = {
    id: 'i',
    at: '1970',
    project: 'p',
    service: 's',
    method: 'm_a_b',
    resource: 'a/b*c*',
    principal: 'bo@x.y',
  }
  const found: RunEvent = {
    type: 'cloud.reconciled',
    body: {
      ...{ by: 'ada', from: 'a', to: 'b', read: [{ project: 'p', entries: 3 }], ours: [], others: [change, change] },
      ...{ notShown: entries.flatMap(({ type }, n) => (type === 'step.intent' ? [n + 1] : [])), notLookedFor: [4] },
    },
  }
  const all = [...entries, ...[alone, found].map((event) => ({ ...event, time: '1970', run: 'run-0' }))]
  const eventful = toRecord(modelOf(all.map((entry, n) => ({ ...entry, seq: n + 1 }) as Recorded)), HEAD)
  expect(eventful).toContain('## Open Action Items')
  expect(eventful).toContain('## Out-of-Band Changes')
  expect(lint({ strings: { eventful }, config }).eventful).toEqual([])
})

test('a record is held against its log: what was added, changed or taken out is named by its line', limit, async () => {
  const own = desk.at('own.md')
  const [open] = proseMarkers('context')
  writeFileSync(own, record.replace(open, `${open}\n\nOur own words, whatever they say.`))
  expect(await verifyRecord(own)).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('The log supports every statement'),
  })
  const changed = desk.at('changed.md')
  const line = record.split('\n').findIndex((text) => text.includes('`roles/datastore.user`: not granted')) + 1
  writeFileSync(changed, record.replace('`roles/datastore.user`: not granted', '`roles/owner`: not granted'))
  const { exit, stdout } = await verifyRecord(changed)
  expect(exit).toBe(1)
  expect(stdout).toContain(`line ${line}: not supported by the log:      - \`roles/owner\`: not granted`)
  expect(stdout).toContain('missing from the record:      - `roles/datastore.user`')
})

test('any line that was put in, taken out or changed is found, outside of the places for words', () => {
  const lines = record.split('\n')
  const own = lines.flatMap((line, index) => (line.trim() === '' ? [] : [index]))
  fc.assert(
    fc.property(fc.constantFrom(...own), fc.constantFrom('in', 'out', 'other'), (at, how) => {
      const line = lines[at] ?? ''
      const [count, ...put] = how === 'in' ? [0, 'Nobody said this.'] : how === 'out' ? [1] : [1, `${line}!`]
      const { unsupported, missing } = compareRecords(lines.toSpliced(at, count, ...put).join('\n'), record)
      const between = how === 'in' && /^<!-- end of prose/.test(line)
      expect(unsupported.length + missing.length > 0).toBe(!between)
    }),
  )
  expect(compareRecords(record.replaceAll('\n', '\r\n'), record)).toEqual({ unsupported: [], missing: [] })
})

test('a record that was derived before the log went on is held against what there was', async () => {
  const entries = await entriesOf({})
  expect(headIn(toRecord(modelOf(entries), { size: 7, hash: 'a'.repeat(64) }))).toEqual({
    size: 7,
    hash: 'a'.repeat(64),
  })
  expect(headIn('no record')).toBeUndefined()
})

test('the page draws each step on one axis: who was waited for, how long it was worked on', limit, async () => {
  const { exit, stdout: page } = await desk.breakglass(['record', 'INC-1', '--logs', desk.logs, '--format', 'html'])
  expect(exit).toBe(0)
  expect(page.match(/<div class="row">/g)).toHaveLength(16)
  expect(page).toMatch(/waited .+ for .+ \(--yes\): apply · applied after/)
  // Those that went side by side were decided before the one above them had ended.
  expect(page).not.toMatch(/waited -|width:max\(-/)
  for (const [, left = '', width = ''] of page.matchAll(/left:([\d.]+)%;width:max\(([\d.]+)%/g))
    expect(Number(left) + Number(width)).toBeLessThanOrEqual(100.02)
  expect(page).not.toMatch(/<script|javascript:|src=|href=|@import|url\(/i)
})

test('a step that did not end as it should is not drawn as one that did', async () => {
  const bars = (page: string) => [...page.matchAll(/<i class="(\w+)" style/g)].map(([, kind]) => kind)
  expect(bars(pageOf(await entriesOf({})))).toEqual(['waited', 'worked', 'waited', 'worked'])
  const odd = pageOf(await entriesOf({ sets: 'odd' }))
  expect(bars(odd)).toEqual(['waited', 'failed'])
  expect(odd).toContain('not completed')
})

const hostile = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</style><b>',
    '&lt;',
    "' onx='",
    '<!-- x',
    '\u202eevil',
    '\u001b[31m',
  ),
  fc.string(),
)

test('no text can change the structure of the page', async () => {
  const entries = await entriesOf({ sets: 'odd' })
  const tags = (page: string) =>
    page
      .replace(/<title>.*<\/title>/s, '')
      .match(/<\/?[a-z!][^>]*>/g)
      ?.map((tag) => tag.replace(/ title="[^"]*"/, ''))
      // What looks like an address stands as code, so that nothing makes a link of it.
      .filter((tag) => !/^<\/?code>$/.test(tag))
  const poisoned = (text: string) =>
    JSON.parse(JSON.stringify(entries), (key, value) =>
      typeof value === 'string' && ['title', 'reason', 'operator', 'by', 'message', 'value'].includes(key)
        ? text
        : value,
    ) as Recorded[]
  const plain = tags(pageOf(poisoned('x'), { context: 'x' }))
  fc.assert(
    fc.property(hostile, (text) => {
      const page = pageOf(poisoned(`a${text}`), { context: `a${text}` })
      expect(tags(page)).toEqual(plain)
      expect(page).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u)
    }),
    { numRuns: 200 },
  )
})

test('as data it says the same, with the numbers of the entries', limit, async () => {
  const { stdout } = await desk.breakglass(['record', 'INC-1', '--logs', desk.logs, '--format', 'json'])
  const data = JSON.parse(stdout)
  expect(data.remediations.map(({ title }: { title: string }) => title)).toEqual([
    'Secret parity remediation',
    'Runtime access posture remediation',
    'Runtime identity remediation',
  ])
  expect(data.timeline[0]).toMatchObject({ entries: [1] })
  expect(data.log.size).toBe(verifyLog(desk.log('INC-1')).size)
})
