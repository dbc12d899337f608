import { quoteList } from '../../base/printable.ts'
import { suggest } from '../../base/suggest.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import { type CommandLine, type GivenFlag, isExpression, readCommandLine } from '../../gcloud-grammar/command-line.ts'
import {
  findCommand,
  type GcloudKnowledge,
  isGroup,
  TRACKS,
  withoutNo,
  withoutTrack,
} from '../../gcloud-grammar/command-tree.ts'
import type { Finding, Path } from './findings.ts'

/** The mistakes in a command's words that gcloud would refuse, or would read from its own settings. */
export function lintCommandLine(path: Path, words: Argument[], knowledge: GcloudKnowledge): Finding[] {
  const [first] = words
  // These three are found without gcloud too.
  if (typeof first !== 'string' || first === 'gcloud' || first.startsWith('-') || isExpression(first)) return []
  const line = readCommandLine(words, knowledge.tree)
  if (line.node.unexplored) return []
  if (isGroup(line.node)) return lintGroup(path, words, line, knowledge)
  return [
    ...line.flags.flatMap((flag) => lintFlag(path, flag, line, knowledge)),
    ...lintTwice(path, line),
    ...lintLacking(path, line),
    ...lintPositionals(path, line),
  ]
}

/** Whether a command's words lead to a command that is known. */
export const isKnownCommand = (words: Argument[], { tree }: GcloudKnowledge): boolean =>
  !readCommandLine(words, tree).node.unexplored

function lintGroup(path: Path, words: Argument[], line: CommandLine, { tree }: GcloudKnowledge): Finding[] {
  const { command, node } = line
  const index = command.length
  const word = words[index]
  const said = nameOf(command)
  if (typeof word !== 'string' || word.startsWith('-'))
    return [
      {
        path: [...path, index - 1],
        message: `\`${said}\` is a group: the command itself is missing`,
        hint: `it has ${quoteList(Object.keys(node.commands))}; flags come after the command`,
      },
    ]
  if (isExpression(word))
    return [{ path: [...path, index], message: "a command's own words are written out", hint: 'no value chooses them' }]
  const finding = { path: [...path, index], message: `\`${said}\` has no command \`${word}\`` }
  const elsewhere = otherTrack([...command, ...literals(words.slice(index))], tree)
  if (elsewhere) return [{ ...finding, hint: elsewhere }]
  const meant = suggest(word, Object.keys(node.commands))
  return [
    { ...finding, hint: meant ? `did you mean \`${meant}\`?` : `it has ${quoteList(Object.keys(node.commands))}` },
  ]
}

/** Where the same command stands under another release track, what to write. */
function otherTrack(words: string[], tree: GcloudKnowledge['tree']): string | undefined {
  const plain = withoutTrack(words)
  const found = ['', ...TRACKS].find((track) => leadsToCommand([...(track ? [track] : []), ...plain], tree))
  if (found === undefined) return undefined
  return found === '' ? `leave \`${words[0]}\` out` : `it is in \`${found}\`: start the command with \`${found}\``
}

function leadsToCommand(words: string[], tree: GcloudKnowledge['tree']): boolean {
  const { node, command } = readCommandLine(words, tree)
  return command.length > 1 && !isGroup(node) && !node.unexplored
}

function literals(words: Argument[]): string[] {
  const end = words.findIndex((word) => typeof word !== 'string' || word.startsWith('-') || isExpression(word))
  return words.slice(0, end < 0 ? undefined : end) as string[]
}

function lintFlag(path: Path, flag: GivenFlag, line: CommandLine, knowledge: GcloudKnowledge): Finding[] {
  const { name, index, value, kind, on } = flag
  if (isExpression(name)) return []
  const place = { path: on === undefined ? [...path, index] : [...path, index, 'flag'], start: 0, end: name.length }
  if (kind === undefined) return [{ ...place, ...unknownFlag(name, line, knowledge) }]
  if (kind === 'bool') {
    if (value === undefined) return []
    return [
      {
        ...place,
        message: `\`${name}\` takes no value`,
        hint: `write \`${name}\` or \`--no-${withoutNo(name).slice(2)}\``,
      },
    ]
  }
  if (on !== undefined)
    return [
      { ...place, message: `\`${name}\` takes a value: it is no yes-or-no flag`, hint: `write it as ${name}=VALUE` },
    ]
  if (value === undefined)
    return [{ ...place, message: `\`${name}\` needs a value`, hint: `write it as ${name}=VALUE` }]
  if (!Array.isArray(kind) || isExpression(value.text) || value.text.startsWith('^')) return []
  // Many commands take their choices in capitals too; those of the table do not.
  const taken = line.node.positionals === undefined ? [...kind, ...kind.map((each) => each.toUpperCase())] : kind
  const wrong = value.text.split(',').find((one) => !taken.includes(one))
  if (wrong === undefined) return []
  const meant = suggest(wrong, kind)
  return [
    {
      path: [...path, value.index],
      start: value.start,
      end: value.start + value.text.length,
      message: `\`${name}\` can't be ${wrong === '' ? 'empty' : `\`${wrong}\``}`,
      hint: meant ? `did you mean \`${meant}\`?` : `it can be ${quoteList(kind)}`,
    },
  ]
}

