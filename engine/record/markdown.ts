import type { ListItem, PhrasingContent, Root, RootContent } from 'mdast'
import type { RunState } from '../run/model/run-state.ts'
import { describeObserved, describeValue } from '../steps/describe.ts'
import type { Difference } from '../steps/types.ts'
import { consents } from './consents.ts'
import { code, heading, item, list, paragraph, plain, sentence, traced } from './mdast.ts'
import type { ActionSentence, BackfilledFile, RecordModel } from './model.ts'
import { describeNoDrift, type Unread } from './observed.ts'
import { outOfBand } from './out-of-band.ts'
import { proseMarkers } from './prose.ts'
import { write } from './write-markdown.ts'

/** What may have left a change behind that is not the wanted one. */
const UNSETTLED: ReadonlySet<string> = new Set(['ambiguous', 'in-doubt', 'intent-open'])

/** A statement and its trace stand on one line, however long, since that line is what `--verify` names; linters are told so. */
const LONG_LINES: RootContent = { type: 'html', value: '<!-- markdownlint-disable-file MD013 -->' }

/** Where a log ends: the number of its entries and the SHA-256 of its last line. */
export type LogHead = { size: number; hash: string }

/**
 * Writes the record as CommonMark in the form of a backfill document. Texts from the cloud or the operator become
 * text and code nodes of the tree, so that nothing in them can change its structure.
 */
export function toRecord(model: RecordModel, head: LogHead): string {
  return write(recordTree(model, head))
}

