import type { Json } from '../base/json.ts'

/** Inputs as the person gave them: name → text from the command line, or a value from a scenario. */
export type GivenInputs = Record<string, Json>
