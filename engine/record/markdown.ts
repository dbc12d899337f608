import type { BlockContent, List, ListItem, PhrasingContent, Root, RootContent } from 'mdast'
import { toMarkdown } from 'mdast-util-to-markdown'
import { describeObserved, describeValue } from '../plan/describe.ts'
import { CHANGED } from '../runbook/expression.ts'
import { printable } from '../runbook/printable.ts'
import type { Difference } from '../steps/types.ts'
import type { ActionSentence, RecordModel } from './model.ts'
import { proseMarkers } from './prose.ts'

/** Where a log ends: the number of its entries and the SHA-256 of its last line. */
export type LogHead = { size: number; hash: string }

/**
 * Writes the record as CommonMark in the form of a backfill document. Texts from the cloud or the operator become
 * text and code nodes of the tree, so that nothing in them can change its structure.
 */
export function toRecord(model: RecordModel, head: LogHead): string {
  const root: Root = {
    type: 'root',
    children: [
      heading(1, `${model.date} ${model.title} Break-Glass Backfill`),
      ...rehearsalNotice(model),
      heading(2, 'Context'),
      ...context(model),
      heading(2, 'Break-Glass Runtime Actions (Already Executed)'),
      ...actions(model),
      heading(2, 'Verification'),
      ...verification(model),
      heading(2, 'Skipped, failed or left'),
      ...unfinished(model),
      heading(2, 'Who consented'),
      list(false, consents(model)),
      heading(2, 'Timeline'),
      list(
        false,
        model.timeline.map(({ time, text }) => item([code(time), plain(' '), ...sentence(text, [])])),
      ),
      heading(2, 'Audit log'),
      paragraph(plain(`${head.size} entries. Head: `), code(`sha256:${head.hash}`)),
    ],
  }
  return toMarkdown(root, { bullet: '-', listItemIndent: 'one', incrementListMarker: true })
}

function rehearsalNotice(model: RecordModel): RootContent[] {
  if (model.rehearsals.length === 0) return []
  const what = [
    plain('SANDBOX. This is the record of a rehearsal in a simulated Google Cloud (scenario '),
    code(model.rehearsals.join(', ')),
    plain('). Nothing real was changed.'),
  ]
  return [paragraph({ type: 'strong', children: [plain('REHEARSAL')] }), paragraph(...what)]
}

function context(model: RecordModel): RootContent[] {
  const found = model.found.map(({ title, differences }) =>
    item([...sentence(title, []), plain(differences.length > 0 ? ': ' : ''), ...differencesInline(differences)]),
  )
  return [
    ...model.reasons.map((reason) => paragraph(plain(reason))),
    ...(found.length > 0
      ? [paragraph(plain('Found when the plan was made, not as it must be:')), list(true, found)]
      : [paragraph(plain('Nothing was found that was not as it must be.'))]),
    ...prose('context'),
  ]
}

function actions(model: RecordModel): RootContent[] {
  if (model.remediations.length === 0) return [paragraph(plain('None. Nothing was changed.')), ...prose('actions')]
  const items = model.remediations.map(({ title, sentences }) =>
    item([plain(`${title}:`)], list(false, sentences.map(actionItem))),
  )
  return [list(true, items), ...prose('actions')]
}

function actionItem({ sentence: text, things }: ActionSentence): ListItem {
  const details = things.map(({ subject, differences, note }) =>
    item([
      code(subject),
      plain(': '),
      ...differencesInline(differences),
      ...(note === '' ? [] : [plain(` (${note})`)]),
    ]),
  )
  return item(
    sentence(
      text,
      things.map(({ subject }) => subject),
    ),
    list(false, details),
  )
}

function verification(model: RecordModel): RootContent[] {
  if (model.verification.length === 0) return [paragraph(plain('No check was run.')), ...prose('verification')]
  const items = model.verification.map(({ environment, checks }) => {
    const lines = checks.map(({ title, status, observation, expectation }) => {
      const result = { conformant: 'PASS', drift: 'FAIL', unknown: 'NOT KNOWN' }[status]
      return item([
        ...sentence(title, []),
        plain(`: ${result} (`),
        ...sentence(describeObserved(observation, expectation), []),
        plain(')'),
      ])
    })
    return item([plain(`${capital(environment)} runtime checks:`)], list(false, lines))
  })
  return [list(true, items), ...prose('verification')]
}

function unfinished(model: RecordModel): RootContent[] {
  const items = model.unfinished.map(({ title, fate, note }) =>
    item([...sentence(title, []), plain(`: ${fate}${note === '' ? '' : ` (${note})`}`)]),
  )
  return [...(items.length > 0 ? [list(false, items)] : [paragraph(plain('Nothing.'))]), ...prose('unfinished')]
}

function consents(model: RecordModel): ListItem[] {
  return model.runs.map(({ opened, run, steps }) => {
    const applied = [...steps.values()].filter(({ decisions }) =>
      decisions.some(({ decision }) => decision.choice === 'apply'),
    ).length
    const how = opened.consent === 'asked' ? 'asked for each step' : 'given beforehand with --yes'
    return item([
      plain(`${opened.operator} consented to ${applied} ${applied === 1 ? 'change' : 'changes'} (${how}), run `),
      code(run),
    ])
  })
}

function differencesInline(differences: Difference[]): PhrasingContent[] {
  return differences.flatMap(({ name, current, wanted }, index) => [
    plain(`${index > 0 ? ', ' : ''}${name} `),
    code(describeValue(current)),
    plain(' → '),
    code(describeValue(wanted)),
  ])
}

/** A sentence with its `code` and the changed subjects in their place. */
function sentence(text: string, changed: string[]): PhrasingContent[] {
  const subjects = changed.flatMap((subject, index) => [...(index > 0 ? [plain(', ')] : []), code(subject)])
  return text.split(CHANGED).flatMap((piece, index) => [...(index > 0 ? subjects : []), ...codeSpans(piece)])
}

const codeSpans = (text: string): PhrasingContent[] =>
  text
    .split(/`([^`]+)`/)
    .flatMap((piece, index) => (piece === '' ? [] : [index % 2 === 1 ? code(piece) : plain(piece)]))

const capital = (text: string): string => (text === '' ? 'Runtime' : text.charAt(0).toUpperCase() + text.slice(1))
const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ')
const plain = (value: string): PhrasingContent => ({ type: 'text', value: oneLine(value) })
const code = (value: string): PhrasingContent => ({ type: 'inlineCode', value: oneLine(value) })
const paragraph = (...children: PhrasingContent[]): RootContent => ({ type: 'paragraph', children })
const heading = (depth: 1 | 2, text: string): RootContent => ({ type: 'heading', depth, children: [plain(text)] })
const list = (ordered: boolean, children: ListItem[]): List => ({ type: 'list', ordered, spread: false, children })
const item = (children: PhrasingContent[], ...more: BlockContent[]): ListItem => ({
  type: 'listItem',
  spread: false,
  children: [{ type: 'paragraph', children }, ...more],
})
const prose = (name: string): RootContent[] => proseMarkers(name).map((value) => ({ type: 'html', value }))
