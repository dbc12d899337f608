import { commandOf } from '../runbook/gcloud-command.ts'
import type { Action, GcloudCommand, Target } from '../steps/types.ts'

/** Something that a command is about, as far as audit logs name it; of a command that is not known, the words that could be its name. */
export type Thing = { project: string } & (
  | { kind: 'service'; name: string; region?: string }
  | { kind: 'secret'; name: string }
  | { kind: 'policy' }
  | { kind: 'account'; email: string }
  | { kind: 'api'; name: string }
  | { kind: 'unknown'; words: string[] }
)

/** A thing, and which methods a command calls on it; every one where that is not known. */
export type Effect = { thing: Thing; methods?: readonly string[] }

/** What each changing command calls, by its words without the release: the last part of the method's name in the audit log. */
const METHODS: Record<string, readonly string[]> = {
  'run services update': ['ReplaceService', 'UpdateService', 'SetIamPolicy'],
  'run services update-traffic': ['ReplaceService', 'UpdateService'],
  'run services add-iam-policy-binding': ['SetIamPolicy'],
  'run services remove-iam-policy-binding': ['SetIamPolicy'],
  'run services delete': ['DeleteService'],
  'secrets versions add': ['AddSecretVersion'],
  'secrets versions enable': ['EnableSecretVersion'],
  'secrets versions disable': ['DisableSecretVersion'],
  'secrets versions destroy': ['DestroySecretVersion'],
  'projects add-iam-policy-binding': ['SetIamPolicy'],
  'projects remove-iam-policy-binding': ['SetIamPolicy'],
  'iam service-accounts create': ['CreateServiceAccount'],
  'iam service-accounts delete': ['DeleteServiceAccount'],
  'iam service-accounts enable': ['EnableServiceAccount'],
  'iam service-accounts disable': ['DisableServiceAccount'],
  'services enable': ['EnableService'],
}

/** What an action changes; nothing where it is a person's, changes nothing, or has no name to look for. */
export function effectOf(action: Action): Effect | undefined {
  switch (action.kind) {
    case 'gcloud': {
      const methods = METHODS[nameOf(action.command)]
      const thing = thingOf(action.command)
      if (thing.kind === 'unknown' && thing.words.length === 0) return undefined
      return { thing, ...(methods ? { methods } : {}) }
    }
    case 'copy-secret': {
      const { project, secret: name } = action.to
      return { thing: { kind: 'secret', project, name }, methods: ['AddSecretVersion'] }
    }
    case 'by-hand':
    case 'ask':
    case 'wait':
      return undefined
  }
}

/** What a plan's target is, by the command that read it; one of a list has its name behind the command. */
export function thingRead({ read, project }: Target): Thing {
  const [command = '', item] = read.split(/: (?=[^:]*$)/)
  const argv = command.split(' ')
  if (item === undefined) return thingOf({ argv, project })
  const { at } = commandOf(argv)
  return thingOf({ argv: [...argv.slice(0, at + 1), item.split('/').at(-1) ?? '', ...argv.slice(at + 1)], project })
}

/** What a command is about, by its groups and the word behind its verb. */
export function thingOf({ argv, project }: GcloudCommand): Thing {
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

const unknown = (rest: string[], project: string): Thing => ({ kind: 'unknown', project, words: positionalsIn(rest) })

function nameOf({ argv }: GcloudCommand): string {
  const { groups, verb = '' } = commandOf(argv)
  return [...groups, verb].join(' ')
}

/** The words that are neither flags nor may be the value of one: a region or a size is in many names. */
const positionalsIn = (rest: string[]): string[] =>
  rest.filter((word, index) => {
    const before = rest[index - 1]
    return !word.startsWith('-') && (before === undefined || !before.startsWith('--') || before.includes('='))
  })

function flagIn(rest: string[], flag: string): string | undefined {
  const given = rest.find((word) => word.startsWith(`${flag}=`))
  if (given !== undefined) return given.slice(flag.length + 1)
  const at = rest.indexOf(flag)
  return at < 0 ? undefined : rest[at + 1]
}
