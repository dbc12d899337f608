import type { Json } from '../base/json.ts'
import type { SecretBytes } from './secrets/secret-bytes.ts'
import type { GcloudCommand, SecretVersion, UnreadableCause } from './types.ts'

/**
 * A gcloud command to run, with its timeout, its stdin, whether its output is a secret, whether it only reads, and the
 * key of its step.
 */
export type GcloudCall = GcloudCommand & {
  timeoutMs: number
  stdin?: SecretBytes
  secretOutput?: boolean
  onlyReads?: boolean
  step?: string
}

/** How a command ran: in a preloaded gcloud, in a new gcloud process, or in the fake gcloud. */
export type Way = 'warm' | 'cold' | 'fake'

/** A gcloud command that ran, for the log. */
export type RanCommand = GcloudCommand & { way: Way; exitCode: number | null; durationMs: number }

/** Why gcloud failed, by its text: evidence, never a verdict. */
export type Failure = { cause: UnreadableCause | 'not-found' | 'conflict' | 'unavailable' | 'invalid'; message: string }

/** The result of a gcloud command. `output` is its stdout; `failure` is set unless it exited 0. */
export type GcloudResult = {
  way: Way
  exitCode: number | null
  output: Uint8Array
  /** The last lines of stderr, masked; empty if the output is secret. */
  stderr: string
  durationMs: number
  failure?: Failure
}

/** The response of a URL, or why it could not be requested. */
export type HttpAnswer = { status: number } | { failed: string; cause: UnreadableCause }

/** The response of GitHub's REST API, or why it could not be requested. */
export type GithubAnswer = { status: number; json: Json } | { failed: string; cause: UnreadableCause }

/** A script to run: its argv, its environment, and its timeout. */
export type ScriptCall = { argv: string[]; environment: Record<string, string>; timeoutMs: number }

/** The result of a script: the last lines of its output, masked, and why its exit code doesn't count, if so. */
export type ScriptResult = {
  exitCode: number | null
  output: string
  failure?: { cause: UnreadableCause; reason: string }
}

/** What happened when a change ran: evidence besides the read-back. */
export type Evidence = {
  /** How its last command ran; left out if none did. */
  way?: Way
  exitCode: number | null
  stderr: string
  durationMs: number
  failure?: Failure
  /** A person made the change; there is no command. */
  byHand?: true
  /** What they said about it. */
  words?: string
}

/** Everything outside that a step may touch; main picks the world. */
export type World = {
  gcloud(call: GcloudCall): Promise<GcloudResult>
  http(url: string, timeoutMs: number): Promise<HttpAnswer>
  /** Requests a path of GitHub's REST API, such as `/repos/OWNER/NAME/actions/runs/ID`. */
  github(path: string, timeoutMs: number): Promise<GithubAnswer>
  /** Runs a team's own script in the workspace folder. */
  script(call: ScriptCall): Promise<ScriptResult>
  /** Reads something by name; in one pass of observing, only once. */
  once<T>(name: string, read: () => Promise<T>): Promise<T>
  fingerprint(secret: SecretBytes): string
  /** Registers a secret for redaction; returns whether it can be masked, which takes a few characters. */
  guard(secret: SecretBytes, from?: SecretVersion): boolean
  /** Masks every registered secret in a text from outside. */
  mask(text: string): string
  /**
   * The cloud's clock. `real` is the person's time, if a sandbox moves its clock on instead of waiting. `elapsed` is
   * monotonic cloud time in ms.
   */
  clock: { now(): Date; sleep(ms: number): Promise<void>; real?(): Date; elapsed?(): number }
}
