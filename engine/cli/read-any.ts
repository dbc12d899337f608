import { problemAt } from '../runbook/diagnostic.ts'
import { parseDocument } from '../runbook/document.ts'
import { isJsonObject } from '../runbook/json.ts'
import { readInventory } from '../runbook/read-inventory.ts'
import { readRunbook } from '../runbook/read-runbook.ts'
import type { Reading } from '../runbook/reader.ts'
import type { Source } from '../runbook/source.ts'
import { suggest } from '../runbook/suggest.ts'
import { readScenario } from '../sandbox/read-scenario.ts'

const READERS = new Map<unknown, (source: Source) => Reading<unknown>>([
  ['Runbook', readRunbook],
  ['Inventory', readInventory],
  ['Scenario', readScenario],
])

/** Reads a file of any kind, by the `kind` that it says it is. */
export function readAny(source: Source): Reading<unknown> {
  // A kind that stands where it usually does saves parsing the file twice; its reader checks that it is right.
  const usual = READERS.get(/^kind: (\w+)$/m.exec(source.text)?.[1])
  if (usual) return usual(source)
  const parsed = parseDocument(source)
  if (!parsed.ok) return parsed
  const { value } = parsed.document
  const kind = isJsonObject(value) ? value.kind : undefined
  const read = READERS.get(kind)
  if (read) return read(source)
  const kinds = [...READERS.keys()] as string[]
  const meant = typeof kind === 'string' ? suggest(kind, kinds) : undefined
  const message =
    kind === undefined
      ? '`kind` is missing, so there is no telling what this file is'
      : `\`kind\` is ${JSON.stringify(kind)}, which is not a kind of file`
  const diagnostic = problemAt(
    source.name,
    parsed.document.at(['kind'], 'value'),
    message,
    meant ? `did you mean \`${meant}\`?` : `write one of: ${kinds.join(', ')}`,
  )
  return { ok: false, diagnostics: [diagnostic] }
}
