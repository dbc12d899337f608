import type { Json } from '../base/json.ts'

/** Inputs as given, by name: text from the command line, or a value from a scenario. */
export type GivenInputs = Record<string, Json>
