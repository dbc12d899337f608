import { describeLacking } from '../approval/policy.ts'
import { nameOfSigner } from '../approval/verdict.ts'
import { describeAction } from '../plan/describe.ts'
import type { Recorded, RunState } from '../run/state.ts'
import { describeDuplicates } from '../steps/describe.ts'

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
export const describeApproval = (approval: Omit<RunState['approvals'][number], 'entry'>): string =>
  `${nameOfSigner(approval)} approved the plan${approval.group === undefined ? '' : ` for ${approval.group}`} at ${approval.statement.at} (key ${approval.key})`

/** What an operator did alone and why, in one sentence. */
export const describeOverride = ({
  by,
  lacking,
  reason,
}: Pick<NonNullable<RunState['override']>, 'by' | 'lacking' | 'reason'>): string =>
  `SOLO OVERRIDE: ${by} went on without approval by ${describeLacking(lacking)} (${reason})`

function textOf(event: Recorded, runs: RunState[]): string | undefined {
  const run = runs.find((candidate) => candidate.run === event.run)
  const titleOf = (step: string): string => run?.steps.get(step)?.planned.title ?? step
  switch (event.type) {
    case 'run.opened':
      if (event.body.undoes) return `${event.body.operator} began to take changes back`
      return `${event.body.operator} opened a ${event.body.cloud.kind === 'sandbox' ? 'rehearsal' : 'run'}`
    case 'run.resumed':
      return `${event.body.by} went on with the run`
    case 'step.resolved':
      return `${titleOf(event.body.step)}: was in doubt, ${event.body.verdict} by read-back`
    case 'lock.taken-over':
      return describeTakeOver(event.body)
    case 'log.repaired':
      return `cut ${event.body.bytes} bytes of a torn last line off the log (SHA-256 ${event.body.sha256})`
    case 'plan.made': {
      const drifted = event.body.plan.steps.filter((step) => step.status === 'drift').length
      return `observed ${event.body.plan.steps.length} steps, ${drifted} drifted`
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
      return event.body.moved ? `${titleOf(event.body.step)}: no longer as the plan showed it` : undefined
    case 'step.intent':
      return `${titleOf(event.body.step)}: started \`${describeAction(event.body.action)}\`${event.body.attempt > 1 ? ` (attempt ${event.body.attempt})` : ''}`
    case 'step.outcome':
      return `${titleOf(event.body.step)}: ${event.body.verdict} by read-back`
    case 'step.duplicated':
      return `${titleOf(event.body.step)}: ${describeDuplicates(event.body.duplicates)}`
    case 'check.observed':
    case 'backfill.observed':
      return undefined
    case 'run.closed':
      return `the run ended: ${event.body.ending} (${event.body.reason})`
  }
}
