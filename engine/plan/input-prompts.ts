import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import type { Runbook } from '../runbook/types.ts'
import { type Mismatch, mismatch } from './fits-input.ts'
import type { GivenInputs } from './given-inputs.ts'
import { fromText } from './inputs.ts'
import { type ResolvedInput, resolvedInputs } from './resolved-inputs.ts'

/** A prompt for an input, by its JSON Schema: one choice, several choices, yes or no, or text. */
export type InputPrompt = {
  name: string
  title: string
  description: string
  /** The value if the person enters nothing. */
  preset?: Json
  ask: { kind: 'one-of' | 'some-of'; offers: Json[] } | { kind: 'yes-no' } | { kind: 'text' }
  /** Returns true if a value fits, else what is wrong with it. */
  check(value: Json): true | string
  /** Returns true if a typed text is a value that fits, else what is wrong with it. */
  checkText(text: string): true | string
  /** Converts a typed text to its value. */
  read(text: string): Json
}

/** Returns prompts for a runbook's inputs that were not given, in their order. */
export const inputPrompts = (runbook: Runbook, given: GivenInputs, variables: Variables): InputPrompt[] =>
  resolvedInputs(runbook, variables, given)
    .filter(({ name }) => !Object.hasOwn(given, name))
    .map(promptFor)

function promptFor(input: ResolvedInput): InputPrompt {
  const { name, schema } = input
  return {
    name,
    title: typeof schema.title === 'string' ? schema.title : name,
    description: typeof schema.description === 'string' ? schema.description : '',
    ...(input.default === undefined ? {} : { preset: input.default }),
    ask: askFor(schema),
    check: (value) => described(mismatch(value, input)),
    checkText(text) {
      const read = fromText(text, schema)
      return described('wrong' in read ? read.wrong : mismatch(read.value, input))
    },
    read(text) {
      const read = fromText(text, schema)
      return 'wrong' in read ? text : read.value
    },
  }
}

const described = (wrong: Mismatch | undefined): true | string =>
  wrong === undefined || (wrong.hint === undefined ? wrong.message : `${wrong.message}; ${wrong.hint}`)

function askFor(schema: JsonObject): InputPrompt['ask'] {
  if (Array.isArray(schema.enum)) return { kind: 'one-of', offers: schema.enum }
  if (schema.type === 'boolean') return { kind: 'yes-no' }
  const items = isJsonObject(schema.items) ? schema.items : {}
  if (schema.type === 'array' && Array.isArray(items.enum)) return { kind: 'some-of', offers: items.enum }
  return { kind: 'text' }
}

/** Formats an input's value: a list comma-separated, text as it is, anything else as JSON. */
export const showInput = (value: Json): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? value.join(', ')
      : JSON.stringify(value)
