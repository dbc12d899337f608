import { printable } from '../base/printable.ts'
import { describeAction, describeUndo } from '../plan/describe.ts'
import type { CloudName, Plan, PlannedStep, Reached } from '../plan/types.ts'
import { batchesOf } from '../run/schedule/dependencies.ts'
import { isPending } from '../run/schedule/pending-steps.ts'
import { describeDifference, describePair } from '../steps/describe.ts'
import { isChange } from '../steps/index.ts'
import type { Action, Change, Status, Undo } from '../steps/types.ts'
import { painter, type Style, type Terminal, widthOf, wrap, wrapCommand } from './screen.ts'
import { type Site, showSite, siteOf } from './site.ts'

/** How a plan is shown: a line for each step, or with its commands, key and description. */
export type Detail = 'brief' | 'full'

/** Returns how a plan is shown, by whether `--verbose` was given. */
export const detailOf = ({ verbose }: { verbose?: boolean }): Detail => (verbose ? 'full' : 'brief')

/** Shows a plan and its verdict. */
export function previewPlan(plan: Plan, cloud: CloudName, terminal: Terminal, detail: Detail): string {
  return `${previewSteps(plan, cloud, terminal, detail)}\n${planVerdict(plan, cloud, terminal)}`
}

/** Shows a plan without its verdict. */
export function previewSteps(plan: Plan, cloud: CloudName, terminal: Terminal, detail: Detail): string {
  const site = { cloud, project: plan.environment.project }
  const paint = painter(terminal.colour)
  const of = (...statuses: Status[]) => plan.steps.filter(({ status }) => statuses.includes(status))
  const [shown, unknown, conformant] = [of('drift', 'unseen'), of('unknown'), of('conformant').length]
  const text = (value: string) => wrap(value, roomOf(terminal), '')
  const isFull = detail === 'full'
  const lines = [`${showSite(site, terminal.colour)}  ${paint('strong', `Plan for ${plan.environment.name}`)}`]
  for (const reached of plan.reaches ?? []) lines.push(paint('warn', text(printable(describeReached(reached)))))
  for (const step of unknown) lines.push('', ...previewUnknown(step, site, terminal))
  if (!isFull && shown.length > 0) lines.push('')
  for (const [index, step] of shown.entries())
    lines.push(
      ...(isFull
        ? ['', ...previewStep(step, placeOf(index + 1, shown.length), site, terminal)]
        : previewLine(step, index + 1, site, terminal)),
    )
  lines.push('')
  // What an undo leaves behind is shown before anybody consents, in the short form once for all of its steps.
  const leftBehind = isFull
    ? []
    : shown.flatMap(({ undoes, description }) => (undoes && description ? [description] : []))
  for (const line of new Set(leftBehind)) lines.push(paint('warn', text(printable(line))))
  if (conformant > 0) lines.push(paint('quiet', `${conformant} already correct.`))
  if (!isFull && shown.some(({ apply }) => apply && isChange(apply)))
    lines.push(paint('quiet', text('Use --verbose to show the commands.')))
  for (const line of describeParallel(plan.steps.filter(isPending), shown)) lines.push(paint('quiet', text(line)))
  return lines.join('\n')
}

/** Returns a step's place among all, as headings and progress show it. */
export const placeOf = (number: number, of: number): string => `step ${number}/${of}`

const roomOf = ({ columns }: Terminal): number => Math.max(20, columns)

/** Describes what a plan changes outside its environment. */
const describeReached = ({ project, environment, protected: isProtected }: Reached): string =>
  environment === undefined
    ? `The plan also changes ${project}, which belongs to no environment in the inventory.`
    : `The plan also changes ${environment} (${project})${isProtected ? ', which is protected' : ''}.`

/** Summarizes a plan in one line. */
export function planVerdict({ steps, environment }: Plan, cloud: CloudName, terminal: Terminal): string {
  const count = (status: Status) => steps.filter((step) => step.status === status).length
  const byHand = steps.filter(({ status, apply }) => status !== 'conformant' && apply?.kind === 'by-hand').length
  const site = showSite({ cloud, project: environment.project }, terminal.colour)
  const paint = painter(terminal.colour)
  if (steps.length === 0) return `${site}  ${paint('warn', 'Nothing was observed.')}`
  const [drifted, unknown] = [count('drift'), count('unknown')]
  const parts = [
    ...(drifted > 0 ? [paint('warn', `${drifted} drifted.`)] : []),
    ...(byHand > 0 ? [paint('warn', `${byHand} to do by hand.`)] : []),
    ...(unknown > 0 ? [paint('bad', `${unknown} of ${steps.length} could not be read.`)] : []),
  ]
  return `${site}  ${parts.length > 0 ? parts.join(' ') : paint('good', 'Nothing to change.')}`
}

