/** Describes a command: how to call it, and what it does. */
export type CommandData = {
  name: string
  summary: string
  /** The arguments and required options: `<runbook...> --env <environment> [options]`. */
  usage: string
  arguments: ArgumentData[]
  options: OptionData[]
  examples: Example[]
  exitCodes: number[]
  /** The commands under it: `audit` has `verify`. */
  commands: CommandData[]
}

/** An example: a command line, and what it does. */
export type Example = { does: string; line: string }

/** Describes an argument; its name is its kind, such as `runbook` or `incident`. */
export type ArgumentData = { name: string; summary: string; required: boolean; variadic: boolean; choices?: string[] }

/** Describes an option; `value` is the kind of its value, such as `file`, and is left out for a switch. */
export type OptionData = {
  flag: string
  summary: string
  required: boolean
  /** The heading that help lists it under. */
  group: string
  value?: string
  choices?: string[]
  default?: string
}
