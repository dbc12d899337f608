import type { ArgumentData, OptionData } from './command-data.ts'

/** The kinds of names that `breakglass names` prints; remediations are the runbooks that change something. */
export const NAMED = ['runbooks', 'remediations', 'scenarios', 'environments', 'incidents'] as const
/** A kind of names. */
export type Named = (typeof NAMED)[number]

/** What completes an argument: choices, names, files, folders, or nothing, for free text. */
export type CompletedBy =
  | { kind: 'choices'; choices: string[] }
  | { kind: 'names'; of: Named }
  | { kind: 'files' }
  | { kind: 'folders' }
  | { kind: 'nothing' }

/** What completes an argument or a value, by its name in the definition. */
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

/** Returns what completes an option's value. */
export const completesOption = ({ choices, value }: OptionData): CompletedBy => completes(choices, value ?? '')

/** Returns what completes an argument of a command; `run` is offered no gates. */
export const completesArgument = ({ choices, name }: ArgumentData, command: string): CompletedBy =>
  name === 'runbook' && command === 'run' ? { kind: 'names', of: 'remediations' } : completes(choices, name)

const completes = (choices: string[] | undefined, name: string): CompletedBy =>
  choices ? { kind: 'choices', choices } : (BY_NAME[name] ?? { kind: 'nothing' })
