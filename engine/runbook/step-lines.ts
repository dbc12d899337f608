import { isJsonObject, type Json } from '../base/json.ts'
import type { Source } from '../base/source.ts'
import { parseDocument } from './yaml/document.ts'

/** Returns the first line of each step in a runbook, by step ID. */
export function stepLines(source: Source): ReadonlyMap<string, number> {
  const parsed = parseDocument(source)
  if (!parsed.ok || !isJsonObject(parsed.document.value)) return new Map()
  const { value, at } = parsed.document
  return new Map(
    ['steps', 'verify'].flatMap((part) =>
      listIn(value[part]).flatMap((step, index) =>
        isJsonObject(step) && typeof step.id === 'string' ? [[step.id, at([part, index, 'id']).line] as const] : [],
      ),
    ),
  )
}

const listIn = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])
