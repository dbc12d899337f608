import { commandOf } from '../gcloud-grammar/command.ts'
import { readsOf } from './index.ts'
import { flagIn, type Resource, resourceOf } from './resource.ts'
import type { Action, BoundStep, GcloudCommand } from './types.ts'

/**
 * What a step reads and changes, as texts that are equal where two steps touch the same thing: a service, a secret, a
 * project's policy, an account, an API; of anything else the groups of its commands and the name behind the verb, and where
 * a command has no such name its words, however its flags are written.
 */
export function touched(step: BoundStep | undefined, apply: Action | undefined): string[] {
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
 * A service of one name in two regions counts as one: a command may leave the region out. So does the policy of any
 * project that a command names: it may name its own by id or by number.
 */
function nameOf(command: GcloudCommand): string {
  const { project } = command
  const resource = thingTouched(command)
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

/** What a command is about; a deployment is about its service, and what it says of an account's keys about the account. */
function thingTouched(command: GcloudCommand): Resource {
  const { argv, project } = command
  const { groups, verb, at } = commandOf(argv)
  const account = flagIn(argv, '--iam-account')
  if (account !== undefined) return resourceOf({ argv: ['iam', 'service-accounts', 'describe', account], project })
  if (groups.join(' ') === 'run' && verb === 'deploy')
    return resourceOf({ argv: ['run', 'services', 'update', ...argv.slice(at + 1)], project })
  return resourceOf(command)
}

/** The words of a command in an order of their own, without the release: `--flag=value` and `--flag value` are the same. */
function wordsOf({ argv }: GcloudCommand): string[] {
  const { groups, at } = commandOf(argv)
  const words = argv.slice(at - groups.length)
  return words.flatMap((word) => (word.startsWith('--') ? word.split(/=(.*)/s, 2) : [word])).sort()
}
