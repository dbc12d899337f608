import type { ListItem, Root, RootContent } from 'mdast'
import { code, heading, item, list, paragraph, plain, sentence } from '../../engine/record/mdast.ts'
import type { ArgumentData, CommandData, OptionData } from '../../engine/report/completion/command-data.ts'

/** What `breakglass --help --json` says. */
export type ProgramData = { commands: CommandData[]; exitCodes: { code: number; meaning: string }[] }

/** The command line as a page: what every command has, each command, the exit codes. */
export function commandLineTree({ commands, exitCodes }: ProgramData): Root {
  const common = commonOptions(commands)
  return {
    type: 'root',
    children: [
      heading(1, 'Reference: command line'),
      heading(2, 'Options of every command'),
      paragraph(
        ...sentence(
          'They may stand before the name of the command too. Commands that need no workspace have `--json` only.',
          [],
        ),
      ),
      list(false, common.map(optionItem)),
      ...commands.flatMap((command) => commandPart('breakglass', command, common)),
      heading(2, 'Exit codes'),
      list(
        false,
        exitCodes.map(({ code: number, meaning }) =>
          item([code(String(number)), plain(': '), ...sentence(meaning, [])]),
        ),
      ),
    ],
  }
}

/** The options that most commands have, in the same words. */
function commonOptions(commands: CommandData[]): OptionData[] {
  const all = commands.flatMap(leaves)
  const same = Map.groupBy(
    all.flatMap(({ options }) => options),
    (option) => JSON.stringify(option),
  )
  return [...same.values()].flatMap(([option, ...others]) =>
    option && others.length + 1 > all.length / 2 ? [option] : [],
  )
}

const leaves = (command: CommandData): CommandData[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)

function commandPart(before: string, command: CommandData, common: OptionData[]): RootContent[] {
  const name = `${before} ${command.name}`
  if (command.commands.length > 0) return command.commands.flatMap((inner) => commandPart(name, inner, common))
  const known = new Set(common.map(({ flag }) => flag))
  const own = command.options.filter(({ flag }) => !known.has(flag))
  const items = [...command.arguments.map(argumentItem), ...own.map(optionItem)]
  return [
    heading(2, name),
    paragraph(...sentence(`${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`, [])),
    paragraph(code(`${name} ${command.usage}`)),
    ...(items.length === 0 ? [] : [list(false, items)]),
  ]
}

const argumentItem = ({ name, summary, required, variadic, choices }: ArgumentData): ListItem =>
  item([
    code(required ? `<${name}${variadic ? '...' : ''}>` : `[${name}${variadic ? '...' : ''}]`),
    plain(': '),
    ...sentence(summary, []),
    ...choicesIn(choices),
  ])

const optionItem = ({ flag, value, summary, required, choices, default: fallback }: OptionData): ListItem =>
  item([
    code(value === undefined ? flag : `${flag} <${value}>`),
    plain(required ? ', required: ' : ': '),
    ...sentence(summary, []),
    ...choicesIn(choices),
    ...(fallback === undefined ? [] : [plain('; default '), code(fallback)]),
  ])

const choicesIn = (choices: string[] | undefined) =>
  (choices ?? []).flatMap((choice, index) => [plain(index === 0 ? '; one of ' : ', '), code(choice)])