/** Describes which steps run in parallel with `--yes`, by the numbers under which they are shown. */
function describeParallel(open: PlannedStep[], shown: PlannedStep[]): string[] {
  const ranges = batchesOf(open, (step) => step)
    .filter((batch) => batch.some((one, index) => batch.slice(0, index).some((other) => isFree(one, other))))
    .map((batch) => `${shown.indexOf(batch[0]!) + 1}–${shown.indexOf(batch.at(-1)!) + 1}`)
  if (ranges.length === 0) return []
  return [
    `With --yes, steps ${ranges.join(' and ')} run in parallel unless one depends on another or both change the same resource.`,
  ]
}

/** Returns whether a step need not wait for an earlier one in its batch, by what the runbooks say. */
const isFree = (step: PlannedStep, before: PlannedStep): boolean =>
  step.runbook !== before.runbook ||
  (step.id === before.id ? step.parallel === true : step.dependsOn?.includes(before.id) !== true)

/** Shows a step in a line: what differs, its risk, and whether it cannot be undone. */
function previewLine(step: PlannedStep, number: number, site: Site, terminal: Terminal): string[] {
  const paint = painter(terminal.colour)
  const { title, differences, status, apply } = step
  const sign = status === 'drift' ? paint('warn', '≠') : paint('quiet', '·')
  const secret = secretDifference(step)
  const differing = secret === undefined ? differences.map(describeDifference) : [secret]
  const parts = [title, ...differing, ...work(apply), ...about(step, site)]
  const lines = fill(parts.map(printable), roomOf(terminal) - 5).join('\n     ')
  const text = `  ${String(number).padStart(2)} ${lines}`
  return [`${sign} ${text.slice(2)}`, ...caveats(step, 5, terminal)]
}

/** Joins parts with dots into lines of at most `width` columns; a part is broken only if it is longer than a line. */
function fill(parts: string[], width: number): string[] {
  const lines: string[] = []
  for (const [index, part] of parts.entries()) {
    const text = index < parts.length - 1 ? `${part} ·` : part
    const last = lines.at(-1)
    if (last !== undefined && widthOf(`${last} ${text}`) <= width) lines[lines.length - 1] = `${last} ${text}`
    else lines.push(...wrap(text, width, '').split('\n'))
  }
  return lines
}

/** Describes how a secret differs by its versions: its value and fingerprint mean nothing to a person. */
function secretDifference({ apply, observation, targets = [], note }: PlannedStep): string | undefined {
  if (apply?.kind !== 'copy-secret') return undefined
  const { from, to } = apply
  const own = observation.state === 'value' ? observation.value : {}
  // A note may name a reference that differs.
  const others =
    note === undefined ? targets.filter(({ project }) => ![from.project, to.project].includes(project)) : []
  const same = others.map(({ project, marks }) => `${project} v${marks.version}`).join(', ')
  const right = `${from.project} v${from.version}${same === '' ? '' : ` (= ${same})`}`
  if (typeof own.fingerprint === 'string') return `${to.project} v${own.version} differs from ${right}`
  const lacks = own.version ? `v${own.version} is ${String(own.state).toLowerCase()}` : 'has no version'
  return `${to.project} ${lacks}; the value of ${right} is correct`
}

/** Describes what a step does that no command does. */
const work = (apply: Action | undefined): string[] =>
  apply === undefined || isChange(apply)
    ? []
    : [`${LABELS[apply.kind]}: ${describeAction(apply).replaceAll('\n', ' ')}`]

const LABELS = { 'by-hand': 'by hand', ask: 'asks', wait: 'waits' } as const

/** Shows what a person must know before they consent to a step, beyond what it changes. */
function caveats({ apply, undo, note, status }: PlannedStep, by: number, terminal: Terminal): string[] {
  const warn = (text: string) => painter(terminal.colour)('warn', text)
  // A note may name a command, which must be copied without a line break.
  const notes = note === undefined ? [] : [warn(printable(`${' '.repeat(by)}note: ${note}`))]
  const isShownOnly = apply === undefined && note === undefined
  const isWork = apply !== undefined && (isChange(apply) || apply.kind === 'by-hand')
  const texts = [
    ...(isShownOnly ? ['only shown: this runbook does not change it'] : []),
    ...(isWork && status === 'unseen' ? ['not verified: nothing reads it, so the record has your word for it'] : []),
    ...(isWork && !isReversible(undo) ? [describeUndo(undo)] : []),
  ]
  return [...notes, ...texts.map((text) => warn(indented(text, by, terminal)))]
}

