import { isAlias, isScalar } from 'yaml'
import { quote } from '../../base/printable.ts'
import { scalarValue } from './scalar.ts'
import type { YamlProblem } from './tokens.ts'

/** Returns why a node cannot be a mapping key, or undefined for a plain string. */
export function keyProblem(node: unknown): Omit<YamlProblem, 'span'> | undefined {
  if (isAlias(node)) return { message: 'a key cannot be an alias', hint: 'write the key out' }
  if (!isScalar(node)) return { message: 'a key must be a string, but this is a list or a mapping', hint: bracesHint }
  const { value, source = '', type } = node
  if (typeof value === 'string') {
    if (type === 'PLAIN' && value === '<<') return mergeKey
    return value === '__proto__' ? prototypeKey : scalarValue(node, value).problem
  }
  if (source === '') return { message: 'missing key before the colon', hint: 'write `key: value`' }
  const what = typeof value === 'number' ? 'a number' : typeof value === 'boolean' ? 'true or false' : 'null'
  return {
    message: `a key must be a string, but ${quote(source)} is ${what}`,
    hint: `quote it: "${source.slice(0, 60)}"`,
  }
}

const bracesHint = 'quote a string that starts with `{` or `[`'

const mergeKey = {
  message: 'merge keys (`<<`) are not supported',
  hint: 'write the keys out, or use an alias for the whole value: `key: *name`',
}

const prototypeKey = {
  message: 'the key `__proto__` is not allowed',
  hint: 'choose another name: this one is reserved in JavaScript',
}
