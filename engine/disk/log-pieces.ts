import { closeSync, openSync, readSync } from 'node:fs'
import { type IncidentFolder, unreadable } from './incident-folder.ts'

const PIECE = 256 * 1024

/**
 * The bytes of an incident's log, read piece by piece and from the start each time that they are gone through; none where
 * it has no log yet. Reading throws Problem.
 */
export const logPieces = ({ log }: IncidentFolder): Iterable<Uint8Array> => ({
  [Symbol.iterator]: () => readPieces(log),
})

function* readPieces(file: string): Generator<Uint8Array> {
  let opened: number | undefined
  try {
    opened = openSync(file, 'r')
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const length = readSync(opened, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(file, 'log', error)
  } finally {
    if (opened !== undefined) closeSync(opened)
  }
}
