import type { Runtime } from './runtime.ts'

/** Whether a command's cloud is a simulated one: the one that `--sandbox` names, or that this shell is in. */
export const simulated = (given: string | undefined, runtime: Runtime): boolean =>
  given !== undefined || surrounding(runtime) !== ''

/** The address of the sandbox that this shell is in; empty where it is in none. */
export const surrounding = (runtime: Runtime): string => runtime.environment.BREAKGLASS_SANDBOX ?? ''
