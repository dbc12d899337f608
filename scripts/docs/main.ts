import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Root } from 'mdast'
import { toMarkdown } from 'mdast-util-to-markdown'
import { commandLineTree, type ProgramData } from './command-line-page.ts'
import { schemaTree } from './schema-page.ts'

/**
 * Writes the generated pages, docs/runbooks/ and docs/reference/. With `--check` it writes nothing, names the stale pages, and
 * exits 1 if there are any.
 */
const root = fileURLToPath(new URL('../../', import.meta.url))
const GENERATED = ['docs/runbooks', 'docs/reference']

/** Runs a command of Breakglass and returns what it prints. */
async function breakglass(...argv: string[]): Promise<string> {
  const command = [join(root, 'engine/main.ts'), ...argv]
  return (await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 1 << 24 })).stdout
}

const marked = (from: string, text: string): string =>
  `<!-- written by \`npm run docs\` from ${from}; change it there -->\n\n${text.trimEnd()}\n`

const written = (tree: Root): string => toMarkdown(tree, { bullet: '-', listItemIndent: 'one' })

/** Returns the text of every generated page, by its path. */
async function pages(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const { runbooks }: { runbooks: { name: string; file: string }[] } = JSON.parse(await breakglass('list', '--json'))
  for (const { name, file } of runbooks)
    found.set(`docs/runbooks/${name}.md`, marked(file, await breakglass('show', name, '--format', 'markdown')))
  for (const name of ['runbook', 'inventory', 'scenario']) {
    const file = `schemas/${name}.schema.json`
    const schema = JSON.parse(await readFile(join(root, file), 'utf8'))
    found.set(`docs/reference/${name}.md`, marked(file, written(schemaTree(name, schema))))
  }
  const program: ProgramData = JSON.parse(await breakglass('--help', '--json'))
  found.set('docs/reference/command-line.md', marked('the commands themselves', written(commandLineTree(program))))
  return found
}

const existing = async (): Promise<string[]> => {
  const names = await Promise.all(
    GENERATED.map(async (folder) =>
      (await readdir(join(root, folder)).catch(() => [])).map((name) => `${folder}/${name}`),
    ),
  )
  return names.flat()
}

async function main(argv: string[]): Promise<void> {
  const wanted = await pages()
  const stale: string[] = []
  for (const path of new Set([...wanted.keys(), ...(await existing())])) {
    const has = await readFile(join(root, path), 'utf8').catch(() => undefined)
    if (has !== wanted.get(path)) stale.push(path)
  }
  if (argv.includes('--check')) {
    for (const path of stale) console.log(`${path} is stale`)
    console.log(
      stale.length === 0 ? `${wanted.size} pages are up to date.` : 'Run `npm run docs` and commit the result.',
    )
    process.exitCode = stale.length === 0 ? 0 : 1
    return
  }
  for (const path of stale) {
    const text = wanted.get(path)
    await mkdir(dirname(join(root, path)), { recursive: true })
    await (text === undefined ? rm(join(root, path)) : writeFile(join(root, path), text))
    console.log(`${text === undefined ? 'removed' : 'written'} ${path}`)
  }
  console.log(`${wanted.size} pages, ${stale.length} of them changed.`)
}

await main(process.argv.slice(2))
