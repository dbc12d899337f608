import type { Args, Command, FlagKind } from './command.ts'
import { Failed, unsupported } from './failed.ts'

/** Commands by name. */
type Commands = Readonly<Record<string, Command>>

/** Flags that every command takes. */
const EVERYWHERE: Record<string, FlagKind> = { project: 'value', format: ['json'], quiet: 'switch' }

/** Finds the command that an argv names and parses its arguments. Throws Failed with the wording of gcloud's own parser. */
export function readArgv(argv: readonly string[], commands: Commands): { command: Command; args: Args } {
  const track = argv[0] === 'beta' ? 'beta' : 'ga'
  const args = track === 'beta' ? argv.slice(1) : argv
  const [name, command] = Object.entries(commands).find(([name]) => startsWith(args, name)) ?? []
  if (name === undefined || !command) throw unknownCommand(args, commands)
  const kinds = { ...EVERYWHERE, ...command.flags, ...(track === 'beta' ? command.beta : {}) }
  const { positionals, flags } = readRest(args.slice(name.split(' ').length), kinds)
  const [positional = '', ...more] = positionals
  const extra = command.positional === undefined ? positionals : more
  if (extra.length > 0) throw unsupported(`unrecognized arguments: ${extra.join(' ')}`)
  if (command.positional !== undefined && positional === '')
    throw new Failed(2, `argument ${command.positional}: Must be specified.`)
  const missing = command.required?.filter((name) => !flags.has(name)) ?? []
  if (missing.length > 0)
    throw new Failed(2, `argument ${missing.map((name) => `--${name}`).join(' ')}: Must be specified.`)
  if (!command.text && positional.includes('/'))
    throw unsupported(`Invalid value: '${positional}' is not a plain name.`)
  return { command, args: { track, positional, flags } }
}

const startsWith = (args: readonly string[], command: string): boolean =>
  command.split(' ').every((word, index) => args[index] === word)

/** Returns the known command groups of an argv, joined by dots: the prefix of an error. */
export function dottedName(argv: readonly string[], commands: Commands): string {
  const args = argv[0] === 'beta' ? argv.slice(1) : argv
  return ['gcloud', ...(argv[0] === 'beta' ? ['beta'] : []), ...knownWords(args, commands)].join('.')
}

function knownWords(args: readonly string[], commands: Commands): string[] {
  const known: string[] = []
  for (const word of args) {
    const longer = [...known, word].join(' ')
    const isName = Object.hasOwn(commands, longer)
    if (!isName && !Object.keys(commands).some((name) => name.startsWith(`${longer} `))) break
    known.push(word)
    if (isName) break
  }
  return known
}

function unknownCommand(args: readonly string[], commands: Commands): Failed {
  const next = args[knownWords(args, commands).length]
  return next === undefined ? unsupported('Command name argument expected.') : unsupported(`Invalid choice: '${next}'.`)
}

function readRest(args: readonly string[], kinds: Record<string, FlagKind>) {
  const flags = new Map<string, string | boolean>()
  const positionals: string[] = []
  const left = [...args]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!word.startsWith('-')) {
      positionals.push(word)
      continue
    }
    const [flag = '', ...after] = word.split('=')
    const given = after.length > 0 ? after.join('=') : undefined
    const { name, kind, on } = kindOf(flag, kinds) ?? unrecognized(word)
    if (kind === 'switch' || kind === 'toggle') {
      if (given !== undefined) throw new Failed(2, `argument ${flag}: ignored explicit argument '${given}'`)
      flags.set(name, on)
    } else flags.set(name, checked(flag, given ?? nextValue(left), kind))
  }
  return { positionals, flags }
}

function kindOf(flag: string, kinds: Record<string, FlagKind>) {
  const name = flag.replace(/^--/, '')
  if (flag.startsWith('--') && Object.hasOwn(kinds, name)) return { name, kind: kinds[name]!, on: true }
  const positive = name.replace(/^no-/, '')
  if (flag.startsWith('--no-') && kinds[positive] === 'toggle')
    return { name: positive, kind: kinds[positive], on: false }
  return undefined
}

function unrecognized(word: string): never {
  throw unsupported(`unrecognized arguments: ${word}`)
}

const nextValue = (left: string[]): string | undefined => (left[0]?.startsWith('-') ? undefined : left.shift())

function checked(flag: string, value: string | undefined, kind: 'value' | readonly string[]): string {
  if (value === undefined) throw new Failed(2, `argument ${flag}: expected one argument`)
  if (typeof kind !== 'string' && !kind.includes(value))
    throw new Failed(
      2,
      `argument ${flag}: Invalid choice: '${value}'.\n\nValid choices are [${[...kind].sort().join(', ')}].`,
    )
  return value
}
