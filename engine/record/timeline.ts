import { describeLacking } from '../approval/policy.ts'
import { nameOfSigner } from '../approval/verdict.ts'
import { formatDuration } from '../base/duration.ts'
import { describeAction } from '../plan/describe.ts'
import type { Ending, RunEvent, Verdict } from '../run/model/events.ts'
import { describeMaker, isMadeRight } from '../run/model/maker.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { RunState } from '../run/model/run-state.ts'
import { describeDuplicates, describeUnreadEffect, isUnreadEffect } from '../steps/describe.ts'
import { isChange } from '../steps/index.ts'
import type { Action } from '../steps/types.ts'
import { describeReading, withoutFingerprints } from './values.ts'

type BodyOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['body']

/** A row of the timeline; `until` is the time of the last of several entries. */
export type Moment = { time: string; until?: string; text: string; entries: number[] }

/** The statement of a log entry, and the steps that it is about; none where it is about the run. */
type Statement = { steps: string[]; what: string }

/** Returns the timeline; consecutive entries with the same statement share a moment. */
export function timelineOf(events: Recorded[], runs: RunState[]): Moment[] {
  const groups: { first: Recorded; last: Recorded; statement: Statement; entries: number[] }[] = []
  for (const event of events) {
    const statement = statementOf(event, runs)
    if (statement === undefined) continue
    const group = groups.at(-1)
    if (group && isSame(group.statement, statement)) {
      group.last = event
      group.entries.push(event.seq)
      group.statement.steps.push(...statement.steps)
    } else groups.push({ first: event, last: event, statement, entries: [event.seq] })
  }
  return groups.map(({ first, last, statement, entries }) => {
    const times = entries.length > 1 && statement.steps.length === 0 ? ` (${entries.length} times)` : ''
    const until = last === first ? {} : { until: last.time }
    return { time: first.time, ...until, text: `${textOf(statement)}${times}`, entries }
  })
}

const isSame = (a: Statement, b: Statement): boolean => a.what === b.what && a.steps.length > 0 === b.steps.length > 0

/** Describes an entry in one line; undefined where the timeline leaves it out. */
export function describeMoment(event: Recorded, runs: RunState[]): string | undefined {
  const statement = statementOf(event, runs)
  return statement && textOf(statement)
}

const textOf = ({ steps, what }: Statement): string =>
  steps.length === 0 ? what : `${[...new Set(steps)].join('; ')}: ${what}`

function statementOf(event: Recorded, runs: RunState[]): Statement | undefined {
  const ofRun = (what: string): Statement => ({ steps: [], what })
  switch (event.type) {
    case 'run.opened': {
      const { operator, undoes, cloud } = event.body
      return ofRun(`${operator} started ${undoes ? 'an undo' : cloud.kind === 'sandbox' ? 'a rehearsal' : 'a run'}`)
    }
    case 'run.resumed':
      return ofRun(`${event.body.by} resumed the run`)
    case 'lock.taken-over':
      return ofRun(describeTakeOver(event.body))
    case 'log.repaired':
      return ofRun(
        `removed an incomplete last line of ${event.body.bytes} bytes from the log (SHA-256 ${event.body.sha256})`,
      )
    case 'plan.made': {
      const { steps } = event.body.plan
      const count = (status: string) => steps.filter((step) => step.status === status).length
      const unread = count('unknown') > 0 ? `, ${count('unknown')} could not be read` : ''
      return ofRun(`observed ${counted(steps.length, 'step')}: ${count('drift')} drifted${unread}`)
    }
    case 'operator.identified':
      return ofRun(`${nameOfSigner(event.body)} signed as the operator`)
    case 'plan.approved':
      return ofRun(describeApproval(event.body))
    case 'policy.overridden':
      return ofRun(describeOverride(event.body))
    case 'override.countersigned':
      return ofRun(`${nameOfSigner(event.body)} countersigned the solo override`)
    case 'environment.entered':
      return ofRun(`${event.body.by} typed ${event.body.project} to confirm changes to ${event.body.environment}`)
    case 'cloud.reconciled': {
      const { by, ours, others, notShown } = event.body
      return ofRun(
        `${by} compared Cloud Audit Logs with this log: ${counted(ours.length, 'call')} of this incident, ${counted(others.length, 'change')} by others, ${counted(notShown.length, 'change')} of this log not shown`,
      )
    }
    case 'run.closed':
      return ofRun(`the run ended: ${ENDINGS[event.body.ending]} (${withoutFingerprints(event.body.reason)})`)
    case 'check.observed':
    case 'backfill.observed':
      return undefined
    default: {
      const step = runs.find(({ run }) => run === event.run)?.steps.get(event.body.step)
      const what = describeStep(event, step?.planned.apply)
      return what === undefined ? undefined : { steps: [step?.planned.title ?? event.body.step], what }
    }
  }
}

/** What the ending of a run is called. */
export const ENDINGS: Record<Ending, string> = {
  done: 'done',
  failed: 'failed',
  drift: 'drift left',
  declined: 'not consented',
  'in-doubt': 'in doubt',
  interrupted: 'interrupted',
}

