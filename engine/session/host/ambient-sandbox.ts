import type { Outside } from './runtime.ts'

/** Whether a command's cloud is a simulated one: the one that `--sandbox` names, or that this shell is in. */
export const simulated = (given: string | undefined, outside: Outside): boolean =>
  given !== undefined || surrounding(outside) !== ''

/** The address of the sandbox that this shell is in; empty where it is in none. */
export const surrounding = (outside: Outside): string => outside.environment.BREAKGLASS_SANDBOX ?? ''
