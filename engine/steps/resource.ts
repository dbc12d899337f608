import { commandOf } from '../gcloud-grammar/command.ts'
import type { GcloudCommand } from './types.ts'

/**
 * The resource of a command, as far as audit logs name it; of an unknown command, the arguments that could be its name.
 */
export type Resource = { project: string } & (
  | { kind: 'service'; name: string; region?: string }
  | { kind: 'secret'; name: string }
  | { kind: 'policy' }
  | { kind: 'account'; email: string }
  | { kind: 'api'; name: string }
  | { kind: 'unknown'; words: string[] }
)

/** Returns the resource of a command, by its groups and the argument after its verb. */
export function resourceOf({ argv, project }: GcloudCommand): Resource {
  const { groups, at } = commandOf(argv)
  const rest = argv.slice(at + 1)
  const [name] = positionalsIn(rest)
  switch (groups.join(' ')) {
    case 'run services': {
      const region = flagIn(rest, '--region')
      return name === undefined
        ? unknown(rest, project)
        : { kind: 'service', project, name, ...(region === undefined ? {} : { region }) }
    }
    case 'secrets':
    case 'secrets versions': {
      const secret = flagIn(rest, '--secret') ?? name
      return secret === undefined ? unknown(rest, project) : { kind: 'secret', project, name: secret }
    }
    case 'projects':
      return { kind: 'policy', project: name ?? project }
    case 'iam service-accounts': {
      if (name === undefined) return unknown(rest, project)
      const email = name.includes('@') ? name : `${name}@${project}.iam.gserviceaccount.com`
      return { kind: 'account', project, email }
    }
    case 'services':
      return name === undefined ? unknown(rest, project) : { kind: 'api', project, name }
    default:
      return unknown(rest, project)
  }
}

const unknown = (rest: string[], project: string): Resource => ({
  kind: 'unknown',
  project,
  words: positionalsIn(rest),
})

/** Flags without a value. */
const ALONE = /^--(no-|clear-|async$|force$|quiet$)/

/**
 * Returns the arguments that are neither flags nor possibly a flag's value: a region or a size is part of many names.
 */
const positionalsIn = (rest: string[]): string[] =>
  rest.filter((word, index) => {
    const before = rest[index - 1]
    const isValue = before?.startsWith('--') === true && !before.includes('=') && !ALONE.test(before)
    return !word.startsWith('-') && !isValue
  })

/** Returns the value of a flag, written with `=` or as the next argument; undefined if it is not there. */
export function flagIn(rest: string[], flag: string): string | undefined {
  const given = rest.find((word) => word.startsWith(`${flag}=`))
  if (given !== undefined) return given.slice(flag.length + 1)
  const at = rest.indexOf(flag)
  return at < 0 ? undefined : rest[at + 1]
}
