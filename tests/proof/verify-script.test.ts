import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { makeDesk, root } from './desk.ts'
import { find } from './machine.ts'
import { chainedAnew, linesOf } from './tampering.ts'

const desk = makeDesk()
const given = join(root, 'tests', 'proof', 'written-by-v1')
const log = readFileSync(join(given, 'INC-1', 'audit.jsonl'))
const elsewhere = readFileSync(join(given, 'kept-elsewhere'), 'utf8').trim().replaceAll('\n', ' ')

const programs = [
  'sh',
  'ssh-keygen',
  'sha256sum',
  'cut',
  'head',
  'tail',
  'tr',
  'wc',
  'cat',
  'basenc',
  'base64',
  'realpath',
]

beforeAll(() => {
  mkdirSync(desk.at('tools'))
  for (const program of programs) symlinkSync(find(program), desk.at('tools', program))
})

/** Runs docs/verify.sh where there is nothing but coreutils and ssh-keygen. */
function verify(
  folder: string,
  more: string[] = [],
  identity = 'ada@example.com',
  signers = join(given, 'allowed_signers'),
) {
  const argv = [join(root, 'docs', 'verify.sh'), folder, signers, identity, ...more]
  const { status, stdout, stderr } = spawnSync('sh', argv, { env: { PATH: desk.at('tools') }, encoding: 'utf8' })
  return { exit: status, stdout, stderr }
}

let copies = 0
const limit = { timeout: 240_000 }

/** A copy of the log's folder with another log, and files taken out. */
function copyWith(changed: Uint8Array, without: string[] = []): string {
  const folder = desk.at(`copy-${++copies}`)
  cpSync(join(given, 'INC-1'), folder, { recursive: true })
  writeFileSync(join(folder, 'audit.jsonl'), changed)
  for (const name of without) rmSync(join(folder, 'checkpoints', name))
  return folder
}

const joined = (lines: Uint8Array[]) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
const lines = linesOf(log)
const flipped = (at: number) => Buffer.from(log).fill((log[at] ?? 0) ^ 1, at, at + 1)

test('a log that nobody has touched is verified, with a checkpoint from elsewhere and without', limit, () => {
  const plain = verify(join(given, 'INC-1'))
  expect(plain).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^verified: 8 entries, head sha256:/) })
  expect(verify(join(given, 'INC-1'), [elsewhere])).toMatchObject({ exit: 0 })
})

test.each<[string, () => Uint8Array]>([
  ['a changed first line', () => flipped(20)],
  ['a change in the middle', () => flipped(Math.floor(log.length / 2))],
  ['a change in the last line', () => flipped(log.length - 40)],
  ['a cut line feed', () => log.subarray(0, -1)],
  ['a removed line', () => joined(lines.toSpliced(3, 1))],
  ['a repeated line', () => joined(lines.toSpliced(3, 0, lines[3] as Buffer))],
  ['swapped lines', () => joined(lines.toSpliced(3, 2, lines[4] as Buffer, lines[3] as Buffer))],
  ['an inserted empty line', () => joined(lines.toSpliced(3, 0, Buffer.alloc(0)))],
  ['a cut tail', () => joined(lines.slice(0, -1))],
  ['a log that was written anew', () => [...chainedAnew(log)][2]?.log ?? log],
])('%s fails', limit, (_, changed) => {
  expect(verify(copyWith(changed()))).toMatchObject({ exit: 1, stderr: expect.stringContaining('NOT VERIFIED') })
})

test('a tail that was cut together with its checkpoints is found only with one that was kept elsewhere', limit, () => {
  const cut = copyWith(joined(lines.slice(0, 5)), ['8', '8.sig'])
  expect(verify(cut)).toMatchObject({ exit: 0, stdout: expect.stringContaining('verified: 5 entries') })
  expect(verify(cut, [elsewhere])).toMatchObject({ exit: 1, stderr: expect.stringContaining('kept elsewhere') })
})

test('a signature of somebody else fails, and so does one of other bytes', limit, () => {
  expect(verify(join(given, 'INC-1'), [], 'eve@example.com')).toMatchObject({ exit: 1 })
  const folder = copyWith(log)
  cpSync(join(folder, 'checkpoints', '1.sig'), join(folder, 'checkpoints', '8.sig'))
  expect(verify(folder)).toMatchObject({ exit: 1, stderr: expect.stringContaining('the signature checkpoints/8.sig') })
})

test("it verifies the incident's log, as a rehearsal leaves it", limit, async () => {
  await desk.rehearse('INC-1', ['--sign-key', desk.key('operator')])
  const signers = desk.at('logs', 'INC-1', 'allowed_signers')
  const identity = readFileSync(signers, 'utf8').split(' ')[0]
  const { exit, stdout } = verify(desk.at('logs', 'INC-1'), [], identity, signers)
  expect({ exit, stdout }).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining(`verified: ${linesOf(desk.log('INC-1')).length} entries`),
  })
})
