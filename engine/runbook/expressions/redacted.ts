import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { memoize } from '../../base/memoize.ts'

/** Replaces a redacted value in JSON. Compared by identity; contains nothing. */
export const REDACTED: JsonObject = Object.freeze({})

/** Reports an expression that reads a redacted value. */
export class RedactedError extends Error {
  constructor(name: string) {
    super(`\`${name}\` is redacted because it can contain a plaintext secret, which observations never show or store`)
  }
}

/**
 * A redacted value in CEL. Every access throws, so that an expression cannot print it, compare it or replace it with a
 * default.
 */
export class RedactedValue {
  readonly #name: string
  constructor(name: string) {
    this.#name = name
    Object.defineProperty(this, 'constructor', { get: () => this.refuse() })
  }
  refuse(): never {
    throw new RedactedError(this.#name)
  }
}

/** Matches names of credentials, in lower case without punctuation. */
const SECRET_NAME =
  /(password|passwd|passphrase|passcode|pwd|secret|(?<!page)token|credentials?|privatekey(data)?|clientkey|apikey|servicekey|keystring|accesskey|secretkey|sharedkey|signingkey|authstring|connectionstring|kubeconfig|plaintext|cookie|jwt|bearer|signedur[il]|startupscript|userdata|headervalue|^cak|^authorization)$/

/** Matches names of maps and lists whose values are plaintext configuration. */
const PLAIN_VALUES =
  /^(env|envs|envvars|env(ironment)?variables|build(env|environment)(vars|variables)|userenvvars|variables|substitutions|(sdk)?pipelineoptions|inputvalues|airflowconfigoverrides|headers|custom(request|response)headers|args|command)$/

/** Matches lists of name and value pairs; those of instance metadata are called `items`. */
const PAIRS = /^(env|envs|envvars|env(ironment)?variables|variables|items|inputvalues|outputs)$/

/** Matches command groups that print instance metadata as a map; elsewhere, `metadata` is that of the resource. */
const MAP_METADATA = /^((alpha|beta) )?(notebooks|workbench|dataproc|compute tpus|colab)( |$)/

/** What the name of a field reveals about its value. */
type NameKind = { key: string; secret: boolean; plain: boolean; pairs: boolean }

/** Classifies a field name. Cached, because an answer repeats few names often. */
const kindOfName = memoize(2000, (name): NameKind => {
  const key = name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
  return { key, secret: SECRET_NAME.test(key), plain: PLAIN_VALUES.test(key), pairs: PAIRS.test(key) }
})

/** Redacts the values that can be secrets in the output of a command: credentials, by field name, and plaintext configuration. */
export function redactAnswer(argv: readonly string[], printed: Json): Json {
  const mapMetadata = MAP_METADATA.test(argv.slice(0, 4).join(' '))
  const inside = (value: Json, name: string, parent: JsonObject): Json => {
    const kind = kindOfName(name)
    if (isScalar(value)) return isSensitive(kind, value, parent) ? REDACTED : value
    if (kind.plain && isPlain(value)) return withoutValues(value)
    if (kind.secret && Array.isArray(value) && value.every(isScalar)) return withoutValues(value)
    if (kind.pairs) return withoutPairs(value)
    if (mapMetadata && kind.key === 'metadata' && isJsonObject(value)) return withoutValues(value)
    return each(value)
  }
  const each = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(each)
    if (!isJsonObject(value)) return value
    const copy: JsonObject = { ...value }
    for (const name of Object.keys(copy)) copy[name] = inside(copy[name]!, name, value)
    return copy
  }
  /** Redacts `value` in each object of a list or map and keeps the rest. */
  const withoutPairs = (list: Json): Json => {
    const inner = each(list)
    const without = (item: Json): Json =>
      isJsonObject(item) && Object.hasOwn(item, 'value') ? { ...item, value: REDACTED } : item
    if (Array.isArray(inner)) return inner.map(without)
    return Object.fromEntries(Object.entries(inner as JsonObject).map(([name, item]) => [name, without(item)]))
  }
  return each(printed)
}

const isScalar = (value: Json): value is string | number | boolean | null => typeof value !== 'object' || value === null

const isPlain = (value: Json): boolean => Object.values(value as JsonObject).every(isScalar)

const withoutValues = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(() => REDACTED)
    : Object.fromEntries(Object.keys(value as JsonObject).map((name) => [name, REDACTED]))

/** Returns whether a value can be a secret. The full name of a secret is not, nor is its short name next to a version or a project. */
function isSensitive({ key, secret }: NameKind, value: Json, parent: JsonObject): boolean {
  if (value === null || value === '' || typeof value === 'boolean') return false
  if (key === 'body') return true
  if (key === 'data') return 'topicName' in parent || 'dataCrc32c' in parent
  if (!secret) return false
  const isReference =
    /^projects\/[^/]+\/(locations\/[^/]+\/)?secrets\/[\w-]+(\/versions\/\w+)?$/.test(String(value)) ||
    (key === 'secret' && ('version' in parent || 'projectId' in parent))
  return !isReference
}

/** Matches a field in an expression, and the parenthesis after it if it is a call. */
const FIELD = /(?:\.\??([A-Za-z_]\w*)|\[\??\s*['"]([^'"]+)['"]\s*\])(\s*\()?/g

/**
 * Returns the redacted field that an expression seems to read, judged by its text: a credential, a value in a list of
 * configuration, or a key of a configuration map.
 */
export function redactedFieldIn(expression: string): string | undefined {
  let within = false
  for (const [, field, key, call] of expression.matchAll(FIELD)) {
    const name = field ?? key ?? ''
    if (call !== undefined) continue
    if (within && (key !== undefined || name === 'value')) return name
    const { key: bare, secret, plain } = kindOfName(name)
    if (secret && bare !== 'secret') return name
    if (plain && bare !== 'command' && bare !== 'headers') within = true
  }
  return undefined
}
