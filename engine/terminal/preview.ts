import stringWidth from 'string-width'
import { printable } from '../base/printable.ts'
import { describeAction, describeUndo } from '../plan/describe.ts'
import type { CloudName, Plan, PlannedStep, Reached } from '../plan/types.ts'
import { batchesOf } from '../run/schedule/dependencies.ts'
import { isPending } from '../run/schedule/pending-steps.ts'
import { describePair } from '../steps/describe.ts'
import { isChange } from '../steps/index.ts'
import type { Action, Change, Status } from '../steps/types.ts'
import { painter, type Style, type Terminal, wrap } from './screen.ts'
import { type Site, showSite, siteOf } from './site.ts'

/** A plan as a person reads it: each drifted step with its difference, command and undo; conformant steps in one line. */
export function previewPlan(plan: Plan, cloud: CloudName, terminal: Terminal): string {
  return `${previewSteps(plan, cloud, terminal)}\n${planVerdict(plan, cloud, terminal)}`
}

/** The same without its verdict, for whoever has more to say before that. */
export function previewSteps(plan: Plan, cloud: CloudName, terminal: Terminal): string {
  const site = { cloud, project: plan.environment.project }
  const paint = painter(terminal.colour)
  const of = (...statuses: Status[]) => plan.steps.filter(({ status }) => statuses.includes(status))
  const [shown, unknown, conformant] = [of('drift', 'unseen'), of('unknown'), of('conformant').length]
  const text = (value: string) => wrap(value, Math.max(20, terminal.columns), '')
  const lines = [`${showSite(site, terminal.colour)}  ${paint('strong', `Plan for ${plan.environment.name}`)}`]
  for (const reached of plan.reaches ?? []) lines.push(paint('warn', text(printable(describeReached(reached)))))
  for (const step of unknown) lines.push('', ...previewUnknown(step, site, terminal))
  for (const [index, step] of shown.entries())
    lines.push('', ...previewStep(step, `${index + 1} of ${shown.length}`, site, terminal))
  lines.push('')
  if (conformant > 0)
    lines.push(
      paint('quiet', conformant === 1 ? '1 step is as it must be.' : `${conformant} steps are as they must be.`),
    )
  for (const line of describeBeside(plan.steps.filter(isPending), shown)) lines.push(paint('quiet', text(line)))
  return lines.join('\n')
}

/** Says what a plan's changes reach beside its environment. */
const describeReached = ({ project, environment, protected: isProtected }: Reached): string =>
  environment === undefined
    ? `Its changes also reach ${project}, which no environment of the inventory is named for.`
    : `Its changes also reach ${environment} (${project})${isProtected ? ', which is protected' : ''}.`

/** Says in one line what a plan comes to: how much drifted, or that there is nothing to change. */
export function planVerdict({ steps, environment }: Plan, cloud: CloudName, terminal: Terminal): string {
  const count = (status: Status) => steps.filter((step) => step.status === status).length
  const byHand = steps.filter(({ status, apply }) => status !== 'conformant' && apply?.kind === 'by-hand').length
  const site = showSite({ cloud, project: environment.project }, terminal.colour)
  const paint = painter(terminal.colour)
  if (steps.length === 0) return `${site}  ${paint('warn', 'Nothing was observed, so nothing is known.')}`
  return `${site}  ${summary(count('drift'), byHand, [count('unknown'), steps.length], paint)}`
}

/** Which of the steps, by the numbers under which they are shown, are changed at the same time where nobody is asked; nothing where none are. */
function describeBeside(open: PlannedStep[], shown: PlannedStep[]): string[] {
  const beside = batchesOf(open, (step) => step)
    .filter((batch) => batch.some((one, place) => batch.slice(0, place).some((other) => isFree(one, other))))
    .map((batch) => `${shown.indexOf(batch[0]!) + 1} to ${shown.indexOf(batch.at(-1)!) + 1}`)
  if (beside.length === 0) return []
  return [
    `With --yes, ${beside.join(' and ')} go side by side, but for those that need each other or touch the same thing.`,
  ]
}

/** Whether a step needn't wait for one before it in its stretch, by what the runbooks say. */
const isFree = (step: PlannedStep, before: PlannedStep): boolean =>
  step.runbook !== before.runbook ||
  (step.id === before.id ? step.parallel === true : step.dependsOn?.includes(before.id) !== true)

function summary(
  drifted: number,
  byHand: number,
  [unknown, of]: [number, number],
  paint: ReturnType<typeof painter>,
): string {
  const parts = []
  if (drifted > 0) parts.push(paint('warn', `${drifted} drifted.`))
  if (byHand > 0) parts.push(paint('warn', `${byHand} to be done by hand.`))
  if (unknown > 0) parts.push(paint('bad', `${unknown} of ${of} could not be told.`))
  return parts.length > 0 ? parts.join(' ') : paint('good', 'Nothing to change.')
}

