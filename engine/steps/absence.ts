import { isJsonObject, type Json } from '../base/json.ts'
import type { GcloudCommand } from './types.ts'

/**
 * Returns whether gcloud's structured error says that the described resource itself is missing: `NOT_FOUND: Secret
 * [projects/1/secrets/S] not found.` Any other 404 (a load balancer's page, a missing parent, a list) doesn't.
 */
export function provesAbsence({ argv }: GcloudCommand, message: string): boolean {
  const [, said] = /^\(gcloud[^)]*\) NOT_FOUND: ([^<]*)$/.exec(message) ?? []
  const name = described(argv)
  if (said === undefined || name === undefined) return false
  return (
    names(said, name, argv[argv.indexOf('describe') - 1] ?? '') ||
    (/\bservice-accounts describe\b/.test(argv.join(' ')) && /^Unknown service account\b/.test(said))
  )
}

/** Returns the name that a `describe` is about: the last part of its first positional argument. */
function described(argv: string[]): string | undefined {
  const name = argv[argv.indexOf('describe') + 1]
  return argv.indexOf('describe') > 0 && name !== undefined && !name.startsWith('-')
    ? name.split('/').at(-1)
    : undefined
}

/**
 * Matches a name in an error: in brackets or quotes, after an equals sign, or as a full resource path; with the word
 * before it.
 */
const NAMED =
  /(?<!\w)(\w*)[ (]{0,3}(?:\[([^\][\s]+)\]|'([^'\s]+)'|"([^"\s]+)"|`([^`\s]+)`|=([^\s()[\]{},;]+)|(?<=^|\s)((?:\/\/[\w.-]+\/)?(?:projects|folders|organizations|billingAccounts|namespaces)\/[^\s()[\]{},;:]*[^\s()[\]{},;:.]))/g

/** Matches kinds that contain other resources: if one is missing, its contents are unknown. */
const HOLDER = /^(project|folder|organization|location|region|zone|namespace|parent|host|method|url)s?$/i

/**
 * Returns whether a text names a resource of a kind, alone or as the last part of a path. A word of the sentence is no
 * name ("Method not found", for a resource called `Method`), and neither is the path or URL of a request.
 */
function names(text: string, name: string, kind: string): boolean {
  return [...text.matchAll(NAMED)].some(([, before = '', ...forms]) => {
    const path = forms.find((form) => form !== undefined) ?? ''
    const parts = path.split('/')
    const holder = parts.length > 1 ? parts.at(-2)! : before
    return (
      parts.at(-1) === name &&
      !/^\/(?!\/)|:\/\//.test(path) &&
      (!HOLDER.test(holder) || holder.toLowerCase().startsWith(kind.replace(/s$/, '')))
    )
  })
}

/**
 * Returns the list that can confirm that a Cloud Run service is missing: `run services describe` says "Cannot find
 * service" for every 404.
 */
export function confirmingList(
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

/** Returns whether a printed value is a list of Cloud Run services without a name. */
export const lacks = (list: Json, name: string): boolean =>
  Array.isArray(list) &&
  list.every((item) => isJsonObject(item) && isJsonObject(item.metadata) && typeof item.metadata.name === 'string') &&
  !list.some((item) => isJsonObject(item) && isJsonObject(item.metadata) && item.metadata.name === name)
