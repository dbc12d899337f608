import { describeLacking } from '../approval/policy.ts'
import { nameOfSigner } from '../approval/verdict.ts'
import { formatDuration } from '../base/duration.ts'
import { describeAction } from '../plan/describe.ts'
import type { RunEvent } from '../run/model/events.ts'
import { describeMaker, isMadeRight } from '../run/model/maker.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { RunState } from '../run/model/run-state.ts'
import { describeDuplicates, describeObserved, describeUnreadEffect, isUnreadEffect } from '../steps/describe.ts'
import { isChange } from '../steps/index.ts'
import type { Action } from '../steps/types.ts'

type BodyOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['body']

/** The line of the timeline that an entry deserves, if any: what a reader asks for the day after. */
export function describeMoment(event: Recorded, runs: RunState[]): { time: string; text: string; entries: number[] }[] {
  const text = textOf(event, runs)
  return text === undefined ? [] : [{ time: event.time, text, entries: [event.seq] }]
}

/** Whose lock was taken over, in one sentence. */
export function describeTakeOver({ lock, name, owner, by }: Omit<RunState['takenOver'][number], 'entry'>): string {
  const { user, pid, host, incident, since } = owner
  return `${by} took over the lock of ${lock} ${name} from ${user} (process ${pid} on ${host}, incident ${incident}, since ${since}), which was no longer there`
}

/** Who approved a plan and for whom, in one sentence. */
export const describeApproval = (approval: BodyOf<'plan.approved'>): string =>
  `${nameOfSigner(approval)} approved the plan${approval.group === undefined ? '' : ` for ${approval.group}`} at ${approval.statement.at} (key ${approval.key})`

/** What checking a person's signature said just now: whose it is by which list, or why it does not count. */
export type SignatureChecked = { verified: true; list: 'given' | 'as used' } | { verified: false; why: string }

/** What is known of a signature, in a few words: verified only where it was checked just now. */
export function describeChecked(checked: SignatureChecked | undefined, recordedAt: string): string {
  if (checked === undefined) return `recorded as verified at ${recordedAt}, and not checked here`
  if (!checked.verified) return `the signature does NOT count: ${checked.why}`
  return `signature verified just now, by ${checked.list === 'given' ? 'your list' : 'the list that the run used'}`
}

/** What an operator did alone and why, in one sentence. */
export const describeOverride = ({ by, lacking, reason }: BodyOf<'policy.overridden'>): string =>
  `SOLO OVERRIDE: ${by} went on without approval by ${describeLacking(lacking)} (${reason})`

