import type { RunState } from '../run/model/run-state.ts'

/** A step that a plan could not read, why, and the log entries behind it. */
export type Unread = { title: string; why: string; entries: number[] }

/** How much of an incident's steps its plans read: how many they read, which they could not read, and which have nothing to read. */
export type Observed = { plans: number; read: number; unread: Unread[]; nothingToRead: Unread[] }

/** Returns how much the plans of runs read, each step once; a step that one plan could not read is listed even if a later one read it. */
export function observedIn(runs: readonly RunState[]): Observed {
  const steps = runs.flatMap((run) =>
    [...run.steps.values()].flatMap(({ planned: { key, title, status, observation, apply }, entries }) => {
      // A question and a wait for some time have nothing to read.
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

/** Merges what several plans say alike, with the entries of all. */
function alike(found: Unread[]): Unread[] {
  const groups = Map.groupBy(found, ({ title, why }) => JSON.stringify([title, why]))
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, entries: [first, ...others].flatMap(({ entries }) => entries) }] : [],
  )
}

/** Describes what was found where no step drifted; it claims no more than was read. */
export function describeNoDrift({ plans, read, unread, nothingToRead }: Observed): string {
  if (plans === 0) return 'No plan was made, so the state before is unknown.'
  if (read === 0) return 'No step was read, so the state before is unknown.'
  const all = read + unread.length + nothingToRead.length
  const when = `when the ${plans > 1 ? 'plans were' : 'plan was'} made`
  if (read === all)
    return `No drift was found ${when}: ${read === 1 ? 'the only step' : `all ${read} steps`} read as expected.`
  return `Of ${all} steps, ${read} could be read ${when}, and ${read === 1 ? 'it was' : 'they were'} as expected.`
}