/** Describes an entry about a step; `planned` is what the plan would do in it. */
function describeStep(
  event: Extract<Recorded, { type: `step.${string}` }>,
  planned: Action | undefined,
): string | undefined {
  switch (event.type) {
    case 'step.resolved':
      return `was in doubt; ${describeVerdict(event.body)}`
    case 'step.decided':
      return describeDecision(event.body)
    case 'step.observed': {
      const { observation, moved } = event.body
      if (observation.state === 'unknown') return `could not be read (${observation.reason})`
      return moved ? 'changed since the plan was made' : undefined
    }
    case 'step.intent':
      return `${describeStart(event.body)}${event.body.attempt > 1 ? ` (attempt ${event.body.attempt})` : ''}`
    case 'step.outcome':
      return describeVerdict(event.body)
    case 'step.stated':
      return describeStated(event.body, planned)
    case 'step.waited':
      return describeWaited(event.body)
    case 'step.not-needed':
      return `not needed: ${event.body.reason}`
    case 'step.duplicated':
      return describeDuplicates(event.body.duplicates)
  }
}

function describeDecision({ decision, by }: BodyOf<'step.decided'>): string | undefined {
  switch (decision.choice) {
    case 'skip':
      return `skipped by ${by} (${decision.reason})`
    case 'abort':
      return `${by} stopped the run before this step (${decision.reason})`
    case 'by-hand':
      return `${by} makes this change by hand`
    case 'apply':
    case 'undo-last':
      return undefined
  }
}

const VERDICTS: Record<Exclude<Verdict, 'made-by-another' | 'made-by-unknown'>, string> = {
  applied: 'changed, confirmed by read-back',
  'not-applied': 'not changed, by read-back',
  ambiguous: 'neither the old nor the wanted state, by read-back',
  'in-doubt': 'in doubt: the read-back does not settle it',
}

/** Describes what a read-back found, who made the change where that was asked, and gcloud's error where it failed. */
export function describeVerdict({
  verdict,
  maker,
  ...more
}: Pick<BodyOf<'step.resolved'>, 'verdict' | 'maker'> & Partial<BodyOf<'step.outcome'>>): string {
  const { failure } = more.evidence ?? {}
  if (verdict === 'in-doubt' && more.evidence && isUnreadEffect(more.evidence))
    return describeUnreadEffect(more.readBack?.state === 'unknown' ? more.readBack.reason : '')
  const found = isMadeRight(verdict) ? describeMaker(verdict, maker) : VERDICTS[verdict]
  return `${found}${failure ? ` (gcloud: ${failure.message})` : ''}`
}

/** Describes how a change started: with a command, or with a person who makes it by hand. */
function describeStart({ action, person }: BodyOf<'step.intent'>): string {
  const planned = describeAction(action)
  if (!isChange(action)) return `started by hand${person === undefined ? '' : ` by ${person}`} (${planned})`
  return person === undefined
    ? `started \`${planned}\``
    : `started by hand by ${person}; Breakglass started no command (planned: \`${planned}\`)`
}

/** Describes a person's answer where nothing can be read. */
function describeStated({ says, words, by }: BodyOf<'step.stated'>, planned: Action | undefined): string {
  if (planned?.kind === 'ask') return `${by} ${says === 'yes' ? 'approved' : 'did not approve'}: ${words}`
  return `${by} states that it was ${says === 'yes' ? '' : 'not '}done by hand; nothing was read: ${words}`
}

/** Describes how a wait ended. */
function describeWaited({ status, observation, expectation, durationMs, simulatedMs }: BodyOf<'step.waited'>): string {
  const time =
    simulatedMs === undefined ? formatDuration(durationMs) : `${formatDuration(simulatedMs)} of simulated time`
  const reading = describeReading(observation, expectation)
  switch (status) {
    case 'unseen':
      return `waited ${time}`
    case 'conformant':
      return `the condition held after ${time}`
    case 'unknown':
      return `the condition could not be read after ${time} (${reading})`
    case 'drift':
      return `the condition did not hold after ${time} (${reading})`
  }
}

/** Describes whose lock was taken over. */
export function describeTakeOver({ lock, name, owner, by }: Omit<RunState['takenOver'][number], 'entry'>): string {
  const { user, pid, host, incident, since } = owner
  return `${by} took over the lock on ${lock} ${name} from ${user}, whose process had ended (process ${pid} on ${host}, incident ${incident}, since ${since})`
}

/** Describes who approved a plan, and for which group. */
export const describeApproval = (approval: BodyOf<'plan.approved'>): string =>
  `${nameOfSigner(approval)} approved the plan${approval.group === undefined ? '' : ` for ${approval.group}`} at ${approval.statement.at} (key ${approval.key})`

/** Describes what an operator did without the approvals that the policy asks for, and why. */
export const describeOverride = ({ by, lacking, reason }: BodyOf<'policy.overridden'>): string =>
  `SOLO OVERRIDE: ${by} proceeded without approval by ${describeLacking(lacking)} (${reason})`

/** The result of checking a person's signature when the record is read: the list that it was checked with, or why it does not count. */
export type SignatureChecked = { verified: true; list: 'given' | 'as used' } | { verified: false; why: string }

/** Describes a signature; only one that was checked just now is called verified. */
export function describeChecked(checked: SignatureChecked | undefined, recordedAt: string): string {
  if (checked === undefined) return `recorded as verified at ${recordedAt}, not checked here`
  if (!checked.verified) return `the signature does NOT count: ${checked.why}`
  return `signature verified just now with ${checked.list === 'given' ? 'your list' : 'the list that the run used'}`
}

/** Returns a number with its noun: "1 step", "2 steps". */
export const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** Returns a text with a capital first letter. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
