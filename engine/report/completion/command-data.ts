/** A command as data: what there is to type, and what it is for. */
export type CommandData = {
  name: string
  summary: string
  /** How it is used: `[options] <runbook...>`. */
  usage: string
  arguments: ArgumentData[]
  options: OptionData[]
  /** Its own commands: `audit` has `verify`. */
  commands: CommandData[]
}

/** A word that a command takes; `name` says what it is: `runbook`, `incident`. */
export type ArgumentData = { name: string; summary: string; required: boolean; variadic: boolean; choices?: string[] }

/** An option; `value` says what its value is (`file`), and is left out where it takes none. */
export type OptionData = {
  flag: string
  summary: string
  required: boolean
  value?: string
  choices?: string[]
  default?: string
}
