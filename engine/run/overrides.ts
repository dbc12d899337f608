import { foldRuns, type Recorded, type RunState } from './state.ts'

/** A run whose operator went on alone, which nobody else has countersigned yet. */
export type OpenOverride = RunState & { override: NonNullable<RunState['override']> }

/** The solo overrides of an incident that are open action items, oldest first. */
export const openOverrides = (events: Iterable<Recorded>): OpenOverride[] =>
  foldRuns(events).filter((run): run is OpenOverride => run.override !== undefined && run.countersigned === undefined)