/** The record as a tree, from which each of its forms is written. */
export function recordTree(model: RecordModel, head: LogHead): Root {
  return {
    type: 'root',
    children: [
      heading(1, `${model.date} ${model.title} Break-Glass Backfill`),
      ...rehearsalNotice(model),
      heading(2, 'Context'),
      ...context(model),
      heading(2, 'Break-Glass Runtime Actions (Already Executed)'),
      ...actions(model),
      ...takenBack(model),
      ...madeRight(model),
      ...backfill(model),
      heading(2, 'Verification'),
      ...verification(model),
      ...openItems(model),
      heading(2, 'Skipped, failed or left'),
      ...unfinished(model),
      ...outOfBand(model.reconciled),
      heading(2, 'Who consented'),
      list(false, consents(model)),
      heading(2, 'Timeline'),
      list(
        false,
        model.timeline.map(({ time, text, entries }) =>
          item([code(time), plain(' '), ...sentence(text, []), ...traced(entries)]),
        ),
      ),
      heading(2, 'Audit log'),
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
      plain(' SANDBOX. These runs were rehearsals in a simulated Google Cloud, and nothing of theirs is real: '),
      code(rehearsed.map(({ run }) => run).join(', ')),
      plain('. All other runs changed the real one.'),
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

function context(model: RecordModel): RootContent[] {
  const found = model.found.map(({ title, differences, entries }) =>
    item([
      ...sentence(title, []),
      plain(differences.length > 0 ? ': ' : ''),
      ...differencesInline(differences),
      ...traced(entries),
    ]),
  )
  return [
    ...model.reasons.map(({ text, entries }) => paragraph(...sentence(text, []), ...traced(entries))),
    ...model.access.map(({ text, entries }) => paragraph(...sentence(text, []), ...traced(entries))),
    ...(found.length > 0
      ? [
          paragraph(
            plain(`Found when the ${model.runs.length > 1 ? 'plans were' : 'plan was'} made, not as it must be:`),
          ),
          list(true, found),
        ]
      : [paragraph(plain(describeNoDrift(model.observed)))]),
    ...unread('Could not be read then, so nothing is known of:', model.observed.unread),
    ...unread('There is nothing to read of:', model.observed.nothingToRead),
    ...prose('context'),
  ]
}

/** Names what nobody has read, and why. */
function unread(what: string, steps: Unread[]): RootContent[] {
  if (steps.length === 0) return []
  const items = steps.map(({ title, why, entries }) =>
    item([...sentence(title, []), ...inBrackets(why), ...traced(entries)]),
  )
  return [paragraph(plain(what)), list(false, items)]
}

function actions(model: RecordModel): RootContent[] {
  if (model.remediations.length === 0) return [paragraph(plain(noActions(model))), ...prose('actions')]
  const items = model.remediations.map(({ title, sentences }) =>
    item([plain(`${title}:`)], list(false, sentences.map(actionItem))),
  )
  return [list(true, items), ...prose('actions')]
}

/** Nothing was carried out to its end; whether nothing was changed is another question. */
function noActions({ runs, takenBack: undone, madeRight: right }: RecordModel): string {
  const steps = runs.flatMap((run) => [...run.steps.values()])
  const isOpen = steps.some(({ status }) => status !== undefined && UNSETTLED.has(status))
  const below = 'What was started is below, under what was skipped, failed or left.'
  if (undone.length > 0)
    return isOpen
      ? `None is known to stand. What was changed was taken back; it is below. ${below}`
      : 'None stands. What was changed was taken back; it is below.'
  if (isOpen) return `None was completed. ${below}`
  if (right.length > 0) return 'None that is known to be of this incident. What is right all the same is below.'
  if (steps.some(({ attempts }) => attempts > 0))
    return 'None was completed. What was tried is below, under what was skipped, failed or left.'
  return 'None. Nothing was changed.'
}

function actionItem({ sentence: text, resources }: ActionSentence): ListItem {
  const details = resources.map(({ subject, differences, note, entries }) =>
    item([
      code(subject),
      ...(differences.length > 0 || note === '' ? [plain(': '), ...differencesInline(differences)] : []),
      ...inBrackets(note),
      ...traced(entries),
    ]),
  )
  const subjects = resources.map(({ subject }) => subject)
  const entries = resources.flatMap((resource) => resource.entries.slice(-1))
  return item([...sentence(text, subjects), ...traced(entries)], list(false, details))
}

function takenBack({ takenBack: changes }: RecordModel): RootContent[] {
  if (changes.length === 0) return []
  const items = changes.map(({ title, time, by, differences, remark, entries }) =>
    item([
      ...sentence(title, []),
      plain(differences.length > 0 ? ': ' : ''),
      ...differencesInline(differences),
      plain(` (by ${by} at `),
      code(time),
      plain(')'),
      ...(remark === '' ? [] : [plain(`. ${remark}`)]),
      ...traced(entries),
    ]),
  )
  return [heading(2, 'Changes Taken Back'), list(true, items)]
}

/** What is right and was not changed by the incident's runs, which `undo` leaves as it is. */
function madeRight({ madeRight: steps }: RecordModel): RootContent[] {
  if (steps.length === 0) return []
  const items = steps.map(({ title, text, entries }) =>
    item([...sentence(`${title}: ${text}`, []), ...traced(entries)]),
  )
  return [heading(2, 'Right, and Not Counted as Changed'), list(true, items)]
}

function backfill(model: RecordModel): RootContent[] {
  const { implemented, owed, unchecked } = model.backfill
  const none = paragraph(plain(unchecked.length > 0 ? 'Nobody has looked yet.' : noBackfill(model)))
  const still = [...owed, ...unchecked].length === 0 ? [] : [heading(2, 'Repo Backfill Still Owed')]
  return [
    heading(2, 'Repo Backfill Implemented'),
    ...(implemented.length > 0 ? [list(true, implemented.map(backfilledFile))] : [none]),
    ...prose('backfill'),
    ...still,
    ...(owed.length > 0 ? [list(true, owed.map(backfilledFile))] : []),
    ...(owed.length > 0 && model.takenBack.length > 0
      ? [paragraph(plain('What belongs to a change that was taken back is not owed any more.'))]
      : []),
    ...(unchecked.length > 0
      ? [paragraph(plain('Not held against a checkout of the repository:')), list(true, unchecked.map(backfilledFile))]
      : []),
  ]
}

/** Whether there was none to be found, or no run came as far as looking. */
function noBackfill({ backfill: { owed }, runs }: RecordModel): string {
  const ended = runs.filter(({ opened: { undoes } }) => !undoes)
  const isLate = ({ closed, plan, checks }: RunState) =>
    closed?.ending === 'done' ||
    closed?.ending === 'drift' ||
    (plan && checks.length > 0 && checks.length >= plan.checks.length)
  return owed.length > 0 || ended.some(isLate) ? 'None.' : 'Not known: no run came as far as looking at the repository.'
}

function backfilledFile({ file, commit, points }: BackfilledFile): ListItem {
  const touched = commit === undefined ? [] : [plain(', last touched by '), code(commit)]
  return item(
    [code(file), ...touched],
    list(
      false,
      points.map(({ says, entries }) => item([...sentence(says, []), ...traced(entries)])),
    ),
  )
}

function verification(model: RecordModel): RootContent[] {
  if (model.verification.length === 0)
    return [paragraph(plain('No check was run.')), ...notRun(model), ...prose('verification')]
  const items = model.verification.map(({ heading: group, checks }) => {
    const lines = checks.map(({ title, status, observation, expectation, note, entry }) => {
      const result = { conformant: 'PASS', drift: 'FAIL', unknown: 'NOT KNOWN', unseen: 'NOT LOOKED AT' }[status]
      return item([
        ...sentence(title, []),
        plain(`: ${result} (`),
        ...sentence(describeObserved(observation, expectation), []),
        plain(note === undefined ? ')' : `; ${note})`),
        ...traced([entry]),
      ])
    })
    return item([plain(`${group}:`)], list(false, lines))
  })
  const times = model.verification.flatMap(({ checks }) => checks.map(({ time }) => time))
  return [
    list(true, items),
    ...notRun(model),
    ...beforeUndo(model, times, 'Some of this was seen'),
    ...prose('verification'),
  ]
}

/** Names the checks that were planned and that no run came as far as. */
function notRun({ runs, verification: groups }: RecordModel): RootContent[] {
  const run = new Set(groups.flatMap(({ checks }) => checks.map(({ title }) => title)))
  const planned = new Set(runs.flatMap(({ plan }) => plan?.checks.map(({ title }) => title) ?? []))
  const left = [...planned].filter((title) => !run.has(title))
  if (left.length === 0) return []
  const items = left.map((title) => item(sentence(title, [])))
  return [paragraph(plain('Planned, and not run, so nothing is known of:')), list(false, items)]
}

/** What was seen before a change was taken back is past, and the record says so. */
function beforeUndo({ takenBack: changes }: RecordModel, seen: string[], what: string): RootContent[] {
  const last = changes.toSorted((a, b) => a.time.localeCompare(b.time)).at(-1)
  if (last === undefined || !seen.some((time) => time < last.time)) return []
  return [
    paragraph(
      plain(`${what} before changes were taken back, the last at `),
      code(last.time),
      plain('.'),
      ...traced(last.entries),
    ),
  ]
}

function unfinished(model: RecordModel): RootContent[] {
  const items = model.unfinished.map(({ title, status, note, entries }) =>
    item([...sentence(title, []), plain(`: ${status}`), ...inBrackets(note), ...traced(entries)]),
  )
  return [...(items.length > 0 ? [list(false, items)] : [paragraph(plain('Nothing.'))]), ...prose('unfinished')]
}

/** What somebody still has to do, as long as there is something. */
function openItems({ runs, incident }: RecordModel): RootContent[] {
  const open = runs.flatMap(({ run, overrides }) =>
    overrides.filter(({ countersigned }) => !countersigned).map((override) => ({ run, override })),
  )
  if (open.length === 0) return []
  const items = open.map(({ run, override }) =>
    item([
      plain(`Somebody else countersigns what ${override.by} did alone in run `),
      code(run),
      plain(': '),
      code(`breakglass countersign ${incident}`),
      ...traced([override.entry]),
    ]),
  )
  return [heading(2, 'Open Action Items'), list(true, items)]
}

const inBrackets = (note: string): PhrasingContent[] =>
  note === '' ? [] : [plain(' ('), ...sentence(note, []), plain(')')]

function differencesInline(differences: Difference[]): PhrasingContent[] {
  return differences.flatMap(({ name, current, wanted }, index) => [
    plain(`${index > 0 ? ', ' : ''}${name} `),
    code(describeValue(current)),
    plain(' → '),
    code(describeValue(wanted)),
  ])
}

const prose = (name: string): RootContent[] => proseMarkers(name).map((value) => ({ type: 'html', value }))
