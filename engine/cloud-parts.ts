/** What a cloud is made of: the process's own things, handed in by main. */
export type Parts = {
  environment: Readonly<Record<string, string | undefined>>
  /** The package's own version. */
  version: string
  /** The package's own folder. */
  packageFolder: string
  platform: string
  /** How many gcloud processes that are started anew pay side by side. */
  coldWidth: number
  now(): Date
  /** The milliseconds that have passed, which no clock that is set moves. */
  elapsed(): number
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  endGroup(pid: number): void
  onChild(change: 'started' | 'ended', pid: number): void
}
