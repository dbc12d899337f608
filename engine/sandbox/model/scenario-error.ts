/** A meaning error of a scenario: where in the data, and what is wrong, as a sentence. */
export type ScenarioError = { path: (string | number)[]; message: string }
