import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { type CheckpointClaim, parseCheckpoint } from '../../engine/audit/verify-checkpoint.ts'
import { inOrder } from '../in-order.ts'
import { makeDesk } from './desk.ts'
import { forgeries, isRefused } from './forged-checkpoints.ts'
import { REACHED, runHere } from './here.ts'
import { besideTheLog, inTheLog, makeBench, type Tampering, tried } from './tampered-folder.ts'
import { chainedAnew, changedBytes, changedLines, isFound, linesOf, type Mutation } from './tampering.ts'

inOrder()

const desk = makeDesk()
let log: Buffer
let checkpoint: CheckpointClaim

beforeAll(async () => {
  await Promise.all([
    desk.rehearse('INC-1', ['--sign-key', desk.key('operator')]),
    desk.breakglass(['rehearse', 'conformant', '--yes', '--incident', 'INC-2', '--logs', desk.logs]),
  ])
  desk.key('forger-of-checkpoints')
  log = desk.log('INC-1')
  const newest = readFileSync(desk.at('logs', 'INC-1', 'checkpoints', String(linesOf(log).length)), 'utf8')
  checkpoint = parseCheckpoint(newest) as CheckpointClaim
}, 240_000)

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

test('nobody without the key can sign it anew', { timeout: 240_000 }, async () => {
  const signers = desk.at('logs', 'INC-1', 'allowed_signers')
  for (const forgery of [...forgeries(desk, 'INC-1')].slice(0, 6))
    expect(await isRefused(forgery, signers), forgery.what).toBe(true)
  const size = String(linesOf(log).length)
  const [text, signature] = [size, `${size}.sig`].map((name) =>
    readFileSync(desk.at('logs', 'INC-1', 'checkpoints', name), 'utf8'),
  )
  expect(await isRefused({ what: 'its own', text: text ?? '', signature: signature ?? '' }, signers)).toBe(false)
})

/** What commands took, or changed, of so many ways to tamper with the incident's folder, and which of these verify does not refuse. */
async function accepted(bench: string, tamperings: Iterable<Tampering>) {
  const result = { accepted: [] as string[], unseen: [] as string[], tried: 0 }
  for (const tampering of tamperings) {
    result.tried++
    const { refused, wrong } = await tried(pristine(), tampering, bench)
    result.accepted.push(...wrong)
    if (!refused) result.unseen.push(tampering.what)
  }
  return result
}

const pristine = () => ({ desk, incident: 'INC-1', other: 'INC-2' })

test('what nobody has touched is refused by no command, nor what a write that was cut off has left', async () => {
  const bench = makeBench(desk, 'untouched')
  const left = ['.checkpoints.', 'checkpoints/.9.', 'sources/.a.yaml.', '.record.md.', '.allowed_signers.']
  const tamper = (folder: string) => {
    for (const name of left) writeFileSync(`${folder}/${name}0123456789ab`, 'ha')
  }
  expect(await tried(pristine(), { what: 'nothing', signed: true, tamper }, bench)).toEqual({
    refused: false,
    wrong: [],
  })
  const at = ['--logs', `${bench}/logs`, '--workspace', bench, '--sandbox', 'conformant']
  const run = ['run', 'access-posture', '--env', 'prod', '--reason', 'r', '--yes', '--incident', 'INC-1']
  expect((await runHere([...run, ...at], bench)).stderr.toLowerCase()).toContain(REACHED)
})

test('a log that verify refuses is refused by each command that adds to it, before a byte changes (`npm run tamper` tries more)', {
  timeout: 600_000,
}, async () => {
  const sample = inTheLog(log, { byte: 9001, line: 37, anew: 43, cut: 9001 })
  const result = await accepted(makeBench(desk, 'in-the-log'), sample)
  expect(result).toMatchObject({ accepted: [], unseen: [] })
  expect(result.tried).toBeGreaterThan(50)
})

test('so is one whose checkpoints, signatures, signers or kept files are not what its runs left', {
  timeout: 600_000,
}, async () => {
  const result = await accepted(makeBench(desk, 'beside-the-log'), besideTheLog(pristine()))
  expect(result).toMatchObject({ accepted: [], unseen: [] })
  expect(result.tried).toBeGreaterThan(30)
})
