import type { GivenInputs } from '../../plan/given-inputs.ts'
import type { ACCESS_FLAGS } from '../../runbook/access.ts'

/** The options that every command has. */
export type CommonOptions = { workspace?: string; logs?: string; inventory?: string; json?: boolean }

/** The options of commands that look at a cloud. */
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

/** What a session keeps of the options of a command that writes a log. */
export const keptOptions = ({ json, verbose, signKey }: { json?: boolean; verbose?: boolean; signKey?: string }) => ({
  ...(json ? { json } : {}),
  ...(verbose ? { verbose } : {}),
  ...(signKey === undefined ? {} : { signKey }),
})

/** The flags that say how Google Cloud is reached in one run. */
export type AccessOptions = { [name in keyof typeof ACCESS_FLAGS]?: string }
