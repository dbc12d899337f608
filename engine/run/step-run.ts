import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import type { BoundStep } from '../steps/types.ts'
import { type ChangeEnd, change, leaveToPerson } from './change.ts'
import type { Decision } from './events.ts'
import type { Place, RunHost, Seen, StepFate } from './host.ts'
import { reobserve } from './reobserve.ts'
import type { Done } from './undo.ts'

/** What became of a step, and why in a few words; for a change that is there, what its undo needs to know. */
export type StepEnd = { fate: StepFate | 'aborted' | 'undo-last'; note: string; done?: Omit<Done, 'run'> }

/** A step's turn: how it stands, how often it was tried, its place among those that are asked about, and when work on it began (thinking time doesn't count). */
export type Turn = Place & { planned: PlannedStep; seen: Seen; tried: number; startedAt: Date }

/** A value that somebody else changes under our hands is shown again so often, then left to them. */
const MOST_QUESTIONS = 4

/** Takes one drifted step through consent, re-observation, apply and read-back; what moved meanwhile is shown and asked about again. */
export async function runStep(turn: Turn, step: BoundStep, host: RunHost): Promise<StepEnd> {
  if (!turn.planned.apply) return lookAgain(turn.planned, step, host)
  let { planned, seen } = turn
  for (let question = 1; question <= MOST_QUESTIONS; question++) {
    const decision = await consent(planned, seen, turn, host)
    if (!consents(decision)) return declined(decision)
    const current = await reobserve(planned, step, host)
    switch (current.status) {
      case 'conformant':
        return { fate: 'conformant', note: 'it is right by now, nothing was done' }
      case 'unknown':
        return { fate: 'unreadable', note: reasonOf(current) }
      case 'drift':
        break
    }
    if (sameObservation(current.observation, planned.observation)) {
      const end = await carryOut(decision, current, step, turn, host)
      if (end.fate !== 'moved') return ended(end, current)
      planned = end.current
    } else planned = current
    seen = 'moved'
  }
  return {
    fate: 'aborted',
    note: `${step.title} keeps changing, somebody else is at work on it; nothing of theirs was overwritten`,
  }
}

const carryOut = (
  { choice }: Consent,
  current: PlannedStep,
  step: BoundStep,
  { tried }: Turn,
  host: RunHost,
): Promise<ChangeEnd> =>
  choice === 'by-hand' ? leaveToPerson(current, step, tried, host) : change(current, step, tried, host)

function ended(end: Exclude<ChangeEnd, { fate: 'moved' }>, current: PlannedStep): StepEnd {
  const { fate, note, readBack, evidence } = end
  return fate === 'applied' ? { fate, note, done: { planned: current, readBack, evidence } } : { fate, note }
}

type Consent = Extract<Decision, { choice: 'apply' | 'by-hand' }>

const consents = (decision: Decision): decision is Consent =>
  decision.choice === 'apply' || decision.choice === 'by-hand'

function declined(decision: Exclude<Decision, Consent>): StepEnd {
  switch (decision.choice) {
    case 'skip':
      return { fate: 'skipped', note: decision.reason }
    case 'abort':
      return { fate: 'aborted', note: decision.reason }
    case 'undo-last':
      return { fate: 'undo-last', note: '' }
  }
}

async function consent(planned: PlannedStep, seen: Seen, turn: Turn, host: RunHost): Promise<Decision> {
  const { number, of, last } = turn
  const decision = await host.operator.decide(planned, seen, { number, of, ...(last === undefined ? {} : { last }) })
  turn.startedAt = host.world.clock.now()
  await host.append({ type: 'step.decided', body: { step: planned.key, decision, by: host.operator.name } })
  return decision
}

async function lookAgain(planned: PlannedStep, step: BoundStep, host: RunHost): Promise<StepEnd> {
  const current = await reobserve(planned, step, host)
  switch (current.status) {
    case 'conformant':
      return { fate: 'conformant', note: 'it is right by now' }
    case 'unknown':
      return { fate: 'unreadable', note: reasonOf(current) }
    case 'drift':
      return { fate: 'left', note: planned.note ?? 'the runbook only shows this; it was left as it is' }
  }
}

const reasonOf = (step: PlannedStep): string => (step.observation.state === 'unknown' ? step.observation.reason : '')