function textOf(event: Recorded, runs: RunState[]): string | undefined {
  const run = runs.find((candidate) => candidate.run === event.run)
  const titleOf = (step: string): string => run?.steps.get(step)?.planned.title ?? step
  const actionOf = (step: string) => run?.steps.get(step)?.planned.apply
  switch (event.type) {
    case 'run.opened':
      if (event.body.undoes) return `${event.body.operator} began to take changes back`
      return `${event.body.operator} opened a ${event.body.cloud.kind === 'sandbox' ? 'rehearsal' : 'run'}`
    case 'run.resumed':
      return `${event.body.by} went on with the run`
    case 'step.resolved':
      return `${titleOf(event.body.step)}: was in doubt, ${describeVerdict(event.body)}`
    case 'lock.taken-over':
      return describeTakeOver(event.body)
    case 'log.repaired':
      return `cut ${event.body.bytes} bytes of a torn last line off the log (SHA-256 ${event.body.sha256})`
    case 'plan.made': {
      const drifted = event.body.plan.steps.filter((step) => step.status === 'drift').length
      const unread = event.body.plan.steps.filter((step) => step.status === 'unknown').length
      return `observed ${counted(event.body.plan.steps.length, 'step')}, ${drifted} drifted${unread > 0 ? `, ${unread} could not be read` : ''}`
    }
    case 'operator.identified':
      return `${nameOfSigner(event.body)} signed as the operator`
    case 'plan.approved':
      return describeApproval(event.body)
    case 'policy.overridden':
      return describeOverride(event.body)
    case 'override.countersigned':
      return `${nameOfSigner(event.body)} countersigned what was done alone`
    case 'step.decided':
      return 'reason' in event.body.decision
        ? `${titleOf(event.body.step)}: ${event.body.decision.choice} (${event.body.decision.reason})`
        : event.body.decision.choice === 'by-hand'
          ? `${titleOf(event.body.step)}: ${event.body.by} does it by hand`
          : undefined
    case 'environment.entered':
      return `${event.body.by} typed ${event.body.project} to change ${event.body.environment}`
    case 'step.observed':
      if (event.body.observation.state === 'unknown')
        return `${titleOf(event.body.step)}: could not be read (${event.body.observation.reason})`
      return event.body.moved ? `${titleOf(event.body.step)}: no longer as the plan showed it` : undefined
    case 'step.intent':
      return `${titleOf(event.body.step)}: ${describeStart(event.body)}${event.body.attempt > 1 ? ` (attempt ${event.body.attempt})` : ''}`
    case 'step.outcome':
      return `${titleOf(event.body.step)}: ${describeVerdict(event.body)}`
    case 'step.stated':
      return `${titleOf(event.body.step)}: ${describeStated(event.body, actionOf(event.body.step))}`
    case 'step.waited':
      return `${titleOf(event.body.step)}: ${describeWaited(event.body)}`
    case 'step.not-needed':
      return `${titleOf(event.body.step)}: not needed, ${event.body.reason}`
    case 'step.duplicated':
      return `${titleOf(event.body.step)}: ${describeDuplicates(event.body.duplicates)}`
    case 'check.observed':
    case 'backfill.observed':
      return undefined
    case 'cloud.reconciled': {
      const { by, ours, others, notShown } = event.body
      return `${by} held Cloud Audit Logs against the log: ${counted(ours.length, 'call')} of ours, ${counted(others.length, 'change')} of others, ${counted(notShown.length, 'change')} not shown`
    }
    case 'run.closed':
      return `the run ended: ${event.body.ending} (${event.body.reason})`
  }
}

/** Describes what a read-back says, who made it right where that was asked, and what gcloud said where it failed. */
export function describeVerdict({
  verdict,
  maker,
  ...more
}: Pick<BodyOf<'step.resolved'>, 'verdict' | 'maker'> & Partial<BodyOf<'step.outcome'>>): string {
  const { failure } = more.evidence ?? {}
  const refused = failure ? ` (gcloud: ${failure.message})` : ''
  if (verdict === 'in-doubt' && more.evidence && isUnreadEffect(more.evidence))
    return describeUnreadEffect(more.readBack?.state === 'unknown' ? more.readBack.reason : '')
  return `${isMadeRight(verdict) ? describeMaker(verdict, maker) : `${verdict} by read-back`}${refused}`
}

/** So many of something. */
export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

/** Describes how a change began: the command that the engine started, or the person who makes it by hand, and what the plan has for it. */
function describeStart({ action, person }: BodyOf<'step.intent'>): string {
  const planned = describeAction(action)
  if (!isChange(action)) return `begun by hand${person === undefined ? '' : ` by ${person}`} (${planned})`
  return person === undefined
    ? `started \`${planned}\``
    : `begun by hand by ${person}; Breakglass started no command (the plan has \`${planned}\`)`
}

/** What somebody said where nothing can be read. */
function describeStated({ says, words, by }: BodyOf<'step.stated'>, action: Action | undefined): string {
  if (action?.kind === 'ask') return `${by} ${says === 'yes' ? 'approved' : 'did not approve'}: ${words}`
  return `${by} states that it was ${says === 'yes' ? '' : 'not '}done by hand, and nobody has read it: ${words}`
}

/** How a wait ended. */
function describeWaited({ status, observation, expectation, durationMs, simulatedMs }: BodyOf<'step.waited'>): string {
  const time =
    simulatedMs === undefined ? formatDuration(durationMs) : `${formatDuration(simulatedMs)} of simulated time`
  switch (status) {
    case 'unseen':
      return `waited ${time}`
    case 'conformant':
      return `it holds after ${time}`
    case 'unknown':
      return `whether it holds could not be read after ${time} (${describeObserved(observation, expectation)})`
    case 'drift':
      return `it does not hold after ${time} (${describeObserved(observation, expectation)})`
  }
}
