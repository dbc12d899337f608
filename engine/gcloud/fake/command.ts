import type { Json } from '../../base/json.ts'
import type { SecretBytes } from '../../steps/secrets/secret-bytes.ts'
import type { Api } from './api.ts'

/** What a flag takes: one value, one of these, or nothing; a `toggle` has a `--no-` form. */
export type FlagKind = 'value' | 'switch' | 'toggle' | readonly string[]

/** A command line, read: its words, and its flags by name without the hyphens. */
export type Args = { track: 'ga' | 'beta'; positional: string; flags: ReadonlyMap<string, string | boolean> }

/** What a command prints: JSON on stdout, and what it says on stderr. */
export type Printed = { json: Json; said?: string }

/** What a command works with. */
export type Bench = {
  api: Api
  /** The project of the command line. Throws Failed where there is none. */
  project(): string
  /** What goes into annotations that name the client and its version. */
  client: string
  stdin: SecretBytes | undefined
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  crc32c(bytes: Uint8Array): number
}

/** One command that the stand-in knows; what it takes, and what it does. */
export type Command = {
  /** `run services update`. */
  words: string
  /** What its positional is called where it is missing, if it takes one. */
  positional?: string
  /** That it is a text and not a name. */
  text?: true
  flags: Readonly<Record<string, FlagKind>>
  /** Flags of the beta command alone. */
  beta?: Readonly<Record<string, FlagKind>>
  /** Flags that must be there. */
  needs?: readonly string[]
  /** Prints the empty list even when it fails. */
  lists?: true
  run(args: Args, bench: Bench): Promise<Printed>
}

/** The value of a flag that takes one, if it was given. */
export const textOf = ({ flags }: Args, name: string): string | undefined => {
  const value = flags.get(name)
  return typeof value === 'string' ? value : undefined
}

/** Whether a toggle was turned on or off, if it was given. */
export const switchOf = ({ flags }: Args, name: string): boolean | undefined => {
  const value = flags.get(name)
  return typeof value === 'boolean' ? value : undefined
}
