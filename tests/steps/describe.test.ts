import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeAction, describeUndo } from '../../engine/plan/describe.ts'
import { describeDifference } from '../../engine/steps/describe.ts'
import type { Change } from '../../engine/steps/types.ts'

const gcloud = (argv: string[], project = 'p'): Change => ({ kind: 'gcloud', command: { argv, project } })

/** What a shell hands to `gcloud` when a person types the described line. */
function typed(lines: string[]): string[][] {
  const script = `gcloud() { printf '%s\\0' "$@"; printf '\\1\\0'; }\n${lines.join('\n')}`
  const words = execFileSync('sh', ['-c', script], { maxBuffer: 1 << 26 })
    .toString('utf8')
    .split('\0')
  const calls: string[][] = [[]]
  for (const word of words.slice(0, -1)) word === '\u0001' ? calls.push([]) : calls.at(-1)?.push(word)
  return calls.slice(0, -1)
}

const nasty = fc.constantFrom(
  "'",
  '"',
  '$',
  '`',
  '\\',
  '\n',
  ' ',
  '~',
  '!',
  '*',
  '?',
  '[',
  '{a,b}',
  '#',
  '&',
  ';',
  '|',
  '<',
  '(',
  '=',
  '-',
  'ä',
  '😀',
  '%s',
)
const word = fc
  .oneof(fc.string(), fc.string({ unit: nasty }), fc.string({ unit: 'grapheme' }))
  .map((text) => text.replaceAll('\0', '').replaceAll('\u0001', '').toWellFormed())

test('a described command, typed into a shell, is the same command', () => {
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 1 }), { minLength: 1, maxLength: 20 }), (commands) => {
      expect(typed(commands.map((argv) => describeAction(gcloud(argv, 'p-1'))))).toEqual(
        commands.map((argv) => [...argv, '--project=p-1']),
      )
    }),
    { numRuns: 40 },
  )
})

test('a plain command is shown without quotes', () => {
  expect(describeAction(gcloud(['run', 'services', 'update', 'web', '--ingress=all'], 'p-prod'))).toBe(
    'gcloud run services update web --ingress=all --project=p-prod',
  )
})

test("a secret's copy is shown as a pipe that a shell understands and that holds no value", () => {
  const text = describeAction({
    kind: 'copy-secret',
    from: { project: 'p-dev', secret: 'KEY', version: '7' },
    to: { project: 'p-prod', secret: 'KEY' },
  })
  const script = `gcloud() { case "$3" in access) printf '%s' '_-8A'; echo "$@" >&2;; add) od -An -tx1; echo "$@" >&2;; esac; }\n${text}`
  const output = execFileSync('sh', ['-c', `{ ${script}\n} 2>&1`]).toString()
  expect(output).toContain('access 7 --secret=KEY --format=get(payload.data) --project=p-dev')
  expect(output).toContain('add KEY --data-file=- --project=p-prod')
  expect(output).toContain('ff ef 00')
})

test('a change that cannot be undone says so, with the reason if there is one', () => {
  expect(describeUndo(undefined)).toBe('cannot be undone')
  expect(describeUndo({ kind: 'none', reason: 'it is gone' })).toBe('cannot be undone: it is gone')
  expect(describeUndo(gcloud(['x']))).toBe('gcloud x --project=p')
})

test('a text and a number that look alike are shown with their types, others are not', () => {
  expect(describeDifference({ name: 'max', current: '5', wanted: 5 })).toBe('max: "5" (text) → 5 (number)')
  expect(describeDifference({ name: 'max', current: 4, wanted: 5 })).toBe('max: 4 → 5')
})
