import { onePass } from '../plan/observe.ts'
import { statusOf } from '../steps/compare.ts'
import { describeObserved } from '../steps/describe.ts'
import { observe } from '../steps/index.ts'
import type { BoundStep, Status } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { RunHost } from './model/host.ts'
import { elapsedSince, type Instant, instantOf } from './model/time-taken.ts'
import { isRefusedRead } from './read-back.ts'

type Pending = { check: BoundStep; startedAt: Instant; inARow: number; reads: number }

/**
 * Runs the checks at the end of a run in parallel, pass after pass, each until it passes or its time is up. Returns
 * each check's status.
 */
export async function runChecks(checks: BoundStep[], host: RunHost): Promise<Status[]> {
  await host.report({ type: 'checks-started', checks: checks.map(({ key, title }) => ({ key, title })) })
  const { clock } = host.world
  const ended: Status[] = []
  let pending: Pending[] = checks.map((check) => ({ check, startedAt: instantOf(host.world), inARow: 0, reads: 0 }))
  while (pending.length > 0) {
    const pass = onePass(host.world, host.width)
    const observed = await Promise.all(pending.map((item) => observeOnce(item, pass, host)))
    ended.push(...observed.flatMap((each) => ('status' in each ? [each.status] : [])))
    pending = observed.flatMap((each) => ('status' in each ? [] : [each]))
    if (pending.length > 0) await clock.sleep(Math.min(...pending.map(({ check }) => check.settle.everyMs)))
  }
  return ended
}

/** Observes a check once: it has ended with a status, or is still pending. */
async function observeOnce(item: Pending, pass: World, host: RunHost): Promise<Pending | { status: Status }> {
  const { key, title, settle } = item.check
  const { observation, expectation, note } = await observe(item.check, pass)
  const status = statusOf(observation, expectation)
  const seen = { ...item, reads: item.reads + 1, inARow: status === 'conformant' ? item.inARow + 1 : 0 }
  const passedMs = instantOf(host.world).cloudMs - item.startedAt.cloudMs
  // Reading again is useless if reading is refused.
  const isOver = isRefusedRead(observation, { state: 'unseen' }) || host.stopRequested()
  const timeIsUp = passedMs + settle.everyMs > settle.withinMs || isOver
  if (seen.inARow < settle.reads && !timeIsUp) return seen
  const elapsed = elapsedSince(item.startedAt, host.world)
  const noted = note === undefined ? {} : { note }
  const body = { check: key, observation, expectation, status, ...noted, reads: seen.reads, ...elapsed }
  await host.append({ type: 'check.observed', body })
  const notes = [
    ...(status === 'conformant' ? [] : [describeObserved(observation, expectation)]),
    ...(note ? [note] : []),
  ]
  await host.report({ type: 'check-ended', key, title, status, note: notes.join('; '), elapsed })
  return { status }
}
