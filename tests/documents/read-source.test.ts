import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSource } from '../../engine/disk/read-source.ts'
import { cpuMs } from '../cpu-time.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-source-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(content: string | Uint8Array) {
  const path = join(folder, 'file.yaml')
  writeFileSync(path, content)
  return readSource(path, 'file.yaml')
}

async function refusal(path: string) {
  const result = await readSource(path, 'shown.yaml')
  if (result.ok) throw new Error('was read')
  expect(result.diagnostics).toHaveLength(1)
  expect(result.diagnostics[0]?.file).toBe('shown.yaml')
  return result.diagnostics[0]!
}

test('a text is read unchanged, without its byte order mark', async () => {
  expect(await read('\ufeffé: 1\r\n')).toEqual({ ok: true, source: { name: 'file.yaml', text: 'é: 1\r\n' } })
})

test.each<[string, string | Uint8Array, string, [number, number]]>([
  ['empty', '', 'the file is empty', [1, 1]],
  ['UTF-16 LE', Buffer.from('\ufeffa: 1', 'utf16le'), 'UTF-16', [1, 1]],
  ['UTF-16 BE', Buffer.from('\ufeffa: 1', 'utf16le').swap16(), 'UTF-16', [1, 1]],
  ['UTF-16 without a mark', Buffer.from('a: 1', 'utf16le'), 'UTF-16', [1, 1]],
  ['Latin-1', Buffer.from('ab: 1\nc: \xe9\n', 'latin1'), 'not UTF-8: byte 10 (line 2)', [2, 4]],
  ['Latin-1 after a byte order mark', Buffer.from('\xef\xbb\xbfa: \xe9', 'latin1'), 'byte 7 (line 1)', [1, 7]],
  ['cut inside a character', Buffer.from('a: é').subarray(0, 4), 'not UTF-8', [1, 4]],
  ['a NUL', 'a: 1\nb: \0', 'line 2 contains a NUL', [2, 4]],
  ['a terminal escape', 'a: 1\n\nb: \u001b[2J', 'line 3 contains a control character (U+001B)', [3, 4]],
])('%s is refused', async (_name, content, message, position) => {
  const result = await read(content)
  if (result.ok) throw new Error('was read')
  expect(result.diagnostics).toHaveLength(1)
  expect(result.diagnostics[0]?.message).toContain(message)
  expect([result.diagnostics[0]?.line, result.diagnostics[0]?.column]).toEqual(position)
})

test('what is no file is refused', async () => {
  expect((await refusal(join(folder, 'none.yaml'))).message).toBe('no such file')
  expect((await refusal(join(folder, 'no\0ne'))).message).toContain('cannot be read')
  mkdirSync(join(folder, 'sub'))
  expect((await refusal(join(folder, 'sub'))).message).toContain('a folder')
  expect((await refusal('/dev/zero')).message).toContain('not a regular file')
})

test('a pipe without a writer is refused immediately', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  expect((await refusal(join(folder, 'pipe'))).message).toContain('not a regular file')
})

/** Runs as another user, because root can read everything. */
async function withoutPrivilege<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

test('a file without permission is refused', async () => {
  const path = join(folder, 'locked')
  writeFileSync(path, 'a: 1')
  chmodSync(path, 0)
  chmodSync(folder, 0o755)
  expect((await withoutPrivilege(() => refusal(path))).message).toContain('permission')
})

test('1 MiB is read, more is refused without reading it', async () => {
  const mebibyte = 1024 * 1024
  expect((await read('#'.repeat(mebibyte))).ok).toBe(true)
  expect((await read('#'.repeat(mebibyte + 1))).ok).toBe(false)
  const path = join(folder, 'large')
  const file = openSync(path, 'w')
  ftruncateSync(file, 50 * mebibyte)
  closeSync(file)
  const memory = process.memoryUsage().arrayBuffers
  const started = cpuMs()
  expect((await refusal(path)).message).toBe('the file is larger than 1 MiB')
  expect(cpuMs() - started).toBeLessThan(200)
  expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(10 * mebibyte)
})
