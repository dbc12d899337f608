import { isJsonObject, type Json } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { suggest } from '../../base/suggest.ts'
import { redactedFieldIn } from '../expressions/redacted.ts'
import type { ObserveTemplate } from '../types.ts'
import { lintRead } from './arguments.ts'
import { type Context, checkArguments, checkDeep, checkText } from './expressions.ts'
import type { Finding, Path } from './findings.ts'
import { lintTypes } from './unsatisfiable.ts'

/** Checks `observe` and `expect`. */
export function lintObserve(context: Context, path: Path, { observe, expect }: ObserveTemplate): void {
  const { findings } = context
  const { gcloud, select, project } = observe
  const reads = Array.isArray(gcloud)
    ? [{ at: [], args: gcloud }]
    : Object.entries(gcloud).map(([name, args]) => ({ at: [name], args }))
  for (const { at, args } of reads) {
    const where = [...path, 'observe', 'gcloud', ...at]
    findings.push(...lintRead(where, args))
    checkArguments(context, where, args)
  }
  checkText(context, [...path, 'observe', 'project'], project, 'text')
  const withResult = { ...context, scope: { ...context.scope, result: 'dyn' } }
  checkDeep(context, [...path, 'expect'], expect)
  for (const [name, expression] of Object.entries(select)) {
    const type = checkText(withResult, [...path, 'observe', 'select', name], expression, 'anything')
    findings.push(...lintRedacted([...path, 'observe', 'select', name], expression))
    const wanted = isJsonObject(expect) ? own(expect, name) : undefined
    if (wanted !== undefined) findings.push(...lintTypes(path, name, type, wanted, typeOfText(context, wanted)))
  }
  for (const name of typeof expect === 'object' ? Object.keys(expect ?? {}) : []) {
    if (Object.hasOwn(select, name)) continue
    const meant = suggest(name, Object.keys(select))
    const hint = meant ? `did you mean \`${meant}\`?` : `available: ${Object.keys(select).join(', ')}`
    findings.push({
      path: [...path, 'expect', name],
      on: 'key',
      message: `\`select\` has no \`${name}\` to compare`,
      hint,
    })
  }
}

/** Warns about an expression that seems to read a redacted value, which makes the step unknown in a run. */
function lintRedacted(path: Path, expression: string): Finding[] {
  const name = redactedFieldIn(expression)
  if (name === undefined) return []
  return [
    {
      path,
      severity: 'warning',
      message: `\`${name}\` is redacted from observations because it can contain a plaintext secret`,
      hint: 'store the value in Secret Manager and compare it with a `secret` step, or check it in a `manual` step',
    },
  ]
}

/** Returns the type of a text that is a single expression, without reporting its mistakes again. */
const typeOfText = (context: Context, value: Json): string | undefined =>
  typeof value === 'string' ? checkText({ ...context, findings: [] }, [], value, 'anything') : undefined
