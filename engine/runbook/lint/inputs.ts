import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { compileSchemaPattern, PatternError } from '../../base/pattern.ts'
import { suggest } from '../../base/suggest.ts'
import { BudgetError, newBudget } from '../expressions/budget.ts'
import { DATA, isMadeByExpression, withChoices } from '../expressions/choices.ts'
import { makeChecker, type ScopeTypes } from '../expressions/expression.ts'
import { fitsType, INVENTORY_SCOPE, inputType, MOST_SCHEMAS, resolveInput } from '../expressions/scope.ts'
import { soleExpression, splitTemplate, UnclosedExpression } from '../expressions/template.ts'
import { compileSchema } from '../schema/errors.ts'
import type { Runbook } from '../types.ts'
import { type Context, checkText } from './expressions.ts'
import type { Finding, Path } from './findings.ts'

/** Returns the mistakes in a runbook's inputs: invalid schemas, unknown references and defaults of the wrong type. */
export function lintInputs(runbook: Runbook, types: ScopeTypes): Finding[] {
  const context: Context = { types, scope: INVENTORY_SCOPE, findings: [] }
  for (const part of ['types', 'inputs'] as const)
    for (const [name, schema] of Object.entries(runbook[part])) checkChoices(context, [part, name], schema, runbook)
  const findings = Object.entries(runbook.inputs).flatMap(([name, schema]) => {
    const path = ['inputs', name]
    const lost = lostReferences(path, schema, runbook)
    return lost.length > 0 ? lost : lintInput(path, schema, runbook, types)
  })
  return [...context.findings, ...findings]
}

/** Returns the mistakes that keep inputs from being checked: patterns that are not RE2, and schemas that expand without limit. */
export function lintSchemas(runbook: Runbook): Finding[] {
  const patterns = (['types', 'inputs'] as const).flatMap((part) => wrongPatterns([part], runbook[part]))
  const budget = newBudget(MOST_SCHEMAS)
  for (const [name, schema] of Object.entries(runbook.inputs))
    try {
      resolveInput(schema, runbook, [], budget)
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error
      const message = `with this input, the inputs expand to more than ${MOST_SCHEMAS} schemas`
      return [...patterns, { path: ['inputs', name], message, hint: 'refer to fewer or smaller types' }]
    }
  return patterns
}

function wrongPatterns(path: Path, schema: Json): Finding[] {
  if (Array.isArray(schema)) return schema.flatMap((item, index) => wrongPatterns([...path, index], item))
  if (!isJsonObject(schema)) return []
  return Object.entries(schema).flatMap(([key, value]) => {
    const at = [...path, key]
    if (key === 'pattern' && typeof value === 'string') return wrongPattern(at, value)
    const keys = key === 'patternProperties' && isJsonObject(value) ? Object.keys(value) : []
    const wrong = keys.flatMap((each) => wrongPattern([...at, each], each))
    return [...wrong, ...(DATA.has(key) ? [] : wrongPatterns(at, value))]
  })
}

function wrongPattern(path: Path, source: string): Finding[] {
  try {
    compileSchemaPattern(source)
    return []
  } catch (error) {
    if (error instanceof PatternError)
      return [{ path, message: error.message, hint: 'rewrite the pattern in RE2 syntax, or check the value in a step' }]
    throw error
  }
}

/** Checks that an `enum` expression is a list of the type that the rest of the schema describes. */
function checkChoices(context: Context, path: Path, schema: Json, runbook: Runbook): void {
  if (Array.isArray(schema))
    for (const [index, item] of schema.entries()) checkChoices(context, [...path, index], item, runbook)
  if (!isJsonObject(schema)) return
  if (isMadeByExpression(schema.enum)) {
    const { enum: choices, ...beside } = schema
    const given = checkText(context, [...path, 'enum'], choices, 'list')
    const wanted = `list<${inputType(beside, runbook)}>`
    if (given !== undefined && isList(given) && !fitsType(given, wanted))
      context.findings.push({ path: [...path, 'enum'], message: `expected ${wanted}, but \`enum\` has type ${given}` })
  }
  for (const [key, inner] of Object.entries(schema))
    if (!DATA.has(key)) checkChoices(context, [...path, key], inner, runbook)
}

const isList = (type: string): boolean => type === 'list' || type.startsWith('list<')

function lintInput(path: Path, schema: JsonObject, runbook: Runbook, types: ScopeTypes): Finding[] {
  const { default: fallback, ...rest } = withChoices(resolveInput(schema, runbook), () => undefined)
  let validate: ReturnType<typeof compileSchema>
  try {
    validate = compileSchema(rest)
  } catch (error) {
    return [notSchema(path, (error as Error).message)]
  }
  if (fallback === undefined) return []
  const at = [...path, 'default']
  if (holdsExpression(fallback))
    return typeof fallback === 'string' ? lintFilled(at, fallback, inputType(schema, runbook), types) : []
  try {
    if (validate(fallback)) return []
  } catch (error) {
    if (error instanceof PatternError) return [{ path: at, message: error.message }]
    throw error
  }
  const [error] = validate.errors ?? []
  const inner = (error?.instancePath ?? '').split('/').slice(1)
  return [{ path: [...at, ...inner.map(indexOrKey)], message: `the default ${error?.message ?? 'does not fit'}` }]
}

/** Reads the path from ajv's message: `schema is invalid: data/type must be equal to …, data/type must …`. */
function notSchema(path: Path, message: string): Finding {
  const [, pointer = '', first] = /^schema is invalid: data((?:\/[^\s/]+)*) ([^,]*)/.exec(message) ?? []
  const inner = pointer.split('/').slice(1).map(indexOrKey)
  return { path: [...path, ...inner], message: `invalid JSON Schema: ${first || message}` }
}

/** Checks that a default expression has the type that the input's schema requires. */
function lintFilled(path: Path, text: string, wanted: string, types: ScopeTypes): Finding[] {
  const segments = segmentsOf(text)
  const sole = soleExpression(segments)
  const given = sole === undefined ? 'string' : makeChecker(types, INVENTORY_SCOPE).typeOf(sole)
  if (typeof given !== 'string' || fitsType(given, wanted)) return []
  return [{ path, message: `expected ${wanted}, but the default has type ${given}` }]
}

function lostReferences(path: Path, value: Json, runbook: Runbook): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => lostReferences([...path, index], item, runbook))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === 'default') return []
    if (key !== '$ref' || typeof item !== 'string') return lostReferences([...path, key], item, runbook)
    const name = /^#\/types\/(.+)$/.exec(item)?.[1]
    if (name !== undefined && Object.hasOwn(runbook.types, name)) return []
    const known = Object.keys(runbook.types)
    const meant = suggest(name ?? item, known)
    const there = known.length > 0 ? `available: ${known.join(', ')}` : 'no types are defined'
    return [
      {
        path: [...path, key],
        message: `there is no type \`${name ?? item}\``,
        hint: meant ? `did you mean \`#/types/${meant}\`?` : `use #/types/NAME; ${there}`,
      },
    ]
  })
}

function holdsExpression(value: Json): boolean {
  if (typeof value === 'string') return value.includes('${{')
  if (Array.isArray(value)) return value.some(holdsExpression)
  return isJsonObject(value) && Object.values(value).some(holdsExpression)
}

/** Splits a text; `checkText` reports an unclosed expression. */
function segmentsOf(text: string): ReturnType<typeof splitTemplate> {
  try {
    return splitTemplate(text)
  } catch (error) {
    if (error instanceof UnclosedExpression) return []
    throw error
  }
}

const indexOrKey = (step: string): string | number => (/^[0-9]+$/.test(step) ? Number(step) : step)
