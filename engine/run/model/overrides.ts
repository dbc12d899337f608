import { foldRuns } from './fold-runs.ts'
import type { Recorded } from './recorded.ts'
import type { Overridden, RunState } from './run-state.ts'

/** A solo override that nobody has countersigned yet, and its run. */
export type OpenOverride = { state: RunState; override: Overridden }

/** Returns the solo overrides of an incident that lack a countersignature, oldest first. */
export const openOverrides = (events: Iterable<Recorded>): OpenOverride[] =>
  foldRuns(events).flatMap((state) =>
    state.overrides.flatMap((override) => (override.countersigned ? [] : [{ state, override }])),
  )
