import { LogNotWritten } from '../audit/writer.ts'
import type { RunEnd } from '../run/ending.ts'
import { isInDoubt } from '../run/half-done.ts'
import { foldRuns, type Recorded } from '../run/state.ts'

/**
 * How a run ends that could not go on: in doubt where its entries have a step's intent and no outcome, or one that
 * nobody could read. Throws what nobody expected.
 */
export function cutOff(error: Error, entries: Recorded[]): RunEnd {
  const open = foldRuns(entries).flatMap(({ steps }) => [...steps.values()].filter(isInDoubt))
  if (open.length > 0) {
    const started = open.map(({ planned: { title, key } }) => `${title} (${key})`).join(', ')
    const [were, it] = open.length > 1 ? ['were', 'them'] : ['was', 'it']
    const reason = `${started} ${were} started, and nobody knows what became of ${it}: ${error.message}`
    return { ending: 'in-doubt', reason }
  }
  if (!(error instanceof LogNotWritten)) throw error
  return { ending: 'failed', reason: `the run stopped before its next change: ${error.message}` }
}
