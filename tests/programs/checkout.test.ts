import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { stateOfCheckout } from '../../engine/git/commit-of.ts'
import { personalGitSetting } from '../../engine/git/git.ts'
import { openRepository } from '../../engine/git/repository.ts'
import { atTheEnd } from '../at-the-end.ts'

vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'breakglass-checkout-'))
atTheEnd(() => rmSync(folder, { recursive: true, force: true }))

/** The person's home, with settings of their own. */
const home = join(folder, 'home')
mkdirSync(home)
const environment = { PATH: process.env.PATH, HOME: home }

const git = (at: string, ...argv: string[]) =>
  execFileSync('git', ['-C', at, '-c', 'user.name=A', '-c', 'user.email=a@example.test', ...argv], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
    .toString()
    .trim()

/** A program that leaves a trace of having run. */
const trace = join(folder, 'TRACE')
const plant = join(folder, 'plant.sh')
writeFileSync(plant, `#!/bin/sh\necho "$0 $*" >> '${trace}'\ncat\n`)
chmodSync(plant, 0o755)
const planted = () => existsSync(trace)

let number = 0
function checkout(): string {
  const at = join(folder, `checkout-${++number}`)
  mkdirSync(at)
  git(at, 'init', '--quiet', '--initial-branch=main')
  writeFileSync(join(at, 'a.yml'), 'pinned\n')
  git(at, 'add', '.')
  git(at, 'commit', '--quiet', '-m', 'first')
  return at
}
const write = (at: string, file: string, text: string) => writeFileSync(join(at, file), text)
const set = (at: string, name: string, value: string) => git(at, 'config', name, value)

/** Reads the checkout in every way that the engine has. */
async function readAll(at: string, env: Record<string, string | undefined> = environment) {
  const repository = await openRepository(at, 'app', env)
  const committed = await repository.committed('a.yml')
  return { kind: repository.kind, committed, commit: await stateOfCheckout(at, ['.'], env) }
}

test.each<[string, (at: string) => void]>([
  ['a monitor of files', (at) => set(at, 'core.fsmonitor', plant)],
  [
    'a program that checks signatures, and signatures to be shown',
    (at) => {
      set(at, 'log.showSignature', 'true')
      set(at, 'gpg.program', plant)
      const text = `${git(at, 'cat-file', 'commit', 'HEAD').replace('\n\n', '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\n')}\n`
      const signed = execFileSync('git', ['-C', at, 'hash-object', '-t', 'commit', '-w', '--stdin'], { input: text })
      git(at, 'update-ref', 'HEAD', signed.toString().trim())
    },
  ],
  [
    'filters',
    (at) => {
      write(at, '.gitattributes', '* filter=own diff=own\n')
      for (const name of ['filter.own.smudge', 'filter.own.clean', 'filter.own.process', 'diff.own.textconv'])
        set(at, name, plant)
      set(at, 'diff.external', plant)
      write(at, 'a.yml', 'changed\n')
    },
  ],
  [
    'a remote that is asked for objects that lack',
    (at) => {
      set(at, 'core.repositoryFormatVersion', '1')
      set(at, 'extensions.partialClone', 'far')
      set(at, 'remote.far.promisor', 'true')
      set(at, 'remote.far.url', `ext::${plant} %S`)
      set(at, 'remote.far.uploadpack', plant)
      set(at, 'protocol.ext.allow', 'always')
      set(at, 'core.sshCommand', plant)
      const blob = git(at, 'rev-parse', 'HEAD:a.yml')
      rmSync(join(at, '.git', 'objects', blob.slice(0, 2), blob.slice(2)))
    },
  ],
  [
    'hooks, a pager, an editor, aliases and a helper for passwords',
    (at) => {
      for (const name of ['post-index-change', 'reference-transaction', 'post-checkout', 'fsmonitor-watchman']) {
        symlinkSync(plant, join(at, '.git', 'hooks', name))
      }
      for (const name of [
        'core.pager',
        'core.editor',
        'credential.helper',
        'core.askPass',
        'alias.rev-list',
        'core.alternateRefsCommand',
      ])
        set(at, name, name === 'alias.rev-list' ? `!${plant}` : plant)
    },
  ],
  [
    'an included configuration',
    (at) => {
      write(at, 'more', `[core]\n\tfsmonitor = ${plant}\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${plant}\n`)
      set(at, 'include.path', join(at, 'more'))
      set(at, `includeIf.gitdir:${at}/.path`, join(at, 'more'))
    },
  ],
  [
    'a git folder elsewhere, whose configuration says so',
    (at) => {
      renameSync(join(at, '.git'), join(at, 'elsewhere'))
      write(at, '.git', 'gitdir: elsewhere\n')
      writeFileSync(join(at, 'elsewhere', 'config'), `[core]\n\tfsmonitor = ${plant}\n\tworktree = /\n`)
    },
  ],
])('a checkout is read, and what it configures never runs: %s', async (_, configure) => {
  const at = checkout()
  configure(at)
  rmSync(trace, { force: true })
  const { kind } = await readAll(at)
  expect({ kind, planted: planted() }).toEqual({ kind: 'git', planted: false })
})

test('a folder that looks like a repository without a checkout is none, whatever it configures', async () => {
  const at = join(folder, 'embedded')
  mkdirSync(at)
  git(at, 'init', '--quiet', '--bare')
  set(at, 'core.bare', 'false')
  set(at, 'core.worktree', at)
  set(at, 'core.fsmonitor', plant)
  rmSync(trace, { force: true })
  expect(await readAll(at)).toEqual({ kind: 'folder', committed: undefined, commit: { state: 'not-a-checkout' } })
  expect(planted()).toBe(false)
})

test("the caller's variables for git lead to no other repository, configuration or program", async () => {
  const [at, other] = [checkout(), checkout()]
  write(other, 'a.yml', 'other\n')
  git(other, 'commit', '--quiet', '-a', '-m', 'other')
  rmSync(trace, { force: true })
  const found = await readAll(at, {
    ...environment,
    GIT_DIR: join(other, '.git'),
    GIT_OBJECT_DIRECTORY: join(other, '.git', 'objects'),
    GIT_EXEC_PATH: folder,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: plant,
  })
  expect(found).toMatchObject({ kind: 'git', committed: { text: 'pinned\n' }, commit: { state: 'clean' } })
  expect(planted()).toBe(false)
})

test("a git in the folder or on a relative, empty or shared part of the PATH isn't started", async () => {
  const at = checkout()
  const shared = join(folder, 'shared')
  mkdirSync(shared)
  chmodSync(shared, 0o1777)
  for (const place of [at, join(at, 'bin'), shared]) {
    mkdirSync(place, { recursive: true })
    symlinkSync(plant, join(place, 'git'))
  }
  const was = process.cwd()
  process.chdir(at)
  try {
    rmSync(trace, { force: true })
    for (const first of [
      '.',
      '',
      'bin',
      './bin',
      '/proc/self/cwd',
      '/proc/self/../self/cwd/bin',
      '/dev/fd/../..',
      shared,
    ]) {
      const { kind } = await readAll(at, { ...environment, PATH: `${first}:${process.env.PATH}` })
      expect({ first, kind, planted: planted() }).toEqual({ first, kind: 'git', planted: false })
    }
    expect(await readAll(at, { ...environment, PATH: '.::bin' })).toMatchObject({ kind: 'unknown' })
    expect(planted()).toBe(false)
  } finally {
    process.chdir(was)
  }
})

test('worktrees, packed references, newest commits only and repositories of longer hashes are read', async () => {
  const at = checkout()
  git(at, 'worktree', 'add', '--quiet', '-b', 'side', join(folder, 'side'))
  expect(await readAll(join(folder, 'side'))).toMatchObject({ kind: 'git', committed: { text: 'pinned\n' } })
  write(at, 'a.yml', 'second\n')
  git(at, 'commit', '--quiet', '-a', '-m', 'second')
  git(at, 'pack-refs', '--all')
  expect(await readAll(at)).toMatchObject({ committed: { text: 'second\n' }, commit: { state: 'clean' } })
  git(folder, 'clone', '--quiet', '--depth=1', `file://${at}`, 'shallow')
  const short = git(at, 'rev-parse', '--short', 'HEAD')
  expect(await readAll(join(folder, 'shallow'))).toMatchObject({
    committed: { text: 'second\n', commit: expect.stringContaining(short) },
    commit: { state: 'clean' },
  })
  const long = join(folder, 'long')
  mkdirSync(long)
  git(long, 'init', '--quiet', '--object-format=sha256')
  write(long, 'a.yml', 'long\n')
  git(long, 'add', '.')
  git(long, 'commit', '--quiet', '-m', 'first')
  expect(await readAll(long)).toMatchObject({ committed: { text: 'long\n' }, commit: { state: 'clean' } })
})

test("somebody else's checkout is read all the same: nothing in it is run", async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can give a folder away')
  const at = checkout()
  for (const each of [at, join(at, '.git')]) chownSync(each, 12345, 12345)
  expect(await readAll(at)).toMatchObject({ kind: 'git', committed: { text: 'pinned\n' } })
})

