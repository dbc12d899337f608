import type { Entry } from '../../audit/entry.ts'
import type { Verification } from '../../audit/verify.ts'
import { UserError } from '../../base/problem.ts'
import { type IncidentFolder, readLog } from '../../disk/logs/incident-folder.ts'
import type { ReadLog } from '../../disk/logs/log-file.ts'
import { unattended } from '../../ssh/keygen.ts'
import { sshHost } from '../approvals/choose-key.ts'
import { EXIT } from '../exit-codes.ts'
import type { Runtime } from '../host/runtime.ts'
import { type Evidence, evidenceIn } from './read-evidence.ts'
import { type Verified, verifyEvidence } from './verify-evidence.ts'

/** A log in which `audit verify` finds nothing wrong except an interrupted write, and everything in it. */
export type SoundLog = Verification & ReadLog

/**
 * Reads an incident's log to add to it or derive something from it, and verifies it and its folder as `audit verify` does.
 * Throws UserError if anything is wrong, with the consequence (`therefore`), such as `so nothing is added to it`.
 */
export async function readSoundLog(paths: IncidentFolder, therefore: string, runtime: Runtime): Promise<SoundLog> {
  const bytes = await readLog(paths)
  const evidence = await evidenceIn(paths, [bytes])
  const entries: Entry[] = []
  const lines: Uint8Array[] = []
  const verified = await verifyEvidence(evidence, {}, unattended(sshHost(runtime)), (line) => {
    lines.push(line.bytes)
    if (line.entry) entries.push(line.entry)
  })
  const { incident } = paths
  const flaw = flawOf(verified, evidence, `the log of ${incident}`)
  if (flaw === undefined) return { ...verified.log, entries, lines, bytes }
  throw new UserError(
    `${flaw}, ${therefore}`,
    `leave its folder unchanged and find out who changed it: \`breakglass audit verify ${incident}\` lists everything that is wrong; continue in an older copy of the folder, or under another incident id`,
    verified.log.damage.length > 0 ? EXIT.usage : EXIT.failed,
  )
}

/** Describes what is wrong with a log in one clause; undefined if nothing is. */
export function flawOf({ log, wrong }: Verified, { checkpoints, remains }: Evidence, name: string): string | undefined {
  const [first] = wrong
  if (first === undefined) return undefined
  if (log.damage.length > 0) return `${name} is damaged (${first})`
  const left = checkpoints.length > 0 ? ['checkpoints'] : remains
  return log.size === 0 && left.length > 0
    ? `${name} is missing, but ${left.join(' and ')} in its folder show that it existed`
    : `${name} is not what its last run left (${first})`
}
