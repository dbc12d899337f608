import type { JsonObject } from '../base/json.ts'
import type { Part, ShellWord } from '../base/shell-words.ts'
import { literal, type Script, type ScriptCommand } from './shell-script.ts'

/** Maps the variables and names of a script to those of a runbook: the environment's project and region, and inputs. */
export type Names = {
  script: Script
  /** The name of the project and the region that the script changes. */
  project: string | undefined
  region: string | undefined
  inputs: Record<string, JsonObject>
}

const PROJECT = /^((GCP|GCLOUD|GOOGLE_CLOUD|CLOUDSDK_CORE)_)?PROJECT(_ID)?$/i
const REGION = /^((GCP|GCLOUD|GOOGLE_CLOUD|CLOUDSDK_RUN|CLOUD_RUN)_)?(REGION|LOCATION)$/i

/** Finds the project and the region that a script changes: those it names most often. */
export function namesIn(script: Script): Names {
  const changes = script.commands.filter(({ words }) => !words.some((word) => READS.test(literal(word) ?? '')))
  const texts = (find: (words: ShellWord[]) => ShellWord | undefined) =>
    changes.flatMap(({ words }) => plainText(find(words), script) ?? [])
  const project = mostOften(texts((words) => flagValue(words, '--project') ?? projectWord(words)))
  return { script, project, region: mostOften(texts((words) => flagValue(words, '--region'))), inputs: {} }
}

const READS = /^(describe|list|access|get-iam-policy|get-value|read)$/

const mostOften = (texts: string[]): string | undefined => {
  const count = (text: string) => texts.filter((other) => other === text).length
  return texts.toSorted((a, b) => count(b) - count(a))[0]
}

/** Returns the text of a literal word or of the variable it consists of. */
export function plainText(word: ShellWord | undefined, script: Script): string | undefined {
  const [only] = word ?? []
  if (word?.length === 1 && only && 'variable' in only)
    return literal(script.variables.get(only.variable)?.[0]) ?? only.fallback
  return literal(word) || undefined
}

/** Returns the value of a flag, written `--flag value` or `--flag=value`. */
export function flagValue(words: ShellWord[], flag: string): ShellWord | undefined {
  const at = words.findIndex((word) => literal(word) === flag)
  if (at >= 0) return words[at + 1]
  const joined = words.find(([first]) => first !== undefined && 'text' in first && first.text.startsWith(`${flag}=`))
  if (!joined) return undefined
  const [first, ...rest] = joined
  const text = first && 'text' in first ? first.text.slice(flag.length + 1) : ''
  return [...(text === '' ? [] : [{ text }]), ...rest]
}

/** Returns the positional argument of a command that is a project. */
function projectWord(words: ShellWord[]): ShellWord | undefined {
  const start = words.slice(0, 3).map((word) => literal(word))
  if (start.join(' ') === 'config set project') return words[3]
  return start[0] === 'projects' && /-iam-policy(-binding)?$|^describe$/.test(start[1] ?? '') ? words[2] : undefined
}

/** Turns a word in a script into an argument in a runbook. A part that only a shell can evaluate becomes an input to fill in. */
export function fillIn(word: ShellWord, names: Names, { loops, line }: ScriptCommand, depth = 0): string {
  return word.map((part) => fillPart(part, names, { loops, line }, depth)).join('')
}

function fillPart(part: Part, names: Names, at: Pick<ScriptCommand, 'loops' | 'line'>, depth: number): string {
  if ('text' in part) return withEnvironment(part.text, names)
  if ('opaque' in part) return input(`valueOfLine${at.line}`, names, { type: 'string', description: FILL })
  const { variable, fallback } = part
  if (at.loops.some((loop) => loop.variable === variable)) return `\${{ ${loopName(variable)} }}`
  const [value] = names.script.variables.get(variable) ?? []
  // A composed text stays composed; a plain one becomes an input.
  const text = literal(value) ?? fallback
  if (text === undefined ? PROJECT.test(variable) : text === names.project) return '${{ env.project }}'
  if (text === undefined ? REGION.test(variable) : text === names.region) return '${{ env.region }}'
  if (value && text === undefined && depth < 5)
    return value.map((each) => fillPart(each, names, at, depth + 1)).join('')
  return input(inputName(variable), names, {
    type: 'string',
    ...(text ? { default: withEnvironment(text, names) } : {}),
  })
}

const FILL = 'FILL IN: what the script computed here.'

function input(name: string, names: Names, schema: JsonObject): string {
  if (!Object.hasOwn(names.inputs, name)) names.inputs[name] = schema
  return `\${{ inputs.${name} }}`
}

/** Replaces the names of the project and the region in a text, where they are whole words, and escapes everything that looks like an expression. */
function withEnvironment(text: string, { project, region }: Names): string {
  const put = (done: string, name: string | undefined, expression: string) =>
    name === undefined
      ? done
      : done.replaceAll(new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'g'), () => expression)
  return put(
    put(
      text.replaceAll('${{', () => "${{ '$' }}{{"),
      project,
      '${{ env.project }}',
    ),
    region,
    '${{ env.region }}',
  )
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Turns the items of a loop into a list expression: an input with the items of the script as default. */
export function loopExpression(
  { variable, items }: { variable: string; items: ShellWord[] },
  names: Names,
  command: ScriptCommand,
): string {
  const [only] = items.length === 1 ? (items[0] ?? []) : []
  const array = only && 'variable' in only && items[0]?.length === 1 ? only.variable : undefined
  const listed = array === undefined ? items : (names.script.variables.get(array) ?? [])
  const texts = listed.flatMap((item) => (literal(item) ?? '').split(/\s+/).filter((text) => text !== ''))
  const name = array === undefined ? `${loopName(variable)}s` : inputName(array)
  const known = listed.length > 0 && listed.every((item) => literal(item) !== undefined)
  input(name, names, {
    type: 'array',
    items: { type: 'string' },
    ...(known
      ? { default: texts.map((text) => withEnvironment(text, names)) }
      : { description: `${FILL} (line ${command.line})` }),
  })
  return `\${{ inputs.${name} }}`
}

const camel = (name: string): string => {
  const words = name
    .toLowerCase()
    .split('_')
    .filter((word) => word !== '')
  return words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('')
}

/** Turns the name of a shell variable into that of an input. */
export const inputName = (variable: string): string =>
  /^[a-z]/.test(camel(variable)) ? camel(variable) : `value${camel(variable)}`

const TAKEN = new Set([
  'env',
  'environments',
  'repository',
  'inputs',
  'result',
  'before',
  'changed',
  'in',
  'true',
  'false',
  'null',
])

/** Turns the variable of a loop into that of an expression. */
export const loopName = (variable: string): string =>
  TAKEN.has(inputName(variable)) ? `${inputName(variable)}Item` : inputName(variable)
