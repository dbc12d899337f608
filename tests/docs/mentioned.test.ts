import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Parser } from 'commonmark'
import { expect, test } from 'vitest'
import { describeCommands } from '../../engine/cli/describe-command.ts'
import type { CommandData } from '../../engine/report/completion/command-data.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'
import { pages, root, textOf } from './blocks.ts'

const commands = await describeCommands({} as Runtime)
const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`)

/** Returns what is wrong with a command line in a sentence: an unknown command, or unknown options. */
function wrong(said: string): string[] {
  const [, ...words] = said.split(/\s+/)
  const own = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined)
  let among: CommandData[] = commands
  let command: CommandData | undefined
  for (const word of own) {
    const found: CommandData | undefined = among.find(({ name }) => name === word)
    if (found === undefined) break
    command = found
    among = found.commands
  }
  const flags = own.flatMap((word) => /^--[a-z-]+/.exec(word)?.[0] ?? []).filter((flag) => flag !== '--help')
  if (command === undefined)
    return /^(COMMAND|help|version|--json|--help|--version|$)/.test(own[0] ?? '') ? [] : [`no command: ${said}`]
  const known = [command, ...command.commands].flatMap(({ options }) => options.map(({ flag }) => flag))
  return flags.filter((flag) => !known.includes(flag)).map((flag) => `no ${flag}: ${said}`)
}

/** Returns the commands of Breakglass that a page names within its sentences. */
const mentionsIn = (text: string): string[] =>
  text
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .match(/(?<!`)`(?:npx )?breakglass [^`]+`/g)
    ?.map((span) => span.slice(1, -1).replace(/^npx /, '').replaceAll(/[[\]]/g, ' ')) ?? []

test.each([...pages, ...decisions])('every command and option that %s names exists', (page) => {
  expect(mentionsIn(textOf(page)).flatMap(wrong)).toEqual([])
})

test('an unknown command or option is found', () => {
  const text = 'Take `breakglass veriy X`, `npx breakglass record X --verfy F` or `breakglass audit show X`.'
  expect(mentionsIn(text).flatMap(wrong)).toEqual([
    'no command: breakglass veriy X',
    'no --verfy: breakglass record X --verfy F',
  ])
})

test('every link leads to a file that exists, and to a heading of it', () => {
  for (const page of [...pages, ...decisions])
    for (const link of read(textOf(page)).links.filter((each) => !/^https?:/.test(each))) {
      const [path = '', heading] = link.split('#')
      const target = path === '' ? page : join(page, '..', path)
      expect(existsSync(join(root, target)), `${page}: ${link}`).toBe(true)
      if (heading !== undefined) expect(read(textOf(target)).headings, `${page}: ${link}`).toContain(heading)
    }
})

test.each(decisions)('%s has its number as its title, a status and a date', (page) => {
  const number = /\/(\d{4})-/.exec(page)?.[1]
  expect(textOf(page)).toMatch(
    new RegExp(`^# ${number}: .+\\n\\nStatus: accepted\\b.* Date: \\d{4}-\\d{2}-\\d{2}\\.\\n`),
  )
})

/** Returns where a page's links and images lead, and the anchors that GitHub gives its headings. */
function read(text: string): { links: string[]; headings: string[] } {
  const links: string[] = []
  const headings: string[] = []
  const walker = new Parser().parse(text).walker()
  for (let event = walker.next(); event; event = walker.next()) {
    const { node, entering } = event
    if (!entering) continue
    if (node.type === 'link' || node.type === 'image') links.push(node.destination ?? '')
    if (node.type === 'heading') headings.push('')
    if (node.parent?.type === 'heading' && node.literal !== null) headings.push(headings.pop() + anchorOf(node.literal))
  }
  return { links, headings }
}

const anchorOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
