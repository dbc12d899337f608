import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { packTar, unpackTar } from '../../engine/disk/tar.ts'
import { inOrder } from '../in-order.ts'
import { ofType } from '../incident/cli.ts'
import { makeDesk } from './desk.ts'
import { linesOf } from './tampering.ts'

inOrder()

const desk = makeDesk()
const limit = { timeout: 240_000 }
const audit = (...argv: string[]) => desk.breakglass(['audit', ...argv, '--logs', desk.logs])
let kept = ''

beforeAll(async () => {
  const { stdout } = await desk.rehearse('INC-1', ['--sign-key', desk.key('ada')])
  kept = /^checkpoint {2}(.+)$/m.exec(stdout)?.[1] ?? ''
  writeFileSync(desk.at('signers'), `ada@example.com ${readFileSync(desk.at('ada.pub'), 'utf8')}`)
  writeFileSync(desk.at('logs', 'INC-1', 'notes.txt'), "somebody's notes")
}, 240_000)

const elsewhere = () => ['--checkpoint', kept, '--allowed-signers', desk.at('signers'), '--strict']

test('an archive is verified where there is nothing else, and is the same bytes each time', limit, async () => {
  expect(await audit('export', 'INC-1', '--out', desk.at('a.tar'))).toMatchObject({ exit: 0 })
  await audit('export', 'INC-1', '--out', desk.at('b.tar'))
  expect(readFileSync(desk.at('a.tar')).equals(readFileSync(desk.at('b.tar')))).toBe(true)
  expect(await audit('export', 'INC-1', '--out', desk.at('a.tar'))).toMatchObject({ exit: 2 })
  const { exit, stdout } = await desk.breakglass(['audit', 'verify', desk.at('a.tar'), ...elsewhere()])
  expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('Signed by ada@example.com') })
})

test("everybody's tar unpacks it, everybody's sha256sum agrees, and nothing in it is foreign", limit, () => {
  mkdirSync(desk.at('out'))
  execFileSync('tar', ['-xf', desk.at('a.tar'), '-C', desk.at('out')])
  execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: desk.at('out') })
  const names = readdirSync(desk.at('out'))
  expect(names.sort()).toEqual(
    [
      'README',
      'SHA256SUMS',
      'allowed_signers',
      'audit.jsonl',
      'checkpoints',
      'plans',
      'record.md',
      'sources',
      'verify.sh',
    ].sort(),
  )
})

test('plan, runbooks and inventory in it are those that the log names', limit, () => {
  const entries = linesOf(desk.log('INC-1')).map((line) => JSON.parse(line.toString()))
  const made = ofType(entries, 'plan.made')[0]!
  const digest = (...names: string[]) =>
    createHash('sha256')
      .update(readFileSync(desk.at('out', ...names)))
      .digest('hex')
  expect(`sha256:${digest('plans', `${made.run}-${made.seq}.json`)}`).toBe(made.body.digest)
  const sources = readdirSync(desk.at('out', 'sources'))
  for (const name of sources) expect(name).toBe(`${digest('sources', name)}.yaml`)
  const { runbooks, inventory } = made.body.plan
  const named = [...runbooks, inventory].map(({ digest }) => digest.slice('sha256:'.length))
  expect(sources.map((name) => name.slice(0, 64))).toEqual(expect.arrayContaining(named))
})

test('what was changed in an archive is found', limit, async () => {
  const files = unpackTar(readFileSync(desk.at('a.tar')))
  const changed = files.map(({ name, bytes }) => ({
    name,
    bytes:
      name === 'audit.jsonl' ? Buffer.from(Buffer.from(bytes).toString().replace('"attempt":1', '"attempt":2')) : bytes,
  }))
  writeFileSync(desk.at('changed.tar'), packTar(changed))
  expect(await audit('verify', desk.at('changed.tar'))).toMatchObject({
    exit: 1,
    stdout: expect.stringContaining('was changed'),
  })
  writeFileSync(desk.at('torn.tar'), readFileSync(desk.at('a.tar')).subarray(0, 3000))
  expect(await audit('verify', desk.at('torn.tar'))).toMatchObject({ exit: 1 })
  const source = files.find(({ name }) => name.startsWith('sources/'))?.name
  const other = files.map((file) => (file.name === source ? { ...file, bytes: Buffer.from('steps: []') } : file))
  writeFileSync(desk.at('other.tar'), packTar(other))
  expect(await audit('verify', desk.at('other.tar'))).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining(`${source}`),
  })
})

