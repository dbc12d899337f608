import type { ListItem, PhrasingContent, Root, RootContent } from 'mdast'
import type { Status } from '../steps/types.ts'
import { consents } from './consents.ts'
import {
  code,
  entryRanges,
  heading,
  item,
  list,
  paragraph,
  plain,
  section,
  sentence,
  sources,
  table,
  traced,
} from './mdast.ts'
import { type ActionSentence, type BackfilledFile, isBackfillKnown, type RecordModel } from './model.ts'
import { describeNoDrift, type Unread } from './observed.ts'
import { outOfBand } from './out-of-band.ts'
import { proseMarkers } from './prose.ts'
import { summaryOf } from './summary.ts'
import { toSecondSpan, utc } from './times.ts'
import { changes, describeReading } from './values.ts'
import { write } from './write-markdown.ts'

/** The statuses of a step whose command may have left another state than the wanted one. */
const UNSETTLED: ReadonlySet<string> = new Set(['ambiguous', 'in-doubt', 'intent-open'])

/** A statement is on one line, however long, since `--verify` names lines; markdownlint would report them. */
const LONG_LINES: RootContent = { type: 'html', value: '<!-- markdownlint-disable-file MD013 -->' }

/** Where a log ends: the number of its entries and the SHA-256 of its last line. */
export type LogHead = { size: number; hash: string }

/**
 * Writes the record as Markdown in the form of a backfill document. Texts from the cloud or the operator become text and
 * code nodes of the tree, so that nothing in them can change its structure.
 */
export function toRecord(model: RecordModel, head: LogHead): string {
  return write(recordTree(model, head))
}

/** Returns the record as a tree, from which each of its forms is written. */
export function recordTree(model: RecordModel, head: LogHead): Root {
  return {
    type: 'root',
    children: [
      heading(1, `${model.date} ${model.title} Break-Glass Backfill`),
      ...rehearsalNotice(model),
      ...summary(model),
      ...section('Context', context(model)),
      ...prose('context'),
      ...section('Break-Glass Runtime Actions (Already Executed)', actions(model)),
      ...prose('actions'),
      ...undone(model),
      ...correctedByOthers(model),
      ...backfill(model),
      ...section('Verification', verification(model)),
      ...prose('verification'),
      ...openItems(model),
      ...section('Steps Not Completed', unfinished(model)),
      ...prose('unfinished'),
      ...outOfBand(model.reconciled),
      ...section('Consent and Approvals', [list(false, consents(model))]),
      heading(2, 'Timeline'),
      timeline(model),
      heading(2, 'Audit Log'),
      paragraph(plain(`${head.size} entries. Head: `), code(`sha256:${head.hash}`)),
      LONG_LINES,
    ],
  }
}

function rehearsalNotice(model: RecordModel): RootContent[] {
  if (model.rehearsals.length === 0) return []
  const rehearsed = model.runs.filter(({ opened }) => opened.cloud.kind === 'sandbox')
  if (rehearsed.length < model.runs.length) {
    const which = [
      plain(' SANDBOX. These runs were rehearsals in a simulated Google Cloud and changed nothing real: '),
      code(rehearsed.map(({ run }) => run).join(', ')),
      plain('. All other runs changed the real Google Cloud.'),
    ]
    return [paragraph({ type: 'strong', children: [plain('PARTLY A REHEARSAL')] }, ...which)]
  }
  const what = [
    plain(' SANDBOX. This is the record of a rehearsal in a simulated Google Cloud (scenario '),
    code(model.rehearsals.join(', ')),
    plain('). Nothing real was changed.'),
  ]
  return [paragraph({ type: 'strong', children: [plain('REHEARSAL')] }, ...what)]
}

function summary(model: RecordModel): RootContent[] {
  const items = summaryOf(model).lines.map(({ label, text, entries }) =>
    traced(entries, item([{ type: 'strong', children: [plain(`${label}:`)] }, plain(' '), ...sentence(text, [])])),
  )
  return [list(false, items), ...sources([list(false, items)])]
}

