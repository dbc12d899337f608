import { type ExpressionProblem, makeChecker, type Scope, type ScopeTypes } from './expression.ts'
import type { Json } from './json.ts'
import { lintRead, lintWords } from './lint-words.ts'
import { beforeType, INVENTORY_SCOPE, STEP_SCOPE, scopeTypes } from './scope.ts'
import { suggest } from './suggest.ts'
import { type Segment, soleExpression, splitTemplate, UnclosedExpression } from './template.ts'
import type { GcloudStepTemplate, HttpStepTemplate, Runbook, StepTemplate, Word } from './types.ts'

/** Where in a file something is: keys and indexes from the top. */
export type Path = (string | number)[]

/** A mistake that the schema can't see; `start` and `end` are offsets inside the text at `path`. */
export type Finding = { path: Path; on?: 'key' | 'value'; start?: number; end?: number; message: string; hint?: string }

/** What an expression's value must be good for. */
type Wanted = 'anything' | 'text' | 'boolean' | 'list'

type Context = { types: ScopeTypes; scope: Scope; findings: Finding[] }

/** Every mistake of meaning in a runbook that is valid by schema: names, expressions and their types, what a step lacks. */
export function lintRunbook(runbook: Runbook): Finding[] {
  const findings: Finding[] = []
  const types = scopeTypes(runbook)
  for (const [name, schema] of Object.entries(runbook.inputs))
    checkDeep({ types, scope: INVENTORY_SCOPE, findings }, ['inputs', name, 'default'], schema.default ?? null)
  const seen = new Map<string, Path>()
  for (const part of ['steps', 'verify'] as const) {
    runbook[part].forEach((step, index) => {
      const path = [part, index]
      if (seen.has(step.id))
        findings.push({
          path: [...path, 'id'],
          message: `the id \`${step.id}\` is given twice`,
          hint: 'give each step an id of its own',
        })
      seen.set(step.id, path)
      if (part === 'verify' && step.kind === 'gcloud' && step.apply)
        findings.push({
          path: [...path, 'apply'],
          on: 'key',
          message: 'a check under `verify` only observes',
          hint: 'move the step to `steps`',
        })
      lintStep({ types, scope: STEP_SCOPE, findings }, path, step)
    })
  }
  return findings
}

function lintStep(context: Context, path: Path, step: StepTemplate): void {
  const scope = { ...context.scope }
  for (const [variable, expression] of Object.entries(step.forEach ?? {})) {
    const type = checkText({ ...context, scope }, [...path, 'forEach', variable], expression, 'list')
    if (variable in scope || RESERVED.has(variable))
      context.findings.push({
        path: [...path, 'forEach', variable],
        on: 'key',
        message: `\`${variable}\` already means something else`,
        hint: 'choose another name',
      })
    scope[variable] = /^list<(.+)>$/.exec(type ?? '')?.[1] ?? 'dyn'
  }
  const inner = { ...context, scope }
  checkText(inner, [...path, 'when'], step.when, 'boolean')
  checkText(inner, [...path, 'title'], step.title, 'text')
  checkText(inner, [...path, 'subject'], step.subject, 'text')
  checkText({ ...inner, scope: { ...scope, changed: 'string' } }, [...path, 'record'], step.record, 'text')
  switch (step.kind) {
    case 'gcloud':
      lintGcloud(inner, path, step)
      return
    case 'secret':
      checkText(inner, [...path, 'secret', 'name'], step.secret.name, 'text')
      checkText(inner, [...path, 'secret', 'trust'], step.secret.trust, 'text')
      if (typeof step.secret.references === 'string')
        checkText(inner, [...path, 'secret', 'references'], step.secret.references, 'list')
      else checkDeep(inner, [...path, 'secret', 'references'], step.secret.references)
      return
    case 'http':
      lintHttp(inner, path, step)
  }
}

const RESERVED = new Set(['result', 'before', 'changed', 'inputs', 'env', 'environments'])

function lintGcloud(context: Context, path: Path, step: GcloudStepTemplate): void {
  const { findings } = context
  const { gcloud, select, project } = step.observe
  const reads = Array.isArray(gcloud)
    ? [{ at: [], words: gcloud }]
    : Object.entries(gcloud).map(([name, words]) => ({ at: [name], words }))
  for (const { at, words } of reads) {
    const where = [...path, 'observe', 'gcloud', ...at]
    findings.push(...lintRead(where, words))
    checkWords(context, where, words)
  }
  checkText(context, [...path, 'observe', 'project'], project, 'text')
  const withResult = { ...context, scope: { ...context.scope, result: 'dyn' } }
  for (const [name, expression] of Object.entries(select))
    checkText(withResult, [...path, 'observe', 'select', name], expression, 'anything')
  checkDeep(context, [...path, 'expect'], step.expect)
  for (const name of typeof step.expect === 'object' ? Object.keys(step.expect ?? {}) : []) {
    if (Object.hasOwn(select, name)) continue
    const meant = suggest(name, Object.keys(select))
    const hint = meant ? `did you mean \`${meant}\`?` : `\`select\` has: ${Object.keys(select).join(', ')}`
    findings.push({
      path: [...path, 'expect', name],
      on: 'key',
      message: `\`select\` has no \`${name}\`, so nothing can be compared with it`,
      hint,
    })
  }
  if (step.apply) checkCommand(context, [...path, 'apply', 'gcloud'], step.apply.gcloud)
  if (!step.undo || !('gcloud' in step.undo)) return
  const types = { ...context.types, Before: beforeType(step) }
  checkCommand(
    { ...context, types, scope: { ...context.scope, before: 'Before' } },
    [...path, 'undo', 'gcloud'],
    step.undo.gcloud,
  )
}

