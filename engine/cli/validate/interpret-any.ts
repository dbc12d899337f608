import { problemAt } from '../../base/diagnostic.ts'
import { isJsonObject } from '../../base/json.ts'
import { suggest } from '../../base/suggest.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import { interpretInventory } from '../../runbook/read-inventory.ts'
import { runbookInterpreter } from '../../runbook/read-runbook.ts'
import type { Interpret, Reading } from '../../runbook/reader.ts'
import type { Runbook } from '../../runbook/types.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import { interpretScenario } from '../../sandbox/scenario/read-scenario.ts'

/** A file of any kind, by its `kind`. */
export type AnyFile =
  | { kind: 'Runbook'; value: Runbook }
  | { kind: 'Inventory'; value: Inventory }
  | { kind: 'Scenario'; value: Scenario }

/** Makes an interpreter of files of any kind, which checks runbooks with what is known about gcloud. */
export function anyInterpreter(knowledge: GcloudKnowledge): Interpret<AnyFile> {
  const interpretRunbook = runbookInterpreter(knowledge)
  const interpreters = new Map<unknown, Interpret<AnyFile>>([
    ['Runbook', (document) => tagged('Runbook', interpretRunbook(document))],
    ['Inventory', (document) => tagged('Inventory', interpretInventory(document))],
    ['Scenario', (document) => tagged('Scenario', interpretScenario(document))],
  ])
  return (document) => {
    const kind = isJsonObject(document.value) ? document.value.kind : undefined
    const interpret = interpreters.get(kind) ?? noSuchKind(kind, [...interpreters.keys()] as string[])
    return interpret(document)
  }
}

const tagged = <K extends AnyFile['kind'], T>(kind: K, reading: Reading<T>): Reading<{ kind: K; value: T }> =>
  reading.ok ? { ...reading, value: { kind, value: reading.value } } : reading

function noSuchKind(kind: unknown, kinds: string[]): Interpret<never> {
  const meant = typeof kind === 'string' ? suggest(kind, kinds) : undefined
  const message =
    kind === undefined ? '`kind` is missing' : `\`kind\` is ${JSON.stringify(kind)}, which is not a kind of file`
  const hint = meant ? `did you mean \`${meant}\`?` : `write one of: ${kinds.join(', ')}`
  return ({ source, at }) => ({ ok: false, diagnostics: [problemAt(source.name, at(['kind']), message, hint)] })
}
