import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runGcloud } from '../../engine/gcloud/client.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { isGone } from '../is-gone.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-client-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let scripts = 0

/** Runs a shell script as if it were gcloud. */
function run(
  script: string,
  call: Partial<GcloudCall> = {},
  environment: Record<string, string> = { PATH: process.env.PATH ?? '' },
) {
  const path = join(folder, `gcloud-${++scripts}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  const children: string[] = []
  const result = runGcloud(
    { argv: ['a', 'b c'], project: 'p-1', timeoutMs: 10_000, ...call },
    {
      path,
      environment,
      endGroup: (pid) => void process.kill(-pid, 'SIGKILL'),
      mask: (text) => text.replaceAll('canary', '(secret)'),
      onChild: (change) => void children.push(change),
    },
  )
  return { result, children }
}
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('gcloud gets the arguments unchanged, followed by the flags of the engine', async () => {
  const { result, children } = run('for word in "$@"; do echo "<$word>"; done')
  expect(text((await result).output)).toBe('<a>\n<b c>\n<--project=p-1>\n<--format=json>\n<--quiet>\n')
  expect(children).toEqual(['started', 'ended'])
})

test("the child gets only the given environment, not the caller's", async () => {
  const { result } = run('/usr/bin/env', {}, { ONLY: 'this' })
  const names = text((await result).output)
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0])
  expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''))).toEqual(['ONLY'])
})

test.each([
  ['empty', Buffer.alloc(0)],
  ['all bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ['a line feed at the end', Buffer.from('x\n')],
  ['64 KiB', Buffer.alloc(65_536, 0xfe)],
])('stdin and stdout pass through exactly: %s', async (_, bytes) => {
  const { output } = await run('cat', { stdin: new SecretBytes(Uint8Array.from(bytes)), secretOutput: true }).result
  expect(Buffer.compare(output, bytes)).toBe(0)
})

test('without stdin the child reads an empty one and does not wait', async () =>
  expect(text((await run('cat; echo end').result).output)).toBe('end\n'))

test('a child that does not read its stdin is judged by its exit code', async () => {
  const stdin = () => new SecretBytes(new Uint8Array(1 << 20))
  expect((await run('exit 0', { stdin: stdin() }).result).exitCode).toBe(0)
  expect((await run('exit 3', { stdin: stdin() }).result).exitCode).toBe(3)
})

test('megabytes of output arrive complete', async () => {
  const { output, failure } = await run('head -c 8000000 /dev/zero').result
  expect([output.length, failure]).toEqual([8_000_000, undefined])
})

test('a failure has its cause and its text without colour, masked; stdout is kept', async () => {
  const { result } = run(
    "echo out; printf '\\033[1;31mERROR:\\033[0m (gcloud.x) NOT_FOUND: \\033[1mcanary\\033[0m is not there\\n' >&2; exit 1",
  )
  expect(await result).toMatchObject({
    exitCode: 1,
    stderr: 'ERROR: (gcloud.x) NOT_FOUND: (secret) is not there',
    failure: { cause: 'not-found', message: '(gcloud.x) NOT_FOUND: (secret) is not there' },
  })
})

test('exit code 0 is not a failure, whatever is on stderr', async () => {
  const result = await run('echo "ERROR: (gcloud.x) PERMISSION_DENIED: no" >&2').result
  expect(result.failure).toBeUndefined()
  expect(result.stderr).toContain('PERMISSION_DENIED')
})

test('only the end of a long stderr is kept, in whole characters', async () => {
  const { stderr } = await run(
    'i=0; while [ $i -lt 30 ]; do printf "%s😀" x; printf "😀%.0s" $(seq 100); echo " $i"; i=$((i+1)); done >&2',
  ).result
  expect(stderr.length).toBeLessThanOrEqual(4000)
  expect(stderr.isWellFormed()).toBe(true)
  expect(stderr.endsWith(' 29')).toBe(true)
})

test('the stderr of a command with secret output is reduced to what cannot quote it', async () => {
  const script =
    'echo \'ERROR: gcloud crashed (InvalidDataFromServerError): Error decoding response "{"data": "aHVudGVyMg=="}"\' >&2; exit 1'
  const result = await run(script, { secretOutput: true }).result
  expect(result.stderr).toBe('')
  expect(JSON.stringify(result)).not.toContain('aHVudGVyMg')
  expect(result.failure?.message).toBe('gcloud crashed (InvalidDataFromServerError)')
})

test('a command is stopped with all its children at its timeout', async () => {
  const mark = join(folder, 'outlived')
  const { result, children } = run(`sleep 600 & echo $! > ${mark}; trap '' TERM; sleep 600; wait`, { timeoutMs: 4000 })
  const { failure, durationMs } = await result
  expect(failure?.cause).toBe('timeout')
  expect(durationMs).toBeLessThan(600_000)
  expect(children).toEqual(['started', 'ended'])
  expect(await isGone(mark)).toBe(true)
})

test('a timeout beyond the range of a timer does not stop the command at once', async () =>
  expect((await run('sleep 0.1; echo done', { timeoutMs: 2 ** 31 }).result).failure).toBeUndefined())

test('a missing gcloud is a failure, not an exception', async () => {
  const host = { path: join(folder, 'none'), environment: {}, endGroup: () => {}, mask: String, onChild: () => {} }
  const { failure } = await runGcloud({ argv: [], project: 'p', timeoutMs: 1000 }, host)
  expect(failure?.cause).toBe('no-gcloud')
})
