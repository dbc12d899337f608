import type { PlannedStep } from '../plan/types.ts'
import { statusOf } from '../steps/compare.ts'
import { describeObserved } from '../steps/describe.ts'
import { observe } from '../steps/index.ts'
import type { BoundStep, Expectation, Observation, Waiting } from '../steps/types.ts'
import { Interrupted, type RunHost } from './model/host.ts'
import type { StepEnd } from './model/step-run.ts'
import { describeElapsed, elapsedSince, instantOf } from './model/time-taken.ts'
import { readBack } from './read-back.ts'

/** Waits for a time, or until a condition holds; fails if it doesn't hold in time. */
export async function wait(
  { key, title, observation }: PlannedStep,
  waiting: Waiting,
  step: BoundStep,
  host: RunHost,
): Promise<StepEnd> {
  const started = instantOf(host.world)
  const leftMs = 'forMs' in waiting ? waiting.forMs : waiting.withinMs
  await host.report({ type: 'step-waiting', key, title, reads: 0, leftMs })
  const seen =
    'forMs' in waiting ? await letPass(waiting.forMs, observation, host) : await untilItHolds(waiting, step, host)
  const status = statusOf(seen.observation, seen.expectation)
  if (host.stopRequested() && status !== 'conformant') throw new Interrupted()
  const elapsed = elapsedSince(started, host.world)
  const { observation: last, expectation, reads } = seen
  await host.append({
    type: 'step.waited',
    body: { step: key, observation: last, expectation, reads, status, ...elapsed },
  })
  switch (status) {
    case 'conformant':
    case 'unseen':
      return { status: 'waited', note: '' }
    case 'unknown':
    case 'drift': {
      const is = describeObserved(seen.observation, seen.expectation)
      const what = status === 'drift' ? 'the condition does not hold' : 'the condition could not be read'
      return { status: 'overdue', note: `${what} after ${describeElapsed(elapsed)}: ${is}` }
    }
  }
}

type Seen = { observation: Observation; expectation: Expectation; reads: number }

async function letPass(ms: number, observation: Observation, { world }: RunHost): Promise<Seen> {
  await world.clock.sleep(ms)
  return { observation, expectation: {}, reads: 0 }
}

function untilItHolds(
  { everyMs, withinMs }: { everyMs: number; withinMs: number },
  step: BoundStep,
  host: RunHost,
): Promise<Seen> {
  const { key, title } = step
  const readStep = async () => {
    const { observation, expectation } = await observe(step, host.world)
    return { observation, expectation }
  }
  const report: RunHost['report'] = (event) =>
    host.report(event.type === 'step-reading-back' ? { ...event, type: 'step-waiting', title } : event)
  const settle = { reads: 1, everyMs, withinMs }
  // What is waited for may be new: a denied read is not a refusal.
  return readBack({ key, settle }, readStep, { state: 'absent' }, {}, { ...host, report })
}
