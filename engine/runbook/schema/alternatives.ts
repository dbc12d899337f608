import { isJsonObject, type Json, type JsonObject, sameJson } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { quote, quoteList } from '../../base/printable.ts'
import { suggest } from '../../base/suggest.ts'
import {
  actualType,
  expectedType,
  type SchemaError,
  type SchemaFinding,
  schemaErrors,
  subject,
  typeOf,
} from './finding.ts'
import { wrongChoice } from './messages.ts'
import { type SchemaValidator, withReferences } from './schema.ts'

/** An alternative of an `anyOf` or `oneOf`, with its errors for the value. */
type Alternative = { parts: JsonObject[]; errors: SchemaError[] }

/** The findings for a value that matches no alternative or too many, or the errors of the closest alternative. */
export type Verdict = { findings: SchemaFinding[]; errors: SchemaError[]; noise: SchemaError[] }

/** Finds the single message for an `anyOf` or `oneOf` error, instead of the errors of all alternatives. */
export function judgeAlternatives(error: SchemaError, validator: SchemaValidator): Verdict {
  const keyword = error.keyword === 'oneOf' ? 'oneOf' : 'anyOf'
  const schemas = Array.isArray(error.schema) ? error.schema : []
  const alternatives = validator.alternatives(error.holder, keyword).map((validate, index): Alternative => {
    validate(error.data)
    return {
      parts: withReferences(validator.root, schemas[index]),
      errors: schemaErrors(validate.errors ?? [], error.path, error.data),
    }
  })
  const noise = alternatives.flatMap(({ errors }) => errors)
  const kind = discriminator(alternatives)
  if (kind !== undefined && isJsonObject(error.data))
    return { ...judgeKind(error, error.data, alternatives, kind), noise }
  const finding = chosenByKey(error, alternatives, keyword) ?? chosenByValue(error, alternatives, validator.root)
  if (finding !== undefined) return { findings: [finding], errors: [], noise }
  const fitting = alternatives.filter(({ errors }) => errors.length === 0)
  if (fitting.length > 1) return { findings: [tooMany(error)], errors: [], noise }
  const meant = selectedByKey(error, alternatives) ?? nearest(error, alternatives)
  return { findings: [], errors: meant?.errors ?? [], noise }
}

/** Returns the key whose fixed value distinguishes the alternatives, if there is one. */
function discriminator(alternatives: Alternative[]): string | undefined {
  const [first] = alternatives
  return first?.parts
    .flatMap(({ properties }) => (isJsonObject(properties) ? Object.keys(properties) : []))
    .find((key) => alternatives.every(({ parts }) => kindsOf(parts, key).length > 0))
}

const kindsOf = (parts: JsonObject[], key: string): Json[] =>
  parts.flatMap(({ properties }) => {
    const property = isJsonObject(properties) ? own(properties, key) : undefined
    return isJsonObject(property) ? fixedValues(property) : []
  })

function judgeKind(
  error: SchemaError,
  data: JsonObject,
  alternatives: Alternative[],
  key: string,
): Omit<Verdict, 'noise'> {
  const path = [...error.path, key]
  const kind = own(data, key)
  const kinds = alternatives.flatMap(({ parts }) => kindsOf(parts, key))
  if (kind !== undefined && !kinds.some((each) => sameJson(each, kind)))
    return { findings: [wrongChoice({ path, data: kind }, kinds)], errors: [] }
  const likely = alternatives.filter(({ parts }) => kindsOf(parts, key).some((each) => sameJson(each, kind)))
  const best = nearest(error, likely.length > 0 ? likely : alternatives)
  return best === undefined ? { findings: [tooMany(error)], errors: [] } : { findings: [], errors: best.errors }
}

const tooMany = ({ path }: SchemaError): SchemaFinding => ({
  path,
  which: 'value',
  message: `${subject(path)} matches more than one of the allowed forms, but must match exactly one`,
})