test.each<[string, (lines: string[]) => string[]]>([
  ['a line that was changed', (lines) => lines.with(3, (lines[3] ?? '').replace('{', '{ '))],
  ['an entry that was removed', (lines) => lines.toSpliced(5, 1)],
  [
    'the run of another incident',
    (lines) => lines.map((line) => line.replace('"incident":"INC-1"', '"incident":"INC-9"')),
  ],
])('a log with %s is not packed, unless as evidence of the damage, which its README says', limit, async (_, change) => {
  const logs = desk.at('damaged')
  rmSync(logs, { recursive: true, force: true })
  cpSync(desk.logs, logs, { recursive: true })
  const lines = linesOf(desk.log('INC-1')).map(String)
  writeFileSync(
    `${logs}/INC-1/audit.jsonl`,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  )
  const pack = (...more: string[]) =>
    desk.breakglass(['audit', 'export', 'INC-1', '--logs', logs, '--out', `${logs}/x.tar`, ...more])
  expect(await pack()).toMatchObject({ exit: 1, stderr: expect.stringMatching(/damaged \(line \d+ .*--damaged/s) })
  expect(existsSync(`${logs}/x.tar`)).toBe(false)
  expect(await pack('--damaged')).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^NOT SOUND: .*line \d+/) })
  const readme = unpackTar(readFileSync(`${logs}/x.tar`)).find(({ name }) => name === 'README')
  expect(Buffer.from(readme?.bytes ?? []).toString()).toMatch(/^NOT SOUND: the log is damaged \(line \d+ /)
  expect((await audit('verify', `${logs}/x.tar`)).exit).toBe(1)
})

test('one entry is proved to somebody who sees no other', limit, async () => {
  const lines = linesOf(desk.log('INC-1')).map(String)
  const seq = 17
  await audit('prove', 'INC-1', String(seq), '--out', desk.at('proof.json'))
  const proof = readFileSync(desk.at('proof.json'), 'utf8')
  expect(JSON.parse(proof).line).toBe(lines[seq - 1])
  const timeOf = (line = '') => JSON.parse(line).time as string
  const others = new Set(lines.map(timeOf))
  others.delete(timeOf(lines[seq - 1]))
  expect(others.size).toBeGreaterThan(lines.length / 2)
  for (const time of others) expect(proof).not.toContain(time)
  const { exit, stdout } = await desk.breakglass(['audit', 'verify', desk.at('proof.json'), ...elsewhere()])
  expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining(`Entry ${seq} is in the log`) })
  expect(stdout).toContain('signed by ada@example.com')
})

test('a proof of another line, place or checkpoint fails', limit, async () => {
  const proof = JSON.parse(readFileSync(desk.at('proof.json'), 'utf8'))
  const forged = [
    { ...proof, line: proof.line.replace('"seq"', ' "seq"') },
    { ...proof, seq: 18 },
    { ...proof, path: proof.path.slice(1) },
    { ...proof, checkpoint: proof.checkpoint.replace('INC-1', 'INC-2') },
  ]
  for (const [index, one] of forged.entries()) {
    writeFileSync(desk.at(`forged-${index}.json`), JSON.stringify(one))
    const argv = ['audit', 'verify', desk.at(`forged-${index}.json`), '--allowed-signers', desk.at('signers')]
    expect(await desk.breakglass(argv)).toMatchObject({ exit: 1 })
  }
})
