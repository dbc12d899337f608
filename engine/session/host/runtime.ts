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

/** The cloud that a command uses. */
export type CloudChoice =
  | { kind: 'live' }
  | { kind: 'sandbox'; address: string }
  | { kind: 'scenario'; file: string; scenario: Scenario; inventory?: string }

/** An open cloud, ready to be observed and changed. */
export type Cloud = {
  name: CloudName
  world: World
  /** How the real cloud is reached, if options or the inventory choose that. */
  access?: AccessUsed
  /** What runs its commands: the installed gcloud, or, in a sandbox without one, the fake gcloud. */
  gcloud: GcloudUsed
  /** The address at which another terminal can reach a sandbox. */
  address?: string
  /** The sandbox's inventory, if its scenario names one. */
  inventory?: string
  /** The name under which its projects are locked on this machine; left out if only this process can reach it. */
  lockedAs?: string
  /** Finds every secret that was read, in each form that a text or data could contain. */
  redactor: Redactor
  /** Returns the commands that ran since the last call; for a step, it keeps those of other steps. */
  takeRan(step?: string): RanCommand[]
  /** What the person should know before they go on. */
  notices: string[]
  /** What a person should know about the sandbox's answers so far, in sentences, where the sandbox is of this process. */
  caveats?: () => string[]
  close(): Promise<void>
}

/** Everything outside the engine that commands may use; only main makes it and touches the process. */
export type Runtime = {
  environment: Readonly<Record<string, string | undefined>>
  cwd: string
  terminal: Terminal
  /** The keyboard of the person. */
  keyboard: Keyboard
  /** What is redrawn at the bottom of the terminal; `out` and `err` print above it. */
  footer: Footer
  /** The command line, without node and script. */
  argv: string[]
  version: string
  /** The package's folder, with the runbooks, scenarios and schemas that come with it. */
  packageFolder: string
  /** The argv that starts this Breakglass: its Node and its entry file. */
  ownCommand: string[]
  operator: string
  pid: number
  /** The folder of this machine's project locks, the same for every run of this user. */
  locks: string
  /** How many gcloud commands may run in parallel. */
  width: number
  out(text: string): void
  err(text: string): void
  /** Prints a line that a CI reads as a command; in all other output, such lines are defused. */
  command(line: string): void
  now(): Date
  random(bytes: number): Uint8Array
  /** Aborts when the person wants to stop: Ctrl-C, a signal, a closed terminal. */
  stopping: AbortSignal
  /** Lets a signal end this process at once, even during a long evaluation; returns how to end that. Only for a command that holds nothing. */
  endAtOnce(): () => void
  /** Prints a text if the process ends before this is called off; returns how to call it off. */
  ifCutOff(text: () => string): () => void
  /** Opens a cloud; the real one only after preflight checks pass. Throws UserError. */
  openCloud(choice: CloudChoice, wanted: Wanted): Promise<Cloud>
  /** Checks everything that a run in that cloud needs. */
  examine(choice: CloudChoice, wanted: Wanted): Promise<Readiness[]>
  /** Runs a person's own command in an environment, on this terminal; returns its exit code. */
  runCommand(argv: string[], environment: Readonly<Record<string, string | undefined>>): Promise<number>
}
