import { type Verification, verifyLog } from '../audit/verify.ts'
import { type IncidentFolder, readLog, readRecord, writeRecord } from '../disk/incident-folder.ts'
import { drawTimeline, STYLE } from '../record/drawing.ts'
import { toHtml } from '../record/html.ts'
import { recordTree, toRecord } from '../record/markdown.ts'
import { modelOf, type RecordModel } from '../record/model.ts'
import { isDerived, proseOf } from '../record/prose.ts'
import { Problem } from '../runbook/problem.ts'
import { jsonText } from './say.ts'

/** The forms in which a record can be read. */
export const FORMATS = ['markdown', 'html', 'json'] as const
export type Format = (typeof FORMATS)[number]

/** Derives the record from the log and puts it beside it, a person's own words kept. Throws Problem where the log can't be trusted. */
export async function deriveRecord(paths: IncidentFolder): Promise<string> {
  const { entries, size, head } = await readSoundLog(paths)
  const derived = toRecord(modelOf(entries), { size, hash: head })
  const earlier = (await readRecord(paths)) ?? ''
  if (earlier.trim() !== '' && !isDerived(earlier))
    throw new Problem(
      `${paths.record} was not derived from the log, so it is left as it is`,
      'move it away, then derive the record with `breakglass record`; your own words go between its marks',
      1,
    )
  // What reads Markdown is loaded only where there is some.
  const { keepProse } = earlier === '' ? { keepProse: () => derived } : await import('../record/keep-prose.ts')
  const record = keepProse(derived, earlier)
  await writeRecord(paths, record)
  return record
}

/** The same as one self-contained page, or as data; a person's words come from the record beside the log. Nothing is written. */
export async function renderRecord(
  paths: IncidentFolder,
  format: Exclude<Format, 'markdown'>,
  signatures: RecordModel['signatures'],
): Promise<string> {
  const { entries, size, head } = await readSoundLog(paths)
  const model = modelOf(entries, signatures)
  const prose = proseOf((await readRecord(paths)) ?? '')
  if (format === 'json') return jsonText(asData(model, { size, head: `sha256:${head}` }, prose))
  return toHtml(recordTree(model, { size, hash: head }), drawTimeline(model.runs), prose, STYLE)
}

/** The log of an incident, once it is known to be sound. Throws Problem. */
export async function readSoundLog(paths: IncidentFolder): Promise<Verification> {
  const log = verifyLog(await readLog(paths), paths.incident)
  const { size, damage } = log
  if (size === 0) throw new Problem(`there is no log at ${paths.log}`, "check the incident's id and --logs")
  if (damage.length > 0)
    throw new Problem(
      `the log is damaged (line ${damage[0]?.line} ${damage[0]?.what}), so no record is derived from it`,
      'look at it with `breakglass audit verify`',
    )
  return log
}

function asData(
  { runs, signatures, ...said }: RecordModel,
  log: { size: number; head: string },
  words: Record<string, string>,
) {
  const told = runs.map(({ run, entry, openedAt, opened, closed }) => ({ run, entry, openedAt, opened, closed }))
  return { ...said, runs: told, signatures: Object.fromEntries(signatures ?? []), words, log }
}
