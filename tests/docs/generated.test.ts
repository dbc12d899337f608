import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parser } from 'commonmark'
import { lint } from 'markdownlint/sync'
import { expect, it, test } from 'vitest'
import { atTheEnd } from '../at-the-end.ts'
import { makeWorkspace } from '../command-line/workspace.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const limit = { timeout: 240_000 }

function docs(folder: string, ...argv: string[]): Promise<{ exit: number; stdout: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [join(folder, 'scripts/docs/main.ts'), ...argv], (error, stdout) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout }),
    ),
  )
}

/** The committed generated pages, by name. */
const pages = new Map(
  ['docs/runbooks', 'docs/reference'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => [name, readFileSync(join(root, folder, name), 'utf8')] as const),
  ),
)
const page = (name: string): string => pages.get(name) ?? ''

test('the generated pages match the runbooks, schemas and commands', limit, async () => {
  expect(await docs(root, '--check')).toEqual({ exit: 0, stdout: '11 pages are up to date.\n' })
})

test('a stale, missing or leftover page is named, and npm run docs fixes it', limit, async () => {
  const copy = mkdtempSync(join(tmpdir(), 'breakglass-docs-'))
  atTheEnd(() => rmSync(copy, { recursive: true, force: true }))
  for (const part of ['engine', 'schemas', 'scripts', 'docs', 'runbooks', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const runbook = join(copy, 'runbooks/run-parity.yaml')
  writeFileSync(runbook, readFileSync(runbook, 'utf8').replace('title: Runtime parity gate', 'title: Another title'))
  rmSync(join(copy, 'docs/reference/inventory.md'))
  writeFileSync(join(copy, 'docs/runbooks/gone.md'), 'left over')
  const { exit, stdout } = await docs(copy, '--check')
  expect(exit).toBe(1)
  expect(stdout.split('\n').filter((line) => line.endsWith('is stale'))).toEqual([
    'docs/runbooks/run-parity.md is stale',
    'docs/reference/inventory.md is stale',
    'docs/runbooks/gone.md is stale',
  ])
  await docs(copy)
  expect(await docs(copy, '--check')).toMatchObject({ exit: 0 })
  expect(readFileSync(join(copy, 'docs/runbooks/run-parity.md'), 'utf8')).toContain('# Another title')
})

test('the page of a runbook has purpose, inputs, steps, commands and undos', () => {
  const text = page('access-posture.md')
  expect(text).toContain('# Runtime access posture remediation')
  expect(text).toContain('- `services`: The services that must be public.')
  expect(text).toMatch(/- do: `gcloud run services update .* --ingress=all --no-invoker-iam-check`/)
  expect(text).toMatch(/- undo: `gcloud run services update .* --ingress=\$\{\{ before\.ingress \}\}/)
  expect(text).toContain('breakglass plan access-posture --env "$ENVIRONMENT"')
})

test('every key of a schema is on its page, with its description', () => {
  const keysOf = (value: unknown): [string, { description?: string }][] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [
          ...(key === 'properties' ? Object.entries(inner as Record<string, { description?: string }>) : []),
          ...keysOf(inner),
        ])
  for (const name of ['runbook', 'inventory', 'scenario']) {
    const schema = JSON.parse(readFileSync(join(root, `schemas/${name}.schema.json`), 'utf8'))
    // The page escapes Markdown; the beginning of the description is enough to find it.
    const text = page(`${name}.md`).replaceAll('\\', '')
    for (const [key, { description = '' }] of keysOf(schema)) {
      const line = text
        .split('\n')
        .find((each) => each.trimStart().startsWith(`- \`${key}\``) && each.includes(description.slice(0, 15)))
      expect(line, `${name}: ${key}: ${description}`).toBeDefined()
    }
  }
})

test('the page of the command line has every option and exit code', () => {
  const text = page('command-line.md')
  for (const line of [
    '## breakglass audit verify',
    '`--take-over`',
    '- `5`: in doubt',
    'one of `text`, `json`, `junit`',
  ])
    expect(text).toContain(line)
})

test.each([...pages])('%s satisfies markdownlint', (_, text) => {
  // Two keys can have the same name, and lines are not wrapped.
  expect(lint({ strings: { text }, config: { default: true, MD013: false, MD024: false, MD041: false } }).text).toEqual(
    [],
  )
})

it('no text of a runbook becomes structure of its page', limit, async () => {
  const workspace = makeWorkspace()
  const hostile = '# a](http://x.example) <script>x</script> ``` ${{ ` }} <!-- '
  workspace.edit('runbooks/run-parity.yaml', 'title: Runtime parity gate', `title: ${JSON.stringify(hostile)}`)
  workspace.edit('runbooks/run-parity.yaml', 'title: Environments', `title: ${JSON.stringify(`- ${hostile}`)}`)
  workspace.edit(
    'runbooks/run-parity.yaml',
    'description: The environments to compare.',
    `description: ${JSON.stringify(`x\n\n## ${hostile}\n\n- y`)}`,
  )
  const { exit, stdout } = await workspace.breakglass('show', 'run-parity', '--format', 'markdown')
  expect(exit).toBe(0)
  const seen: string[] = []
  const walker = new Parser().parse(stdout).walker()
  for (let event = walker.next(); event; event = walker.next())
    if (event.entering && ['heading', 'link', 'html_inline', 'html_block'].includes(event.node.type))
      seen.push(event.node.type)
  expect(seen).toEqual(['heading', 'heading', 'heading', 'heading'])
})