/** One step that has a turn: what it is, current and wanted values, the exact command, and how it would be taken back. */
export function previewStep(step: PlannedStep, place: string, site: Site, terminal: Terminal): string[] {
  const paint = painter(terminal.colour)
  const text = (value: string, indent: string) => wrap(printable(value), Math.max(20, terminal.columns), indent)
  const lines = [heading(siteOf(step, site), `${place}  ${step.title}`, 'strong', terminal)]
  if (step.description !== undefined) lines.push(paint('quiet', text(`  ${step.description}`, '  ')))
  for (const difference of step.differences) lines.push(...previewDifference(difference, terminal))
  lines.push(text(`  ${[...about(step), step.key].join(' · ')}`, '  '))
  const note = step.note === undefined ? [] : [paint('warn', `  note: ${printable(step.note)}`)]
  if (!step.apply)
    return [
      ...lines,
      ...(note.length > 0 ? note : [paint('warn', text('  only shown: this runbook does not change it', '  '))]),
    ]
  lines.push(...note)
  // Commands, and notes that name one, are not wrapped: a line break of ours would come along when they are copied.
  if (!isChange(step.apply)) return [...lines, ...previewWork(step.apply, step, terminal)]
  lines.push(`  do:   ${printable(describeAction(step.apply))}`)
  const undo = printable(`  undo: ${describeUndo(step.undo)}`)
  return [...lines, step.undo === undefined || step.undo.kind === 'none' ? paint('warn', undo) : undo]
}

/** Styles a heading behind where it is: the site in its own colour, the rest in the style. */
function heading(site: Site, text: string, style: Style, { columns, colour }: Terminal): string {
  const where = showSite(site, false)
  const wrapped = wrap(printable(`${where}  ${text}`), Math.max(20, columns), '  ')
  if (!wrapped.startsWith(where)) return painter(colour)(site.cloud.kind, wrapped)
  return `${showSite(site, colour)}${painter(colour)(style, wrapped.slice(where.length))}`
}

/** How risky a step is and what it changes; nothing where it changes nothing. */
function about({ risk, apply }: PlannedStep): string[] {
  switch (apply?.kind) {
    case undefined:
      return [`risk ${risk}`]
    case 'gcloud':
      return [`risk ${risk}`, `changes ${apply.command.project}`]
    case 'copy-secret':
      return [`risk ${risk}`, `changes ${apply.to.project}`]
    case 'by-hand':
      return [`risk ${risk}`, 'done by hand']
    case 'ask':
    case 'wait':
      return []
  }
}

/** What a person does, is asked, or waits for; of what is done by hand also who would take it back, and that nobody reads it where that is so. */
function previewWork(action: Exclude<Action, Change>, step: PlannedStep, terminal: Terminal): string[] {
  const paint = painter(terminal.colour)
  const label = { 'by-hand': 'by hand: ', ask: 'asks: ', wait: 'waits: ' }[action.kind]
  const lines = describeAction(action)
    .split('\n')
    .map((line, index) =>
      wrap(printable(`  ${index === 0 ? label : '  '}${line}`), Math.max(20, terminal.columns), '    '),
    )
  if (action.kind !== 'by-hand') return lines
  const unread = step.status === 'unseen' ? ['  nobody reads it: the record has the word of whoever does it'] : []
  return [...lines, ...unread, `  undo: ${describeUndo(step.undo)}`].map((line, index) =>
    index < lines.length ? line : paint('warn', wrap(printable(line), Math.max(20, terminal.columns), '    ')),
  )
}

/** What is there and what must be: side by side where both fit on a line, else one under the other. */
function previewDifference(
  { name, current, wanted }: PlannedStep['differences'][number],
  terminal: Terminal,
): string[] {
  const paint = painter(terminal.colour)
  const [was = '', shall = ''] = describePair(current, wanted).map(printable)
  const label = `  ${printable(name)}: `
  if (stringWidth(`${label}${was} → ${shall}`) <= terminal.columns)
    return [`${label}${paint('bad', was)} → ${paint('good', shall)}`]
  const text = (sign: string, value: string) =>
    wrap(`  ${sign} ${name}: ${value}`, Math.max(20, terminal.columns), '      ')
  return [paint('bad', text('-', was)), paint('good', text('+', shall))]
}

/** One step that could not be told, and why. */
export function previewUnknown(step: PlannedStep, site: Site, terminal: Terminal): string[] {
  const paint = painter(terminal.colour)
  const reason = step.observation.state === 'unknown' ? step.observation.reason : ''
  return [
    heading(siteOf(step, site), `?  ${step.title}`, 'notice', terminal),
    paint('notice', wrap(printable(`   could not be told: ${reason}`), terminal.columns, '   ')),
  ]
}
