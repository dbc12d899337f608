import { foldRuns } from './fold-runs.ts'
import type { Recorded } from './recorded.ts'
import type { Overridden, RunState } from './run-state.ts'

/** Something that an operator did alone and nobody else has countersigned yet, and the run in which they did. */
export type OpenOverride = { state: RunState; override: Overridden }

/** The solo overrides of an incident that are open action items, oldest first. */
export const openOverrides = (events: Iterable<Recorded>): OpenOverride[] =>
  foldRuns(events).flatMap((state) =>
    state.overrides.flatMap((override) => (override.countersigned ? [] : [{ state, override }])),
  )
