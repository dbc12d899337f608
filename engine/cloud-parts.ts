/** What a cloud needs of the process; main provides it. */
export type Parts = {
  environment: Readonly<Record<string, string | undefined>>
  /** The package's own version. */
  version: string
  /** The package's own folder. */
  packageFolder: string
  platform: string
  /** How many new gcloud processes may read in parallel. */
  coldWidth: number
  now(): Date
  /** Monotonic elapsed time in ms. */
  elapsed(): number
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  endGroup(pid: number): void
  onChild(change: 'started' | 'ended', pid: number): void
}
