import { parse } from 'yaml'
import type { Json } from '../runbook/json.ts'
import { sameJson } from '../runbook/json.ts'

/** One thing that a file of the repository must hold, bound: a text, or a value at a YAML path. */
export type BackfillPoint = {
  runbook: string
  file: string
  /** The point as a sentence of the record. */
  says: string
  holds: { text: string } | { yaml: (string | number)[]; value: Json }
}

/** Whether a file holds a point; `content` is undefined where there is no such file. */
export function isImplemented({ holds }: BackfillPoint, content: string | undefined): boolean {
  if (content === undefined) return false
  if ('text' in holds) return content.includes(holds.text)
  try {
    return sameJson(valueAt(parse(content) as Json, holds.yaml), holds.value)
  } catch {
    return false
  }
}

function valueAt(value: Json | undefined, path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string | number, Json>)[key]
        : undefined,
    value,
  )
}
