import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type CheckpointClaim, parseCheckpoint } from '../../engine/audit/verify-checkpoint.ts'
import { forgeries, isRefused } from './forged-checkpoints.ts'
import { deskIn } from './machine.ts'
import { besideTheLog, COMMANDS, inTheLog, makeBench, tried } from './tampered-folder.ts'
import { chainedAnew, changedBytes, changedLines, isFound, linesOf, type Mutation } from './tampering.ts'

/** How many ways to tamper there were, and which of them were not found. */
type Tally = { mutations: number; missed: string[] }

type Share = { log: Uint8Array; checkpoint: CheckpointClaim; from: number; of: number; folder: string }

/** Goes through one share of all changes of bytes. */
function changeBytes({ log, checkpoint, from, of }: Share): Tally {
  const tally: Tally = { mutations: 0, missed: [] }
  let number = 0
  for (const mutation of changedBytes(log))
    if (number++ % of === from) count(tally, mutation, isFound(mutation, checkpoint))
  return tally
}

/** Has every command try to add to one share of the folders that were tampered with; each must be refused with nothing changed. */
async function addTo({ log, from, of, folder }: Share): Promise<Tally> {
  const tally: Tally = { mutations: 0, missed: [] }
  const at = (...names: string[]) => join(folder, ...names)
  const desk = { at, log: (incident: string) => readFileSync(at('logs', incident, 'audit.jsonl')) }
  const pristine = { desk, incident: 'INC-1', other: 'INC-2' }
  const bench = makeBench(desk, `bench-${from}`)
  let number = 0
  for (const tamperings of [inTheLog(log, { byte: 997, line: 1, anew: 1, cut: 499 }), besideTheLog(pristine)])
    for (const tampering of tamperings) {
      if (number++ % of !== from) continue
      const { refused, wrong } = await tried(pristine, tampering, bench)
      count(tally, { what: wrong[0] ?? tampering.what }, refused && wrong.length === 0)
    }
  return tally
}

/** What one thread found: in how many ways a verifier misses a change, and a command takes one. */
type Found = { changes: Tally; additions: Tally }

const goThrough = async (share: Share): Promise<Found> => ({
  changes: changeBytes(share),
  additions: await addTo(share),
})

function count(tally: Tally, { what }: { what: string }, found: boolean): void {
  tally.mutations++
  if (!found) tally.missed.push(what)
}

function inWorker(share: Share): Promise<Found> {
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
    await desk.breakglass(['rehearse', 'conformant', '--yes', '--incident', 'INC-2', '--logs', desk.logs])
    desk.key('forger-of-checkpoints')
    const log = desk.log('INC-1')
    const newest = readFileSync(desk.at('logs', 'INC-1', 'checkpoints', String(linesOf(log).length)), 'utf8')
    const checkpoint = parseCheckpoint(newest)
    const untouched: Mutation = { what: 'untouched', log }
    if (!checkpoint || isFound(untouched, checkpoint)) throw new Error('the log is not sound in the first place')
    const others = await rest(desk, log, checkpoint)
    const of = availableParallelism()
    const shares = Array.from({ length: of }, (_, from) => ({ log, checkpoint, from, of, folder }))
    const found = await Promise.all(shares.map(inWorker))
    const changes = sum([others, ...found.map((each) => each.changes)])
    const additions = sum(found.map((each) => each.additions))
    for (const what of changes.missed.slice(0, 20)) console.log(`not found: ${what}`)
    for (const what of additions.missed.slice(0, 20)) console.log(`not refused: ${what}`)
    console.log(`${changes.mutations} mutations, ${changes.mutations - changes.missed.length} found`)
    console.log(
      `${additions.mutations} incidents tampered with, ${additions.mutations - additions.missed.length} refused by each of ${COMMANDS.length} commands with nothing changed`,
    )
    process.exitCode = changes.missed.length + additions.missed.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const sum = (tallies: Tally[]): Tally => ({
  mutations: tallies.reduce((total, { mutations }) => total + mutations, 0),
  missed: tallies.flatMap(({ missed }) => missed),
})

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
else parentPort?.postMessage(await goThrough(workerData as Share))
