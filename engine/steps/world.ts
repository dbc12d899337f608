import type { Json } from '../base/json.ts'
import type { SecretBytes } from './secrets/secret-bytes.ts'
import type { GcloudCommand, SecretVersion, UnreadableCause } from './types.ts'

/**
 * One gcloud command to run: what, how long it may take, what is piped into it, whether its output is a secret, whether it
 * changes nothing, and the key of the step that it is for, where it is for one.
 */
export type GcloudCall = GcloudCommand & {
  timeoutMs: number
  stdin?: SecretBytes
  secretOutput?: boolean
  onlyReads?: boolean
  step?: string
}

/** How a command ran: in a fork of a loaded gcloud, in a new gcloud process, or in the fake gcloud. */
export type Way = 'warm' | 'cold' | 'fake'

/** A gcloud command that has run, for the log. */
export type RanCommand = GcloudCommand & { way: Way; exitCode: number | null; durationMs: number }

/** Why gcloud failed, as far as its text tells: evidence, never a verdict. */
export type Failure = { cause: UnreadableCause | 'not-found' | 'conflict' | 'unavailable' | 'invalid'; message: string }

/** What a gcloud command left behind. `output` is its stdout; `failure` is there unless it exited 0. */
export type GcloudResult = {
  way: Way
  exitCode: number | null
  output: Uint8Array
  /** The last lines of stderr, masked; empty where the command's output is secret. */
  stderr: string
  durationMs: number
  failure?: Failure
}

/** What an URL answered, or why it could not be asked. */
export type HttpAnswer = { status: number } | { failed: string; cause: UnreadableCause }

/** What GitHub's REST API answered, or why it could not be asked. */
export type GithubAnswer = { status: number; json: Json } | { failed: string; cause: UnreadableCause }

/** A script to run: its words, the variables that it is given, and how long it may take. */
export type ScriptCall = { argv: string[]; environment: Record<string, string>; timeoutMs: number }

/** What a script left behind: the last lines that it printed, masked, and why its exit code says nothing, where that is so. */
export type ScriptResult = {
  exitCode: number | null
  output: string
  failure?: { cause: UnreadableCause; reason: string }
}

/** What happened when an action was carried out: evidence beside the read-back. */
export type Evidence = {
  /** How its last command ran; left out where none did. */
  way?: Way
  exitCode: number | null
  stderr: string
  durationMs: number
  failure?: Failure
  /** A person did it, not the engine: there is no command to speak of. */
  byHand?: true
  /** What they said of it. */
  words?: string
}

/** Everything outside that a step may touch; main picks which world it is. */
export type World = {
  gcloud(call: GcloudCall): Promise<GcloudResult>
  http(url: string, timeoutMs: number): Promise<HttpAnswer>
  /** GETs a path of GitHub's REST API, such as `/repos/OWNER/NAME/actions/runs/ID`. */
  github(path: string, timeoutMs: number): Promise<GithubAnswer>
  /** Runs a team's own script in the workspace's folder. */
  script(call: ScriptCall): Promise<ScriptResult>
  /** Reads something of that name; within one pass of observing, only once. */
  once<T>(name: string, read: () => Promise<T>): Promise<T>
  fingerprint(secret: SecretBytes): string
  /** Tells the second wall of a secret, so that nothing that follows shows or keeps it; answers whether it can hide it, which takes a few characters. */
  guard(secret: SecretBytes, from?: SecretVersion): boolean
  /** Masks every secret that was seen in a text from outside. */
  mask(text: string): string
  /**
   * The cloud's clock; `real` is the person's own time, where a sandbox moves its clock on instead of waiting. `elapsed` is
   * the cloud's time in ms since some moment: it never goes back, whoever sets a clock.
   */
  clock: { now(): Date; sleep(ms: number): Promise<void>; real?(): Date; elapsed?(): number }
}
