/** The parts of the process that a cloud is made from, passed in by main. */
export type Parts = {
  environment: Readonly<Record<string, string | undefined>>
  /** The package's own version. */
  version: string
  /** The package's own folder. */
  packageFolder: string
  platform: string
  /** The number of newly started gcloud processes that pay off in parallel. */
  coldWidth: number
  now(): Date
  /** The milliseconds that have passed, which no clock that is set moves. */
  elapsed(): number
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  endGroup(pid: number): void
  onChild(change: 'started' | 'ended', pid: number): void
}
