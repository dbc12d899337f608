import type { Json } from '../../base/json.ts'
import type { SecretBytes } from '../../steps/secrets/secret-bytes.ts'
import type { Api } from './api.ts'

/** The value of a flag: any one, one of a list, or none; a `toggle` also has a `--no-` form. */
export type FlagKind = 'value' | 'switch' | 'toggle' | readonly string[]

/** A parsed command line: its positional argument, and its flags by name without the hyphens. */
export type Args = { track: 'ga' | 'beta'; positional: string; flags: ReadonlyMap<string, string | boolean> }

/** What a command prints: JSON on stdout and a message on stderr. */
export type Printed = { json: Json; message?: string }

/** What a command works with. */
export type CommandContext = {
  api: Api
  /** Returns the project of the command line. Throws Failed if there is none. */
  project(): string
  /** The client and version in annotations. */
  client: string
  stdin: SecretBytes | undefined
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  crc32c(bytes: Uint8Array): number
}

/** One command of the fake gcloud: its arguments and what it does. Its key in a record is its name, such as `run services update`. */
export type Command = {
  /** The name of its positional argument in errors, if it takes one. */
  positional?: string
  /** The positional argument is free text, not a name. */
  text?: true
  flags: Readonly<Record<string, FlagKind>>
  /** Flags of the beta command only. */
  beta?: Readonly<Record<string, FlagKind>>
  /** Required flags. */
  required?: readonly string[]
  /** Prints an empty list if it fails. */
  lists?: true
  run(args: Args, context: CommandContext): Promise<Printed>
}

/** Returns the value of a flag that takes one, if given. */
export const textOf = ({ flags }: Args, name: string): string | undefined => {
  const value = flags.get(name)
  return typeof value === 'string' ? value : undefined
}

/** Returns whether a toggle is on or off, if given. */
export const switchOf = ({ flags }: Args, name: string): boolean | undefined => {
  const value = flags.get(name)
  return typeof value === 'boolean' ? value : undefined
}
