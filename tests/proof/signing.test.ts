import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { ofType } from '../incident/cli.ts'
import { makeDesk } from './desk.ts'

inOrder()

const desk = makeDesk()
const limit = { timeout: 240_000 }

const checkpoints = (incident: string): string[] => readdirSync(desk.at('logs', incident, 'checkpoints'))
const entries = (incident: string) =>
  desk
    .log(incident)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const verify = (incident: string, ...argv: string[]) =>
  desk.breakglass(['audit', 'verify', incident, '--logs', desk.logs, ...argv])

test(
  'a checkpoint is kept at open, before each change and at close, and signed at open and close at least',
  limit,
  async () => {
    const ended = await desk.rehearse('INC-1', ['--sign-key', desk.key('ada')])
    const written = entries('INC-1')
    const wanted = [1, ...ofType(written, 'step.intent').map(({ seq }) => seq), written.length]
    expect(wanted.length).toBeGreaterThan(10)
    const [kept, signed] = [false, true].map((sig) =>
      checkpoints('INC-1').filter((name) => name.endsWith('.sig') === sig),
    )
    expect(kept?.map(Number).sort((a, b) => a - b)).toEqual(wanted)
    // Before a change only a key that has just been quick signs, and on a busy machine none is.
    expect(signed).toEqual(expect.arrayContaining(['1.sig', `${written.length}.sig`]))
    expect(kept).toEqual(expect.arrayContaining((signed ?? []).map((name) => name.replace('.sig', ''))))
    const newest = readFileSync(desk.at('logs', 'INC-1', 'checkpoints', `${written.length}`), 'utf8')
    expect(newest).toMatch(/^breakglass\/INC-1\n\d+\n[A-Za-z0-9+/]{43}=\n$/)
    expect(ended.stdout).toContain(`checkpoint  ${newest.trimEnd().replaceAll('\n', ' ')}\n`)
    expect(ended.stdout).toMatch(/^signed {6}by \S+ with .*ada$/m)
  },
)

test("OpenSSH's own ssh-keygen accepts each signature, for this purpose and no other", limit, () => {
  const folder = desk.at('logs', 'INC-1')
  const signers = join(folder, 'allowed_signers')
  const identity = readFileSync(signers, 'utf8').split(' ')[0] ?? ''
  const check = (size: string, namespace: string, text: string | Buffer) =>
    execFileSync(
      'ssh-keygen',
      [
        ...['-Y', 'verify', '-f', signers, '-I', identity, '-n', namespace],
        ...['-s', join(folder, 'checkpoints', `${size}.sig`)],
      ],
      { input: text, stdio: 'pipe' },
    )
  const sizes = checkpoints('INC-1').flatMap((name) => (name.endsWith('.sig') ? [name.slice(0, -4)] : []))
  for (const size of sizes) check(size, 'breakglass-checkpoint', readFileSync(join(folder, 'checkpoints', size)))
  const [size = ''] = sizes
  const text = readFileSync(join(folder, 'checkpoints', size))
  expect(() => check(size, 'git', text)).toThrow()
  expect(() => check(size, 'breakglass-checkpoint', `${text}x`)).toThrow()
})

test('verify says who signed, and what the signatures do not cover', limit, async () => {
  const { exit, stdout } = await verify('INC-1')
  expect(exit).toBe(0)
  expect(stdout).toContain('The chain is intact')
  expect(stdout).toMatch(/^Signed by \S+: \d+ of them, with ssh-ed25519 SHA256:/m)
  expect(stdout).toContain("The list of signers comes from the log's folder")
  expect(stdout).toMatch(/^Not ruled out: the log was rewritten entirely, or its tail was cut/m)
})

test(
  'with a list of signers and a checkpoint that were kept elsewhere everything is covered, and --strict is content',
  limit,
  async () => {
    const kept = (await desk.rehearse('INC-2', ['--sign-key', desk.at('ada')])).stdout
    const line = /^checkpoint {2}(.+)$/m.exec(kept)?.[1] ?? ''
    const list = desk.at('team-signers')
    writeFileSync(list, `ada@example.com ${readFileSync(desk.at('ada.pub'), 'utf8')}`)
    const { exit, stdout } = await verify('INC-2', '--checkpoint', line, '--allowed-signers', list, '--strict')
    expect({ exit, stdout }).toMatchObject({ exit: 0 })
    expect(stdout).toContain('Signed by ada@example.com')
    expect(stdout).not.toContain('Not ruled out')
    const shorter = readFileSync(desk.at('logs', 'INC-2', 'checkpoints', '1'), 'utf8').trim()
    expect(await verify('INC-2', '--checkpoint', shorter.replaceAll('\n', ' '), '--strict')).toMatchObject({ exit: 1 })
    expect(await verify('INC-2', '--strict')).toMatchObject({ exit: 1 })
  },
)

test('somebody else who signs, and a signature of other bytes, are found', limit, async () => {
  const list = desk.at('other-signers')
  desk.key('eve')
  writeFileSync(list, `eve@example.com ${readFileSync(desk.at('eve.pub'), 'utf8')}`)
  expect(await verify('INC-2', '--allowed-signers', list)).toMatchObject({
    exit: 1,
    stdout: expect.stringMatching(
      /does not count according to the list of signers: the key \S+ is not among the allowed signers/,
    ),
  })
  await desk.rehearse('INC-3', ['--sign-key', desk.at('eve')])
  const last = String(entries('INC-3').length)
  const other = readFileSync(desk.at('logs', 'INC-3', 'checkpoints', '1.sig'))
  writeFileSync(desk.at('logs', 'INC-3', 'checkpoints', `${last}.sig`), other)
  expect(await verify('INC-3')).toMatchObject({
    exit: 1,
    stdout: expect.stringMatching(
      new RegExp(`the signature of checkpoint ${last} does not count .*: its signature does not match its text`),
    ),
  })
})

test("git's signing key and the agent are used without a word on the command line", limit, async () => {
  const started = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(started)?.[1] ?? ''
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1])
  onTestFinished(() => void process.kill(pid))
  const key = desk.key('grace')
  execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'pipe' })
  const half = readFileSync(`${key}.pub`, 'utf8').trim()
  const setting = (name: string, value: string) =>
    execFileSync('git', ['config', '--file', desk.at('home', '.gitconfig'), name, value])
  setting('gpg.format', 'ssh')
  setting('user.email', 'grace@example.com')
  setting('user.signingkey', `key::${half}`)
  const { stdout } = await desk.rehearse('INC-4', [], { SSH_AUTH_SOCK: socket })
  expect(stdout).toContain('signed      by grace@example.com')
  expect((await verify('INC-4')).stdout).toContain('Signed by grace@example.com')
  setting('gpg.format', 'openpgp')
})

test.each<[string, () => string[], RegExp]>([
  ['is not there', () => ['--sign-key', desk.at('nowhere')], /not signed: .*No such file.*--sign-key/],
  [
    'wants a passphrase',
    () => ['--sign-key', desk.key('locked', '-N', 'a passphrase')],
    /needs a passphrase: add it to your agent with `ssh-add/,
  ],
  ['was never named', () => [], /^signed {6}no: no SSH key \(use --sign-key/m],
])('a key that %s stops nothing, and the run says so in plain words', limit, async (what, argv, said) => {
  const incident = `INC-5-${what.replaceAll(' ', '-')}`
  const { exit, stdout } = await desk.rehearse(incident, argv())
  expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringMatching(said) })
  expect(checkpoints(incident).filter((name) => name.endsWith('.sig'))).toEqual([])
  expect((await verify(incident)).stdout).toContain('No checkpoint is signed.')
})
