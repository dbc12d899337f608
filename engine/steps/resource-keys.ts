import { commandOf } from '../gcloud-grammar/command.ts'
import { readsOf } from './index.ts'
import { flagIn, type Resource, resourceOf } from './resource.ts'
import type { Action, BoundStep, GcloudCommand } from './types.ts'

/**
 * Returns keys for what a step reads and changes; two steps that touch the same resource share a key: a service, a
 * secret, a project's policy, an account, an API. Of anything else, the command's groups and the name after the verb;
 * without a name, all its arguments.
 */
export function resourceKeys(step: BoundStep | undefined, apply: Action | undefined): string[] {
  return [...new Set([...(step ? readsOf(step) : []).map(nameOf), ...changed(apply)])]
}

function changed(apply: Action | undefined): string[] {
  switch (apply?.kind) {
    case 'gcloud':
      return [nameOf(apply.command)]
    case 'copy-secret':
      return [JSON.stringify(['secret', apply.to.project, apply.to.secret])]
    case 'by-hand':
    case 'ask':
    case 'wait':
    case undefined:
      return []
  }
}

/**
 * Returns the key of a command's resource. Services of one name in two regions count as one, since a command may leave
 * the region out; so do the policies of all projects, since a project may be named by id or number.
 */
function nameOf(command: GcloudCommand): string {
  const { project } = command
  const resource = targetOf(command)
  switch (resource.kind) {
    case 'service':
    case 'secret':
    case 'api':
      return JSON.stringify([resource.kind, resource.project, resource.name])
    case 'account':
      return JSON.stringify([resource.kind, resource.project, resource.email])
    case 'policy':
      return JSON.stringify([resource.kind, project])
    case 'unknown': {
      const [name] = resource.words
      const { groups } = commandOf(command.argv)
      const words = groups.length === 0 || name === undefined ? wordsOf(command) : [...groups, name]
      return JSON.stringify([resource.kind, resource.project, ...words])
    }
  }
}

/**
 * Returns the resource of a command. A deployment is about its service, and an account's keys are about the account.
 */
function targetOf(command: GcloudCommand): Resource {
  const { argv, project } = command
  const { groups, verb, at } = commandOf(argv)
  const account = flagIn(argv, '--iam-account')
  if (account !== undefined) return resourceOf({ argv: ['iam', 'service-accounts', 'describe', account], project })
  if (groups.join(' ') === 'run' && verb === 'deploy')
    return resourceOf({ argv: ['run', 'services', 'update', ...argv.slice(at + 1)], project })
  return resourceOf(command)
}

/** Returns a command's arguments, sorted and without the release track: `--flag=value` and `--flag value` are equal. */
function wordsOf({ argv }: GcloudCommand): string[] {
  const { groups, at } = commandOf(argv)
  const words = argv.slice(at - groups.length)
  return words.flatMap((word) => (word.startsWith('--') ? word.split(/=(.*)/s, 2) : [word])).sort()
}
