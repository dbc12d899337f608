import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readStatements } from '../../engine/base/shell-words.ts'
import { buildCommand, findCommand } from '../../engine/cli/build-command.ts'
import { splitGlobal } from '../../engine/cli/global-options.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'
import { blocksOf, type DocBlock, fences, pages, root, textOf } from './blocks.ts'
import { type Stage, typeAll } from './stage.ts'

const limit = { timeout: 300_000 }
const incident = { folder: 'workspace', sandbox: 'incident-2026-02-27' } as const

/** The place where the commands of each page run. */
const STAGES: Record<string, Stage> = {
  'README.md': incident,
  'CONTRIBUTING.md': { folder: 'empty' },
  'logs/README.md': {
    ...incident,
    before: `ssh-keygen -q -t ed25519 -N '' -C ada@example.com -f key
echo "ada@example.com $(cat key.pub)" > our-signers
breakglass rehearse incident-2026-02-27 --incident INC-1234 --sign-key key --yes`,
  },
  'runbooks/README.md': incident,
  'docs/in-ci.md': { folder: 'workspace', sandbox: 'conformant' },
  'docs/first-runbook.md': { folder: 'empty' },
  'docs/how-a-run-works.md': incident,
  'docs/trust-the-log.md': { folder: 'workspace' },
  'docs/adopt.md': incident,
}

/** The runbook pages run in an environment without drift. */
const runbookPage: Stage = { folder: 'workspace', sandbox: 'conformant', before: 'ENVIRONMENT=prod' }

const blocks = pages.flatMap((page) => blocksOf(page))
const withCommands = pages.filter((page) => blocks.some((block) => block.page === page))

test('every fence names its language, and a `not run` comment precedes a block', () => {
  for (const page of pages) {
    for (const kind of fences(textOf(page)))
      expect(['sh', 'yaml', 'ts', 'text', 'json', 'mermaid'], `${page}: ${kind}`).toContain(kind)
    const comments = textOf(page).match(/^<!-- not run:/gm)?.length ?? 0
    expect(
      blocksOf(page).filter(({ notRun }) => notRun !== undefined),
      page,
    ).toHaveLength(comments)
  }
})

/** Groups of pages that share a shell: each page alone, and the runbook pages together. */
const groups = [...Map.groupBy(withCommands, (page) => (page.startsWith('docs/runbooks/') ? 'docs/runbooks' : page))]

test.each(groups)('the commands of %s run in order and exit as they say', limit, async (name, group) => {
  const stage = name === 'docs/runbooks' ? runbookPage : STAGES[name]
  if (stage === undefined) throw new Error(`STAGES does not say where the commands of ${name} run`)
  const run = blocks.filter(({ page, notRun }) => group.includes(page) && notRun === undefined)
  if (run.length > 0) expect(await typeAll(run, stage)).toBe('finished')
})

test('a command with another exit code than its page says is named, with its line', limit, async () => {
  const said = (text: string) =>
    typeAll(blocksOf('p.md', `# P\n\n\`\`\`sh\ntrue\n${text}\n\`\`\`\n`), { folder: 'empty' })
  expect(await said('false')).toMatch(/^p\.md:5 exited 1 and not 0\n/)
  expect(await said('breakglass list --nowhere # it exits 3')).toMatch(/^p\.md:5 exited 2 and not 3\n/)
  expect(await said('breakglass list --nowhere # it exits 2')).toBe('finished')
  expect(await said("cat <<'EOF' > x\n# exits 9\nEOF\ngrep 9 x")).toBe('finished')
})

describe('a block that is not run', () => {
  const notRun = blocks.filter((block) => block.notRun !== undefined)
  const scripts = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)

  test('is named', () => {
    for (const { page, line, notRun: why } of notRun) process.stderr.write(`NOT RUN: ${page}:${line}: ${why}\n`)
    expect(notRun.length).toBeGreaterThan(0)
  })

  test.each(notRun)('has only valid commands in $page:$line: $notRun', async (block) => {
    for (const words of wordsIn(block)) {
      if (words[0] === 'breakglass') await expect(parses(words.slice(1)), words.join(' ')).resolves.toBeUndefined()
      if (words[0] === 'npm' && words[1] === 'run') expect(scripts).toContain(words[2])
    }
  })

  test('is refused if it has an unknown option or command', async () => {
    await expect(parses(['run', '--incidnet', 'x'])).rejects.toThrow('--incidnet')
    await expect(parses(['runn'])).rejects.toThrow('runn')
    await expect(parses(['record'])).rejects.toThrow('incident')
    await expect(parses(['record', 'INC-1', '--format', 'pdf'])).rejects.toThrow('pdf')
  })
})

/** Returns the commands of a block as lists of arguments; a variable stays as it is. */
const wordsIn = ({ commands }: DocBlock): string[][] =>
  readStatements(commands.map(({ text }) => text).join('\n')).map(({ words }) => {
    const texts = words.map((word) =>
      word.map((part) => ('text' in part ? part.text : 'variable' in part ? `$${part.variable}` : '?')).join(''),
    )
    return texts[0] === 'npx' ? texts.slice(1) : texts
  })

/** Parses a command line with its command, and runs nothing. */
async function parses(argv: string[]): Promise<void> {
  const { before, name = '', rest } = splitGlobal(argv)
  const found = findCommand([name, ...rest])
  if (!found) throw new Error(`unknown command ${name}`)
  const command = await buildCommand(found, { runtime: {} as Runtime, exit: () => {}, describeAll: async () => [] })
  await command.action(() => {}).parseAsync([...before, ...found.rest], { from: 'user' })
}
