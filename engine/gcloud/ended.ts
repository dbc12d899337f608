import type { Way } from '../steps/world.ts'

/** What running gcloud needs from outside: where it is, its environment, and how to end a group of processes. */
export type Runner = {
  path: string
  environment: Record<string, string>
  /** Ends a child and all its children, for good. */
  endGroup(pid: number): void
  /** Told when a child starts and when it has ended. */
  onChild(change: 'started' | 'ended', pid: number): void
}

/** How a gcloud process ended, whichever way it ran: by itself, at its timeout, not begun, or lost with the warm gcloud. */
export type Ended = {
  way: Way
  ending: 'ended' | 'timed-out' | 'not-started' | 'lost'
  exitCode: number | null
  stdout: Uint8Array
  stderr: Uint8Array
  durationMs: number
  /** Why it could not be started, where it could not. */
  trouble?: string
}

/** The most that a command may print: 64 MiB. */
export const MOST_OUTPUT = 64 * 1024 * 1024

/** A longer timer would fire at once: Node counts it in 31 bits. */
export const LONGEST_TIMER = 2 ** 31 - 1
