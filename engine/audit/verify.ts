import type { Entry } from './entry.ts'
import { type Chain, verifyChain } from './verify-chain.ts'

/** What reading a whole log into memory proved: its chain, its entries, and the stored bytes of its lines. */
export type Verification = Chain & { entries: Entry[]; lines: Uint8Array[] }

/** Verifies a log that is in memory, and keeps its entries. */
export function verifyLog(bytes: Uint8Array): Verification {
  const entries: Entry[] = []
  const lines: Uint8Array[] = []
  const chain = verifyChain([bytes], (line) => {
    lines.push(line.bytes)
    if (line.entry) entries.push(line.entry)
  })
  return { ...chain, entries, lines }
}
