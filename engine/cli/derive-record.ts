import { verifyLog } from '../audit/verify.ts'
import { type IncidentFolder, readLog, readRecord, writeRecord } from '../disk/incident-folder.ts'
import { toRecord } from '../record/markdown.ts'
import { modelOf } from '../record/model.ts'
import { keepProse } from '../record/prose.ts'
import { Problem } from '../runbook/problem.ts'

/** Derives the record from the log and puts it beside it, a person's own words kept. Throws Problem where the log can't be trusted. */
export async function deriveRecord(paths: IncidentFolder): Promise<string> {
  const { entries, size, head, damage } = verifyLog(await readLog(paths))
  if (size === 0) throw new Problem(`there is no log at ${paths.log}`, "check the incident's id and --logs")
  if (damage.length > 0)
    throw new Problem(
      `the log is damaged (line ${damage[0]?.line}: ${damage[0]?.what}), so no record is derived from it`,
      'look at it with `breakglass audit verify`',
    )
  const derived = toRecord(modelOf(entries), { size, hash: head })
  const record = keepProse(derived, (await readRecord(paths)) ?? '')
  await writeRecord(paths, record)
  return record
}
