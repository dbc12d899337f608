import { type Diagnostic, problemAt, tidyDiagnostics } from '../../base/diagnostic.ts'
import type { Document } from '../yaml/document.ts'
import { judgeAlternatives } from './alternatives.ts'
import { type SchemaError, type SchemaFinding, schemaErrors } from './finding.ts'
import { explainError } from './messages.ts'
import { declaredKeys, type SchemaValidator } from './schema.ts'

export { compileSchema, type SchemaValidator } from './schema.ts'

/** Validates a document against a schema and returns one diagnostic per mistake, in file order. */
export function validateDocument(document: Document, validate: SchemaValidator): Diagnostic[] {
  if (validate(document.value)) return []
  const findings = explain(schemaErrors(validate.errors ?? [], [], document.value), validate)
  const diagnostics = withoutEchoes(findings).map(({ path, which, message, hint }) =>
    problemAt(document.source.name, document.at(path, which), message, hint),
  )
  return tidyDiagnostics(diagnostics)
}

/** Turns errors into findings. Reads them from the end, because the errors of alternatives precede the error of the whole. */
function explain(errors: readonly SchemaError[], validate: SchemaValidator): SchemaFinding[] {
  const findings: SchemaFinding[] = []
  let rest = [...errors]
  for (let index = lastWhole(rest); index >= 0; index = lastWhole(rest)) {
    const { findings: found, errors: chosen, noise } = judgeAlternatives(rest[index]!, validate)
    findings.push(...found, ...explain(chosen, validate))
    const isNoise = sameAsAny(noise)
    rest = [...rest.slice(0, index).filter((each) => !isNoise(each)), ...rest.slice(index + 1)]
  }
  const remaining = withoutNoise(rest, findings, validate)
  return [...findings, ...remaining.map((error) => explainError(error, validate.root))]
}

const lastWhole = (errors: SchemaError[]) =>
  errors.findLastIndex(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')

/** Returns a test for errors that are the same, whether they come from the whole schema or from one alternative. */
function sameAsAny(errors: SchemaError[]): (error: SchemaError) => boolean {
  const text = ({ path, keyword, params }: SchemaError) => JSON.stringify([path, keyword, params])
  const texts = new Map<object, Set<string>>()
  for (const error of errors) texts.set(error.holder, (texts.get(error.holder) ?? new Set()).add(text(error)))
  return (error) => texts.get(error.holder)?.has(text(error)) ?? false
}

/** Drops the errors that only follow from another one. */
function withoutNoise(errors: SchemaError[], findings: SchemaFinding[], validate: SchemaValidator): SchemaError[] {
  const wrappers = new Set(['if', 'propertyNames'])
  const real = errors.filter(({ keyword }) => !wrappers.has(keyword))
  const causes = [...real.filter(({ keyword }) => keyword !== 'unevaluatedProperties'), ...findings]
  const kept = real.filter(({ keyword, path, params, holder }) => {
    if (keyword !== 'unevaluatedProperties') return true
    // A key of a failed alternative counts as not evaluated, although nothing is wrong with it.
    const declared = declaredKeys(validate.root, holder).includes(String(params.unevaluatedProperty))
    return !declared || !causes.some((cause) => path.every((step, at) => cause.path[at] === step))
  })
  return kept.length > 0 || findings.length > 0 ? kept : errors
}

/** Drops the findings that a misspelled key causes: the correct key is missing, or an alternative requires it. */
function withoutEchoes(findings: SchemaFinding[]): SchemaFinding[] {
  const at = (path: (string | number)[]) => JSON.stringify(path)
  const meant = new Set(
    findings.flatMap(({ path, about }) =>
      about?.kind === 'unknown' && about.meant !== undefined ? [at([...path.slice(0, -1), about.meant])] : [],
    ),
  )
  const missing = new Set<string>()
  return findings.filter(({ about }) => {
    if (about?.kind !== 'missing') return true
    const wanted = about.keys.map((key) => at([...about.owner, key]))
    const echo = wanted.some((key) => meant.has(key) || missing.has(key))
    for (const key of wanted) missing.add(key)
    return !echo
  })
}
