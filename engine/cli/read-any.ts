import type { GcloudKnowledge } from '../runbook/command-tree.ts'
import { problemAt } from '../runbook/diagnostic.ts'
import { parseDocument } from '../runbook/document.ts'
import type { Inventory } from '../runbook/inventory-types.ts'
import { isJsonObject } from '../runbook/json.ts'
import { readInventory } from '../runbook/read-inventory.ts'
import { runbookReader } from '../runbook/read-runbook.ts'
import type { Reading } from '../runbook/reader.ts'
import type { Source } from '../runbook/source.ts'
import { suggest } from '../runbook/suggest.ts'
import type { Runbook } from '../runbook/types.ts'
import { readScenario } from '../sandbox/read-scenario.ts'
import type { Scenario } from '../sandbox/scenario.ts'

/** A file of a kind that it says itself. */
export type AnyFile =
  | { kind: 'Runbook'; value: Runbook }
  | { kind: 'Inventory'; value: Inventory }
  | { kind: 'Scenario'; value: Scenario }

type Readers = Map<unknown, (source: Source) => Reading<AnyFile>>

/** Makes the reader of files of any kind, which holds runbooks against what is known of gcloud. */
export function anyReader(knowledge: GcloudKnowledge): (source: Source) => Reading<AnyFile> {
  const readRunbook = runbookReader(knowledge)
  const readers: Readers = new Map<unknown, (source: Source) => Reading<AnyFile>>([
    ['Runbook', (source) => tagged('Runbook', readRunbook(source))],
    ['Inventory', (source) => tagged('Inventory', readInventory(source))],
    ['Scenario', (source) => tagged('Scenario', readScenario(source))],
  ])
  return (source) => readAny(source, readers)
}

const tagged = <K extends AnyFile['kind'], T>(kind: K, reading: Reading<T>): Reading<{ kind: K; value: T }> =>
  reading.ok ? { ...reading, value: { kind, value: reading.value } } : reading

function readAny(source: Source, readers: Readers): Reading<AnyFile> {
  // A kind that stands where it usually does saves parsing the file twice; its reader checks that it is right.
  const usual = readers.get(/^kind: (\w+)$/m.exec(source.text)?.[1])
  if (usual) return usual(source)
  const parsed = parseDocument(source)
  if (!parsed.ok) return parsed
  const { value } = parsed.document
  const kind = isJsonObject(value) ? value.kind : undefined
  const read = readers.get(kind)
  if (read) return read(source)
  const kinds = [...readers.keys()] as string[]
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
