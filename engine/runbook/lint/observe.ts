import { isJsonObject, type Json } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { suggest } from '../../base/suggest.ts'
import { withheldIn } from '../expressions/withheld.ts'
import type { ObserveTemplate } from '../types.ts'
import { lintRead } from './arguments.ts'
import { type Context, checkDeep, checkText, checkWords } from './expressions.ts'
import type { Finding, Path } from './findings.ts'
import { lintForms } from './reachable.ts'

/** The mistakes in what is read and what that must be. */
export function lintLook(context: Context, path: Path, { observe, expect }: ObserveTemplate): void {
  const { findings } = context
  const { gcloud, select, project } = observe
  const reads = Array.isArray(gcloud)
    ? [{ at: [], words: gcloud }]
    : Object.entries(gcloud).map(([name, words]) => ({ at: [name], words }))
  for (const { at, words } of reads) {
    const where = [...path, 'observe', 'gcloud', ...at]
    findings.push(...lintRead(where, words))
    checkWords(context, where, words)
  }
  checkText(context, [...path, 'observe', 'project'], project, 'text')
  const withResult = { ...context, scope: { ...context.scope, result: 'dyn' } }
  checkDeep(context, [...path, 'expect'], expect)
  for (const [name, expression] of Object.entries(select)) {
    const type = checkText(withResult, [...path, 'observe', 'select', name], expression, 'anything')
    findings.push(...lintWithheld([...path, 'observe', 'select', name], expression))
    const wanted = isJsonObject(expect) ? own(expect, name) : undefined
    if (wanted !== undefined) findings.push(...lintForms(path, name, type, wanted, typeOfText(context, wanted)))
  }
  for (const name of typeof expect === 'object' ? Object.keys(expect ?? {}) : []) {
    if (Object.hasOwn(select, name)) continue
    const meant = suggest(name, Object.keys(select))
    const hint = meant ? `did you mean \`${meant}\`?` : `\`select\` has: ${Object.keys(select).join(', ')}`
    findings.push({
      path: [...path, 'expect', name],
      on: 'key',
      message: `\`select\` has no \`${name}\`, so nothing can be compared with it`,
      hint,
    })
  }
}

/** A run says the same of it, and the step is unknown there; by its text alone this is only likely. */
function lintWithheld(path: Path, expression: string): Finding[] {
  const name = withheldIn(expression)
  if (name === undefined) return []
  return [
    {
      path,
      severity: 'warning',
      message: `\`${name}\` is withheld from an observation: it may hold a secret in plain text`,
      hint: 'keep the value in Secret Manager and compare it with a `secret` step, or have a person check it',
    },
  ]
}

/** The type of a text that is one expression; what is wrong with it is found where it is checked. */
const typeOfText = (context: Context, value: Json): string | undefined =>
  typeof value === 'string' ? checkText({ ...context, findings: [] }, [], value, 'anything') : undefined
