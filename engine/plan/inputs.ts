import type { Variables } from '../runbook/cel-value.ts'
import type { Json, JsonObject } from '../runbook/json.ts'
import { own } from '../runbook/own.ts'
import { Problem } from '../runbook/problem.ts'
import { resolveInput } from '../runbook/scope.ts'
import { suggest } from '../runbook/suggest.ts'
import type { Runbook } from '../runbook/types.ts'
import { misfit } from './fits-input.ts'
import { type ResolvedInput, resolvedInputs } from './resolved-inputs.ts'

/** Inputs as the person gave them: name → text from the command line, or a value from a scenario. */
export type GivenInputs = Record<string, Json>

/** Refuses a given input that none of the runbooks has. Throws Problem. */
export function refuseUnknownInputs(runbooks: Runbook[], given: GivenInputs): void {
  const known = [...new Set(runbooks.flatMap((runbook) => Object.keys(runbook.inputs)))]
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = suggest(name, known)
    throw new Problem(
      `no runbook here has an input \`${name}\``,
      meant ? `did you mean \`${meant}\`?` : `inputs: ${known.join(', ') || 'none'}`,
    )
  }
}

/** A runbook's inputs: what was given, else the default; each checked against its schema. Throws Problem. */
export function bindInputs(runbook: Runbook, given: GivenInputs, variables: Variables): JsonObject {
  refuseLacking(runbook, given)
  const entries = resolvedInputs(runbook, variables, given).map((input) => [
    input.name,
    bindInput(runbook.name, input, given),
  ])
  return Object.fromEntries(entries)
}

/** Names every input that has neither a value nor a default at once. Throws Problem. */
function refuseLacking(runbook: Runbook, given: GivenInputs): void {
  const lacking = Object.entries(runbook.inputs)
    .filter(([name, schema]) => resolveInput(schema, runbook).default === undefined && own(given, name) === undefined)
    .map(([name]) => name)
  if (lacking.length === 0) return
  const names = lacking.map((name) => `\`${name}\``).join(', ')
  throw new Problem(
    lacking.length === 1
      ? `${runbook.name}: input ${names} has no value`
      : `${runbook.name}: inputs ${names} have no value`,
    `give ${lacking.length === 1 ? 'it' : 'them'} with ${lacking.map((name) => `--input ${name}=VALUE`).join(' ')}`,
  )
}

function bindInput(runbook: string, input: ResolvedInput, given: GivenInputs): Json {
  const { name, schema } = input
  const said = own(given, name)
  const value = said === undefined ? (input.default ?? null) : typeof said === 'string' ? fromText(said, schema) : said
  const wrong = misfit(value, input)
  if (wrong === undefined) return value
  throw new Problem(`${runbook}: input \`${name}\`: ${wrong.says}`, wrong.hint ?? `give it with --input ${name}=VALUE`)
}

/** A text from the command line as the schema's type wants it; a list is JSON or parted by commas. */
export function fromText(text: string, schema: JsonObject): Json {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'array':
      return text.trimStart().startsWith('[')
        ? fromJson(text)
        : text
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
    case 'object':
      return fromJson(text)
    default:
      return text
  }
}

function fromJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
