import type { ArgumentData, OptionData } from './command-data.ts'

/** Of what `breakglass names` gives the names; remediations are the runbooks that change something. */
export const NAMED = ['runbooks', 'remediations', 'scenarios', 'environments', 'incidents'] as const
/** One kind of names. */
export type Named = (typeof NAMED)[number]

/** What completes a word: choices, names, files, folders, or nothing, where it is a person's own. */
export type CompletedBy =
  | { kind: 'choices'; choices: string[] }
  | { kind: 'names'; of: Named }
  | { kind: 'files' }
  | { kind: 'folders' }
  | { kind: 'nothing' }

/** By what the definitions call a word. */
const BY_NAME: Record<string, CompletedBy> = {
  runbook: { kind: 'names', of: 'runbooks' },
  scenario: { kind: 'names', of: 'scenarios' },
  'scenario|address': { kind: 'names', of: 'scenarios' },
  environment: { kind: 'names', of: 'environments' },
  incident: { kind: 'names', of: 'incidents' },
  file: { kind: 'files' },
  'plan-file': { kind: 'files' },
  'text|file': { kind: 'files' },
  dir: { kind: 'folders' },
}

/** What completes an option's value. */
export const completesOption = ({ choices, value }: OptionData): CompletedBy => completes(choices, value ?? '')

/** Returns what completes an argument of a command; a gate is nothing to run. */
export const completesArgument = ({ choices, name }: ArgumentData, command: string): CompletedBy =>
  name === 'runbook' && command === 'run' ? { kind: 'names', of: 'remediations' } : completes(choices, name)

const completes = (choices: string[] | undefined, name: string): CompletedBy =>
  choices ? { kind: 'choices', choices } : (BY_NAME[name] ?? { kind: 'nothing' })