/** Explains alternatives that are distinguished by a key when none or several of the keys are present. */
function chosenByKey(
  error: SchemaError,
  alternatives: Alternative[],
  keyword: 'anyOf' | 'oneOf',
): SchemaFinding | undefined {
  const { data, path } = error
  if (!isJsonObject(data)) return undefined
  const telling = distinguishingKeys(alternatives)
  if (telling === undefined) return undefined
  const present = telling.filter((keys) => keys.every((key) => Object.hasOwn(data, key)))
  const names = telling.map((keys) => quoteList(keys, 'and'))
  const list = telling.every((keys) => keys.length === 1) ? names.join(', ') : names.join(' or ')
  const allKeys = telling.flat()
  if (present.length > 1 && keyword === 'oneOf') {
    const last = Object.keys(data).findLast((key) => allKeys.includes(key)) ?? ''
    const message = `${quoteList(present.flat(), 'and')} cannot be used together: ${subject(path)} requires exactly one of ${list}`
    return { path: [...path, last], which: 'key', message, hint: 'keep one' }
  }
  if (present.length > 0 || allKeys.some((key) => Object.hasOwn(data, key))) return undefined
  const [typo, meant] = misspelledKey(data, allKeys)
  const message = `${subject(path)} requires ${keyword === 'oneOf' ? 'exactly' : 'at least'} one of ${list}`
  const about = { kind: 'missing' as const, keys: allKeys, owner: path }
  if (typo === undefined || meant === undefined) return { path, which: 'key', message, about }
  const hint = `did you mean ${quote(meant)} instead of ${quote(typo)}?`
  return { path: [...path, typo], which: 'key', message, hint, about }
}

/** Returns the alternative whose distinguishing key is present; the mistake is then inside it. */
function selectedByKey({ data }: SchemaError, alternatives: Alternative[]): Alternative | undefined {
  const telling = distinguishingKeys(alternatives)
  if (telling === undefined || !isJsonObject(data)) return undefined
  return alternatives.find((_, index) => telling[index]?.every((key) => Object.hasOwn(data, key)))
}

/** Returns the first key that looks like a misspelled one, and the one that was meant. */
function misspelledKey(data: JsonObject, wanted: string[]): [string, string] | [] {
  for (const key of Object.keys(data)) {
    const meant = suggest(key, wanted)
    if (meant !== undefined) return [key, meant]
  }
  return []
}

/** Returns the keys that only one alternative requires, for each; undefined if an alternative has none. */
function distinguishingKeys(alternatives: Alternative[]): string[][] | undefined {
  const required = alternatives.map(({ parts }) =>
    parts.flatMap((part) => (Array.isArray(part.required) ? part.required.map(String) : [])),
  )
  const telling = required.map((keys, index) =>
    keys.filter((key) => !required.some((others, other) => other !== index && others.includes(key))),
  )
  return telling.length > 1 && telling.every((keys) => keys.length > 0) ? telling : undefined
}

/** Explains alternatives that are all fixed values, or all of a type other than the value's. */
function chosenByValue(error: SchemaError, alternatives: Alternative[], root: JsonObject): SchemaFinding | undefined {
  const { path, data } = error
  const fixed = alternatives.map(({ parts }) => parts.flatMap(fixedValues))
  if (fixed.length > 0 && fixed.every((values) => values.length > 0)) return wrongChoice(error, fixed.flat())
  if (alternatives.length === 0 || !alternatives.every((each) => each.errors.some(isTypeErrorAt(path))))
    return undefined
  const expected = alternatives.flatMap(({ parts }) => {
    const holder = parts.find(({ type }) => type !== undefined)
    return holder === undefined ? [] : [expectedType(root, holder.type, holder)]
  })
  const message = `${subject(path)}: expected ${[...new Set(expected)].join(' or ')}, but ${actualType(data)}`
  const quoted = expected.includes('a string') && (typeof data === 'number' || typeof data === 'boolean')
  return { path, which: 'value', message, ...(quoted ? { hint: `quote it: "${data}"` } : {}) }
}

const fixedValues = (part: JsonObject): Json[] =>
  Object.hasOwn(part, 'const') ? [part.const ?? null] : Array.isArray(part.enum) ? part.enum : []

const isTypeErrorAt =
  (path: readonly unknown[]) =>
  ({ keyword, path: at }: SchemaError) =>
    keyword === 'type' && at.length === path.length

/** Returns the alternative that the author most likely meant. */
function nearest(error: SchemaError, alternatives: Alternative[]): Alternative | undefined {
  const failing = alternatives.filter(({ errors }) => errors.length > 0)
  const cost = ({ errors }: Alternative) => errors.reduce((sum, each) => sum + costOf(each, error), 0)
  return failing.reduce<Alternative | undefined>(
    (best, each) => (best === undefined || cost(each) < cost(best) ? each : best),
    undefined,
  )
}

/** Returns how unlikely an error makes an alternative: a different type or kind counts most, details inside least. */
function costOf({ keyword, path, data }: SchemaError, outer: SchemaError): number {
  const depth = path.length - outer.path.length
  if (keyword === 'type' && depth === 0) return typeOf(data) === typeOf(outer.data) ? 10_000 : 1000
  if ((keyword === 'const' || keyword === 'enum') && depth <= 1) return 100
  if (keyword === 'required' && depth === 0) return 20
  if ((keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') && depth === 0) return 10
  return 1 / (depth + 1)
}