const isReversible = (undo: Undo | undefined): undo is Exclude<Undo, { kind: 'none' }> =>
  undo !== undefined && undo.kind !== 'none'

const indented = (text: string, by: number, terminal: Terminal): string =>
  wrap(printable(`${' '.repeat(by)}${text}`), roomOf(terminal), ' '.repeat(by))

/** Shows a step in full: current and wanted values, the exact command, and the command that undoes it. */
export function previewStep(step: PlannedStep, place: string, site: Site, terminal: Terminal): string[] {
  const paint = painter(terminal.colour)
  const { apply, undo, description } = step
  const lines = [heading(siteOf(step, site), `${place}  ${step.title}`, 'strong', terminal)]
  if (description !== undefined) lines.push(paint('quiet', indented(description, 2, terminal)))
  const secret = secretDifference(step)
  if (secret !== undefined) lines.push(indented(secret, 2, terminal))
  else for (const difference of step.differences) lines.push(...previewDifference(difference, terminal))
  lines.push(indented([...about(step), step.key].join(' · '), 2, terminal))
  if (apply && isChange(apply)) lines.push(previewCommand('do:  ', apply, terminal))
  else if (apply) lines.push(...previewWork(apply, terminal))
  if (apply && isChange(apply) && isReversible(undo)) lines.push(previewCommand('undo:', undo, terminal))
  return [...lines, ...caveats(step, 2, terminal)]
}

/** Shows a command so that it can be copied: on a terminal with line breaks that a shell ignores, elsewhere on one line. */
function previewCommand(label: string, action: Change, { interactive, columns }: Terminal): string {
  const command = printable(describeAction(action))
  return `  ${label} ${interactive ? wrapCommand(command, columns, label.length + 3) : command}`
}

/** Prefixes a heading with the site in its own colour. */
function heading(site: Site, text: string, style: Style, terminal: Terminal): string {
  const { colour } = terminal
  const where = showSite(site, false)
  const wrapped = wrap(printable(`${where}  ${text}`), roomOf(terminal), '  ')
  if (!wrapped.startsWith(where)) return painter(colour)(site.cloud.kind, wrapped)
  return `${showSite(site, colour)}${painter(colour)(style, wrapped.slice(where.length))}`
}

/** Describes how risky a step is and, unless it is the site's own, which project it changes. */
function about({ risk, apply }: PlannedStep, site?: Site): string[] {
  const changes = (project: string) => (project === site?.project ? [] : [`changes ${project}`])
  switch (apply?.kind) {
    case undefined:
      return [`risk ${risk}`]
    case 'gcloud':
      return [`risk ${risk}`, ...changes(apply.command.project)]
    case 'copy-secret':
      return [`risk ${risk}`, ...changes(apply.to.project)]
    case 'by-hand':
      return [`risk ${risk}`]
    case 'ask':
    case 'wait':
      return []
  }
}

/** Shows what a person does, is asked, or waits for. */
const previewWork = (action: Exclude<Action, Change>, terminal: Terminal): string[] =>
  describeAction(action)
    .split('\n')
    .map((line, index) =>
      wrap(printable(`  ${index === 0 ? `${LABELS[action.kind]}: ` : '  '}${line}`), roomOf(terminal), '    '),
    )

/** Shows the current and the wanted value on one line if both fit, or else on a line each. */
function previewDifference(
  { name, current, wanted }: PlannedStep['differences'][number],
  terminal: Terminal,
): string[] {
  const paint = painter(terminal.colour)
  const [was = '', shall = ''] = describePair(current, wanted).map(printable)
  const label = `  ${printable(name)}: `
  if (widthOf(`${label}${was} → ${shall}`) <= terminal.columns)
    return [`${label}${paint('bad', was)} → ${paint('good', shall)}`]
  const text = (sign: string, value: string) => wrap(`  ${sign} ${name}: ${value}`, roomOf(terminal), '      ')
  return [paint('bad', text('-', was)), paint('good', text('+', shall))]
}

/** Shows a step that could not be read, and why. */
export function previewUnknown(step: PlannedStep, site: Site, terminal: Terminal): string[] {
  const reason = step.observation.state === 'unknown' ? step.observation.reason : ''
  return [
    heading(siteOf(step, site), `?  ${step.title}`, 'notice', terminal),
    painter(terminal.colour)('notice', indented(`could not be read: ${reason}`, 3, terminal)),
  ]
}
