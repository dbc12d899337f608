import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'

/** The most that is read of a file by default: 16 MiB. */
const LIMIT = 16 * 1024 * 1024

/** Returns what a path that isn't a regular file is. */
export const kindOf = (
  found: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket'>,
): string =>
  found.isSymbolicLink()
    ? 'a symbolic link'
    : found.isFIFO()
      ? 'a named pipe'
      : found.isSocket()
        ? 'a socket'
        : found.isDirectory()
          ? 'a folder'
          : found.isFile()
            ? 'a file'
            : 'a device'

/**
 * Opens a regular file that a person or one of their files names, following links, and never blocks: a pipe would wait for its
 * other end, and a device may act when it is opened. Throws an Error with the reason.
 */
export function openRegular(path: string, flags = constants.O_RDONLY, follow = true): number {
  const named = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  if (named !== undefined && !named.isFile()) throw notRegular(named)
  const { O_NONBLOCK, O_NOFOLLOW, O_NOCTTY } = constants
  const file = openSync(path, flags | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW), 0o600)
  const opened = fstatSync(file)
  if (opened.isFile()) return file
  closeSync(file)
  throw notRegular(opened)
}

const notRegular = (found: Stats): Error =>
  found.isDirectory()
    ? Object.assign(new Error('it is not a regular file but a folder'), { code: 'EISDIR' })
    : new Error(`it is not a regular file but ${kindOf(found)}`)

/** Reads such a file, up to a number of bytes. Throws an Error with the reason. */
export function readRegular(path: string, limit = LIMIT, follow = true): Buffer {
  return readOpened(openRegular(path, constants.O_RDONLY, follow), limit)
}

/** Does the same asynchronously. Rejects with an Error with the reason. */
export const readNamed = async (path: string, limit = LIMIT): Promise<Buffer> => readRegular(path, limit)

/** Reads an open file to its end, up to a number of bytes, and closes it; it doesn't trust the size, since the file may grow. */
export function readOpened(file: number, limit: number): Buffer {
  try {
    const pieces: Buffer[] = []
    let length = 0
    for (;;) {
      const piece = Buffer.allocUnsafe(Math.min(Math.max(fstatSync(file).size - length, 0), limit) + 1)
      const read = readSync(file, piece)
      if (read === 0) return Buffer.concat(pieces, length)
      pieces.push(piece.subarray(0, read))
      length += read
      if (length > limit) throw new Error(`it is larger than ${spoken(limit)}`)
    }
  } finally {
    closeSync(file)
  }
}

const spoken = (bytes: number): string => (bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`)
