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

/** The formats of a record. */
export const FORMATS = ['markdown', 'html', 'json'] as const
export type Format = (typeof FORMATS)[number]

/** Derives the record from a verified log and writes it into the log's folder; a person's own text is kept. Throws UserError. */
export async function deriveRecord(
  paths: IncidentFolder,
  { entries, size, head }: Pick<Verification, 'entries' | 'size' | 'head'>,
): Promise<string> {
  const derived = toRecord(modelOf(entries), { size, hash: head })
  const earlier = (await readRecord(paths)) ?? ''
  if (earlier.trim() !== '' && !isDerived(earlier))
    throw new UserError(
      `${paths.record} was not derived from the log, so it was not overwritten`,
      'move it away, then run `breakglass record`; your own text goes between its markers',
      1,
    )
  // The Markdown parser is loaded only if there is something to parse.
  const { keepProse } = earlier === '' ? { keepProse: () => derived } : await import('../../record/keep-prose.ts')
  const record = keepProse(derived, earlier)
  await writeRecord(paths, record)
  return record
}

/** Renders the record as one self-contained page or as data, with a person's text from the existing record. Writes nothing. */
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

/** Reads a log that this process has added to and verifies its chain; everything else was verified when it was opened. Throws UserError. */
export async function readOwnLog(paths: IncidentFolder): Promise<Verification> {
  const log = verifyLog(await readLog(paths), paths.incident)
  const [damage] = log.damage
  if (damage === undefined) return log
  throw new UserError(
    `the log is damaged (line ${damage.line} ${damage.what}), so no record is derived from it`,
    'inspect it with `breakglass audit verify`',
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
