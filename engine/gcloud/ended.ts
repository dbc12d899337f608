import type { Way } from '../steps/world.ts'

/** What running gcloud needs from outside: its path, its environment, and how to end a process group. */
export type Runner = {
  path: string
  environment: Record<string, string>
  /** Kills a child and all its children. */
  endGroup(pid: number): void
  /** Called when a child starts and when it has ended. */
  onChild(change: 'started' | 'ended', pid: number): void
}

/** How a gcloud process ended: by itself, at its timeout, before it started, or lost with the warm gcloud. */
export type Ended = {
  way: Way
  ending: 'ended' | 'timed-out' | 'not-started' | 'lost'
  exitCode: number | null
  stdout: Uint8Array
  stderr: Uint8Array
  durationMs: number
  /** Why it couldn't be started, if it couldn't. */
  reason?: string
}

/** The most output a command may print: 64 MiB. */
export const MOST_OUTPUT = 64 * 1024 * 1024

/** A longer timer would fire at once: Node counts it in 31 bits. */
export const LONGEST_TIMER = 2 ** 31 - 1