function lintHttp(context: Context, path: Path, step: HttpStepTemplate): void {
  const { from, url } = step.http
  if (from) {
    context.findings.push(...lintRead([...path, 'http', 'from'], from))
    checkWords(context, [...path, 'http', 'from'], from)
  }
  const scope = from ? { ...context.scope, result: 'dyn' } : context.scope
  checkText({ ...context, scope }, [...path, 'http', 'url'], url, 'text')
}

function checkCommand(context: Context, path: Path, words: Word[]): void {
  context.findings.push(...lintWords(path, words))
  checkWords(context, path, words)
}

function checkWords(context: Context, path: Path, words: Word[]): void {
  words.forEach((word, index) => {
    if (typeof word === 'string') checkText(context, [...path, index], word, 'text')
    else checkText(context, [...path, index, 'on'], word.on, 'boolean')
  })
}

function checkDeep(context: Context, path: Path, value: Json): void {
  if (typeof value === 'string') checkText(context, path, value, 'anything')
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) checkDeep(context, [...path, index], item)
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) checkDeep(context, [...path, key], item)
}

/** Checks the expressions in one text; answers the type where the text is one expression. */
function checkText(context: Context, path: Path, text: string | undefined, wanted: Wanted): string | undefined {
  if (text === undefined) return undefined
  const segments = split(context, path, text)
  const sole = soleExpression(segments)
  let type: string | undefined
  for (const segment of segments) {
    if ('literal' in segment) continue
    const answer = makeChecker(context.types, context.scope).typeOf(segment.expression)
    if (typeof answer !== 'string') {
      context.findings.push(problemIn(path, segment, answer, context))
      continue
    }
    type = answer
    const need = sole === undefined ? 'text' : wanted
    if (!isGoodFor(answer, need))
      context.findings.push({
        path,
        start: segment.start,
        end: segment.end,
        message: `expected ${WANTED[need]}, but this expression gives ${answer}`,
      })
  }
  if (sole === undefined && (wanted === 'list' || wanted === 'boolean'))
    context.findings.push({
      path,
      message: `expected one expression that gives ${WANTED[wanted]}`,
      hint: 'write it as ${{ … }}',
    })
  return sole === undefined ? undefined : type
}

const WANTED: Record<Wanted, string> = { anything: 'a value', text: 'a text', boolean: 'true or false', list: 'a list' }

function isGoodFor(type: string, wanted: Wanted): boolean {
  switch (wanted) {
    case 'anything':
      return true
    case 'boolean':
      return type === 'bool' || type === 'dyn'
    case 'list':
      return type === 'list' || type.startsWith('list<') || type === 'dyn'
    case 'text':
      return ['string', 'int', 'double', 'bool', 'dyn'].includes(type)
  }
}

function split(context: Context, path: Path, text: string): Segment[] {
  try {
    return splitTemplate(text)
  } catch (error) {
    if (!(error instanceof UnclosedExpression)) throw error
    context.findings.push({ path, start: error.offset, end: error.offset + 3, message: error.message })
    return []
  }
}

function problemIn(
  path: Path,
  segment: { start: number; end: number },
  problem: ExpressionProblem,
  context: Context,
): Finding {
  const at =
    problem.start === undefined
      ? { start: segment.start, end: segment.end }
      : { start: segment.start + problem.start, end: segment.start + (problem.end ?? problem.start + 1) }
  const name = /^(?:Unknown variable|No such key): (\S+)/.exec(problem.message)?.[1]
  if (!name) return { path, ...at, message: problem.message }
  const known = problem.message.startsWith('Unknown')
    ? Object.keys(context.scope)
    : Object.values(context.types).flatMap((fields) => Object.keys(fields))
  const meant = suggest(name, known)
  const message = problem.message.startsWith('Unknown')
    ? `there is no variable \`${name}\` here`
    : `there is no \`${name}\` in it`
  return {
    path,
    ...at,
    message,
    hint: meant ? `did you mean \`${meant}\`?` : `known here: ${[...new Set(known)].join(', ')}`,
  }
}
