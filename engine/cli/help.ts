import type { ArgumentData, CommandData, Example, OptionData } from '../report/completion/command-data.ts'
import { EXIT, EXIT_MEANINGS } from '../session/exit-codes.ts'
import { painter, type Terminal, wrap } from '../terminal/screen.ts'
import { COMMANDS, GROUPS } from './commands.ts'
import { ENVIRONMENT } from './environment-variables.ts'
import { OPTION_GROUPS } from './option-groups.ts'

/** The examples of the program. */
export const TOP_EXAMPLES: Example[] = [
  { does: 'Rehearse the incident that comes with Breakglass', line: 'breakglass rehearse' },
  { does: 'See what has drifted in production', line: 'breakglass check access-posture --env prod' },
  {
    does: 'Remediate it',
    line: 'breakglass run access-posture --env prod --incident INC-1234 --reason "Frontend unreachable since 14:02"',
  },
]

/** Returns the help of the program. */
export function programHelp(terminal: Terminal): string {
  const ofGroup = (group: string): Row[] =>
    Object.entries(COMMANDS).flatMap(([name, entry]) => (entry.group === group ? [[name, entry.summary]] : []))
  return join(terminal, [
    ['', text('Guided, reversible, recorded changes to production over gcloud.', terminal)],
    ['Usage', ['  breakglass <command> [options]']],
    ...GROUPS.map((group): Section => [group, rows(ofGroup(group), terminal)]),
    ['Examples', examples(TOP_EXAMPLES, terminal)],
    ['Environment variables', rows(Object.entries(ENVIRONMENT), terminal)],
    ['Exit codes', rows(exitRows(Object.values(EXIT)), terminal)],
    [
      'Learn more',
      [
        ...text('  Run `breakglass help <command>` for the options and examples of a command.', terminal),
        ...text('  Run `breakglass version` for the version.', terminal),
      ],
    ],
  ])
}

/** Returns the help of one command; `path` is how it is called, such as `audit verify`. */
export function commandHelp(path: string, command: CommandData, terminal: Terminal): string {
  const { summary, usage, arguments: args, options, commands } = command
  return join(terminal, [
    ['', text(`${summary}.`, terminal)],
    ['Usage', [wrap(`  breakglass ${path} ${usage}`, terminal.columns, '      ')]],
    [
      'Commands',
      rows(
        commands.map(({ name, summary: each }) => [name, each]),
        terminal,
      ),
    ],
    ['Arguments', rows(args.map(argumentRow), terminal)],
    ...OPTION_GROUPS.map((group): Section => [group, rows(optionRows(options, group), terminal)]),
    ['Examples', examples(command.examples, terminal)],
    ['Exit codes', rows(exitRows(command.exitCodes), terminal)],
    ['Learn more', text('  Run `breakglass help` for all commands and environment variables.', terminal)],
  ])
}

/** A heading and its lines; a section without lines is left out. */
type Section = [heading: string, lines: string[]]
type Row = [name: string, text: string]

function join({ colour }: Terminal, sections: Section[]): string {
  const paint = painter(colour)
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => (heading === '' ? lines : [paint('strong', heading.toUpperCase()), ...lines]).join('\n'))
    .join('\n\n')
}

const text = (line: string, { columns }: Terminal): string[] => [wrap(line, columns, line.startsWith('  ') ? '  ' : '')]

/** The widest name that shares a line with its text; the text of a longer one starts on the next line. */
const WIDEST = 26

function rows(all: Row[], { columns }: Terminal): string[] {
  const width = Math.max(0, ...all.map(([name]) => name.length).filter((length) => length <= WIDEST))
  const indent = ' '.repeat(width + 4)
  return all.map(([name, text]) =>
    name.length <= width
      ? wrap(`  ${name.padEnd(width)}  ${text}`, columns, indent)
      : `  ${name}\n${wrap(`${indent}${text}`, columns, indent)}`,
  )
}

const examples = (all: Example[], { columns }: Terminal): string[] =>
  all.flatMap(({ does, line }, index) => [
    ...(index === 0 ? [] : ['']),
    wrap(`  # ${does}`, columns, '  # '),
    continued(line, columns),
  ])

/** Breaks a command line between words, so that it can still be pasted into a shell. */
function continued(line: string, columns: number): string {
  const whole = line.replaceAll(/"[^"]*"/g, (text) => text.replaceAll(' ', '\u00a0'))
  return wrap(`  $ ${whole}`, columns - 2, '      ')
    .replaceAll('\n', ' \\\n')
    .replaceAll('\u00a0', ' ')
}

const exitRows = (codes: number[]): Row[] =>
  Object.entries(EXIT).flatMap(([name, code]) =>
    codes.includes(code) ? [[String(code), EXIT_MEANINGS[name as keyof typeof EXIT]]] : [],
  )

const argumentRow = ({ name, summary, required, variadic, choices }: ArgumentData): Row => [
  required ? `<${name}${variadic ? '...' : ''}>` : `[${name}${variadic ? '...' : ''}]`,
  `${summary}${choicesIn(choices)}`,
]

const optionRows = (options: OptionData[], group: string): Row[] =>
  options
    .filter((option) => option.group === group)
    .map(({ flag, value, summary, required, choices, default: fallback }) => [
      value === undefined ? flag : `${flag} <${value}>`,
      `${required ? '(required) ' : ''}${summary}${choicesIn(choices)}${fallback === undefined ? '' : ` (default: ${fallback})`}`,
    ])

const choicesIn = (choices: string[] | undefined): string => (choices ? `: ${choices.join(', ')}` : '')