function context(model: RecordModel): RootContent[] {
  const found = model.found.map((drift) => {
    const what = changes(drift)
    return traced(
      drift.entries,
      item([...sentence(drift.title, []), ...(what.length > 0 ? [plain(': '), ...what] : [])]),
    )
  })
  return [
    ...[...model.reasons, ...model.access].map(({ text, entries }) =>
      traced(entries, paragraph(...sentence(text, []))),
    ),
    ...(found.length > 0
      ? [
          paragraph(
            plain(`Drift found when the ${model.runs.length > 1 ? 'plans were' : 'plan was'} made (found → expected):`),
          ),
          list(true, found),
        ]
      : [paragraph(plain(describeNoDrift(model.observed)))]),
    ...unread('Could not be read, so the state is unknown:', model.observed.unread),
    ...unread('Nothing to read:', model.observed.nothingToRead),
  ]
}

/** Lists the steps that a plan could not read, and why. */
function unread(intro: string, steps: Unread[]): RootContent[] {
  if (steps.length === 0) return []
  const items = steps.map(({ title, why, entries }) =>
    traced(entries, item([...sentence(title, []), ...inParentheses(why)])),
  )
  return [paragraph(plain(intro)), list(false, items)]
}

function actions(model: RecordModel): RootContent[] {
  if (model.remediations.length === 0) return [paragraph(plain(noActions(model)))]
  const items = model.remediations.map(({ title, sentences }) =>
    item([plain(`${title}:`)], list(false, sentences.map(actionItem))),
  )
  return [list(true, items)]
}

/** Says why no action is listed; only where no command started was nothing changed. */
function noActions({ runs, takenBack, madeRight }: RecordModel): string {
  const steps = runs.flatMap((run) => [...run.steps.values()])
  const isOpen = steps.some(({ status }) => status !== undefined && UNSETTLED.has(status))
  const below = 'See "Steps Not Completed" for the changes that were started.'
  if (takenBack.length > 0)
    return isOpen
      ? `No change is known to remain: those that were confirmed were undone. ${below}`
      : 'No change remains: all were undone. See "Changes Undone".'
  if (isOpen) return `No change was completed. ${below}`
  if (madeRight.length > 0)
    return 'No change is known to be of this incident. See "Correct, Not Changed by This Incident".'
  if (steps.some(({ attempts }) => attempts > 0)) return `No change was completed. ${below}`
  return 'None. Nothing was changed.'
}

function actionItem({ sentence: text, resources }: ActionSentence): ListItem {
  const details = resources.map((resource) => {
    const what = changes(resource)
    const isShown = what.length > 0 || resource.note === ''
    return traced(
      resource.entries,
      item([code(resource.subject), ...(isShown ? [plain(': '), ...what] : []), ...inParentheses(resource.note)]),
    )
  })
  const subjects = resources.map(({ subject }) => subject)
  const entries = resources.flatMap((resource) => resource.entries.slice(-1))
  return traced(entries, item(sentence(text, subjects), list(false, details)))
}

function undone({ takenBack }: RecordModel): RootContent[] {
  if (takenBack.length === 0) return []
  const items = takenBack.map((change) => {
    const what = changes(change)
    return traced(
      change.entries,
      item([
        ...sentence(change.title, []),
        ...(what.length > 0 ? [plain(': '), ...what] : []),
        ...inParentheses(`by ${change.by} at ${utc(change.time)}`),
        ...(change.remark === '' ? [] : [plain(`. ${change.remark}`)]),
      ]),
    )
  })
  return section('Changes Undone', [list(true, items)])
}

/** Lists what is correct without a change by this incident; `undo` leaves it as it is. */
function correctedByOthers({ madeRight }: RecordModel): RootContent[] {
  if (madeRight.length === 0) return []
  const items = madeRight.map(({ title, text, entries }) => traced(entries, item(sentence(`${title}: ${text}`, []))))
  return section('Correct, Not Changed by This Incident', [list(true, items)])
}

function backfill(model: RecordModel): RootContent[] {
  const { implemented, owed, unchecked } = model.backfill
  const none = paragraph(
    plain(
      unchecked.length > 0
        ? 'Not checked yet.'
        : isBackfillKnown(model)
          ? 'None.'
          : 'Unknown: no run got as far as checking the repository.',
    ),
  )
  const done = implemented.length > 0 ? list(true, implemented.map(backfilledFile)) : none
  const still = [
    ...(owed.length > 0 ? [list(true, owed.map(backfilledFile))] : []),
    ...(owed.length > 0 && model.takenBack.length > 0
      ? [paragraph(plain('The backfill of an undone change is no longer owed.'))]
      : []),
    ...(unchecked.length > 0
      ? [paragraph(plain('Not compared with a checkout of the repository:')), list(true, unchecked.map(backfilledFile))]
      : []),
  ]
  return [
    ...section('Repo Backfill Implemented', [done]),
    ...prose('backfill'),
    ...(still.length > 0 ? section('Repo Backfill Still Owed', still) : []),
  ]
}

