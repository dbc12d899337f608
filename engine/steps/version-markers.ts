import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { GcloudCommand, Target } from './types.ts'

/**
 * The markers by which Google's APIs tell versions of a resource apart: IAM policies and most newer APIs have an etag,
 * Cloud Run services a generation and a resource version.
 */
const MARKS: Record<string, (resource: JsonObject) => Json | undefined> = {
  etag: ({ etag }) => etag,
  generation: ({ metadata }) => (isJsonObject(metadata) ? metadata.generation : undefined),
  resourceVersion: ({ metadata }) => (isJsonObject(metadata) ? metadata.resourceVersion : undefined),
}

/** Returns the printed resources that have markers; a list gives its items. */
export function targetsIn({ argv, project }: GcloudCommand, printed: Json): Target[] {
  const read = argv.join(' ')
  if (Array.isArray(printed))
    return printed.flatMap((item) => (isJsonObject(item) ? marked(`${read}: ${nameIn(item)}`, project, item) : []))
  return isJsonObject(printed) ? marked(read, project, printed) : []
}

function marked(read: string, project: string, resource: JsonObject): Target[] {
  // A Cloud Run revision never changes; its markers follow its status as it scales.
  if (resource.kind === 'Revision') return []
  const marks = Object.entries(MARKS).flatMap(([name, find]) => {
    const mark = find(resource)
    return typeof mark === 'string' || typeof mark === 'number' ? [[name, String(mark)] as const] : []
  })
  return marks.length === 0 ? [] : [{ read, project, marks: Object.fromEntries(marks) }]
}

const nameIn = ({ name, metadata }: JsonObject): string =>
  String((isJsonObject(metadata) ? metadata.name : name) ?? '(without a name)')
