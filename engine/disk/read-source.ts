import { isUtf8 } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { refusedCharacter } from '../base/characters.ts'
import { type Diagnostic, problemAt } from '../base/diagnostic.ts'
import { type Source, sourceLimit } from '../base/source.ts'
import { describeTrouble } from './fs-errors.ts'

/** A file's text, or why it can't be used. */
export type ReadSource = { ok: true; source: Source } | { ok: false; diagnostics: Diagnostic[] }

/** Reads a YAML file of at most 1 MiB as UTF-8; `name` is its name in messages. Never throws. */
export function readSource(path: string, name: string): ReadSource {
  let file: number | undefined
  try {
    // Without O_NONBLOCK, opening a pipe without a writer would block forever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return readOpened(file, name)
  } catch (error) {
    return refuse(name, ...explain(error))
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function readOpened(file: number, name: string): ReadSource {
  const stats = fstatSync(file)
  if (stats.isDirectory()) return refuse(name, 'this is a folder, not a file', 'give the path of a YAML file')
  if (!stats.isFile()) return refuse(name, 'this is not a regular file', 'give the path of a YAML file')
  if (stats.size > sourceLimit) return refuse(name, tooLarge)
  // Read what is there instead of trusting the size: the file may grow, and /proc reports 0.
  let bytes = Buffer.alloc(0)
  while (bytes.length <= sourceLimit) {
    const more = Buffer.alloc(Math.max(stats.size, 4096) + 1)
    const length = readSync(file, more)
    if (length === 0) return decode(bytes, name)
    bytes = Buffer.concat([bytes, more.subarray(0, length)])
  }
  return refuse(name, tooLarge)
}

const utf8 = new TextDecoder('utf-8')

const tooLarge = 'the file is larger than 1 MiB'

function decode(bytes: Buffer, name: string): ReadSource {
  if (bytes.length === 0) return refuse(name, 'the file is empty')
  if (isUtf16(bytes)) return refuse(name, 'the file is UTF-16, and UTF-8 is expected', 'save it as UTF-8')
  const text = utf8.decode(bytes)
  if (!isUtf8(bytes)) {
    const at = firstDifference(bytes, Buffer.from(text))
    const line = bytes.subarray(0, at).toString('latin1').split('\n').length
    const column = at - bytes.subarray(0, at).lastIndexOf(0x0a)
    const message = `the file is not UTF-8: byte ${at + 1} (line ${line}) does not belong`
    const range = { line, column, endLine: line, endColumn: column + 1 }
    return { ok: false, diagnostics: [problemAt(name, range, message, 'save it as UTF-8')] }
  }
  const source = { name, text }
  const character = refusedCharacter(source)
  return character === undefined ? { ok: true, source } : { ok: false, diagnostics: [character] }
}

/** Detects UTF-16 by its byte order mark, or without one by a zero in every second byte at the start. */
function isUtf16(bytes: Buffer): boolean {
  const start = bytes.readUIntBE(0, Math.min(2, bytes.length))
  if (start === 0xfffe || start === 0xfeff) return true
  const head = [...bytes.subarray(0, 8)]
  const zeroAt = (remainder: number) => head.every((byte, index) => (byte === 0) === (index % 2 === remainder))
  return head.length >= 4 && (zeroAt(0) || zeroAt(1))
}

/** Returns where bytes first differ from what decoding and encoding made of them (which drops a byte order mark). */
function firstDifference(bytes: Buffer, again: Buffer): number {
  const skipped = bytes.subarray(0, 3).equals(Buffer.from('\ufeff')) ? 3 : 0
  let at = skipped
  while (at < bytes.length && bytes[at] === again[at - skipped]) at += 1
  return Math.min(at, bytes.length - 1)
}

function explain(error: unknown): [message: string, hint?: string] {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return ['no such file', 'check the path']
  if (code === 'EACCES' || code === 'EPERM') return ['permission denied']
  if (code === 'ENXIO') return ['this is not a regular file', 'give the path of a YAML file']
  if (code === 'EISDIR') return ['this is a folder, not a file', 'give the path of a YAML file']
  return [`the file cannot be read: ${describeTrouble(error)}`]
}

const refuse = (name: string, message: string, hint?: string): ReadSource => ({
  ok: false,
  diagnostics: [problemAt(name, undefined, message, hint)],
})
