import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { commandOf } from '../gcloud-grammar/command.ts'
import { type OperationList, operationListOf } from '../gcloud-grammar/operation-times.ts'
import { asReads } from './read-only.ts'
import type { Change } from './types.ts'
import type { World } from './world.ts'

/**
 * What an API's operations report about a change: one is running on the resource; the change's own is over, and how it
 * failed; or unknown, as for an API without operations.
 */
export type OperationState =
  | { state: 'under-way'; name: string }
  | { state: 'over'; failed?: string }
  | { state: 'untold' }

/** Asks an API for the operation of a change, with a read-only command. */
export type AskOperations = () => Promise<OperationState>

/** The timeout of a listing, in ms. */
const LONGEST_LIST_MS = 60_000

/** Returns how to ask for a change's operation; undefined if gcloud can't list any for its API. */
export function operationsOf(action: Change, begun: Date, world: World): AskOperations | undefined {
  if (action.kind !== 'gcloud') return undefined
  const { argv, project } = action.command
  const list = operationListOf(argv)
  const line = lineOf(argv)
  const command = list && line && listing(list, line)
  if (!list || !line || !command) return undefined
  return async () => {
    const { failure, output } = await asReads(world).gcloud({
      ...{ argv: command, project },
      timeoutMs: LONGEST_LIST_MS,
    })
    return failure ? { state: 'untold' } : judge(operationsIn(output), list, line, begun)
  }
}

type Line = { verb: string; group: string; name: string; flags: ReadonlyMap<string, string> }

/** Reads the resource's name and the flags from a command line; undefined if the name is ambiguous. */
function lineOf(argv: string[]): Line | undefined {
  const { groups, verb, at } = commandOf(argv)
  if (verb === undefined) return undefined
  const flags = new Map<string, string>()
  const names: string[] = []
  for (let index = at + 1; index < argv.length; index++) {
    const word = argv[index] ?? ''
    const [, flag, value] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (flag !== undefined) flags.set(flag, value ?? argv[index + 1] ?? '')
    else if (index === at + 1 || !/^--[^=]+$/.test(argv[index - 1] ?? '')) names.push(word)
  }
  const name = flags.get('--instance') ?? flags.get('--cluster') ?? names[0]
  return name === undefined || names.length > 1 ? undefined : { verb, group: groups.slice(1).join(' '), name, flags }
}

/** Returns the command that lists the operations of a resource. */
function listing(list: OperationList, { name, flags }: Line): string[] | undefined {
  const place = (...names: string[]) =>
    names.flatMap((flag) => (flags.get(flag) ? [`${flag}=${flags.get(flag)}`] : [])).slice(0, 1)
  switch (list.form) {
    case 'sql':
      return ['sql', 'operations', 'list', `--instance=${name}`, '--limit=50']
    case 'container':
      return ['container', 'operations', 'list', ...place('--location', '--region', '--zone')]
    case 'compute': {
      const [zone] = place('--zone')
      const [region] = place('--region')
      const where = zone
        ? `--zones=${zone.slice('--zone='.length)}`
        : region
          ? `--regions=${region.slice('--region='.length)}`
          : '--global'
      return ['compute', 'operations', 'list', where, '--sort-by=~insertTime', '--limit=200']
    }
    case 'long-running': {
      const where = place(`--${list.place}`)
      return where.length === 0 ? undefined : [list.group, 'operations', 'list', ...where]
    }
  }
}

/** An operation in the form common to all APIs. */
type Operation = { name: string; type: string; target: string; begun: number; done: boolean; failed?: string }

function operationsIn(output: Uint8Array): Operation[] | undefined {
  try {
    const json = JSON.parse(new TextDecoder().decode(output)) as Json
    return Array.isArray(json) ? json.filter(isJsonObject).map(operationOf) : undefined
  } catch {
    return undefined
  }
}

function operationOf(each: JsonObject): Operation {
  const metadata = isJsonObject(each.metadata) ? each.metadata : {}
  const text = (...values: (Json | undefined)[]) => values.find((value) => typeof value === 'string') ?? ''
  const status = text(each.status, metadata.status)
  const failed = failureIn(each)
  return {
    name: text(each.name),
    type: text(each.operationType, metadata.verb),
    target: text(each.targetLink, metadata.target, each.targetId),
    begun: Date.parse(text(each.insertTime, metadata.createTime, each.startTime)),
    done: each.done === true || /^(DONE|ABORTED|CANCELLED)$/i.test(status),
    ...(failed === undefined ? {} : { failed }),
  }
}

function failureIn({ error }: JsonObject): string | undefined {
  if (!isJsonObject(error)) return undefined
  const { message, errors } = error
  if (typeof message === 'string') return message
  const [first] = Array.isArray(errors) ? errors.filter(isJsonObject) : []
  return [first?.code, first?.message].filter((part) => typeof part === 'string').join(': ') || 'it ended with an error'
}

/**
 * Judges the operations on a resource. A running one may be ours. A finished one is ours only if it is of the right
 * type and began after our command.
 */
function judge(
  operations: Operation[] | undefined,
  list: OperationList,
  { verb, group, name }: Line,
  begun: Date,
): OperationState {
  if (operations === undefined) return { state: 'untold' }
  const about = operations.filter(({ target }) => target.split('/').includes(name))
  const running = about.find(({ done }) => !done)
  if (running) return { state: 'under-way', name: running.name }
  const type = list.form === 'long-running' ? verb : (list.types[`${group} ${verb}`] ?? list.types[verb])
  if (type === undefined) return { state: 'untold' }
  const isOurs = ({ type: is, begun: at }: Operation) =>
    (is === type || is.endsWith(`.${type}`)) && at >= begun.getTime()
  // For a user or a database the list names only the instance, and several can't be told apart.
  const [ours, ...others] = /^(users|databases)$/.test(group) ? [] : about.filter(isOurs)
  if (!ours || others.length > 0) return { state: 'untold' }
  return { state: 'over', ...(ours.failed === undefined ? {} : { failed: ours.failed }) }
}