test.each<[string, (at: string) => void, object]>([
  ['as committed', () => {}, { state: 'clean' }],
  [
    'with the size and time of what is committed',
    (at) => write(at, 'a.yml', 'PINNED\n'),
    { state: 'changed', differs: ['a.yml'] },
  ],
  [
    'told by git to be as committed',
    (at) => {
      git(at, 'update-index', '--assume-unchanged', 'a.yml')
      git(at, 'update-index', '--skip-worktree', 'a.yml')
      write(at, 'a.yml', 'other\n')
    },
    { state: 'changed', differs: ['a.yml'] },
  ],
  ['with a file of its own', (at) => write(at, 'b.yml', 'new\n'), { state: 'changed', differs: ['b.yml'] }],
  [
    'with a file that is ignored',
    (at) => {
      write(at, '.git/info/exclude', 'b.yml\n')
      write(at, 'b.yml', 'new\n')
    },
    { state: 'clean' },
  ],
  ['without a file', (at) => rmSync(join(at, 'a.yml')), { state: 'changed', differs: ['a.yml'] }],
  [
    'with a link in place of a file',
    (at) => {
      renameSync(join(at, 'a.yml'), join(folder, 'moved.yml'))
      symlinkSync(join(folder, 'moved.yml'), join(at, 'a.yml'))
    },
    { state: 'changed', differs: ['a.yml'] },
  ],
  [
    'with a pipe in place of a file',
    (at) => {
      rmSync(join(at, 'a.yml'))
      execFileSync('mkfifo', [join(at, 'a.yml')])
    },
    { state: 'changed', differs: ['a.yml'] },
  ],
  [
    'with a file that git writes otherwise than it keeps it',
    (at) => {
      write(at, '.gitattributes', 'a.yml text eol=crlf\n')
      git(at, 'add', '.')
      git(at, 'commit', '--quiet', '-m', 'crlf')
      write(at, 'a.yml', 'pinned\r\n')
    },
    { state: 'unknown', why: expect.stringContaining('a.yml') },
  ],
  [
    'with only its logs added',
    (at) => {
      mkdirSync(join(at, 'logs'))
      write(at, 'logs/audit.jsonl', '{}\n')
    },
    { state: 'clean' },
  ],
])('the commit of a workspace is told, %s', async (_, change, expected) => {
  const at = checkout()
  change(at)
  const commit = git(at, 'rev-parse', 'HEAD')
  expect(await stateOfCheckout(at, ['.gitattributes', 'a.yml', 'b.yml'], environment)).toEqual({ commit, ...expected })
})

