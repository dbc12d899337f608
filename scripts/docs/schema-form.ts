import type { PhrasingContent } from 'mdast'
import { code, plain } from '../../engine/record/mdast.ts'

/** As much of JSON Schema as the schemas of Breakglass use. */
export type Schema = {
  title?: string
  description?: string
  $ref?: string
  $defs?: Record<string, Schema>
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  default?: unknown
  examples?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  not?: Schema
  dependentRequired?: Record<string, string[]>
}

/** What a value looks like, in a few words: a list of texts, one of these words, a link to what is described elsewhere. */
export function formOf(schema: Schema): PhrasingContent[] {
  if (schema.$ref !== undefined) return [linkTo(schema.$ref)]
  if (schema.const !== undefined) return [code(textOf(schema.const))]
  if (schema.enum !== undefined) return [plain('one of '), ...codes(schema.enum)]
  const either = choicesOf(schema).map(formOf)
  const forms = new Map(either.filter((form) => form.length > 0).map((form) => [JSON.stringify(form), form]))
  if (forms.size > 0) return orJoined([...forms.values()])
  return orJoined([schema.type ?? []].flat().map((type) => typeForm(type, schema)))
}

/** What a value may be, one of several ways. */
export const choicesOf = ({ anyOf, oneOf }: Schema): Schema[] => [...(anyOf ?? []), ...(oneOf ?? [])]

const orJoined = (forms: PhrasingContent[][]): PhrasingContent[] =>
  forms.flatMap((form, index) => [...(index > 0 ? [plain(' or ')] : []), ...form])

function typeForm(type: string, schema: Schema): PhrasingContent[] {
  switch (type) {
    case 'array':
      return [plain('list'), ...inner(schema.items, ' of ')]
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? [plain('by name'), ...inner(schema.additionalProperties, ', each ')]
        : [plain(schema.properties ? 'keys' : 'by name')]
    case 'string':
      return [plain('text'), ...(schema.pattern === undefined ? [] : [plain(' like '), code(schema.pattern)])]
    case 'integer':
      return [plain(`whole number${bounds(schema)}`)]
    case 'boolean':
      return [code('true'), plain(' or '), code('false')]
    default:
      throw new Error(`no words for the type ${type}`)
  }
}

function inner(schema: Schema | undefined, joint: string): PhrasingContent[] {
  const form = schema === undefined ? [] : formOf(schema)
  return form.length === 0 ? [] : [plain(joint), ...form]
}

const bounds = ({ minimum, maximum }: Schema): string =>
  minimum === undefined ? '' : maximum === undefined ? ` from ${minimum}` : ` from ${minimum} to ${maximum}`

/** A definition's own heading is its name. */
const linkTo = (reference: string): PhrasingContent => {
  const name = reference.replace('#/$defs/', '')
  return { type: 'link', url: `#${name.toLowerCase()}`, children: [plain(name)] }
}

const codes = (values: unknown[]): PhrasingContent[] =>
  values.flatMap((value, index) => [...(index > 0 ? [plain(', ')] : []), code(textOf(value))])

/** A value as it would stand in a file. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
