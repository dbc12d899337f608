import type { Json, JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'
import { UserError } from '../base/problem.ts'
import { suggest } from '../base/suggest.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import { resolveInput } from '../runbook/expressions/scope.ts'
import type { Runbook } from '../runbook/types.ts'
import { parseDocument } from '../runbook/yaml/document.ts'
import { type Mismatch, mismatch } from './fits-input.ts'
import type { GivenInputs } from './given-inputs.ts'
import { type ResolvedInput, resolvedInputs } from './resolved-inputs.ts'

/** Refuses an input that no runbook has. Throws UserError. */
export function refuseUnknownInputs(runbooks: Runbook[], given: GivenInputs): void {
  const known = [...new Set(runbooks.flatMap((runbook) => Object.keys(runbook.inputs)))]
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = suggest(name, known)
    throw new UserError(
      `no runbook has an input \`${name}\``,
      meant ? `did you mean \`${meant}\`?` : `inputs: ${known.join(', ') || 'none'}`,
    )
  }
}

/**
 * Binds a runbook's inputs to what was given, else to their defaults, and checks them against their schemas. Throws
 * UserError.
 */
export function bindInputs(runbook: Runbook, given: GivenInputs, variables: Variables): JsonObject {
  refuseLacking(runbook, given)
  const entries = resolvedInputs(runbook, variables, given).map((input) => [
    input.name,
    bindInput(runbook.name, input, given),
  ])
  return Object.fromEntries(entries)
}

/** Refuses inputs without a value or a default, naming all of them. Throws UserError. */
function refuseLacking(runbook: Runbook, given: GivenInputs): void {
  const lacking = Object.entries(runbook.inputs)
    .filter(([name, schema]) => resolveInput(schema, runbook).default === undefined && own(given, name) === undefined)
    .map(([name]) => name)
  if (lacking.length === 0) return
  const names = lacking.map((name) => `\`${name}\``).join(', ')
  throw new UserError(
    lacking.length === 1
      ? `${runbook.name}: input ${names} has no value`
      : `${runbook.name}: inputs ${names} have no value`,
    `give ${lacking.length === 1 ? 'it' : 'them'} with ${lacking.map((name) => `--input ${name}=VALUE`).join(' ')}`,
  )
}

function bindInput(runbook: string, input: ResolvedInput, given: GivenInputs): Json {
  const { name, schema } = input
  const said = own(given, name)
  const read: Read =
    said === undefined
      ? { value: input.default ?? null }
      : typeof said === 'string'
        ? fromText(said, schema)
        : { value: said }
  const wrong = 'wrong' in read ? read.wrong : mismatch(read.value, input)
  if (!('wrong' in read) && wrong === undefined) return read.value
  throw new UserError(
    `${runbook}: input \`${name}\`: ${wrong?.message}`,
    wrong?.hint ?? `give it with --input ${name}=VALUE`,
  )
}

/** The value of a text, or why it has none. */
export type Read = { value: Json } | { wrong: Mismatch }

/** Converts text from the command line to its schema's type; a list is JSON, or comma-separated without duplicates. */
export function fromText(text: string, schema: JsonObject): Read {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return { value: text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text }
    case 'boolean':
      return { value: text === 'true' ? true : text === 'false' ? false : text }
    case 'array':
      return text.trimStart().startsWith('[') ? fromJson(text) : fromList(text)
    case 'object':
      return fromJson(text)
    default:
      return { value: text }
  }
}

function fromList(text: string): Read {
  if (text.trim() === '') return { value: [] }
  const elements = text.split(',').map((element) => element.trim())
  const again = elements.find((element, at) => elements.indexOf(element) < at)
  if (elements.includes(''))
    return { wrong: { message: `an element is empty: ${text}`, hint: 'separate the elements by one comma each: A,B' } }
  if (again !== undefined)
    return {
      wrong: { message: `${again} is there twice: ${text}`, hint: 'name each element once, or write the list as JSON' },
    }
  return { value: elements }
}

/**
 * Parses JSON. Other text stays text, and so doesn't fit; duplicate keys, of which JSON.parse would drop the first, are
 * refused.
 */
function fromJson(text: string): Read {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return { value: text }
  }
  const strict = parseDocument({ name: 'input', text })
  return strict.ok ? { value } : { wrong: { message: strict.diagnostics[0]?.message ?? 'it is not plain JSON' } }
}
