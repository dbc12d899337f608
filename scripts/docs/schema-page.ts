import type { ListItem, PhrasingContent, Root, RootContent } from 'mdast'
import { code, heading, item, list, paragraph, plain, sentence } from '../../engine/record/mdast.ts'
import { conditionsOf } from './schema-conditions.ts'
import { choicesOf, formOf, type Schema, textOf } from './schema-form.ts'

/** Returns the page of a JSON Schema: its keys, then each object and each form of value that they refer to. */
export function schemaTree(name: string, schema: Schema): Root {
  const defs = Object.entries(schema.$defs ?? {})
  const resources = defs.filter(([, def]) => def.properties !== undefined && def.type === 'object')
  const forms = defs.filter(([, def]) => !(def.properties !== undefined && def.type === 'object'))
  return {
    type: 'root',
    children: [
      heading(1, `Reference: ${name}`),
      ...words(schema),
      ...keysOf(schema),
      ...resources.flatMap(([name, def]): RootContent[] => [heading(2, name), ...words(def), ...keysOf(def)]),
      ...(forms.length === 0 ? [] : [heading(2, 'Forms of values')]),
      ...forms.flatMap(([name, def]): RootContent[] => [heading(3, name), list(false, [valueItem([], def)])]),
    ],
  }
}

const words = ({ description }: Schema): RootContent[] =>
  description === undefined ? [] : [paragraph(...sentence(description, []))]

function keysOf(schema: Schema): RootContent[] {
  const conditions = conditionsOf(schema).map((text) => paragraph(...sentence(text, [])))
  const keys = keyItems(schema)
  return [...conditions, ...(keys.length > 0 ? [list(false, keys)] : [])]
}

const keyItems = (schema: Schema): ListItem[] =>
  Object.entries(schema.properties ?? {}).map(([name, property]) =>
    valueItem([code(name), ...(schema.required?.includes(name) ? [plain(', required')] : [])], property),
  )

/** Returns the item of a key or value: its form, description, default and examples, and below it its own keys. */
function valueItem(name: PhrasingContent[], schema: Schema): ListItem {
  const form = formOf(schema)
  const line: PhrasingContent[] = [
    ...name,
    ...(name.length > 0 && form.length > 0 ? [plain(', ')] : []),
    ...form,
    ...(schema.description === undefined ? [] : [plain(': '), ...sentence(schema.description, [])]),
    ...(schema.default === undefined ? [] : [plain(' Default: '), code(textOf(schema.default)), plain('.')]),
    ...(schema.examples ?? []).flatMap((example, index) => [
      plain(index === 0 ? ' Example: ' : ', '),
      code(textOf(example)),
    ]),
  ]
  const inner = innerItems(schema)
  return inner.length === 0 ? item(line) : item(line, list(false, inner))
}

/** Returns the keys of an object, of a list's items, of a map's values, or of each alternative. */
function innerItems(schema: Schema): ListItem[] {
  const conditions = conditionsOf(schema).map((text) => item(sentence(text, [])))
  const either = choicesOf(schema).filter((each) => each.properties !== undefined)
  const inner = [schema.items, schema.additionalProperties].filter((each) => typeof each === 'object')
  return [
    ...conditions,
    ...keyItems(schema),
    ...either.map((each) => valueItem([], each)),
    ...inner.flatMap((each) => (each.$ref === undefined ? innerItems(each) : [])),
  ]
}
