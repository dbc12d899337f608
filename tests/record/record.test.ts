import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepProse } from '../../engine/record/keep-prose.ts'
import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import { safeProse } from '../../engine/record/operator-prose.ts'
import { proseMarkers } from '../../engine/record/prose.ts'
import type { Decision } from '../../engine/run/model/events.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { type Misbehaviour, modelCloud, runModel } from '../samples/model-world.ts'

const HEAD = { size: 9, hash: 'f'.repeat(64) }
const recordOf = (entries: Recorded[]) => toRecord(modelOf(entries), HEAD)

async function run(behaviours: Record<string, Misbehaviour>, decisions: Record<string, Decision> = {}) {
  const cloud = modelCloud(behaviours)
  return runModel(Object.keys(behaviours), { cloud, decide: (name) => decisions[name] ?? { choice: 'apply' } })
}

const section = (record: string, name: string): string =>
  record.split(/^## /m).find((part) => part.startsWith(name)) ?? ''

test('what was changed stands under its remediation, before and after, and nothing else does', async () => {
  const { entries } = await run({ web: {}, api: { start: 'right' } })
  const record = recordOf(entries)
  const actions = section(record, 'Break-Glass Runtime Actions')
  expect(record).toMatch(/^# 1970-01-01 Prod parity Break-Glass Backfill\n/)
  expect(actions).toContain('Sample remediation:')
  expect(actions).toContain('`web`: value `wrong` → `right`')
  expect(actions).not.toContain('api')
  expect(section(record, 'Context')).toContain('It was broken.')
  expect(section(record, 'Context')).not.toContain('api')
  expect(section(record, 'Steps Not Completed')).toContain('None.')
  expect(record).toContain(`9 entries. Head: \`sha256:${HEAD.hash}\``)
  expect(record).toContain('**REHEARSAL**')
})

test.each<[string, Misbehaviour, Decision, said: string]>([
  [
    'skipped',
    {},
    { choice: 'skip', reason: 'not now' },
    'web is right: skipped (not now; value is wrong, expected right)',
  ],
  ['aborted', {}, { choice: 'abort', reason: 'enough' }, 'web is right: not reached (enough)'],
  [
    'failed',
    { lost: 9, exit: 1, cause: 'denied' },
    { choice: 'apply' },
    'web is right: failed: the read-back shows no change (it says denied; value is wrong, expected right)',
  ],
  [
    'without effect',
    { lost: 9 },
    { choice: 'apply' },
    'web is right: failed: the read-back shows no change (gcloud exited 0; value is wrong, expected right)',
  ],
  [
    'something else',
    { sets: 'odd' },
    { choice: 'apply' },
    'web is right: failed: the read-back shows neither the old nor the wanted state (gcloud exited 0; value is odd, expected right)',
  ],
  [
    'in doubt',
    { blind: 99 },
    { choice: 'apply' },
    'web is right: in doubt (applied; its effect could not be read: the line is down)',
  ],
])('a step that was %s is not among the actions, and is said where it belongs', async (_, how, decision, said) => {
  const { entries } = await run({ web: how, api: {} }, { web: decision })
  const record = recordOf(entries)
  expect(section(record, 'Break-Glass Runtime Actions')).not.toContain('`web`')
  expect(section(record, 'Steps Not Completed')).toContain(said)
})

test('a run that was cut off after an intent is in doubt, and does not claim that nothing was changed', async () => {
  const { entries } = await run({ web: {} })
  const record = recordOf(
    entries.slice(
      0,
      entries.findIndex(({ type }) => type === 'step.outcome'),
    ),
  )
  expect(section(record, 'Steps Not Completed')).toContain('web is right: in doubt')
  expect(record).not.toContain('Nothing was changed.')
})

test('a change that gcloud called a failure is told with both facts', async () => {
  const { entries } = await run({ web: { exit: 1 } })
  expect(recordOf(entries)).toContain('(gcloud exited 1, but the read-back shows the change)')
})

test('a step that became unreadable in the run says why', async () => {
  const { plan, entries, events } = await run({ web: {} })
  const observed = events.findIndex(({ type }) => type === 'step.observed')
  const changed = structuredClone(entries.slice(0, observed + 3)) as Recorded[]
  const last = changed.at(-1)
  if (last?.type === 'step.observed')
    last.body = {
      ...last.body,
      observation: { state: 'unknown', cause: 'network', reason: 'the line is down' },
      status: 'unknown',
    }
  expect(plan.steps[0]?.status).toBe('drift')
  expect(recordOf(changed)).toContain('could not be read (the line is down)')
})

test('a live run beside a rehearsal is not called unreal', async () => {
  const { entries } = await run({ web: {} })
  const live = entries.map((entry) =>
    entry.type === 'run.opened'
      ? { ...entry, run: 'run-2', body: { ...entry.body, cloud: { kind: 'live' as const } } }
      : { ...entry, run: 'run-2' },
  ) as Recorded[]
  expect(recordOf(live)).not.toMatch(/REHEARSAL|SANDBOX/)
  const both = recordOf([...entries, ...live])
  expect(both).toContain('PARTLY A REHEARSAL')
  expect(both).not.toContain('Nothing real was changed')
})

test('what every run found stands in the context, in order, and what two found alike stands once', async () => {
  const of = async (id: string, behaviours: Record<string, Misbehaviour>) =>
    (await run(behaviours)).entries.map((entry) => ({ ...entry, run: id })) as Recorded[]
  const found = section(
    recordOf([
      ...(await of('run-1', { web: {}, api: { start: 'right' } })),
      ...(await of('run-2', { web: {}, api: { start: 'odd' } })),
      ...(await of('run-3', { web: { start: 'worse' } })),
    ]),
    'Context',
  )
  expect(found.match(/^\d\..*/gm)).toEqual([
    '1. web is right: value `wrong` → `right`',
    '2. api is right: value `odd` → `right`',
    '3. web is right: value `worse` → `right`',
  ])
  expect(found).toContain('Drift found when the plans were made')
})

const nasty = [
  '# heading',
  '- item\n- item',
  '1. one\n2. two',
  '> quote',
  '```\ncode\n```',
  '    indented',
  '<script>alert(1)</script>',
  '<!-- comment',
  '-->',
  '`tick` ``two`` `',
  '*a* _b_ **c** [d](e) ![f](g)',
  '| a | b |\n|---|---|',
  'line\r\nbreak\u2028and\u2029more',
  '\u001b[31mred\u001b[0m \u0007\u0008',
  '\u202eevil\u2066',
  '---',
  '===',
  '\\',
  '&lt;&amp;',
  '${{ changed }}',
  '',
  ' ',
  ...['context', 'actions', 'verification', 'unfinished'].flatMap((name) => proseMarkers(name)),
]

/** What gives a record its structure: headings, items with their depth, comments, fences and rules, line by line. */
const structure = (record: string) =>
  record
    .split('\n')
    .flatMap(
      (line) =>
        /^(#+ |<!--.*-->$|\s*(?:- |\d+\. )|```|~~~|---|===|>|\s{4,}(?=\S)|<(?=[A-Za-z/!?]))/.exec(line)?.[1] ?? [],
    )

/** The same events with every text that people or the cloud can choose replaced. */
function poisoned(entries: Recorded[], poison: (text: string) => string): Recorded[] {
  const free = new Set(['title', 'reason', 'operator', 'subject', 'value', 'message', 'scenario', 'by', 'record'])
  const walk = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return free.has(key) ? poison(value) : value
    if (Array.isArray(value)) return value.map((item) => walk(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]))
  }
  return entries.map((entry) => ({ ...entry, body: walk(entry.body) }) as Recorded)
}

describe('texts of the cloud and of people', () => {
  const poison = fc.oneof(
    fc.constantFrom(...nasty),
    fc.array(fc.constantFrom(...nasty, 'word'), { maxLength: 4 }).map((all) => all.join('')),
    fc.string(),
  )

  test('cannot change the structure of the record, nor bring control characters into it', async () => {
    const runs = await Promise.all([
      run({ web: {}, api: { lost: 9 } }),
      run({ web: {}, api: {} }, { api: { choice: 'skip', reason: 'not now' } }),
      run({ web: { blind: 99 }, api: {} }),
    ])
    const plain = runs.map(({ entries }) => structure(recordOf(poisoned(entries, () => 'plain'))))
    fc.assert(
      fc.property(poison, fc.nat({ max: 2 }), (text, index) => {
        const record = recordOf(poisoned(runs[index]?.entries ?? [], () => text))
        expect(structure(record)).toEqual(plain[index])
        expect(record).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}](?<!\n)/u)
      }),
      { numRuns: 300 },
    )
  })

  test('that are empty are said to be: an empty code span would swallow what follows it', async () => {
    const { entries } = await run({ web: {} })
    const record = recordOf(poisoned(entries, () => ''))
    expect(record).toContain('`(empty)`:')
    expect(record).not.toContain('``')
  })

  test('cannot take the place of a marker: a person keeps their words, and the record its own', async () => {
    const { entries } = await run({ web: {} })
    const [open, close] = proseMarkers('context')
    for (const text of [open, close, `${open}\n${close}`, `x ${open} y ${close}`]) {
      const derived = recordOf(poisoned(entries, () => text))
      const kept = keepProse(derived, derived.replace(`\n${open}\n`, `\n${open}\n\nMine.\n`))
      expect(kept.split('\n').filter((line) => !derived.split('\n').includes(line))).toEqual(['> Mine.'])
      expect(structure(kept).filter((part) => part.startsWith('#'))).toEqual(
        structure(derived).filter((part) => part.startsWith('#')),
      )
    }
  })
})

