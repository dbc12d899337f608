import { Document, isMap, isSeq, type Pair, Scalar, visit, type YAMLMap } from 'yaml'
import type { JsonObject } from '../base/json.ts'
import type { ShellWord } from '../base/shell-words.ts'
import type { GcloudKnowledge } from '../gcloud-grammar/command-tree.ts'
import { kindOfFlag } from '../gcloud-grammar/command-tree.ts'
import type { Draft, DraftStep } from './draft.ts'
import { draftStep } from './draft-step.ts'
import { fillIn, flagValue, loopExpression, loopName, type Names, namesIn, plainText } from './fill.ts'
import { readScript, type ScriptCommand } from './shell-script.ts'

/** A runbook drafted from a script: its text, the number of steps, the number of places to fill in, and the skipped lines. */
export type DraftRunbook = { text: string; steps: number; marks: number; leftOut: { line: number; why: string }[] }

/** Drafts a runbook from the gcloud commands in a shell script. Reads the script and never runs it. */
export function draftRunbook(
  script: string,
  { name, title, schema }: { name: string; title: string; schema: string },
  knowledge: GcloudKnowledge,
): DraftRunbook {
  const read = readScript(script)
  const names = namesIn(read)
  const leftOut = read.otherLines.map((line) => ({ line, why: 'not a gcloud command' }))
  const steps: DraftStep[] = []
  for (const command of read.commands) {
    const draft = draftCommand(command, names, knowledge)
    if ('leftOut' in draft) leftOut.push({ line: command.line, why: draft.leftOut })
    else steps.push(draft)
  }
  leftOut.sort((a, b) => a.line - b.line)
  const filled = Object.values(names.inputs).filter(({ default: value }) => value === undefined).length
  const marks = steps.flatMap((each) => each.marks).length + filled + 1
  return {
    text: write({ name, title, schema }, names.inputs, uniqueIds(steps), leftOut),
    steps: steps.length,
    marks,
    leftOut,
  }
}

function draftCommand(command: ScriptCommand, names: Names, knowledge: GcloudKnowledge): Draft {
  const project = plainText(flagValue(command.words, '--project'), names.script)
  if (project !== undefined && names.project !== undefined && project !== names.project)
    return { leftOut: `its project is not \`${names.project}\`` }
  const before = { ...names.inputs }
  const words = withoutOwned(command.words, knowledge).map((word) => fillIn(word, names, command))
  if (words.some((word) => /[\n\r\0]/.test(word))) return { leftOut: 'one of its arguments has several lines' }
  const draft = draftStep(words, knowledge)
  if ('leftOut' in draft) {
    names.inputs = before
    return draft
  }
  const loops = command.loops.map((loop) => [loopName(loop.variable), loopExpression(loop, names, command)])
  const { id, title, ...rest } = draft.step
  const forEach = loops.length > 0 ? { forEach: Object.fromEntries(loops) } : {}
  const condition = command.conditional
    ? ['the command was conditional (`if`, `||`): set the condition with `when`.']
    : []
  return { step: { id: id || 'step', title, ...forEach, ...rest } as JsonObject, marks: [...draft.marks, ...condition] }
}

/** Removes the flags that the engine sets itself from the words of a command. */
function withoutOwned(words: ShellWord[], { tree }: GcloudKnowledge): ShellWord[] {
  const kept: ShellWord[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? []
    const [first] = word
    const [name = '', joined] = first && 'text' in first ? first.text.split('=', 2) : []
    if (name !== '-q' && !OWNED.has(name)) kept.push(word)
    else if (joined === undefined && name !== '-q' && kindOfFlag(name, tree.flags) !== 'bool' && !/async/.test(name))
      index++
  }
  return kept
}

const OWNED = new Set([
  ...[
    '--project',
    '--format',
    '--quiet',
    '--no-quiet',
    '--account',
    '--configuration',
    '--impersonate-service-account',
  ],
  ...['--access-token-file', '--billing-project', '--log-http', '--verbosity', '--user-output-enabled'],
  ...['--no-user-output-enabled', '--flags-file', '--flatten', '--trace-token', '--async', '--no-async'],
])

function uniqueIds(steps: DraftStep[]): DraftStep[] {
  const seen = new Map<string, number>()
  return steps.map(({ step, marks }) => {
    const id = String(step.id)
    const number = (seen.get(id) ?? 0) + 1
    seen.set(id, number)
    return { marks, step: number === 1 ? step : { ...step, id: `${id}-n${number}` } }
  })
}

type Head = { name: string; title: string; schema: string }

function write(
  { name, title, schema }: Head,
  inputs: JsonObject,
  steps: DraftStep[],
  leftOut: DraftRunbook['leftOut'],
): string {
  const document = new Document({
    apiVersion: 'breakglass/v1',
    kind: 'Runbook',
    metadata: { name, title, description: 'The problem that this runbook fixes.', risk: 'high' },
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    steps: steps.map(({ step }) => step),
  })
  comment(document.getIn(['metadata'], true), 'description', ['FILL IN the problem that this runbook fixes.'])
  for (const [input, value] of Object.entries(inputs))
    if ((value as JsonObject).default === undefined)
      comment(document.getIn(['inputs'], true), input, ['FILL IN a default, or let the operator set it.'])
  steps.forEach(({ marks }, index) => {
    const step = document.getIn(['steps', index], true)
    if (isMap(step) && marks.length > 0) step.commentBefore = marks.map((mark) => ` FILL IN: ${mark}`).join('\n')
  })
  visit(document, { Seq: flowWords, Map: flowShort })
  const missing = leftOut.map(({ line, why }) => `# Line ${line} of the script was skipped: ${why}.\n`).join('')
  return `# yaml-language-server: $schema=${schema}\n${document.toString({ lineWidth: 0, flowCollectionPadding: false })}${missing}`
}

function comment(map: unknown, key: string, lines: string[]): void {
  if (!isMap(map)) return
  const pair = (map as YAMLMap).items.find(({ key: each }) => (each as Scalar).value === key) as Pair | undefined
  if (pair?.key instanceof Scalar) pair.key.commentBefore = lines.map((line) => ` ${line}`).join('\n')
}

/** Writes short lists on one line. */
function flowWords(_: unknown, node: object): void {
  if (isSeq(node) && node.items.every((item) => item instanceof Scalar) && String(node).length < 160) node.flow = true
}

function flowShort(_: unknown, node: object): void {
  if (isMap(node) && node.items.every(({ value }) => value instanceof Scalar) && node.has('flag')) node.flow = true
}
