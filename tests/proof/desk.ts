import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atTheEnd } from '../at-the-end.ts'
import { type Desk, deskIn } from './machine.ts'

export { root } from './machine.ts'

/** Makes a desk for a test file; it is cleared away when the file has ended. */
export function makeDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-proof-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  return deskIn(folder)
}