describe("a person's words", () => {
  const words = fc
    .array(fc.constantFrom('Said by hand.', '', '## Not a place', '- item', '$& $1', '<b>', '`'), { minLength: 1 })
    .map((lines) => lines.join('\n').trim())

  test('survive regeneration, again and again, in every place', async () => {
    const { entries } = await run({ web: {} })
    const derived = recordOf(entries)
    fc.assert(
      fc.property(words, words, (context, unfinished) => {
        const [open] = proseMarkers('context')
        const [other] = proseMarkers('unfinished')
        const written = derived
          .replace(open, () => `${open}\n\n${context}`)
          .replace(other, () => `${other}\n\n${unfinished}`)
        const kept = keepProse(derived, written)
        expect(kept).toContain(`${open}\n${context === '' ? '' : `\n${safeProse(context).text}\n`}`)
        expect(kept).toContain(`${other}\n${unfinished === '' ? '' : `\n${safeProse(unfinished).text}\n`}`)
        expect(keepProse(derived, kept)).toBe(kept)
      }),
    )
  })

  test('are not lost where somebody deleted the comment that ends them', async () => {
    const { entries } = await run({ web: {} })
    const derived = recordOf(entries)
    const [open, close] = proseMarkers('context')
    const kept = keepProse(derived, derived.replace(open, `${open}\n\nMine.`).replace(`${close}\n`, ''))
    expect(kept).toContain(`${open}\n\n> Mine.\n\n${close}`)
  })

  test('without any, the record is as it was derived', async () => {
    const { entries } = await run({ web: {} })
    const derived = recordOf(entries)
    expect(keepProse(derived, '')).toBe(derived)
    expect(keepProse(derived, derived)).toBe(derived)
  })
})
