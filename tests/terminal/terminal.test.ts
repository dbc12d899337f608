import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PlannedStep } from '../../engine/plan/types.ts'
import { announce } from '../../engine/session/host/announce.ts'
import type { Cloud, Runtime } from '../../engine/session/host/runtime.ts'
import { columnsOf } from '../../engine/terminal/columns.ts'
import { previewPlan } from '../../engine/terminal/preview.ts'
import { plainProgress } from '../../engine/terminal/progress.ts'
import { painter, wrap, wrapCommand } from '../../engine/terminal/screen.ts'
import { summarize } from '../../engine/terminal/summary.ts'
import { modelCloud, runModel } from '../samples/model-world.ts'
import { gcloudStep } from '../samples/samples.ts'

const at = (columns: number, colour = false) => ({ interactive: true, columns, colour })
const sandbox = { kind: 'sandbox', scenario: 'model' } as const
const places = {
  log: 'logs/INC-1/audit.jsonl',
  record: 'logs/INC-1/record.md',
  checkpoint: '9 sha256:f',
  signed: 'by ada',
  cloudEnds: false,
  warnings: [],
}
const decide = (name: string) =>
  name === 'b' ? { choice: 'skip' as const, reason: 'not now' } : { choice: 'apply' as const }
const result = await runModel(['a', 'b', 'c', 'd'], {
  cloud: modelCloud({ a: {}, b: {}, c: { start: 'right' }, d: { lost: 9 } }),
  decide,
})
const poison = <T>(told: T): T =>
  JSON.parse(JSON.stringify(told).replaceAll(' is right', ' \\u001b[2J\\u202e is right\\u0007')) as T

/** Lines that are longer than the screen although they have a space to break at. */
const tooLong = (text: string, columns: number) =>
  text.split('\n').filter((line) => line.length > columns && line.trim().includes(' '))

test.each([80, 40])('a plan of %d columns has a line for each step, and no commands', (columns) => {
  const text = previewPlan(result.plan, sandbox, at(columns), 'brief')
  expect(tooLong(text, columns)).toEqual([])
  expect(text.replace(/\s+/g, ' ')).toContain('≠ 1 a is right · value: wrong → right · risk low ≠ 2 b is right')
  expect(text).not.toContain('gcloud')
  expect(text).toContain('Use --verbose to show the commands.')
  expect(text).toContain('1 already correct.')
  expect(text).toContain('3 drifted.')
})

test.each([80, 40])('a plan in full has every command, at %d columns broken so that it can be pasted', (columns) => {
  const text = previewPlan(result.plan, sandbox, at(columns), 'full')
  expect(tooLong(text, columns)).toEqual([])
  const pasted = text.replace(/ \\\n +/g, ' ')
  expect(pasted).toContain('  do:   gcloud thing set a right --project=p-prod\n')
  expect(pasted).toContain('  undo: gcloud thing set a wrong --project=p-prod\n')
  expect(text).toContain('value: wrong → right')
  expect(text).toMatch(/risk \w+ · changes p-prod/)
})

test('a command that is printed into a pipe stays on one line', () => {
  const piped = { ...at(40), interactive: false }
  expect(previewPlan(result.plan, sandbox, piped, 'full')).toContain(
    '  do:   gcloud thing set a right --project=p-prod\n',
  )
})

test('a shell reads a broken command as the same words', () => {
  const word = fc.constantFrom('a', '--flag=b', "'it is'", "'it'\\''s'", '|', "'--filter=a  b'", 'x'.repeat(30))
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 30, max: 100 }), (words, width) => {
      const command = words.join(' ')
      const broken = wrapCommand(command, width, 8)
      expect(broken.replace(/ \\\n {8}/g, ' ')).toBe(command)
      for (const [index, line] of broken.split('\n').entries())
        if (line.trim().replace(/ \\$/, '').includes(' ') && !line.includes("'"))
          expect(line.length + (index === 0 ? 8 : 0)).toBeLessThanOrEqual(width)
    }),
  )
})

