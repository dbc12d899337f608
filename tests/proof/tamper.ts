import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type CheckpointClaim, parseCheckpoint } from '../../engine/audit/verify-checkpoint.ts'
import { forgeries, isRefused } from './forged-checkpoints.ts'
import { deskIn } from './machine.ts'
import { chainedAnew, changedBytes, changedLines, isFound, linesOf, type Mutation } from './tampering.ts'

/** How many ways to tamper there were, and which of them were not found. */
type Tally = { mutations: number; missed: string[] }

type Share = { log: Uint8Array; checkpoint: CheckpointClaim; from: number; of: number }

/** Goes through one share of all changes of bytes. */
function changeBytes({ log, checkpoint, from, of }: Share): Tally {
  const tally: Tally = { mutations: 0, missed: [] }
  let number = 0
  for (const mutation of changedBytes(log))
    if (number++ % of === from) count(tally, mutation, isFound(mutation, checkpoint))
  return tally
}

function count(tally: Tally, { what }: { what: string }, found: boolean): void {
  tally.mutations++
  if (!found) tally.missed.push(what)
}

function inWorker(share: Share): Promise<Tally> {
  return new Promise((resolve, reject) => {
    new Worker(new URL(import.meta.url), { workerData: share }).on('message', resolve).on('error', reject)
  })
}

/** Rehearses the incident, tampers with its log in every way, and prints how many were found. */
async function tamper(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-tamper-'))
  try {
    const desk = deskIn(folder)
    const ended = await desk.rehearse('INC-1', ['--sign-key', desk.key('operator')])
    if (ended.exit !== 0) throw new Error(`the rehearsal failed: ${ended.stderr}`)
    const log = desk.log('INC-1')
    const newest = readFileSync(desk.at('logs', 'INC-1', 'checkpoints', String(linesOf(log).length)), 'utf8')
    const checkpoint = parseCheckpoint(newest)
    const untouched: Mutation = { what: 'untouched', log }
    if (!checkpoint || isFound(untouched, checkpoint)) throw new Error('the log is not sound in the first place')
    const tallies = [await rest(desk, log, checkpoint)]
    const of = availableParallelism()
    const shares = Array.from({ length: of }, (_, from) => ({ log, checkpoint, from, of }))
    tallies.push(...(await Promise.all(shares.map(inWorker))))
    const missed = tallies.flatMap((tally) => tally.missed)
    const mutations = tallies.reduce((sum, tally) => sum + tally.mutations, 0)
    for (const what of missed.slice(0, 20)) console.log(`not found: ${what}`)
    console.log(`${mutations} mutations, ${mutations - missed.length} found`)
    process.exitCode = missed.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** All but the changes of bytes: lines, cuts, logs that were chained anew, and checkpoints that were forged for them. */
async function rest(desk: ReturnType<typeof deskIn>, log: Uint8Array, checkpoint: CheckpointClaim): Promise<Tally> {
  const tally: Tally = { mutations: 0, missed: [] }
  for (const mutations of [changedLines(log), chainedAnew(log)])
    for (const mutation of mutations) count(tally, mutation, isFound(mutation, checkpoint))
  const signers = desk.at('logs', 'INC-1', 'allowed_signers')
  for (const forgery of forgeries(desk, 'INC-1')) count(tally, forgery, await isRefused(forgery, signers))
  return tally
}

if (isMainThread) await tamper()
else parentPort?.postMessage(changeBytes(workerData as Share))