function unknownFlag(name: string, { command, known }: CommandLine, { tree }: GcloudKnowledge): Omit<Finding, 'path'> {
  const message = `\`${nameOf(command)}\` has no flag \`${name}\``
  const plain = withoutTrack(command)
  const track = ['beta', 'alpha'].find((each) => {
    const flags = findCommand(tree, [each, ...plain])?.flags ?? {}
    return Object.hasOwn(flags, name) || Object.hasOwn(flags, withoutNo(name))
  })
  if (track)
    return { message, hint: `\`gcloud ${track} ${plain.join(' ')}\` has it: start the command with \`${track}\`` }
  const negated = withoutNo(name) !== name
  const names = Object.entries(known).flatMap(([flag, kind]) =>
    negated && kind === 'bool' ? [`--no-${flag.slice(2)}`, flag] : [flag],
  )
  const meant = suggest(name, names)
  return { message, hint: meant ? `did you mean \`${meant}\`?` : `\`${nameOf(command)} --help\` lists its flags` }
}

/** Of two different values for one flag gcloud would take the last, without a word. */
function lintTwice(path: Path, { flags }: CommandLine): Finding[] {
  const seen = new Set<string>()
  return flags.flatMap(({ name, index, kind }) => {
    const plain = withoutNo(name)
    if (kind === undefined || (kind !== 'bool' && !Array.isArray(kind) && !PLACES.includes(plain))) return []
    if (!seen.has(plain)) {
      seen.add(plain)
      return []
    }
    return [{ path: [...path, index], message: `\`${plain}\` is given twice`, hint: 'keep one of the two' }]
  })
}

const PLACES = ['--region', '--zone', '--location']

/** Commands that take one of these flags from gcloud's own settings, or ask for it, where it is left out. */
const PLACED: { under: RegExp; flags: string[] }[] = [
  { under: /^(run|redis) (?!.*\blist$)/, flags: ['--region'] },
  { under: /^compute instance(s|-groups) (?!.*\blist$)/, flags: ['--region', '--zone', '--global'] },
  { under: /^container clusters (?!list$)/, flags: ['--region', '--zone', '--location'] },
  { under: /^secrets versions (describe|access|enable|disable|destroy)$/, flags: ['--secret'] },
]

function lintLacking(path: Path, { command, node, flags, known }: CommandLine): Finding[] {
  const given = new Set(flags.map(({ name }) => withoutNo(name)))
  const place = { path: [...path, command.length - 1] }
  const required = (node.required ?? []).filter((name) => !given.has(name))
  const [, placed] = Object.entries(PLACED).find(([, { under }]) => under.test(withoutTrack(command).join(' '))) ?? []
  const taken = (placed?.flags ?? []).filter((name) => Object.hasOwn(known, name))
  const unplaced = taken.length > 0 && !taken.some((name) => given.has(name)) && !required.includes(taken[0] ?? '')
  return [
    ...required.map((name) => ({ ...place, message: `\`${nameOf(command)}\` needs \`${name}\`` })),
    ...(unplaced
      ? [
          {
            ...place,
            message: `\`${nameOf(command)}\` needs ${quoteList(taken)}, or it goes by gcloud's own settings`,
            ...(taken[0] === '--region' ? { hint: 'the environment has one: --region, "${{ env.region }}"' } : {}),
          },
        ]
      : []),
  ]
}

function lintPositionals(path: Path, { command, node, positionals }: CommandLine): Finding[] {
  const { least = 0, most = Number.POSITIVE_INFINITY } = node.positionals ?? {}
  const surplus = positionals[most]
  if (surplus)
    return [
      {
        path: [...path, surplus.index],
        message: `\`${nameOf(command)}\` takes ${most === 0 ? 'no word' : most === 1 ? 'one word' : `${most} words`} beside its flags`,
        hint: 'leave this one out, or put it into the flag that it belongs to',
      },
    ]
  if (positionals.length >= least) return []
  return [
    {
      path: [...path, command.length - 1],
      message: `\`${nameOf(command)}\` needs ${least === 1 ? 'a word' : `${least} words`} after it: what it is about`,
    },
  ]
}

const nameOf = (command: string[]): string => ['gcloud', ...command].join(' ')