test('what cannot be undone is part of the line of a step', () => {
  const [first, ...others] = result.plan.steps
  const plan = {
    ...result.plan,
    steps: [{ ...first!, undo: { kind: 'none', reason: 'it is gone' } as const }, ...others],
  }
  expect(previewPlan(plan, sandbox, at(80), 'brief')).toContain('\n     cannot be undone: it is gone\n')
})

test.each([80, 40])('a plan of %d columns says which steps --yes runs in parallel', async (columns) => {
  const dependsOn = (name: string) => gcloudStep(name, { id: name, dependsOn: [] })
  const steps = [dependsOn('a'), dependsOn('b'), gcloudStep('c'), dependsOn('d'), dependsOn('e')]
  const { plan } = await runModel([], { cloud: modelCloud({ a: {}, b: {}, c: {}, d: {}, e: {} }), steps })
  const text = previewPlan(plan, sandbox, at(columns), 'brief')
  expect(tooLong(text, columns)).toEqual([])
  expect(text.replace(/\s+/g, ' ')).toContain(
    'With --yes, steps 1–2 and 4–5 run in parallel unless one depends on another or both change the same resource.',
  )
  const chain = plan.steps
    .slice(0, 2)
    .map((one, place) => ({ ...one, id: `${place}`, dependsOn: place > 0 ? ['0'] : [] }))
  expect(previewPlan({ ...plan, steps: chain }, sandbox, at(columns), 'brief')).not.toContain('--yes')
  const alone = { ...plan, steps: plan.steps.slice(1, 4) }
  expect(previewPlan(alone, sandbox, at(columns), 'brief')).not.toContain('--yes')
})

test('values that do not fit on a line get a line each', () => {
  const long = 'internal-and-cloud-load-balancing-and-more'
  const plan = JSON.parse(JSON.stringify(result.plan).replaceAll('"wrong"', `"${long}"`)) as typeof result.plan
  expect(previewPlan(plan, sandbox, at(80), 'full')).toContain(`  value: ${long} → right`)
  expect(previewPlan(plan, sandbox, at(40), 'full')).toContain(`  - value:\n      ${long}\n  + value: right`)
})

test.each([80, 40])('a summary fits %d columns and says what became of every step', (columns) => {
  const text = summarize(result.entries, result.end!, places, at(columns))
  expect(tooLong(text, columns)).toEqual([])
  for (const said of [
    'Failed.',
    'changed: 1',
    '  a is right',
    'skipped: 1',
    '  b is right',
    'failed: 1',
    '  d is right',
    places.log,
    places.record,
    places.checkpoint,
  ])
    expect(text.replaceAll(/\n */g, ' ')).toContain(said.trim())
  expect(text).not.toContain('c is right')
  expect(text).toContain('SANDBOX')
})

test.each([true, false])(
  'with colour %s no text of the cloud reaches the terminal as a control character',
  (colour) => {
    const plan = JSON.parse(
      JSON.stringify(result.plan).replaceAll('wrong', '\\u001b[2J\\u009b1m\\u202ewrong\\u0007'),
    ) as typeof result.plan
    const text = `${previewPlan(plan, sandbox, at(80, colour), 'brief')}\n${previewPlan(plan, sandbox, at(80, colour), 'full')}\n${summarize(poison(result.entries), poison(result.end!), places, at(80, colour))}`
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
    const bare = text.replaceAll(/\u001b\[\d+m/g, '')
    expect(bare).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u)
    expect(text === bare).toBe(!colour)
  },
)

test('colour changes nothing but colour', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
  expect(previewPlan(result.plan, sandbox, at(60, true), 'full').replaceAll(/\u001b\[\d+m/g, '')).toBe(
    previewPlan(result.plan, sandbox, at(60), 'full'),
  )
  expect(painter(false)('bad', 'x')).toBe('x')
})

