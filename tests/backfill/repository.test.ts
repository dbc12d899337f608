import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { openRepository } from '../../engine/git/repository.ts'
import type { BackfillPoint } from '../../engine/plan/backfill.ts'
import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import { observeBackfill } from '../../engine/run/backfill.ts'
import type { RunEvent } from '../../engine/run/model/events.ts'
import { modelCloud, recorded, runModel } from '../samples/model-world.ts'

vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'breakglass-repository-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const environment = { PATH: process.env.PATH, HOME: folder }

const git = (at: string, ...argv: string[]) =>
  execFileSync(
    'git',
    ['-C', at, '-c', 'user.name=A', '-c', 'user.email=a@example.test', '-c', 'commit.gpgsign=false', ...argv],
    { env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'pipe', 'ignore'] },
  )
    .toString()
    .trim()

let number = 0
function checkout(): string {
  const at = join(folder, `checkout-${++number}`)
  mkdirSync(join(at, 'deploy'), { recursive: true })
  git(at, 'init', '--quiet')
  return at
}

const write = (at: string, file: string, text: string) => writeFileSync(join(at, file), text)
function commit(at: string, file: string, text: string): string {
  write(at, file, text)
  git(at, 'add', '--force', file)
  git(at, 'commit', '--quiet', '-m', file)
  return git(at, 'rev-parse', '--short', 'HEAD')
}

const point = (file: string, text: string): BackfillPoint => ({ runbook: 'r', file, says: 'It pins.', holds: { text } })
const look = async (at: string, file = 'deploy/a.yml', env: Record<string, string | undefined> = environment) =>
  (await observeBackfill([point(file, 'pinned')], await openRepository(at, 'app', env)))[0]

test('committed content is implemented, with the last commit that changed the file', async () => {
  const at = checkout()
  const touched = commit(at, 'deploy/a.yml', 'pinned')
  commit(at, 'other', 'x')
  const seen = await look(at)
  expect(seen).toMatchObject({ status: 'implemented', commit: expect.stringMatching(new RegExp(`^${touched} \\(20`)) })
  expect(seen).not.toHaveProperty('note')
})

test.each<[string, (at: string) => void]>([
  ['changed and not added', (at) => write(at, 'deploy/a.yml', 'pinned')],
  [
    'added and not committed',
    (at) => {
      write(at, 'deploy/a.yml', 'pinned')
      git(at, 'add', 'deploy/a.yml')
    },
  ],
  [
    'ignored and never added',
    (at) => {
      git(at, 'rm', '--quiet', 'deploy/a.yml')
      commit(at, '.gitignore', 'deploy/\n')
      mkdirSync(join(at, 'deploy'), { recursive: true })
      write(at, 'deploy/a.yml', 'pinned')
    },
  ],
])('content that is %s is owed and reported as uncommitted', async (_, change) => {
  const at = checkout()
  commit(at, 'deploy/a.yml', 'as before')
  change(at)
  expect(await look(at)).toMatchObject({ status: 'owed', note: 'not-committed' })
})

test('committed content stays implemented, whatever the working tree contains', async () => {
  const at = checkout()
  commit(at, 'deploy/a.yml', 'pinned')
  write(at, 'deploy/a.yml', 'being edited')
  expect(await look(at)).toMatchObject({ status: 'implemented' })
  rmSync(join(at, 'deploy'), { recursive: true })
  expect(await look(at)).toMatchObject({ status: 'implemented' })
})

test('a folder in a checkout is read at its commit; a repository without a commit is empty; nothing above it is read', async () => {
  const at = checkout()
  write(at, 'deploy/a.yml', 'pinned')
  expect(await look(at)).toMatchObject({ status: 'owed', note: 'not-committed' })
  commit(at, 'deploy/a.yml', 'pinned')
  expect(await look(join(at, 'deploy'), 'a.yml')).toMatchObject({ status: 'implemented' })
  commit(at, 'above', 'pinned')
  const runtime = await look(join(at, 'deploy'), '../above')
  expect(runtime).toMatchObject({ status: 'owed' })
  expect(runtime).not.toHaveProperty('note')
})

test('a folder outside a checkout, or ignored by it, is read without a commit', async () => {
  const plain = join(folder, 'plain')
  const at = checkout()
  commit(at, '.gitignore', 'node_modules/\n')
  const ignored = join(at, 'node_modules', 'app')
  for (const each of [plain, ignored]) {
    mkdirSync(join(each, 'deploy'), { recursive: true })
    expect(await look(each)).toMatchObject({ status: 'owed', note: 'no-git' })
    write(each, 'deploy/a.yml', 'pinned')
    const seen = await look(each)
    expect(seen).toMatchObject({ status: 'implemented', note: 'no-git' })
    expect(seen).not.toHaveProperty('commit')
  }
})

test('a checkout is not checked without git', async () => {
  const at = checkout()
  commit(at, 'deploy/a.yml', 'pinned')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
  expect(await look(at, 'deploy/a.yml', { PATH: bin, HOME: folder })).toMatchObject({
    status: 'unchecked',
    note: 'git-unknown',
  })
})

test('the record reports what is owed but uncommitted, and what was only read from files', async () => {
  const { plan } = await runModel(['a'], { cloud: modelCloud({ a: { start: 'right' } }) })
  const observed = (file: string, more: object) =>
    ({ type: 'backfill.observed', body: { runbook: 'r', file, says: 'It pins.', ...more } }) as RunEvent
  const entries = recorded(plan, [
    observed('a.yml', { status: 'owed', note: 'not-committed', commit: 'abc (2026-02-27)' }),
    observed('b.yml', { status: 'implemented', note: 'no-git' }),
    observed('c.yml', { status: 'unchecked', note: 'git-unknown' }),
  ])
  const record = toRecord(modelOf(entries), { size: 1, hash: 'f' })
  const part = (name: string) => record.split(/^## /m).find((section) => section.startsWith(name)) ?? ''
  expect(part('Repo Backfill Implemented')).toContain(
    'It pins. (read from the files: the folder is not a git checkout)',
  )
  expect(part('Repo Backfill Implemented')).not.toContain('a.yml')
  expect(part('Repo Backfill Still Owed')).toContain('It pins. (in the working tree, not committed)')
  expect(part('Repo Backfill Still Owed')).toContain('It pins. (git could not report what is committed)')
})
