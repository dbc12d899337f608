import { own } from '../base/own.ts'
import { commandOf } from '../gcloud-grammar/command.ts'
import { type Resource, resourceOf } from '../steps/resource.ts'
import type { Action, GcloudCommand, Target } from '../steps/types.ts'
import { isAbout, type LoggedChange } from './cloud-change.ts'

/** A resource, and the methods that a command calls on it; all methods if they aren't known. */
export type Effect = { resource: Resource; methods?: readonly string[] }

/** The methods that each changing command calls, by the command without its release track: the last part of the method's name in the audit log. */
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

/** Returns whether a call produces an effect. */
export const isCallOf = ({ resource, methods }: Effect, logged: LoggedChange): boolean =>
  isAbout(logged, resource) && (methods === undefined || methods.includes(logged.change.method.split('.').at(-1) ?? ''))

/** Returns what an action changes; undefined if a person does it, it changes nothing, or it has no name to search for. */
export function effectOf(action: Action): Effect | undefined {
  switch (action.kind) {
    case 'gcloud': {
      const methods = own(METHODS, nameOf(action.command))
      const resource = resourceOf(action.command)
      if (resource.kind === 'unknown' && resource.words.length === 0) return undefined
      return { resource, ...(methods ? { methods } : {}) }
    }
    case 'copy-secret': {
      const { project, secret: name } = action.to
      return { resource: { kind: 'secret', project, name }, methods: ['AddSecretVersion'] }
    }
    case 'by-hand':
    case 'ask':
    case 'wait':
      return undefined
  }
}

/** Returns the resource of a plan's target, from the command that read it; an item of a list has its name after the command. */
export function resourceRead({ read, project }: Target): Resource {
  const [command = '', item] = read.split(/: (?=[^:]*$)/)
  const argv = command.split(' ')
  if (item === undefined) return resourceOf({ argv, project })
  const { at } = commandOf(argv)
  return resourceOf({ argv: [...argv.slice(0, at + 1), item.split('/').at(-1) ?? '', ...argv.slice(at + 1)], project })
}

function nameOf({ argv }: GcloudCommand): string {
  const { groups, verb = '' } = commandOf(argv)
  return [...groups, verb].join(' ')
}
