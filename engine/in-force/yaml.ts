import { CST, isMap, isPair, isScalar, isSeq, Lexer, parseAllDocuments, type Scalar, visit, type YAMLMap } from 'yaml'
import type { Json } from '../base/json.ts'
import { type Language, languageOf, programLanguage } from './language.ts'
import type { OutOfForce } from './span.ts'

/** The spans of a YAML file without effect, and whether the file is valid. */
export type YamlRead = { outOfForce: OutOfForce[]; isValid: boolean }

/**
 * Finds the comments in a YAML file and in the scripts and files inside its values, and the jobs and steps of a GitHub
 * workflow that never run. `inner` reads a value in its own language.
 */
export function yamlOutOfForce(
  text: string,
  file: string,
  inner: (language: Language, value: string) => OutOfForce[],
): YamlRead {
  const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })
  const found = commentsOf(text)
  const isWorkflow = /(^|\/)(\.github\/workflows\/[^/]+|action\.ya?ml)$/.test(file)
  let isValid = true
  for (const document of documents) {
    isValid &&= document.errors.length === 0
    visit(document, {
      Scalar(key, node, ancestors) {
        if (key === 'key' || typeof node.value !== 'string') return
        const language = languageOfValue(node, ancestors as unknown[])
        if (language === 'plain') return
        const offsets = offsetsOf(text, node)
        for (const span of inner(language, node.value)) found.push(...placed(span, node.value, offsets))
      },
    })
    if (isWorkflow && isMap(document.contents)) found.push(...neverRuns(document.contents))
  }
  return { outOfForce: found, isValid }
}

/** Finds comments with the YAML lexer, which accepts invalid files. */
function commentsOf(text: string): OutOfForce[] {
  const found: OutOfForce[] = []
  let [at, isScalarNext] = [0, false]
  for (const lexeme of new Lexer().lex(text)) {
    // These lexemes are markers that are not in the file.
    if (lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END || lexeme === CST.SCALAR) {
      isScalarNext = lexeme === CST.SCALAR
      continue
    }
    if (lexeme.startsWith('#') && !isScalarNext) found.push({ start: at, end: at + lexeme.length, why: 'comment' })
    isScalarNext = false
    at += lexeme.length
  }
  return found
}

/** The keys whose values are shell scripts in common CI systems and deployment tools. */
const SHELL_KEYS: ReadonlySet<string> = new Set([
  ...['run', 'script', 'before_script', 'after_script', 'bash', 'sh', 'command', 'commands', 'cmd', 'cmds', 'shell'],
])

/** Returns the language of a value by its key: a script, or the content of a file that the key names. */
function languageOfValue(node: Scalar<unknown>, ancestors: unknown[]): Language {
  const parent = ancestors.at(-1)
  const place = isSeq(parent) ? ancestors.at(-2) : parent
  if (!isPair(place)) return 'plain'
  const key = isScalar(place.key) ? String(place.key.value) : ''
  if (isSeq(parent)) {
    const before = parent.items[parent.items.indexOf(node) - 1]
    if (isScalar(before) && /^-[a-z]*c$/.test(String(before.value))) return 'shell'
    // A list of arguments is not a script; a list of lines is.
    if (parent.items.some((item) => isScalar(item) && /^-/.test(String(item.value)))) return 'plain'
  }
  if (!SHELL_KEYS.has(key)) return isSeq(parent) ? 'plain' : languageOf(key)
  const map = ancestors[ancestors.indexOf(place) - 1]
  const around = isMap(map) ? map : undefined
  const outer = ancestors[ancestors.indexOf(place) - 3]
  if (key === 'script' && isMap(outer) && String(outer.get('uses')).startsWith('actions/github-script'))
    return 'javascript'
  const shell = key === 'run' ? around?.get('shell') : undefined
  return typeof shell === 'string' ? programLanguage(shell.split(/\s/)[0] ?? '') : 'shell'
}

/** Returns the offset of each non-blank character of a value, or undefined if it is unknown. */
function offsetsOf(text: string, { range, value, type }: Scalar<unknown>): number[] | undefined {
  if (!range || typeof value !== 'string') return undefined
  const raw = text.slice(range[0], range[1])
  const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED'
  const from = isBlock ? raw.indexOf('\n') + 1 : type === 'PLAIN' ? 0 : 1
  const form =
    type === 'QUOTE_DOUBLE' ? /\\(?:x..|u.{4}|U.{8}|\r?\n|.)|\S/gsu : type === 'QUOTE_SINGLE' ? /''|\S/g : /\S/g
  const body = isBlock || type === 'PLAIN' ? raw.slice(from) : raw.slice(from, -1)
  const written = [...body.matchAll(form)].filter(([unit]) => !/^\\(\r?\n|[ntr \t_LPN])$/.test(unit))
  const shown = value.replaceAll(/\s/g, '')
  return written.length === shown.length ? written.map(({ index }) => range[0] + from + index) : undefined
}

/** Maps a span of a value back to the file. */
function placed({ start, end, why }: OutOfForce, value: string, offsets: number[] | undefined): OutOfForce[] {
  const count = (part: string) => part.replaceAll(/\s/g, '').length
  const [first, last] = [count(value.slice(0, start)), count(value.slice(0, end)) - 1]
  const [from, until] = [offsets?.[first], offsets?.[last]]
  return from === undefined || until === undefined || last < first ? [] : [{ start: from, end: until + 1, why }]
}

/** Finds the jobs and steps of a GitHub workflow or action whose condition is always false. */
function neverRuns(file: YAMLMap<unknown, unknown>): OutOfForce[] {
  const jobs = file.get('jobs')
  const steps = stepsOf(file.get('runs'))
  if (!isMap(jobs)) return steps
  return jobs.items.flatMap((job) => (isOff(job.value) ? spanOf(job.key, job.value) : stepsOf(job.value)))
}

function stepsOf(parent: unknown): OutOfForce[] {
  const steps = isMap(parent) ? parent.get('steps') : undefined
  return isSeq(steps) ? steps.items.flatMap((step) => (isOff(step) ? spanOf(step, step) : [])) : []
}

const NEVER = /^(\$\{\{\s*false(\s*&&[^|}]*)?\s*\}\}|false(\s*&&[^|]*)?)$/

const isOff = (node: unknown): boolean => isMap(node) && NEVER.test(String(node.get('if') ?? '').trim())

function spanOf(from: unknown, until: unknown): OutOfForce[] {
  const [start, end] = [rangeOf(from)?.[0], rangeOf(until)?.[1]]
  return start === undefined || end === undefined ? [] : [{ start, end, why: 'switched-off' }]
}

const rangeOf = (node: unknown): [number, number, number] | null | undefined =>
  (node as { range?: [number, number, number] | null } | undefined)?.range

/** Returns the value at a path in a YAML file and its span, or undefined if there is none. */
export function yamlAt(
  text: string,
  path: (string | number)[],
): { value: Json; start: number; end: number } | undefined {
  try {
    const [document, ...others] = parseAllDocuments(text, { logLevel: 'silent' })
    if (document === undefined || others.length > 0 || document.errors.length > 0) return undefined
    const value = path.reduce<Json | undefined>(
      (at, key) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string | number, Json>)[key]
          : undefined,
      document.toJS() as Json,
    )
    const [start, end] = rangeOf(document.getIn(path, true)) ?? [0, 0]
    return value === undefined ? undefined : { value, start, end }
  } catch {
    // The file has too many aliases or is nested too deep.
    return undefined
  }
}
