import { isJsonObject, type Json } from '../runbook/json.ts'
import type { GcloudCommand } from './types.ts'

/**
 * Whether gcloud said, in its own structured words, that the very thing that a `describe` is about is not there:
 * `NOT_FOUND: Secret [projects/1/secrets/S] not found.` Any other 404 (a page of a load balancer, a missing parent, a
 * list) says nothing of the thing.
 */
export function tellsAbsence({ argv }: GcloudCommand, message: string): boolean {
  const [, said] = /^\(gcloud[^)]*\) NOT_FOUND: ([^<]*)$/.exec(message) ?? []
  const name = described(argv)
  if (said === undefined || name === undefined) return false
  return (
    names(said, name) ||
    (/\bservice-accounts describe\b/.test(argv.join(' ')) && /^Unknown service account\b/.test(said))
  )
}

/** What a `describe` is about: the last part of its first word that is no flag. */
function described(argv: string[]): string | undefined {
  const name = argv[argv.indexOf('describe') + 1]
  return argv.indexOf('describe') > 0 && name !== undefined && !name.startsWith('-')
    ? name.split('/').at(-1)
    : undefined
}

/**
 * Whether a text names a thing, alone or as the last part of a path, in brackets, quotes or behind an equals sign. A word
 * of its sentence isn't a name ("Method not found" of a thing that is called `Method`), and what a path goes through is a parent.
 */
function names(text: string, name: string): boolean {
  const named = text.matchAll(/\[([^\][]+)\]|'([^']+)'|"([^"]+)"|`([^`]+)`|=([^\s()[\]{},;]+)/g)
  return [...named].some((groups) => groups.slice(1).some((one) => one?.split('/').at(-1) === name))
}

/** How a `run services describe` that found nothing is held against the list of its region: "Cannot find service" is said of every 404. */
export function listThatTells(
  { argv, project }: GcloudCommand,
  message: string,
): { list: GcloudCommand; name: string } | undefined {
  const at = argv.indexOf('describe')
  const name = described(argv)
  const group = argv.slice(0, at)
  const region = regionIn(argv.slice(at + 2))
  if (!/^((alpha|beta) )?run services$/.test(group.join(' ')) || name === undefined || region === undefined)
    return undefined
  if (!message.endsWith(`Cannot find service [${name}]`)) return undefined
  return { list: { argv: [...group, 'list', '--region', region], project }, name }
}

function regionIn(flags: string[]): string | undefined {
  const [first, second] = flags
  if (first?.startsWith('--region=') && flags.length === 1) return first.slice('--region='.length)
  return first === '--region' && flags.length === 2 ? second : undefined
}

/** Whether a list of Cloud Run services is one and lacks a name. */
export const lacks = (list: Json, name: string): boolean =>
  Array.isArray(list) &&
  list.every((item) => isJsonObject(item) && isJsonObject(item.metadata) && typeof item.metadata.name === 'string') &&
  !list.some((item) => isJsonObject(item) && isJsonObject(item.metadata) && item.metadata.name === name)