function backfilledFile({ file, commit, points }: BackfilledFile): ListItem {
  const changed = commit === undefined ? [] : [plain(', last changed by '), code(commit)]
  const items = points.map(({ says, entries }) => traced(entries, item(sentence(says, []))))
  return item([code(file), ...changed], list(false, items))
}

const RESULTS: Record<Status, string> = {
  conformant: 'PASS',
  drift: 'FAIL',
  unknown: 'UNKNOWN',
  unseen: 'NOT OBSERVED',
}

function verification(model: RecordModel): RootContent[] {
  if (model.verification.length === 0) return [paragraph(plain('No check was run.')), ...notRun(model)]
  const items = model.verification.map(({ heading: group, checks }) => {
    const lines = checks.map(({ title, status, observation, expectation, note, entry }) =>
      traced(
        [entry],
        item([
          ...sentence(title, []),
          plain(`: ${RESULTS[status]}`),
          ...inParentheses(
            [describeReading(observation, expectation), ...(note === undefined ? [] : [note])].join('; '),
          ),
        ]),
      ),
    )
    return item([plain(`${group}:`)], list(false, lines))
  })
  const times = model.verification.flatMap(({ checks }) => checks.map(({ time }) => time))
  return [list(true, items), ...notRun(model), ...beforeUndo(model, times)]
}

/** Lists the checks that were planned and not run. */
function notRun({ runs, verification: groups }: RecordModel): RootContent[] {
  const run = new Set(groups.flatMap(({ checks }) => checks.map(({ title }) => title)))
  const planned = new Set(runs.flatMap(({ plan }) => plan?.checks.map(({ title }) => title) ?? []))
  const left = [...planned].filter((title) => !run.has(title))
  if (left.length === 0) return []
  const items = left.map((title) => item(sentence(title, [])))
  return [paragraph(plain('Planned but not run, so the result is unknown:')), list(false, items)]
}

/** Warns where a check ran before a change was undone: its result may no longer hold. */
function beforeUndo({ takenBack }: RecordModel, seen: string[]): RootContent[] {
  const last = takenBack.toSorted((a, b) => a.time.localeCompare(b.time)).at(-1)
  if (last === undefined || !seen.some((time) => time < last.time)) return []
  return [
    traced(
      last.entries,
      paragraph(plain(`Some of these checks ran before changes were undone (last undo: ${utc(last.time)}).`)),
    ),
  ]
}

function unfinished(model: RecordModel): RootContent[] {
  const items = model.unfinished.map(({ title, status, note, entries }) =>
    traced(entries, item([...sentence(title, []), plain(`: ${status}`), ...inParentheses(note)])),
  )
  return items.length > 0 ? [list(false, items)] : [paragraph(plain('None.'))]
}

/** Lists what somebody still has to do. */
function openItems({ runs, incident }: RecordModel): RootContent[] {
  const open = runs.flatMap(({ run, overrides }) =>
    overrides.filter(({ countersigned }) => !countersigned).map((override) => ({ run, override })),
  )
  if (open.length === 0) return []
  const items = open.map(({ run, override }) =>
    traced(
      [override.entry],
      item([
        plain(`Somebody other than ${override.by} countersigns the solo override in run `),
        code(run),
        plain(': '),
        code(`breakglass countersign ${incident}`),
      ]),
    ),
  )
  return section('Open Action Items', [list(true, items)])
}

function timeline(model: RecordModel): RootContent {
  const rows = model.timeline.map(({ time, until, text, entries }) => [
    [plain(toSecondSpan(time, until ?? time))],
    sentence(text, []),
    [plain(entryRanges(entries))],
  ])
  return table([[[plain('Time (UTC)')], [plain('Event')], [plain('Log entries')]], ...rows])
}

const inParentheses = (note: string): PhrasingContent[] =>
  note === '' ? [] : [plain(' ('), ...sentence(note, []), plain(')')]

const prose = (name: string): RootContent[] => proseMarkers(name).map((value) => ({ type: 'html', value }))
