import type { Redactor } from '../../audit/redact.ts'
import type { Readiness } from '../../base/readiness.ts'
import type { Wanted } from '../../gcloud/preflight/examine.ts'
import type { CloudName } from '../../plan/types.ts'
import type { GcloudUsed } from '../../run/model/events.ts'
import type { AccessUsed } from '../../runbook/access.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import type { RanCommand, World } from '../../steps/world.ts'
import type { Footer } from '../../terminal/footer.ts'
import type { Keyboard } from '../../terminal/keyboard.ts'
import type { Terminal } from '../../terminal/screen.ts'

export type { Wanted } from '../../gcloud/preflight/examine.ts'

/** Which cloud a command is to use. */
export type CloudChoice =
  | { kind: 'live' }
  | { kind: 'sandbox'; address: string }
  | { kind: 'scenario'; file: string; scenario: Scenario; inventory?: string }

/** A cloud that is ready to be observed and changed. */
export type Cloud = {
  name: CloudName
  world: World
  /** How the real one is reached, where anything was named for that. */
  access?: AccessUsed
  /** What runs its commands: the installed gcloud, or, in a sandbox without one, the fake gcloud. */
  gcloud: GcloudUsed
  /** Where a sandbox can be reached from another terminal. */
  address?: string
  /** The sandbox's inventory, where its scenario names one. */
  inventory?: string
  /** What its projects are locked under on this machine; left out where only this process can reach it. */
  lockedAs?: string
  /** Knows every secret that was seen, in the forms in which a text or data could hold it. */
  redactor: Redactor
  /** The commands that ran since this was last asked; those of other steps are kept, where it is asked for a step. */
  takeRan(step?: string): RanCommand[]
  /** Things the person should know before they go on. */
  notices: string[]
  /** The faults that have answered no call so far, for people, where the sandbox is of this process. */
  unusedFaults?: () => string[]
  close(): Promise<void>
}

/** Everything outside the engine that commands may use; main makes it, and nothing else touches the process. */
export type Runtime = {
  environment: Readonly<Record<string, string | undefined>>
  cwd: string
  terminal: Terminal
  /** Where the person types. */
  keyboard: Keyboard
  /** What is redrawn at the bottom of the terminal; `out` and `err` print above it. */
  footer: Footer
  /** The command line, without node and script. */
  argv: string[]
  version: string
  /** The package's own folder: the runbooks, scenarios and schemas that come with it. */
  packageFolder: string
  /** The words that start this very Breakglass: its Node and its entry file. */
  ownCommand: string[]
  operator: string
  pid: number
  /** The folder of this machine's locks: the same for every run of this user. */
  locks: string
  /** How many gcloud commands may run side by side here. */
  width: number
  out(text: string): void
  err(text: string): void
  /** Prints a line that a CI's log is to take for a command; in all other text such lines are defused where a CI may read it. */
  command(line: string): void
  now(): Date
  random(bytes: number): Uint8Array
  /** Aborted once the person wants to stop (Ctrl-C, a signal, a closed terminal). */
  stopping: AbortSignal
  /** Has a signal end this process at once, even amid a long evaluation, while a command holds nothing; answers how that is over. */
  endAtOnce(): () => void
  /** Has words said where the process ends in the middle of something; answers how that is over. */
  ifCutOff(words: () => string): () => void
  /** Opens a cloud; the real one only after an examination in which nothing that is wanted failed. Throws UserError. */
  openCloud(choice: CloudChoice, wanted: Wanted): Promise<Cloud>
  /** Looks at all that a run in that cloud stands on. */
  examine(choice: CloudChoice, wanted: Wanted): Promise<Readiness[]>
  /** Runs a person's own command in an environment, on this terminal; answers its exit code. */
  runCommand(argv: string[], environment: Readonly<Record<string, string | undefined>>): Promise<number>
}
