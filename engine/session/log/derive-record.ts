import { type Verification, verifyLog } from '../../audit/verify.ts'
import { UserError } from '../../base/problem.ts'
import { type IncidentFolder, readLog, readRecord, writeRecord } from '../../disk/logs/incident-folder.ts'
import { drawTimeline, STYLE } from '../../record/chart.ts'
import { toHtml } from '../../record/html.ts'
import { recordTree, toRecord } from '../../record/markdown.ts'
import { modelOf, type RecordModel } from '../../record/model.ts'
import { isDerived, proseOf } from '../../record/prose.ts'
import { summaryOf } from '../../record/summary.ts'
import { jsonText } from '../host/output.ts'

/** The forms in which a record can be read. */
export const FORMATS = ['markdown', 'html', 'json'] as const
export type Format = (typeof FORMATS)[number]

/** Derives the record from a log that is sound and puts it beside it, a person's own words kept. Throws UserError. */
export async function deriveRecord(
  paths: IncidentFolder,
  { entries, size, head }: Pick<Verification, 'entries' | 'size' | 'head'>,
): Promise<string> {
  const derived = toRecord(modelOf(entries), { size, hash: head })
  const earlier = (await readRecord(paths)) ?? ''
  if (earlier.trim() !== '' && !isDerived(earlier))
    throw new UserError(
      `${paths.record} was not derived from the log, so it is left as it is`,
      'move it away, then derive the record with `breakglass record`; your own words go between its marks',
      1,
    )
  // What reads Markdown is loaded only where there is some.
  const { keepProse } = earlier === '' ? { keepProse: () => derived } : await import('../../record/keep-prose.ts')
  const record = keepProse(derived, earlier)
  await writeRecord(paths, record)
  return record
}

/** The same as one self-contained page, or as data; a person's words come from the record beside the log. Nothing is written. */
export async function renderRecord(
  paths: IncidentFolder,
  { entries, size, head }: Verification,
  format: Exclude<Format, 'markdown'>,
  signatures: RecordModel['signatures'],
): Promise<string> {
  const model = modelOf(entries, signatures)
  const prose = proseOf((await readRecord(paths)) ?? '')
  if (format === 'json') return jsonText(asData(model, { size, head: `sha256:${head}` }, prose))
  return toHtml(recordTree(model, { size, hash: head }), drawTimeline(model.runs), prose, STYLE)
}

/** Reads the log to which this process has added, and checks its chain: the rest was verified when it was opened. Throws UserError. */
export async function readOwnLog(paths: IncidentFolder): Promise<Verification> {
  const log = verifyLog(await readLog(paths), paths.incident)
  const [damage] = log.damage
  if (damage === undefined) return log
  throw new UserError(
    `the log is damaged (line ${damage.line} ${damage.what}), so no record is derived from it`,
    'look at it with `breakglass audit verify`',
  )
}

function asData(model: RecordModel, log: { size: number; head: string }, words: Record<string, string>) {
  const { runs, signatures, ...rest } = model
  const ended = runs.map(({ run, entry, openedAt, opened, closed }) => ({ run, entry, openedAt, opened, closed }))
  return {
    ...rest,
    summary: summaryOf(model),
    runs: ended,
    signatures: Object.fromEntries(signatures ?? []),
    words,
    log,
  }
}
