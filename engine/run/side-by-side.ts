import pLimit from 'p-limit'
import type { BoundStep } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { RunEnd } from './ending.ts'
import type { Ending } from './events.ts'
import { Interrupted, type RunHost } from './host.ts'
import type { Open } from './loop.ts'

/**
 * Open steps in their order, those together that may be changed side by side: repetitions one after the other of a step
 * whose runbook says so, of which no two read the same thing.
 */
export function sideBySide(open: Open[], steps: BoundStep[]): Open[][] {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const groups: { items: Open[]; step: BoundStep | undefined; reads: Set<string> }[] = []
  for (const item of open) {
    const step = bound.get(item.planned.key)
    const reads = step?.sideBySide ? readsOf(step) : []
    const group = groups.at(-1)
    const joins =
      group !== undefined &&
      reads.length > 0 &&
      sameStep(group.step, step) &&
      !reads.some((read) => group.reads.has(read))
    if (joins) group.items.push(item)
    else groups.push({ items: [item], step, reads: new Set() })
    for (const read of reads) groups.at(-1)?.reads.add(read)
  }
  return groups.map(({ items }) => items)
}

const sameStep = (one: BoundStep | undefined, other: BoundStep | undefined): boolean =>
  one?.runbook === other?.runbook && one?.id === other?.id

/** What a step looks at, by which it can be told from others; nothing of one that has no such thing. */
function readsOf(step: BoundStep): string[] {
  switch (step.kind) {
    case 'gcloud':
      return step.reads.map(({ command: { project, argv } }) => JSON.stringify([project, ...argv]))
    case 'secret':
      return [JSON.stringify([step.project, step.secret])]
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
    case 'manual':
    case 'wait':
    case 'approve':
    case 'undo':
      return []
  }
}

/**
 * Takes steps through their turns side by side. Once one has ended the run no other command is started, and those that
 * are running are read back first: what is in doubt is said before all else.
 */
export async function takeTurns(
  items: Open[],
  take: (item: Open, host: RunHost) => Promise<RunEnd | undefined>,
  host: RunHost,
): Promise<RunEnd | undefined> {
  if (items.length > 1) {
    const steps = items.map(({ planned: { key, title } }) => ({ key, title }))
    await host.tell({ moment: 'steps-due', steps })
  }
  const queue = pLimit(host.width)
  let over = false
  const noMore = () => over || host.noMore()
  const one = async (item: Open): Promise<RunEnd | undefined> => {
    if (over) return undefined
    if (host.stopRequested()) throw new Interrupted()
    try {
      const end = await take(item, { ...host, noMore, world: worldFor(item.planned.key, host.world) })
      over ||= end !== undefined
      return end
    } catch (error) {
      over = true
      throw error
    }
  }
  return endOfTurns(await Promise.allSettled(items.map((item) => queue(one, item))))
}

/** The same world, in which each command is known to be for that step. */
export const worldFor = (step: string, world: World): World => ({
  ...world,
  gcloud: (call) => world.gcloud({ step, ...call }),
})

/** Which ending counts where turns end a run in several ways. */
const GRAVEST: readonly Ending[] = ['in-doubt', 'failed', 'declined']

/** How turns that were taken side by side end the run, if they do. Throws what one of them has thrown. */
function endOfTurns(turns: PromiseSettledResult<RunEnd | undefined>[]): RunEnd | undefined {
  const thrown = turns.flatMap((turn) => (turn.status === 'rejected' ? [turn.reason] : []))
  const ends = turns.flatMap((turn) => (turn.status === 'fulfilled' && turn.value ? [turn.value] : []))
  for (const error of thrown) if (!(error instanceof Interrupted)) throw error
  if (ends.length > 0) {
    const endings = ends.map(({ ending }) => ending)
    const ending = GRAVEST.find((each) => endings.includes(each)) ?? endings[0]!
    return { ending, reason: ends.map(({ reason }) => reason).join('; ') }
  }
  if (thrown.length > 0) throw thrown[0]
  return undefined
}
