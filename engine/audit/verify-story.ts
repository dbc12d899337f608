import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { quote } from '../base/printable.ts'
import type { Entry } from './entry.ts'

/** Checks whether the entries of a log belong together: each to a run of one incident and to that run's plan. */
export type Story = {
  /** Returns what is wrong with the next entry, given those before it, if anything. */
  take(entry: Entry, line: number): string | undefined
  clockBack(): ClockBack | undefined
}

/** What the entries of a run may refer to. */
type Run = { steps: Set<string>; checks: Set<string>; attempts: Map<string, number> }

/** Starts an empty story of `incident`; if that is undefined, the first run decides. */
export function makeStory(incident?: string): Story {
  const runs = new Map<string, Run>()
  let [own, last] = [incident, '']
  let back: ClockBack | undefined
  const wrongWith = (entry: Entry): string | undefined => {
    if (entry.type === 'run.opened') {
      own ??= entry.body.incident
      return opened(entry, own, runs)
    }
    const run = runs.get(entry.run)
    return run === undefined
      ? `it belongs to run ${quote(entry.run)}, which no earlier entry opened`
      : belongs(entry, run)
  }
  return {
    take(entry, line) {
      if (entry.time < last) {
        const ms = Date.parse(last) - Date.parse(entry.time)
        back = back ? { ...back, lines: back.lines + 1 } : { lines: 1, first: line, ms }
      }
      last = entry.time
      const wrong = wrongWith(entry)
      return wrong && `does not belong there: ${wrong}`
    },
    clockBack: () => back,
  }
}

function opened(
  { run, body }: Extract<Entry, { type: 'run.opened' }>,
  own: string,
  runs: Map<string, Run>,
): string | undefined {
  const known = runs.has(run)
  if (!known) runs.set(run, { steps: new Set(), checks: new Set(), attempts: new Map() })
  if (known) return `run ${quote(run)} was opened before`
  if (body.incident !== own)
    return `it opens a run of incident ${quote(body.incident)}, but the log belongs to ${quote(own)}`
  if (body.within !== undefined && !runs.has(body.within))
    return `it is within run ${quote(body.within)}, which no earlier entry opened`
  const strange = body.undoes?.find((undone) => !runs.get(undone.run)?.steps.has(undone.step))
  return strange && `it undoes ${quote(strange.step)} of ${quote(strange.run)}, which no earlier entry planned`
}

function belongs(entry: Exclude<Entry, { type: 'run.opened' }>, run: Run): string | undefined {
  switch (entry.type) {
    case 'plan.made': {
      const { plan, digest } = entry.body
      for (const { key } of plan.steps) run.steps.add(key)
      for (const { key } of plan.checks) run.checks.add(key)
      const found = `sha256:${createHash('sha256')
        .update(canonicalize(plan) ?? '')
        .digest('hex')}`
      return found === digest ? undefined : `its plan has digest ${found}, but the entry says ${quote(digest)}`
    }
    case 'check.observed':
      return run.checks.has(entry.body.check) ? undefined : `its run's plan has no check ${quote(entry.body.check)}`
    case 'step.intent':
      run.attempts.set(entry.body.step, entry.body.attempt)
      return planned(entry.body.step, run)
    case 'step.outcome':
    case 'step.resolved': {
      const { step, attempt } = entry.body
      if (run.attempts.get(step) !== attempt) return `no earlier intent is attempt ${attempt} of step ${quote(step)}`
      return contradiction(entry.body) ?? planned(step, run)
    }
    case 'step.decided':
    case 'step.observed':
    case 'step.stated':
    case 'step.waited':
    case 'step.not-needed':
    case 'step.duplicated':
      return planned(entry.body.step, run)
    case 'run.resumed':
    case 'lock.taken-over':
    case 'log.repaired':
    case 'operator.identified':
    case 'plan.approved':
    case 'policy.overridden':
    case 'override.countersigned':
    case 'environment.entered':
    case 'backfill.observed':
    case 'cloud.reconciled':
    case 'run.closed':
      return undefined
  }
}

/** Checks an outcome's verdict against its maker, as Cloud Audit Logs reported it in the same entry. */
function contradiction({ verdict, maker }: Pick<Ended['body'], 'verdict' | 'maker'>): string | undefined {
  const fits = { us: 'applied', 'somebody-else': 'made-by-another', 'not-known': 'made-by-unknown' } as const
  const told = maker && fits[maker.by]
  const claimed = verdict === 'made-by-another' || verdict === 'made-by-unknown' ? verdict : undefined
  if (told === undefined ? claimed === undefined : told === verdict) return undefined
  return `its verdict is ${quote(verdict)}, but its maker is ${quote(maker?.by ?? 'nobody')}`
}

type Ended = Extract<Entry, { type: 'step.outcome' | 'step.resolved' }>

const planned = (step: string, { steps }: Run): string | undefined =>
  steps.has(step) ? undefined : `its run's plan has no step ${quote(step)}`

/** Where a log's times run backwards: on how many lines, on which first, and by how much there. Clocks differ, so this isn't damage. */
export type ClockBack = { lines: number; first: number; ms: number }