test('a folder within a checkout is compared by itself; one without a commit, and none, are told apart', async () => {
  const at = checkout()
  mkdirSync(join(at, 'team'))
  write(at, 'team/b.yml', 'b\n')
  git(at, 'add', '.')
  git(at, 'commit', '--quiet', '-m', 'b')
  write(at, 'a.yml', 'changed\n')
  expect(await stateOfCheckout(join(at, 'team'), ['.'], environment)).toMatchObject({ state: 'clean' })
  expect(await stateOfCheckout(at, ['.'], environment)).toMatchObject({ state: 'changed', differs: ['a.yml'] })
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  expect(await stateOfCheckout(empty, ['.'], environment)).toEqual({ state: 'not-a-checkout' })
  git(empty, 'init', '--quiet')
  expect(await stateOfCheckout(empty, ['.'], environment)).toEqual({
    state: 'unknown',
    why: 'nothing is committed yet',
  })
})

test("a setting of git's is the person's own, and never the checkout's", async () => {
  const at = checkout()
  set(at, 'user.signingkey', '/planted/key')
  expect(await personalGitSetting('user.signingkey', at, environment)).toBe('')
  writeFileSync(
    join(home, '.gitconfig'),
    `[user]\n\tsigningkey = ~/own\n[includeIf "gitdir:${at}/"]\n\tpath = ~/more\n`,
  )
  writeFileSync(join(home, 'more'), '[user]\n\temail = here@example.test\n')
  expect(await personalGitSetting('user.signingkey', at, environment)).toBe(join(home, 'own'))
  expect(await personalGitSetting('user.email', at, environment)).toBe('here@example.test')
  rmSync(join(home, '.gitconfig'))
})
