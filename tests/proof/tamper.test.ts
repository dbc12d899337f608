import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { type CheckpointClaim, parseCheckpoint } from '../../engine/audit/verify-checkpoint.ts'
import { makeDesk } from './desk.ts'
import { forgeries, isRefused } from './forged-checkpoints.ts'
import { chainedAnew, changedBytes, changedLines, isFound, linesOf, type Mutation } from './tampering.ts'

const desk = makeDesk()
let log: Buffer
let checkpoint: CheckpointClaim

beforeAll(async () => {
  await desk.rehearse('INC-1', ['--sign-key', desk.key('operator')])
  log = desk.log('INC-1')
  const newest = readFileSync(desk.at('logs', 'INC-1', 'checkpoints', String(linesOf(log).length)), 'utf8')
  checkpoint = parseCheckpoint(newest) as CheckpointClaim
}, 60_000)

/** What was not found, of so many. */
function missed(mutations: Iterable<Mutation>): { missed: string[]; mutations: number } {
  const result: { missed: string[]; mutations: number } = { missed: [], mutations: 0 }
  for (const mutation of mutations) {
    result.mutations++
    if (!isFound(mutation, checkpoint)) result.missed.push(mutation.what)
  }
  return result
}

test('the log as the incident left it is sound', () => {
  expect(isFound({ what: '', log }, checkpoint)).toBe(false)
})

test('a sample of all changes of bytes is found, in every line (`npm run tamper` tries them all)', () => {
  const result = missed(changedBytes(log, 97))
  expect(result.missed).toEqual([])
  expect(result.mutations).toBeGreaterThan(1000)
})

test('every removed, repeated, swapped or inserted line is found, and every cut', () => {
  const result = missed(changedLines(log))
  expect(result.missed).toEqual([])
  expect(result.mutations).toBeGreaterThan(6 * 50)
})

test('a log that was chained anew, from whichever line on, is found', () => {
  expect(missed(chainedAnew(log)).missed).toEqual([])
})

test('nobody without the key can sign it anew', { timeout: 60_000 }, async () => {
  const signers = desk.at('logs', 'INC-1', 'allowed_signers')
  for (const forgery of [...forgeries(desk, 'INC-1')].slice(0, 6))
    expect(await isRefused(forgery, signers), forgery.what).toBe(true)
  const size = String(linesOf(log).length)
  const [text, signature] = [size, `${size}.sig`].map((name) =>
    readFileSync(desk.at('logs', 'INC-1', 'checkpoints', name), 'utf8'),
  )
  expect(await isRefused({ what: 'its own', text: text ?? '', signature: signature ?? '' }, signers)).toBe(false)
})
