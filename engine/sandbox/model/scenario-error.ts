/** A semantic error in a scenario: its path in the data and a message. */
export type ScenarioError = { path: (string | number)[]; message: string }
