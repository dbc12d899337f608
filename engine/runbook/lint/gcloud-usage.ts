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

/** Returns the arguments that gcloud would reject, or would replace with its local configuration. */
export function lintCommandLine(path: Path, args: Argument[], knowledge: GcloudKnowledge): Finding[] {
  const [first] = args
  // `lintArguments` reports these without gcloud.
  if (typeof first !== 'string' || first === 'gcloud' || first.startsWith('-') || isExpression(first)) return []
  const line = readCommandLine(args, knowledge.tree)
  if (line.node.unexplored) return []
  if (isGroup(line.node)) return lintGroup(path, args, line, knowledge)
  return [
    ...line.flags.flatMap((flag) => lintFlag(path, flag, line, knowledge)),
    ...lintTwice(path, line),
    ...lintLacking(path, line),
    ...lintPositionals(path, line),
  ]
}

/** Returns whether the arguments name a known command. */
export const isKnownCommand = (args: Argument[], { tree }: GcloudKnowledge): boolean =>
  !readCommandLine(args, tree).node.unexplored

function lintGroup(path: Path, args: Argument[], line: CommandLine, { tree }: GcloudKnowledge): Finding[] {
  const { command, node } = line
  const index = command.length
  const arg = args[index]
  const name = nameOf(command)
  if (typeof arg !== 'string' || arg.startsWith('-'))
    return [
      {
        path: [...path, index - 1],
        message: `\`${name}\` is a command group, not a command`,
        hint: `add ${quoteList(Object.keys(node.commands))}; flags come after the command`,
      },
    ]
  if (isExpression(arg))
    return [
      {
        path: [...path, index],
        message: 'a command name cannot be an expression',
        hint: 'only its arguments can be expressions',
      },
    ]
  const finding = { path: [...path, index], message: `\`${name}\` has no command \`${arg}\`` }
  const elsewhere = otherTrack([...command, ...literals(args.slice(index))], tree)
  if (elsewhere) return [{ ...finding, hint: elsewhere }]
  const meant = suggest(arg, Object.keys(node.commands))
  return [{ ...finding, hint: meant ? `did you mean \`${meant}\`?` : `use ${quoteList(Object.keys(node.commands))}` }]
}

/** Returns a hint if the command exists in another release track. */
function otherTrack(args: string[], tree: GcloudKnowledge['tree']): string | undefined {
  const plain = withoutTrack(args)
  const found = ['', ...TRACKS].find((track) => leadsToCommand([...(track ? [track] : []), ...plain], tree))
  if (found === undefined) return undefined
  return found === '' ? `remove \`${args[0]}\`` : `start the command with \`${found}\``
}

function leadsToCommand(args: string[], tree: GcloudKnowledge['tree']): boolean {
  const { node, command } = readCommandLine(args, tree)
  return command.length > 1 && !isGroup(node) && !node.unexplored
}

function literals(args: Argument[]): string[] {
  const end = args.findIndex((arg) => typeof arg !== 'string' || arg.startsWith('-') || isExpression(arg))
  return args.slice(0, end < 0 ? undefined : end) as string[]
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
        hint: `use \`${name}\` or \`--no-${withoutNo(name).slice(2)}\``,
      },
    ]
  }
  if (on !== undefined)
    return [
      { ...place, message: `\`${name}\` is not a boolean flag: it takes a value`, hint: `write it as ${name}=VALUE` },
    ]
  if (value === undefined)
    return [{ ...place, message: `\`${name}\` needs a value`, hint: `write it as ${name}=VALUE` }]
  if (!Array.isArray(kind) || isExpression(value.text) || value.text.startsWith('^')) return []
  // Many commands also accept their choices in upper case; those in the built-in table do not.
  const taken = line.node.positionals === undefined ? [...kind, ...kind.map((each) => each.toUpperCase())] : kind
  const wrong = value.text.split(',').find((one) => !taken.includes(one))
  if (wrong === undefined) return []
  const meant = suggest(wrong, kind)
  return [
    {
      path: [...path, value.index],
      start: value.start,
      end: value.start + value.text.length,
      message: wrong === '' ? `\`${name}\` cannot be empty` : `\`${wrong}\` is not a valid value for \`${name}\``,
      hint: meant ? `did you mean \`${meant}\`?` : `use ${quoteList(kind)}`,
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
    return { message, hint: `\`gcloud ${track} ${plain.join(' ')}\` has it; start the command with \`${track}\`` }
  const negated = withoutNo(name) !== name
  const names = Object.entries(known).flatMap(([flag, kind]) =>
    negated && kind === 'bool' ? [`--no-${flag.slice(2)}`, flag] : [flag],
  )
  const meant = suggest(name, names)
  return { message, hint: meant ? `did you mean \`${meant}\`?` : `run \`${nameOf(command)} --help\` to list its flags` }
}

/** Returns the flags that are set twice: gcloud silently uses the last value. */
function lintTwice(path: Path, { flags }: CommandLine): Finding[] {
  const seen = new Set<string>()
  return flags.flatMap(({ name, index, kind }) => {
    const plain = withoutNo(name)
    if (kind === undefined || (kind !== 'bool' && !Array.isArray(kind) && !PLACES.includes(plain))) return []
    if (!seen.has(plain)) {
      seen.add(plain)
      return []
    }
    return [{ path: [...path, index], message: `duplicate flag \`${plain}\``, hint: 'keep one' }]
  })
}

const PLACES = ['--region', '--zone', '--location']

/** Commands for which gcloud reads a missing flag from its local configuration, or prompts for it. */
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
    ...required.map((name) => ({ ...place, message: `\`${nameOf(command)}\` requires \`${name}\`` })),
    ...(unplaced
      ? [
          {
            ...place,
            message: `\`${nameOf(command)}\` requires ${quoteList(taken)}; otherwise gcloud uses its local configuration`,
            ...(taken[0] === '--region' ? { hint: 'add --region, "${{ env.region }}"' } : {}),
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
        message: `\`${nameOf(command)}\` takes ${most === 0 ? 'no positional arguments' : most === 1 ? 'one positional argument' : `${most} positional arguments`}`,
        hint: 'remove this one, or move it to the flag it belongs to',
      },
    ]
  if (positionals.length >= least) return []
  return [
    {
      path: [...path, command.length - 1],
      message: `\`${nameOf(command)}\` requires ${least === 1 ? 'a positional argument' : `${least} positional arguments`}, such as a resource name`,
    },
  ]
}

const nameOf = (command: string[]): string => ['gcloud', ...command].join(' ')
