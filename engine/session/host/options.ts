import type { GivenInputs } from '../../plan/given-inputs.ts'
import type { ACCESS_FLAGS } from '../../runbook/access.ts'

/** The options that every command has. */
export type CommonOptions = { workspace?: string; logs?: string; inventory?: string; json?: boolean }

/** The options of commands that read a cloud. */
export type CloudOptions = CommonOptions &
  AccessOptions & {
    env: string
    sandbox?: string
    input: GivenInputs
    repo?: string
    cold?: boolean
    /** False with `--no-scripts`. */
    scripts?: boolean
  }

/** The options of commands that make changes: who consents, and how much of the plan is shown. */
export type ConsentOptions = {
  key?: string
  override?: string
  policy?: boolean
  verbose?: boolean
  yes?: boolean
  signKey?: string
}

/** Returns the options that a session keeps. */
export const keptOptions = ({ json, verbose, signKey }: { json?: boolean; verbose?: boolean; signKey?: string }) => ({
  ...(json ? { json } : {}),
  ...(verbose ? { verbose } : {}),
  ...(signKey === undefined ? {} : { signKey }),
})

/** The options that choose how to reach Google Cloud. */
export type AccessOptions = { [name in keyof typeof ACCESS_FLAGS]?: string }
