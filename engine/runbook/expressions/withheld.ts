import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { memoize } from '../../base/memoize.ts'

/** What stands in JSON for a value that was withheld. It is compared by identity, and holds nothing. */
export const WITHHELD: JsonObject = Object.freeze({})

/** The error of an expression that reads a withheld value. */
export class WithheldError extends Error {
  constructor(name: string) {
    super(`\`${name}\` is withheld: it may hold a secret in plain text, which an observation never shows or keeps`)
  }
}

/**
 * A withheld value while expressions are evaluated: whatever asks what it is fails. So an expression can neither show or
 * compare it nor take a default for it.
 */
export class Withheld {
  readonly #name: string
  constructor(name: string) {
    this.#name = name
    Object.defineProperty(this, 'constructor', { get: () => this.refuse() })
  }
  refuse(): never {
    throw new WithheldError(this.#name)
  }
}

/** Names, without case and punctuation, that end like the name of a credential. */
const SECRET_NAME =
  /(password|passwd|passphrase|passcode|pwd|secret|(?<!page)token|credentials?|privatekey(data)?|clientkey|apikey|servicekey|keystring|accesskey|secretkey|sharedkey|signingkey|authstring|connectionstring|kubeconfig|plaintext|cookie|jwt|bearer|signedur[il]|startupscript|userdata|headervalue|^cak|^authorization)$/

/** Names of maps, and of lists of texts, whose values are configuration in plain text. */
const PLAIN_VALUES =
  /^(env|envs|envvars|env(ironment)?variables|build(env|environment)(vars|variables)|userenvvars|variables|substitutions|(sdk)?pipelineoptions|inputvalues|airflowconfigoverrides|headers|custom(request|response)headers|args|command)$/

/** Lists of a name and a value each; those of an instance's metadata stand in `items`. */
const PAIRS = /^(env|envs|envvars|env(ironment)?variables|variables|items|inputvalues|outputs)$/

/** Groups of commands that print an instance's metadata as a plain map, where other services mean a resource's own. */
const MAP_METADATA = /^((alpha|beta) )?(notebooks|workbench|dataproc|compute tpus|colab)( |$)/

/** What a field's name says of its value. */
type NameKind = { key: string; secret: boolean; plain: boolean; pairs: boolean }

/** An answer repeats few names often. */
const kindOfName = memoize(2000, (name): NameKind => {
  const key = name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
  return { key, secret: SECRET_NAME.test(key), plain: PLAIN_VALUES.test(key), pairs: PAIRS.test(key) }
})

/** Returns what a command printed without the values that may be secrets: credentials by their field's name, and configuration in plain text. */
export function withhold(argv: readonly string[], printed: Json): Json {
  const mapMetadata = MAP_METADATA.test(argv.slice(0, 4).join(' '))
  const inside = (value: Json, name: string, parent: JsonObject): Json => {
    const kind = kindOfName(name)
    if (isScalar(value)) return isSensitive(kind, value, parent) ? WITHHELD : value
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
  /** Withholds `value` in each object of a list or a map; what else they hold stays. */
  const withoutPairs = (list: Json): Json => {
    const inner = each(list)
    const without = (item: Json): Json =>
      isJsonObject(item) && Object.hasOwn(item, 'value') ? { ...item, value: WITHHELD } : item
    if (Array.isArray(inner)) return inner.map(without)
    return Object.fromEntries(Object.entries(inner as JsonObject).map(([name, item]) => [name, without(item)]))
  }
  return each(printed)
}

const isScalar = (value: Json): value is string | number | boolean | null => typeof value !== 'object' || value === null

const isPlain = (value: Json): boolean => Object.values(value as JsonObject).every(isScalar)

const withoutValues = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(() => WITHHELD)
    : Object.fromEntries(Object.keys(value as JsonObject).map((name) => [name, WITHHELD]))

/** The full name of a secret is no secret, nor is its short name next to a version or a project. */
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

/** A field that an expression names, and what follows: a call has an open parenthesis behind it. */
const FIELD = /(?:\.\??([A-Za-z_]\w*)|\[\??\s*['"]([^'"]+)['"]\s*\])(\s*\()?/g

/**
 * Returns the name under which an expression, as far as its text shows, reads what is withheld: a credential by its
 * field's name, or the value next to a name in a list of configuration, or a key of such a map.
 */
export function withheldIn(expression: string): string | undefined {
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
