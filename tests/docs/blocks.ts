import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Describes one command of a page: its text, its line, and its exit code. */
export type DocCommand = { text: string; line: number; exits: number }

/** Describes a block of commands; `notRun` is the reason in the comment before it. */
export type DocBlock = { page: string; line: number; commands: DocCommand[]; notRun?: string }

const folders = ['docs', 'docs/runbooks', 'docs/reference']

/** The pages that people read, by their paths. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'logs/README.md',
  'runbooks/README.md',
  ...folders.flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.md') ? [`${folder}/${name}`] : [])),
  ),
]

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** Returns the languages of a page's fences; each fence must have one, so that no command hides in a fence without. */
export const fences = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('```'))
    .filter((_, index) => index % 2 === 0)
    .map((line) => line.slice(3))

/** Returns the blocks of a page that contain commands. */
export function blocksOf(page: string, text = textOf(page)): DocBlock[] {
  const lines = text.split('\n')
  return lines.flatMap((fence, at) => {
    if (fence !== '```sh') return []
    const end = lines.indexOf('```', at)
    const before = lines.slice(0, at).findLast((line) => line !== '') ?? ''
    const [, notRun] = /^<!-- not run: (.+) -->$/.exec(before) ?? []
    const commands = commandsIn(lines.slice(at + 1, end), at + 2)
    return [{ page, line: at + 1, commands, ...(notRun === undefined ? {} : { notRun }) }]
  })
}

/** Splits lines into commands; one continues after a `\` at the end of its line, and to the end of its here-document. */
function commandsIn(lines: string[], first: number): DocCommand[] {
  const commands: DocCommand[] = []
  for (let at = 0; at < lines.length; at++) {
    const start = at
    while (lines[at]?.endsWith('\\')) at++
    const [, mark] = /<<'?(\w+)'?/.exec(lines[at] ?? '') ?? []
    if (mark !== undefined) while (lines[at] !== mark && at < lines.length) at++
    const text = lines.slice(start, at + 1).join('\n')
    const [, exits] = /^[^\n]*[ \t]# .*?\bexits (\d+)/.exec(text) ?? []
    if (text.trim() !== '') commands.push({ text, line: first + start, exits: Number(exits ?? 0) })
  }
  return commands
}
