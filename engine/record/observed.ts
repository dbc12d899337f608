import type { RunState } from '../run/model/run-state.ts'

/** A step of which a plan knew nothing, why, and the entries that say it. */
export type Unread = { title: string; why: string; entries: number[] }

/** What the plans of an incident were made from: how many steps they read, which could not be read, and of which there is nothing to read. */
export type Observed = { plans: number; read: number; unread: Unread[]; nothingToRead: Unread[] }

/** Returns what the plans of runs had read, each step once; what one plan could not read stays so, whatever a later one read. */
export function observedIn(runs: readonly RunState[]): Observed {
  const steps = runs.flatMap((run) =>
    [...run.steps.values()].flatMap(({ planned: { key, title, status, observation, apply }, entries }) => {
      // Of a question and of time nobody expects that anything is read.
      if (apply?.kind === 'ask' || apply?.kind === 'wait') return []
      const why = observation.state === 'unknown' ? observation.reason : ''
      return [{ key: `${run.plan?.environment.project} ${key}`, title, status, why, entries: entries.slice(0, 1) }]
    }),
  )
  const of = (wanted: string): Unread[] =>
    alike(steps.flatMap(({ status, title, why, entries }) => (status === wanted ? [{ title, why, entries }] : [])))
  return {
    plans: runs.filter(({ plan }) => plan !== undefined).length,
    read: new Set(steps.flatMap(({ key, status }) => (status === 'conformant' || status === 'drift' ? [key] : [])))
      .size,
    unread: of('unknown'),
    nothingToRead: of('unseen'),
  }
}

/** What several plans say alike, once, with the entries of all. */
function alike(found: Unread[]): Unread[] {
  const groups = Map.groupBy(found, ({ title, why }) => JSON.stringify([title, why]))
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, entries: [first, ...others].flatMap(({ entries }) => entries) }] : [],
  )
}

/** Says what was found where no step had drifted: only as much as was read. */
export function describeNoDrift({ plans, read, unread, nothingToRead }: Observed): string {
  if (plans === 0) return 'No plan was made, so nothing is known of what was there.'
  if (read === 0) return 'No step was read, so nothing is known of what was there.'
  const all = read + unread.length + nothingToRead.length
  const when = `when the ${plans > 1 ? 'plans were' : 'plan was'} made`
  if (read === all)
    return `Nothing was found that was not as it must be ${when}: ${read === 1 ? 'the only step was' : `all ${read} steps were`} read.`
  return `Of ${all} steps, ${read} ${read === 1 ? 'was' : 'were'} read ${when}, and ${read === 1 ? 'it was' : 'these were'} as ${read === 1 ? 'it' : 'they'} must be.`
}
