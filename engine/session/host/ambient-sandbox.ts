import type { Runtime } from './runtime.ts'

/** Checks whether a command uses a sandbox: the one that `--sandbox` names, or the one of this shell. */
export const simulated = (given: string | undefined, runtime: Runtime): boolean =>
  given !== undefined || surrounding(runtime) !== ''

/** Returns the address of this shell's sandbox, or an empty text. */
export const surrounding = (runtime: Runtime): string => runtime.environment.BREAKGLASS_SANDBOX ?? ''