test('wrapping keeps every word, in order, within the width', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(
      fc.array(word),
      fc.integer({ min: 20, max: 100 }),
      fc.nat({ max: 8 }),
      fc.nat({ max: 8 }),
      (words, width, lead, indent) => {
        const text = wrap(`${' '.repeat(lead)}${words.join(' ')}`, width, ' '.repeat(indent))
        expect(text.split(/\s+/).filter((one) => one !== '')).toEqual(words)
        for (const line of text.split('\n'))
          if (line.trim().includes(' ')) expect(line.length).toBeLessThanOrEqual(width)
      },
    ),
  )
})

test('plain progress is one line a thing, whatever its title holds', () => {
  const lines: string[] = []
  const progress = plainProgress((text) => lines.push(text), false)
  progress.end('k', 'a\nb\u001b[2J', 'failed', 'why\nnot', { durationMs: 1234 })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^failed {2}a.b.*\(why.not\) {2}1\.2 s$/)
  expect(lines[0]).not.toMatch(/\p{Cc}/u)
})

test.each([
  [undefined, 80],
  [0, 80],
  [40, 40],
])('a terminal that says it has %s columns is taken to have %d', (said, columns) =>
  expect(columnsOf(said)).toBe(columns),
)

test('a notice that is one of a list still looks like one where it is broken', () => {
  const notices = [
    'Faults drawn from seed 7:',
    '  run services.get on shop in tern-live, call 1: an answer that comes too late',
  ]
  const said: string[] = []
  const cloud = { name: { kind: 'live' }, gcloud: { kind: 'gcloud' }, notices } as Partial<Cloud> as Cloud
  announce(cloud, (text) => said.push(text), { terminal: at(40) } as Partial<Runtime> as Runtime)
  const listed = '  run services.get on shop in tern-live,\n    call 1: an answer that comes too\n    late'
  expect(said).toEqual(['LIVE: the real Google Cloud.', 'Faults drawn from seed 7:', listed])
})

test('after a rehearsal whose sandbox has ended, nobody is told to resume it', () => {
  const said = (cloudEnds: boolean) => summarize(result.entries, result.end!, { ...places, cloudEnds }, at(200))
  expect(said(false)).toContain('breakglass resume')
  expect(said(true)).not.toContain('breakglass resume')
  expect(said(true)).toContain('The sandbox ended with this rehearsal: fix the cause above, then rehearse again.')
})

test('a secret is shown by its versions, and never by its fingerprint', () => {
  const fingerprint = (digit: string) => `hmac-sha256:${digit.repeat(32)}`
  const at2 = (project: string) => ({
    read: 'secrets versions list KEY',
    project,
    marks: { version: '2', state: 'ENABLED' },
  })
  const step: PlannedStep = {
    ...result.plan.steps[0]!,
    title: 'Make KEY equal stage and dev',
    observation: { state: 'value', value: { version: '2', state: 'ENABLED', fingerprint: fingerprint('1') } },
    differences: [{ name: 'fingerprint', current: fingerprint('1'), wanted: fingerprint('2') }],
    apply: {
      kind: 'copy-secret',
      from: { project: 'p-stage', secret: 'KEY', version: '2' },
      to: { project: 'p-prod', secret: 'KEY' },
    },
    targets: [at2('p-prod'), at2('p-stage'), { ...at2('p-dev'), marks: { version: '3', state: 'ENABLED' } }],
  }
  const shown = (one: PlannedStep, detail: 'brief' | 'full') =>
    previewPlan({ ...result.plan, steps: [one] }, sandbox, at(80), detail)
  for (const detail of ['brief', 'full'] as const) {
    expect(shown(step, detail)).toContain('p-prod v2 differs from p-stage v2 (= p-dev v3)')
    expect(shown(step, detail)).not.toContain('hmac')
  }
  const disabled = {
    ...step,
    observation: { state: 'value', value: { version: '2', state: 'DISABLED', fingerprint: null } },
  }
  expect(shown(disabled as PlannedStep, 'brief')).toContain('p-prod v2 is disabled; the value of p-stage v2')
  expect(shown({ ...step, note: 'dev differs from stage' }, 'brief')).toContain('differs from p-stage v2 · risk')
})
