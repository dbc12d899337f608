import pLimit from 'p-limit'
import type { PlannedStep } from '../plan/types.ts'
import type { BoundStep } from '../steps/types.ts'
import type { RunEnd } from './ending.ts'
import { Interrupted, type RunHost } from './host.ts'
import type { Open } from './loop.ts'

/**
 * Open steps in their order, those together that may be changed side by side: repetitions one after the other of a step
 * whose runbook says so, of which no two read the same thing.
 */
export function sideBySide(open: Open[], steps: BoundStep[]): Open[][] {
  const may = new Set(steps.flatMap((step) => (step.sideBySide ? [step.key] : [])))
  const groups: Open[][] = []
  for (const item of open) {
    const group = groups.at(-1)
    if (group && may.has(item.planned.key) && group.every((other) => goTogether(other.planned, item.planned)))
      group.push(item)
    else groups.push([item])
  }
  return groups
}

function goTogether(one: PlannedStep, other: PlannedStep): boolean {
  const things = new Set(one.targets?.map(nameOf))
  return (
    one.runbook === other.runbook && one.id === other.id && !other.targets?.some((each) => things.has(nameOf(each)))
  )
}

const nameOf = ({ project, read }: { project: string; read: string }): string => `${project} ${read}`

/**
 * Takes steps through their turns side by side, as many as pay. Once one has ended the run no other is begun, and those
 * that were begun come to their end first: what is in doubt is said before all else.
 */
export async function takeTurns(
  items: Open[],
  take: (item: Open) => Promise<RunEnd | undefined>,
  host: RunHost,
): Promise<RunEnd | undefined> {
  if (items.length > 1) {
    const steps = items.map(({ planned: { key, title } }) => ({ key, title }))
    await host.tell({ moment: 'steps-started', steps })
  }
  const queue = pLimit(host.width)
  let over = false
  const one = async (item: Open): Promise<RunEnd | undefined> => {
    if (over) return undefined
    if (host.stopRequested()) throw new Interrupted()
    try {
      const end = await take(item)
      over ||= end !== undefined
      return end
    } catch (error) {
      over = true
      throw error
    }
  }
  const turns = await Promise.allSettled(items.map((item) => queue(one, item)))
  return endOfTurns(turns)
}

/** How turns that were taken side by side end the run, if they do. Throws what one of them has thrown. */
function endOfTurns(turns: PromiseSettledResult<RunEnd | undefined>[]): RunEnd | undefined {
  const thrown = turns.flatMap((turn) => (turn.status === 'rejected' ? [turn.reason] : []))
  const ends = turns.flatMap((turn) => (turn.status === 'fulfilled' && turn.value ? [turn.value] : []))
  for (const error of thrown) if (!(error instanceof Interrupted)) throw error
  const doubtful = ends.find(({ ending }) => ending === 'in-doubt')
  const [first] = ends
  if (first) return { ending: (doubtful ?? first).ending, reason: ends.map(({ reason }) => reason).join('; ') }
  if (thrown.length > 0) throw thrown[0]
  return undefined
}
