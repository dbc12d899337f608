import { closeSync, readSync } from 'node:fs'
import type { IncidentFolder } from './incident-folder.ts'
import { openKept, unreadable } from './kept-file.ts'

const PIECE = 256 * 1024

/**
 * The bytes of an incident's log, read piece by piece and from the start each time that they are gone through; none where
 * it has no log yet. Reading throws UserError.
 */
export const logPieces = (paths: IncidentFolder): Iterable<Uint8Array> => ({
  [Symbol.iterator]: () => readPieces(paths),
})

function* readPieces({ log: path, logs }: IncidentFolder): Generator<Uint8Array> {
  const kept = { path, logs, what: 'log' }
  const opened = openKept(kept)
  if (opened === undefined) return
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const length = readSync(opened, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } catch (error) {
    throw unreadable(kept, error)
  } finally {
    closeSync(opened)
  }
}
